// What the main thread and an account worker say to each other: two unions, each parsed at the door it comes in by.
import { CodedError, type ErrorCode, errorCodes, languages, type Params, shape } from '@pulseline/protocol';
import type { AccountSetup, Chat, Whisper } from './port.ts';

const { anything, boolean, integer, list, number, object, oneOf, optional, record, string } = shape;

/** From the main thread. `ask` numbers what wants an answer. */
export type Order =
  | { readonly order: 'start'; readonly setup: AccountSetup }
  | { readonly order: 'restart'; readonly account: string }
  /** There may be work in its queues, or in this one alone. */
  | { readonly order: 'ring'; readonly account: string; readonly queue?: 'sends' | undefined }
  | { readonly order: 'typing'; readonly account: string; readonly chat: Chat; readonly state: 'composing' | 'paused' }
  | Question;

export type Question =
  | { readonly order: 'stop'; readonly account: string; readonly ask: number }
  | { readonly order: 'logout'; readonly account: string; readonly ask: number }
  | { readonly order: 'pairing-code'; readonly account: string; readonly ask: number; readonly phone: string }
  | { readonly order: 'look-up'; readonly account: string; readonly ask: number; readonly phone: string }
  /** Answered when the errand has ended. */
  | { readonly order: 'errand'; readonly account: string; readonly ask: number; readonly job: string }
  /** `question` is a LinkQuestion, parsed where it is answered. */
  | { readonly order: 'question'; readonly account: string; readonly ask: number; readonly question: unknown }
  /** Takes the text in as a contact's message; answered with a TakenIn. */
  | { readonly order: 'take-in'; readonly ask: number; readonly text: string }
  /** Writes it on the stream of test messages. */
  | { readonly order: 'write-test'; readonly ask: number; readonly data: string }
  | { readonly order: 'alive'; readonly ask: number }
  | { readonly order: 'close'; readonly ask: number };

/** From a worker. */
export type News =
  | { readonly news: 'whisper'; readonly whisper: Whisper }
  | { readonly news: 'answer'; readonly ask: number; readonly value: unknown }
  | { readonly news: 'refusal'; readonly ask: number; readonly code: ErrorCode; readonly params: Params }
  | {
      readonly news: 'log';
      readonly level: LogLevel;
      readonly account: string;
      readonly text: string;
      readonly error?: string;
    };

/** `warn` is for what a person should look at. */
export type LogLevel = 'debug' | 'warn';

/** What the workers hold, for the metrics; sums over their accounts. */
export interface Measures {
  readonly accounts: number;
  /** Stanzas and encryptions that wait for a commit. */
  readonly waiting: number;
  /** Bytes of cached keys. */
  readonly cachedBytes: number;
  /** Files on their way here, and such as wait for it. */
  readonly fetching: number;
  readonly unfetched: number;
  readonly hearing: readonly Hearing[];
}

/** An account's link, and whether what WhatsApp hands over is still taken in by it. */
export interface Hearing {
  readonly account: string;
  /** Counts the links of this account. */
  readonly socket: number;
  /** The link whose handler listens: the same, or 0 if none has for a while. */
  readonly listener: number;
  /** Ms since anything came from WhatsApp. */
  readonly silentMs: number;
}

export const measures: shape.Shape<Measures> = object({
  accounts: integer(),
  waiting: integer(),
  cachedBytes: integer(),
  fetching: integer(),
  unfetched: integer(),
  hearing: list(object({ account: string(128, 1), socket: integer(), listener: integer(), silentMs: number() }), 1_000),
});

/** What a worker is started with; its writer's port comes beside it. */
export const workerSettings = object({
  /** The certificate root of the emulator that all its accounts dial. */
  root: optional(string(64, 64)),
  /** May its accounts dial an emulator? Then none of them dials WhatsApp. */
  emulated: boolean(),
  /** Is what links show fetched, for texts that are sent? */
  previews: boolean(),
  language: oneOf(languages),
  /** The folder of files, and the bytes up to which one is fetched by itself, and when it is asked for. */
  media: object({ dir: string(4_000, 1), unasked: integer(), wanted: integer() }),
  /** Messages an account may send at once, and ms for each further one; absent = no limit. */
  pace: optional(object({ burst: integer(1), every: integer(0) })),
});
export type WorkerSettings = shape.Of<typeof workerSettings>;

const address = string(256, 1);
export const party = object({ pn: optional(address), lid: optional(address) });
const setup = object({
  id: string(128, 1),
  label: string(200),
  kind: oneOf(['phone', 'sandbox']),
  url: optional(string(2_000)),
  root: optional(string(64)),
  proxy: optional(string(2_000)),
});
const account = object({ account: string(128, 1) });
const asked = object({ ask: integer() });
const rung = object({ account: string(128, 1), queue: optional(oneOf(['sends'])) });

