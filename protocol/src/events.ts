// Every event that a dashboard can hear, durable and ephemeral, with the shape of its data; who sends them when is told in PROTOCOL.md.
import {
  account,
  accountStates,
  address,
  contact,
  conversation,
  id,
  message,
  messageStatuses,
  reason,
} from './model.ts';
import {
  anything,
  boolean,
  integer,
  list,
  nullable,
  number,
  type Of,
  object,
  oneOf,
  optional,
  record,
  string,
} from './shape.ts';
import { labels, note, workspace } from './team.ts';

/** `heads` and `data.heads`: the last position of each stream. */
export const heads = record(object({ epoch: string(64), seq: integer() }));
export type Heads = Of<typeof heads>;

/** Events that are in the log: they bear `stream` and `seq`, and are replayed. */
export const durableEvents = {
  /** A message in either direction, once. */
  new_message: message,
  /** The same `id` with other content: filled, edited, deleted, or an error cleared. */
  message_update: message,
  message_status: object({
    account: id,
    messageId: id,
    conversation: id,
    status: oneOf(messageStatuses),
    /** Ms since epoch. */
    at: optional(integer()),
    error: optional(reason),
  }),
  /** `emoji` '' takes the author's reaction back. */
  message_reaction: object({
    account: id,
    messageId: id,
    conversation: id,
    author: address,
    fromMe: boolean(),
    emoji: string(32),
    /** Ms since epoch. */
    at: integer(),
  }),
  conversation_update: conversation,
  /** It is gone with all of its messages; or `into` has them now, under the same ids, and its `conversation_update` follows. */
  conversation_removed: object({ account: id, id, into: optional(id) }),
  contact_update: contact,
  whatsapp_status: object({
    account: id,
    status: oneOf(accountStates),
    /** The library's raw connection state: `connecting`, `open`, `close`. */
    state: string(32),
    reason: optional(reason),
    since: integer(),
    nextTryAt: optional(integer()),
    attempts: optional(integer()),
    me: account.fields.me,
  }),
  /** `state`: ringing, accepted, rejected, missed, ended. */
  call: object({
    account: id,
    callId: string(200),
    from: address,
    state: string(32),
    video: optional(boolean()),
    conversation: optional(id),
    /** Ms since epoch. */
    at: optional(integer()),
  }),
  account_update: account,
  account_removed: object({ id }),
  assignment: object({ conversation: id, assignee: nullable(string(200)), by: optional(string(200)) }),
  note,
  /** All labels of the workspace. */
  labels_update: labels,
  workspace_update: workspace,
} as const;
export type DurableType = keyof typeof durableEvents;
export type DurableData = { readonly [K in DurableType]: Of<(typeof durableEvents)[K]> };

/** The stream of events that belong to no single account. */
export const WORKSPACE_STREAM = 'workspace';
/** The stream of Pulseline's own test messages: no list, count, search, export or `heads` shows it, and no client can follow it. */
export const CANARY_STREAM = '_canary';
/** These travel on {@link WORKSPACE_STREAM}, the others on the account's stream. */
export const workspaceTypes = [
  'account_update',
  'account_removed',
  'assignment',
  'note',
  'labels_update',
  'workspace_update',
] as const satisfies readonly DurableType[];

/** So many people a `team_presence` names. */
export const MAX_TEAM = 100;
/** A person of the team with a dashboard open, over all of its tabs. */
const teamMember = object({
  id: string(64, 1),
  name: string(80),
  /** Conversations that are open there, and those in which a reply is being written. */
  looking: list(id, 20),
  replying: list(id, 20),
});
export type TeamMember = Of<typeof teamMember>;

/** Events of the moment: not in the log, never replayed. */
export const ephemeralEvents = {
  connected: object({
    message: string(500),
    connectionId: string(64),
    version: integer(),
    heads,
    resumed: boolean(),
    replayed: integer(),
    /** Names the page build, so that an old tab can offer a reload. */
    build: optional(string(64)),
  }),
  qr_update: object({ account: id, qr: string(2_000), expiresAt: integer() }),
  presence: object({ account: id, address, state: oneOf(['available', 'unavailable']), lastSeen: optional(integer()) }),
  typing: object({
    account: id,
    conversation: id,
    author: address,
    state: oneOf(['composing', 'recording', 'paused']),
  }),
  /** Who is here. The whole list each time; `more` people beyond it are only counted. */
  team_presence: object({ people: list(teamMember, MAX_TEAM), more: optional(integer()) }),
  /** How far a file has come on its way, a few times a second: `up` to WhatsApp, `down` from there. Bytes of its sealed form; `total` 0 = not known. */
  media_progress: object({
    account: id,
    media: id,
    messageId: id,
    conversation: id,
    direction: oneOf(['up', 'down']),
    done: integer(),
    total: integer(),
  }),
  sync_progress: object({ account: id, done: integer(), total: optional(integer()) }),
  /**
   * A fault that Pulseline has found in itself and that has lasted, or its end. `finding` is as GET /api/diagnosis has it;
   * absent when it is gone. Newcomers get those that stand.
   */
  finding: object({
    id: string(300),
    state: oneOf(['standing', 'gone']),
    since: integer(),
    finding: optional(record(anything())),
  }),
  /** A test message, for the connection that asked for it alone: its stages so far, ms since epoch with fractions. */
  canary: object({ probeId: string(64, 1), message, stages: record(number()) }),
  ping: object({ heads }),
  /** Seqs up to and with `seq` were left out by this client's own type filter. */
  skip: object({ stream: string(128), seq: integer() }),
  resync: object({
    stream: string(128),
    reason: oneOf(['expired', 'epoch', 'too_far']),
    head: integer(),
    epoch: string(64),
  }),
  /** The server is going down; come back after about this many ms. */
  draining: object({ retryAfterMs: integer() }),
  error: object({ code: string(64), message: string(2_000), fix: optional(string(2_000)) }),
  test_echo: anything(),
} as const;
export type EphemeralType = keyof typeof ephemeralEvents;
export type EphemeralData = { readonly [K in EphemeralType]: Of<(typeof ephemeralEvents)[K]> };

/** Frames that a client may send. */
export const clientFrames = {
  hello: object({
    cursor: optional(string(16_384)),
    streams: optional(list(string(128), 1_000)),
    types: optional(list(string(64), 64)),
    client: optional(string(200)),
  }),
  pong: object({ cursor: optional(string(16_384)) }),
  /** When a message was applied and painted here, ms since epoch by the server's clock as far as the client has measured it. */
  trace: object({ items: list(object({ id, applied: optional(number()), shown: optional(number()) }), 500) }),
  test: anything(),
  typing: object({ account: id, conversation: id, state: oneOf(['composing', 'paused']) }),
  /**
   * Who sits at this connection and what is open there; it replaces what was said before. `person` is the same in each tab of
   * a person. An empty `name` takes it all back.
   */
  team: object({
    person: string(64, 1),
    name: string(80),
    looking: optional(id),
    replying: optional(boolean()),
  }),
} as const;
export type ClientType = keyof typeof clientFrames;
export type ClientData = { readonly [K in ClientType]: Of<(typeof clientFrames)[K]> };

/** The eight stages of a message's way, in order; the same words name stamps, metrics and bench columns. */
export const stages = ['heard', 'normalised', 'committed', 'rung', 'fed', 'written', 'applied', 'shown'] as const;
export type Stage = (typeof stages)[number];
