// Stand-ins for what is behind the doors, so that routes are tested without a store, a fleet or a hub. They remember what they were asked.
import { type Account, CodedError, type Conversation, type Heads, type Message } from '@pulseline/protocol';
import { Registry } from 'prom-client';
import type { Parts } from '../src/http/parts.ts';
import type { Commands } from '../src/inbox/commands.ts';
import type { LiveSocket } from '../src/live/port.ts';
import { MediaFiles } from '../src/media/files.ts';
import { pictureFacts, portraitOf, thumbnailOf } from '../src/media/picture.ts';
import type { AccountRow, MediaRow, Queries, StoredEvent, Writer } from '../src/store/port.ts';
import type { Party } from '../src/whatsapp/port.ts';

export const PORT = 4000;

export function anAccount(changes: Partial<Account> = {}): Account {
  return { id: 'acc_a', label: 'A', kind: 'sandbox', state: 'READY', since: 1, stream: 'acc_a', ...changes };
}

export function aConversation(changes: Partial<Conversation> = {}): Conversation {
  const fixed = { unread: 0, lastAt: 1, archived: false, pinned: false, muted: false, kind: 'person' as const };
  return { id: 'c_1', account: 'acc_a', address: '8613800000000@s.whatsapp.net', name: 'Wang', ...fixed, ...changes };
}

export function aMessage(changes: Partial<Message> = {}): Message {
  return {
    id: 'm_1',
    account: 'acc_a',
    conversation: 'c_1',
    stream: 'acc_a',
    seq: 1,
    from: '1@s.whatsapp.net',
    to: '2@s.whatsapp.net',
    fromMe: true,
    kind: 'text',
    body: 'hello',
    timestamp: 1,
    status: 'pending',
    ...changes,
  };
}

export interface World {
  accounts: AccountRow[];
  conversations: Conversation[];
  messages: Message[];
  events: StoredEvent[];
  heads: Heads;
  /** Counts by account. */
  tallies: Map<string, Readonly<Record<string, number>>>;
  firstSeq: number;
  writable: boolean;
  qr: Map<string, { qr: string; expiresAt: number }>;
  /** What WhatsApp knows, by phone. */
  registered: Map<string, Party>;
  foreign: boolean;
  /** Answers of the emulator's control API, by `METHOD path`. */
  control: Map<string, unknown>;
  mediaDir: string;
  media: Map<string, MediaRow>;
  /** What the parts were asked, in order: [who, …what]. */
  readonly asked: unknown[][];
  readonly sockets: LiveSocket[];
  /** The next answer of a write command; a CodedError is thrown. */
  outcome: unknown;
}

export function aWorld(): World {
  return {
    accounts: [{ account: anAccount(), createdAt: 1 }],
    conversations: [aConversation()],
    messages: [],
    events: [],
    heads: { acc_a: { epoch: 'e1', seq: 0 }, workspace: { epoch: 'e2', seq: 0 } },
    tallies: new Map(),
    firstSeq: 1,
    writable: true,
    qr: new Map(),
    registered: new Map(),
    foreign: false,
    control: new Map(),
    mediaDir: '/nowhere',
    media: new Map(),
    asked: [],
    sockets: [],
    outcome: undefined,
  };
}

export function fakeParts(world: World, changes: Partial<Parts> = {}): Parts {
  const ask = (...what: unknown[]): void => {
    world.asked.push(what);
  };
  return {
    language: 'zh',
    allowedOrigins: undefined,
    ports: () => ({ api: PORT, web: 3000 }),
    instance: { id: 'i_test', version: '0.0.0', startedAt: 1_000 },
    store: {
      kind: 'sqlite',
      writer: fakeWriter(world),
      queries: fakeQueries(world),
      probe: async () => world.writable,
    },
    fleet: {
      restart: (account) => ask('restart', account),
      logout: async (account) => ask('logout', account),
      pairingCode: async (account, phone) => {
        ask('pairingCode', account, phone);
        return 'ABCD1234';
      },
      ring: (account) => ask('ring', account),
      typing: (account, _, state) => ask('typing', account, state),
      errand: async (account) => ask('errand', account),
      ask: async (account, question) => ask('question', account, question.do),
      lookUp: async (account, phone) => {
        ask('lookUp', account, phone);
        return world.registered.get(phone);
      },
    },
    media: {
      files: new MediaFiles(world.mediaDir),
      pictures: { facts: pictureFacts, thumbnail: thumbnailOf, portrait: portraitOf },
      most: 1_000_000,
      forget: async (files) => ask('forget', ...files),
      look: async () => undefined,
    },
    dialling: {
      connect: (row) => ask('connect', row.account.id),
      stop: async (account) => ask('stop', account),
    },
    pictures: { of: async () => undefined, forget: async () => undefined },
    qrCodes: { current: (account) => world.qr.get(account) },
    sandbox: {
      get foreign() {
        return world.foreign;
      },
      call: async (method, path, body) => {
        ask('control', method, path, body);
        const answer = world.control.get(`${method} ${path}`);
        if (answer instanceof CodedError) throw answer;
        return answer;
      },
    },
    live: {
      clients: 7,
      accept: (socket, options) => {
        world.sockets.push(socket);
        ask('accept', options.cursor, options.types, options.streams);
      },
      trace: (id) => (id === 'm_traced' ? { heard: 1.5, committed: 2.25 } : undefined),
    },
    metrics: new Registry(),
    counters: { read: async () => ({}) },
    diagnosis: {
      ask: async () => {
        throw new CodedError('INTERNAL');
      },
      canary: async (probeId, connection) => {
        ask('canary', probeId, connection);
        return { id: probeId, outcome: 'arrived', stages: { heard: 0 } };
      },
      refused: (code, detail) => ask('refused', code, detail),
    },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    now: () => 5_000,
    ...changes,
  };
}