/** Parses a conversation's address; throws a ShapeError. */
export function parseChat(value: unknown): Chat {
  const { kind } = object({ kind: oneOf(['person', 'group', 'channel', 'status']) }).parse(value);
  return kind === 'person' ? { kind, ...party.parse(value) } : { kind, ...object({ address }).parse(value) };
}

/** Throws a ShapeError on anything else. */
export function parseOrder(value: unknown): Order {
  const { order } = object({
    order: oneOf([
      'start',
      'restart',
      'ring',
      'typing',
      'stop',
      'logout',
      'pairing-code',
      'look-up',
      'errand',
      'question',
      'take-in',
      'write-test',
      'alive',
      'close',
    ]),
  }).parse(value);
  switch (order) {
    case 'start':
      return { order, ...object({ setup }).parse(value) };
    case 'restart':
      return { order, ...account.parse(value) };
    case 'ring':
      return { order, ...rung.parse(value) };
    case 'typing': {
      const { chat, state } = object({ chat: anything(), state: oneOf(['composing', 'paused']) }).parse(value);
      return { order, ...account.parse(value), chat: parseChat(chat), state };
    }
    case 'stop':
    case 'logout':
      return { order, ...account.parse(value), ...asked.parse(value) };
    case 'pairing-code':
    case 'look-up':
      return { order, ...account.parse(value), ...asked.parse(value), ...object({ phone: string(64) }).parse(value) };
    case 'errand':
      return { order, ...account.parse(value), ...asked.parse(value), ...object({ job: string(200, 1) }).parse(value) };
    case 'question':
      return {
        order,
        ...account.parse(value),
        ...asked.parse(value),
        ...object({ question: anything() }).parse(value),
      };
    case 'take-in':
      return { order, ...asked.parse(value), ...object({ text: string(200) }).parse(value) };
    case 'write-test':
      return { order, ...asked.parse(value), ...object({ data: string(4_000) }).parse(value) };
    case 'alive':
    case 'close':
      return { order, ...asked.parse(value) };
  }
}

/** Throws a ShapeError on anything else. */
export function parseNews(value: unknown): News {
  const { news } = object({ news: oneOf(['whisper', 'answer', 'refusal', 'log']) }).parse(value);
  switch (news) {
    case 'whisper':
      return { news, whisper: parseWhisper(object({ whisper: anything() }).parse(value).whisper) };
    case 'answer':
      return { news, value: object({ value: optional(anything()) }).parse(value).value, ...asked.parse(value) };
    case 'refusal':
      return { news, ...asked.parse(value), ...object({ code: oneOf(errorCodes), params }).parse(value) };
    case 'log': {
      const level = oneOf(['debug', 'warn']);
      const said = object({ level, account: string(128), text: string(), error: optional(string()) }).parse(value);
      return { news, ...said };
    }
  }
}

const params: shape.Shape<Params> = {
  ...record(anything()),
  parse: (value, path) => {
    const pairs = Object.entries(record(anything()).parse(value, path));
    return Object.fromEntries(pairs.map(([name, each]) => [name, typeof each === 'number' ? each : String(each)]));
  },
};

function parseWhisper(value: unknown): Whisper {
  const { type } = object({
    type: oneOf(['qr', 'qr-gone', 'typing', 'presence', 'picture', 'transfer', 'sync']),
  }).parse(value);
  const named = account.parse(value);
  switch (type) {
    case 'qr':
      return { type, ...named, ...object({ qr: string(4_000), expiresAt: integer() }).parse(value) };
    case 'qr-gone':
      return { type, ...named };
    case 'typing': {
      const state = oneOf(['composing', 'recording', 'paused']);
      const said = object({ chat: anything(), author: party, state }).parse(value);
      return { type, ...named, ...said, chat: parseChat(said.chat) };
    }
    case 'presence': {
      const state = oneOf(['available', 'unavailable']);
      return { type, ...named, ...object({ party, state, lastSeen: optional(number()) }).parse(value) };
    }
    case 'picture':
      return { type, ...named, chat: parseChat(object({ chat: anything() }).parse(value).chat) };
    case 'transfer': {
      const said = object({
        media: string(128, 1),
        direction: oneOf(['up', 'down']),
        done: integer(),
        total: integer(),
      });
      return { type, ...named, ...said.parse(value) };
    }
    case 'sync':
      return { type, ...named, ...object({ done: number(), total: optional(number()) }).parse(value) };
  }
}

/** An error as it crosses threads. */
export function refusalOf(ask: number, error: unknown): News {
  if (error instanceof CodedError) return { news: 'refusal', ask, code: error.code, params: error.params };
  const detail = error instanceof Error ? error.message : String(error);
  return { news: 'refusal', ask, code: 'WHATSAPP_FAILED', params: { detail } };
}
