// The store port's rows in memory, as small as the port allows, so that decisions can be tested without a database; it keeps what the adapters promise: gapless seqs, joined last messages, unique orders.

import {
  type Conversation,
  countsAsUnread,
  type DurableData,
  type DurableType,
  type Message,
  type Note,
  WORKSPACE_STREAM,
} from '@pulseline/protocol';
import { erasedEvent, erasedJob, unquotedEvent, unquotedJob } from '../../store/erased.ts';
import { joinedOrder } from '../../store/joined-order.ts';
import {
  type AccountRow,
  type Change,
  type ContactRow,
  type ConversationRow,
  type EarlyRow,
  type Handlers,
  type JobRow,
  MAX_UNREAD,
  type MediaRow,
  type MemberRow,
  type MessageRow,
  type Reads,
  type RecipientRow,
  type Rows,
  type StoredEvent,
  type TeamRow,
} from '../../store/port.ts';
import type { Batch, Fact } from '../../whatsapp/port.ts';
import type { Commands } from '../commands.ts';
import { handlers } from '../handlers.ts';

/** An event as a client sees it. */
export type Told = {
  [K in DurableType]: { readonly type: K; readonly data: DurableData[K]; readonly seq: number };
}[DurableType];

export class MemoryRows {
  readonly accounts = new Map<string, AccountRow>();
  readonly conversations = new Map<string, ConversationRow>();
  readonly aliases = new Map<string, string>();
  readonly messages = new Map<string, MessageRow>();
  readonly jobs = new Map<string, JobRow>();
  readonly early = new Map<string, EarlyRow>();
  readonly media = new Map<string, MediaRow>();
  readonly members = new Map<string, readonly MemberRow[]>();
  readonly tally = new Map<string, number>();
  readonly recipients = new Map<string, readonly RecipientRow[]>();
  readonly contacts = new Map<string, ContactRow>();
  readonly notes = new Map<string, Note>();
  readonly team = new Map<string, TeamRow>();
  readonly events: StoredEvent[] = [];
  readonly seqs = new Map<string, number>();
  now = Date.UTC(2026, 0, 1);
  epoch = 'e1';
  readonly #handlers: Handlers<Commands>;

  constructor(decisions: Handlers<Commands> = handlers) {
    this.#handlers = decisions;
  }

  /** Runs a command as the writer does. Answers its output, its changes and its events. */
  run<K extends keyof Commands>(name: K, input: Commands[K]['input']) {
    const handler = this.#handlers[name];
    const rows = this.load(handler.reads(input));
    const { changes, output } = handler.decide(rows, input, this.now);
    const before = this.events.length;
    for (const change of changes) this.apply(change);
    this.now += 1;
    // That something was counted changes nothing that is kept of it.
    const kept = changes.filter((change) => !('put' in change && change.put === 'tally'));
    return { output, changes: kept, events: this.events.slice(before).map(told) };
  }

  ingest(account: string, facts: readonly Fact[], more: Partial<Batch> = {}) {
    return this.run('ingest', { account, facts, keys: [], seen: [], ...more });
  }

  /** Keeps what is here now; the answer puts it back. */
  remember(): () => void {
    const maps = [
      kept(this.accounts),
      kept(this.conversations),
      kept(this.aliases),
      kept(this.messages),
      kept(this.jobs),
      kept(this.seqs),
      kept(this.early),
      kept(this.media),
      kept(this.members),
      kept(this.tally),
      kept(this.recipients),
      kept(this.contacts),
      kept(this.notes),
      kept(this.team),
    ];
    const events = this.events.length;
    return () => {
      for (const putBack of maps) putBack();
      this.events.splice(events);
    };
  }

  /** As a fresh snapshot says it. */
  conversation(id: string): Conversation {
    const row = this.conversations.get(id);
    if (row === undefined) throw new Error(`no conversation ${id}`);
    return this.#joined(row).conversation;
  }