function fakeWriter(world: World): Writer<Commands> {
  const run = async (name: string, input: unknown): Promise<never> => {
    world.asked.push([name, input]);
    if (world.outcome instanceof CodedError || world.outcome instanceof Error) throw world.outcome;
    if (name === 'add_upload') return keepUpload(world, input) as never;
    if (name === 'create_account' && typeof input === 'object') {
      const account = anAccount({ ...input, state: 'INITIALIZING' });
      world.accounts.push({ account, createdAt: 1 });
      return account as never;
    }
    return world.outcome as never;
  };
  return {
    run: run as Writer<Commands>['run'],
    keys: async () => [],
    credentials: async () => undefined,
    seen: async () => new Map(),
    openJobs: async () => [],
    jobByWaId: async () => undefined,
    openMedia: async () => [],
  };
}

function keepUpload(world: World, input: unknown): null {
  const row = { isWanted: false, createdAt: 1, ...(input as Pick<MediaRow, 'id' | 'kind' | 'media' | 'file'>) };
  world.media.set(row.id, row);
  return null;
}

function fakeQueries(world: World): Queries {
  const row = (conversation: Conversation | undefined) =>
    conversation && { conversation, addresses: [conversation.address] };
  return {
    heads: async () => world.heads,
    accounts: async () => world.accounts,
    conversations: async (query) => {
      world.asked.push(['conversations', query]);
      return { items: world.conversations, next: null, heads: world.heads };
    },
    conversation: async (id) => row(world.conversations.find((each) => each.id === id)),
    conversationByAddress: async (account, address) =>
      row(world.conversations.find((each) => each.account === account && each.address === address)),
    messages: async (query) => {
      world.asked.push(['messages', query]);
      return { items: world.messages, next: null, heads: world.heads };
    },
    search: async (query) => {
      world.asked.push(['search', query]);
      return { items: [], next: null, indexing: false, heads: world.heads };
    },
    shared: async (query) => {
      world.asked.push(['shared', query]);
      return { items: world.messages, next: null, heads: world.heads };
    },
    notes: async (query) => {
      world.asked.push(['notes', query]);
      return { items: [], next: null, heads: world.heads };
    },
    team: async () => [],
    message: async (id) => world.messages.find((each) => each.id === id),
    events: async (stream, after, limit) =>
      world.events.filter((event) => event.stream === stream && event.seq > after).slice(0, limit),
    expired: async () => ({ conversations: [], next: undefined }),
    due: async () => ({ messages: [], next: undefined }),
    firstSeq: async () => world.firstSeq,
    tallies: async () => world.tallies,
    stretches: async () => new Map(),
    recipients: async () => [],
    media: async (id) => world.media.get(id),
    filesInUse: async () => new Set(),
    filesOfAccount: async () => [],
    mediaUse: async () => ({ files: 0, bytes: 0, pending: 0 }),
    oldestMedia: async () => [],
    mediaBefore: async () => [],
    oldUploads: async () => [],
    members: async () => [],
    contacts: async () => ({ items: [], next: null }),
    contact: async () => undefined,
    jobOfCommand: async () => undefined,
    edges: async () => ({}),
    canary: async () => undefined,
    counts: async () => ({ messages: 0, events: 0, conversations: 0, jobs: 0, early: 0, unindexed: 0 }),
  };
}

/** An event on a stream, with text that is easy to tell. */
export function anEvent(stream: string, seq: number, at: number): StoredEvent {
  return { stream, epoch: stream === 'workspace' ? 'e2' : 'e1', seq, type: 'new_message', data: `{"n":${seq}}`, at };
}