  /** A conversation's messages in their order. */
  messagesOf(conversation: string): readonly Message[] {
    return [...this.messages.values()]
      .filter(({ message }) => message.conversation === conversation)
      .sort((a, b) => a.ord - b.ord)
      .map(({ message }) => message);
  }

  #joined(row: ConversationRow): ConversationRow {
    const { lastMessage, ...kept } = row.conversation;
    const last = lastMessage && this.messages.get(lastMessage.id)?.message;
    return { ...row, conversation: { ...kept, ...(last && { lastMessage: last }) } };
  }

  load(reads: Reads): Rows {
    const found = {
      accounts: new Map<string, AccountRow>(),
      conversations: new Map<string, ConversationRow>(),
      aliases: new Map<string, string>(),
      lastOrd: new Map<string, number>(),
      unread: new Map<string, readonly MessageRow[]>(),
    };
    const messages = new Set<MessageRow>();
    const jobs = new Set<JobRow>();
    const owners = new Set<string>(reads.account === undefined ? [] : [reads.account]);
    const takeConversation = (id: string | undefined) => {
      const row = id === undefined ? undefined : this.conversations.get(id);
      if (row === undefined) return;
      found.conversations.set(row.conversation.id, this.#joined(row));
      owners.add(row.conversation.account);
      const ords = this.#rowsOf(row.conversation.id).map(({ ord }) => ord);
      if (ords.length > 0) found.lastOrd.set(row.conversation.id, Math.max(...ords));
    };
    const alias = (address: string) => this.aliases.get(`${reads.account} ${address}`);
    for (const address of reads.addresses ?? []) {
      const id = alias(address);
      if (id !== undefined) found.aliases.set(address, id);
      takeConversation(id);
    }
    for (const id of reads.conversations ?? []) takeConversation(id);
    for (const name of reads.unreadOf ?? []) {
      const id = alias(name) ?? name;
      takeConversation(id);
      const row = this.conversations.get(id);
      const limit = Math.min(row?.conversation.unread ?? 0, MAX_UNREAD);
      const inbound = this.#rowsOf(id).filter(({ message }) => countsAsUnread(message));
      found.unread.set(id, inbound.sort((a, b) => b.ord - a.ord).slice(0, limit));
    }
    const waIds = new Set(reads.waIds);
    for (const row of this.messages.values()) {
      if (row.message.account === reads.account && waIds.has(row.waId)) messages.add(row);
      if (reads.messages?.includes(row.message.id)) messages.add(row);
    }
    for (const job of this.jobs.values()) {
      const ofMessage = job.messageId !== undefined && reads.messages?.includes(job.messageId);
      const ofWaId = job.account === reads.account && job.waId !== undefined && waIds.has(job.waId);
      const asked =
        reads.jobs?.includes(job.id) || (job.commandId !== undefined && reads.commands?.includes(job.commandId));
      if (ofMessage || ofWaId || asked) jobs.add(job);
      const message = (asked || ofWaId) && job.messageId !== undefined ? this.messages.get(job.messageId) : undefined;
      if (message) messages.add(message);
    }
    const media = new Map<string, MediaRow>();
    for (const id of reads.media ?? []) {
      const row = this.media.get(id);
      if (row) media.set(id, row);
      const its = row?.message === undefined ? undefined : this.messages.get(row.message);
      if (its) messages.add(its);
    }
    const quotable = reads.quoting ? new Set([...messages].map(({ message }) => message.id)) : new Set<string>();
    for (const row of this.messages.values()) if (quotable.has(row.message.quote?.id ?? '')) messages.add(row);
    for (const { message } of messages) owners.add(message.account);
    for (const job of jobs) owners.add(job.account);
    const heads: Record<string, { epoch: string; seq: number }> = {};
    for (const stream of [...owners, WORKSPACE_STREAM])
      heads[stream] = { epoch: this.epoch, seq: this.seqs.get(stream) ?? 0 };
    for (const owner of owners) {
      const row = this.accounts.get(owner);
      if (row) found.accounts.set(owner, row);
    }
    const early = [...this.early.values()].filter((row) => row.account === reads.account && waIds.has(row.waId));
    const members = new Map<string, readonly MemberRow[]>();
    for (const group of reads.membersOf ?? []) {
      const known = this.members.get(`${reads.account} ${group}`);
      if (known) members.set(group, known);
    }
    const waits = ({ account, type, state }: JobRow): boolean =>
      account === reads.account && type === 'send' && (state === 'queued' || state === 'sending');
    const recipients = new Map(
      [...messages].flatMap(({ message }) => {
        const known = reads.recipients ? this.recipients.get(message.id) : undefined;
        return known ? [[message.id, known] as const] : [];
      }),
    );
    const contacts = new Map<string, ContactRow>();
    for (const address of [...(reads.addresses ?? []), ...(reads.contacts ?? [])]) {
      const row = this.contacts.get(`${reads.account} ${address}`);
      if (row && (reads.contacts?.includes(address) || alias(address) === undefined)) contacts.set(address, row);
    }
    for (const [key, row] of this.contacts)
      if (reads.blocked && row.contact.blocked && row.contact.account === reads.account)
        contacts.set(key.slice(row.contact.account.length + 1), row);
    const queued = new Map<string, number>();
    if (reads.queueLength && reads.account) queued.set(reads.account, [...this.jobs.values()].filter(waits).length);
    const notes = new Map([...this.notes].filter(([id]) => reads.notes?.includes(id)));
    const team = [...this.team.values()].filter(({ kind }) => kind === reads.team);
    const rows = { messages: [...messages], jobs: [...jobs], early, media, members, queued, recipients, contacts };
    return { ...found, ...rows, notes, team, heads };
  }

  #rowsOf(conversation: string): MessageRow[] {
    return [...this.messages.values()].filter(({ message }) => message.conversation === conversation);
  }

  apply(change: Change): void {
    if ('remove' in change) return this.#remove(change);
    switch (change.put) {
      case 'account':
        this.accounts.set(change.row.account.id, change.row);
        return;
      case 'conversation': {
        const { id, account } = change.row.conversation;
        this.conversations.set(id, change.row);
        for (const [address, owner] of this.aliases) if (owner === id) this.aliases.delete(address);
        for (const address of change.row.addresses) this.aliases.set(`${account} ${address}`, id);
        return;
      }
      case 'message':
        this.#message(change.row);
        return;
      case 'job':
        this.jobs.set(change.row.id, change.row);
        return;
      case 'media':
        this.media.set(change.row.id, change.row);
        return;
      case 'early':
        this.early.set(earlyKey(change.row), change.row);
        return;
      case 'tally':
        for (const [name, value] of Object.entries(change.sums)) {
          const key = `${change.account} ${name}`;
          this.tally.set(key, (this.tally.get(key) ?? 0) + value);
        }
        return;
      case 'contact': {
        const { account, address, lid } = change.row.contact;
        for (const form of [address, lid]) if (form !== undefined) this.contacts.set(`${account} ${form}`, change.row);
        return;
      }
      case 'note':
        this.notes.set(change.row.id, change.row);
        return;
      case 'team':
        this.team.set(`${change.row.kind} ${change.row.id}`, change.row);
        return;
      case 'recipients':
        this.recipients.set(change.message, change.rows);
        return;
      case 'members':
        this.members.set(`${change.account} ${change.group}`, change.members);
        return;
      case 'event': {
        const { stream, seq } = change.event;
        if (seq !== (this.seqs.get(stream) ?? 0) + 1) throw new Error(`gap in ${stream} before ${seq}`);
        this.seqs.set(stream, seq);
        this.events.push(change.event);
        return;
      }
      case 'key':
      case 'credentials':
      case 'seen':
      case 'sighting':
        return;
    }
  }

  /** One row per (conversation, author, WhatsApp id) and one per (conversation, ord), as the adapters' indexes hold it. */
  #message(row: MessageRow): void {
    const { id, conversation } = row.message;
    const others = this.#rowsOf(conversation).filter(({ message }) => message.id !== id);
    if (others.some(({ waId, author }) => waId === row.waId && author === row.author))
      throw new Error(`doubled ${row.waId}`);
    let ord = this.messages.get(id)?.ord ?? row.ord;
    while (others.some((other) => other.ord === ord)) ord += 1;
    this.messages.set(id, { ...row, ord });
  }

  #removeConversation(id: string, into: string | undefined): void {
    const own = this.#rowsOf(id);
    for (const { message } of own) this.messages.delete(message.id);
    if (into !== undefined) {
      const moved = own.map((row) => ({
        ...row,
        message: { ...row.message, conversation: into },
        author: `${row.author} ${id}`,
      }));
      const rows = [...moved, ...this.#rowsOf(into)].sort((a, b) => a.ord - b.ord);
      const placed = joinedOrder(rows.map((row) => ({ row, ord: row.ord, seq: row.message.seq })));
      for (const { row, place } of placed) this.messages.set(row.row.message.id, { ...row.row, ord: place });
    }
    this.conversations.delete(id);
    for (const [address, owner] of this.aliases) if (owner === id) this.aliases.delete(address);
  }

  #remove(change: Extract<Change, { readonly remove: string }>): void {
    if (change.remove === 'login') return;
    if (change.remove === 'team') return void this.team.delete(`${change.kind} ${change.id}`);
    if (change.remove === 'early') {
      this.early.delete(earlyKey(change));
      return;
    }
    if (change.remove === 'media') {
      this.media.delete(change.id);
      return;
    }
    if (change.remove === 'events') return;
    if (change.remove === 'words' || change.remove === 'quote') {
      const [eventAnew, jobAnew] =
        change.remove === 'words' ? ([erasedEvent, erasedJob] as const) : ([unquotedEvent, unquotedJob] as const);
      for (const [index, event] of this.events.entries()) {
        const data = eventAnew(event.type, event.data, change.message);
        if (data !== undefined) this.events[index] = { ...event, data };
      }
      for (const job of this.jobs.values()) {
        const body = job.messageId === change.message && job.type === 'send' ? jobAnew(job.body) : undefined;
        if (body === undefined || (job.state !== 'done' && job.state !== 'refused')) continue;
        if (change.remove === 'quote' && !change.isSent) continue;
        const { content: _, ...rest } = job;
        this.jobs.set(job.id, { ...rest, body });
      }
      return;
    }
    if (change.remove === 'messages') {
      const old = this.#rowsOf(change.conversation).filter(({ ord }) => ord < change.before);
      for (const { message } of old.sort((a, b) => a.ord - b.ord).slice(0, change.most))
        this.messages.delete(message.id);
      return;
    }
    if (change.remove === 'texts') return;
    if (change.remove === 'conversation') {
      this.#removeConversation(change.id, change.into);
      return;
    }
    this.accounts.delete(change.id);
    for (const [id, { conversation }] of this.conversations)
      if (conversation.account === change.id) this.conversations.delete(id);
    for (const [id, { message }] of this.messages) if (message.account === change.id) this.messages.delete(id);
    for (const [id, { account }] of this.jobs) if (account === change.id) this.jobs.delete(id);
    this.seqs.delete(change.id);
  }
}

function kept<K, V>(map: Map<K, V>): () => void {
  const old = new Map(map);
  return () => {
    map.clear();
    for (const [key, value] of old) map.set(key, value);
  };
}

function earlyKey({ account, waId, slot }: Pick<EarlyRow, 'account' | 'waId' | 'slot'>): string {
  return JSON.stringify([account, waId, slot]);
}

export function told({ type, data, seq }: StoredEvent): Told {
  const value: unknown = JSON.parse(data);
  return { type, data: value, seq } as Told;
}
