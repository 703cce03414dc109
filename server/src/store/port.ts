// The store port: what a decision may read, what it may change, and what anybody may query; which database answers is the adapter's business.
import type {
  Account,
  AccountState,
  Contact,
  Conversation,
  DurableType,
  Heads,
  Media,
  Message,
  MessageKind,
  Note,
  SearchHit,
  Stretch,
} from '@pulseline/protocol';

/** An event as it lies in the log. `data` is JSON text, so that it is serialised once. */
export interface StoredEvent {
  readonly stream: string;
  readonly epoch: string;
  readonly seq: number;
  readonly type: DurableType;
  readonly data: string;
  /** Ms since epoch. */
  readonly at: number;
  /** Of a new message: when the first two stages were passed. Told to listeners, not kept in the log. */
  readonly stamps?: { readonly id: string; readonly heard: number; readonly normalised: number };
  /** The message whose words it bears, by which these are found when they have to go; not of `new_message`. */
  readonly about?: string;
  /** Words of earlier events are gone from the log by now: whoever has these in memory forgets them. Told to listeners, not kept. */
  readonly erases?: true;
}

/** An account with what nobody outside may see. */
export interface AccountRow {
  readonly account: Account;
  /** With its password; never leaves the server. */
  readonly proxy?: string;
  readonly createdAt: number;
}

export interface ConversationRow {
  readonly conversation: Conversation;
  /** WhatsApp's addresses of it, as far as known: the canonical one first. An address leads to the conversation that claimed it last. */
  readonly addresses: readonly string[];
}

/** `author` is the canonical address, '' for ourselves: with conversation and waId it is unique. */
export interface MessageRow {
  readonly message: Message;
  readonly waId: string;
  readonly author: string;
  /**
   * Orders a conversation: microseconds, the commit time for live messages and WhatsApp's for history. A live one takes
   * at least `Rows.lastOrd` + 1. The first put fixes it: if it is taken by then, the store counts on to the next free one.
   */
  readonly ord: number;
  /** Opens the votes on a poll, hex; never leaves the server. */
  readonly secret?: string;
}

/** A job of the outbox; `body` is the engine's Job as JSON text. */
export interface JobRow {
  readonly id: string;
  readonly account: string;
  readonly type: string;
  readonly state: 'queued' | 'sending' | 'done' | 'refused';
  readonly body: string;
  /** The caller's command, unique; absent for jobs of our own. */
  readonly commandId?: string;
  /** The message that it sends. */
  readonly messageId?: string;
  readonly waId?: string;
  readonly content?: Uint8Array;
  readonly createdAt: number;
}

/** What came before the message that it speaks of, or must outlast what comes late. One per (account, waId, slot). */
export interface EarlyRow {
  readonly account: string;
  /** WhatsApp's id of the message. */
  readonly waId: string;
  /** What it is and whose, in the inbox's words; `data` is its too. */
  readonly slot: string;
  readonly data: string;
  /** Ms since epoch. */
  readonly at: number;
}

/** Of all accounts at most so many are kept; the oldest go. */
export const MAX_EARLY = 50_000;

/** A person's name. `isProfile`: it is the one that he chose himself, and no address book has another. */
export interface ContactRow {
  readonly contact: Contact;
  readonly isProfile: boolean;
}

/** Somebody who gets a message of ours in a group, and how far it has come with him. */
export interface RecipientRow {
  readonly address: string;
  readonly pn?: string;
  readonly status?: string;
  /** When, ms since epoch. */
  readonly at?: number;
}

/** The file of a message, or one that was uploaded to be sent. */
export interface MediaRow {
  readonly id: string;
  /** Both absent for an upload, which belongs to nobody until it is sent. */
  readonly account?: string;
  readonly message?: string;
  readonly kind: MessageKind;
  /** As the message has it; what only a picture of it needs is left out. */
  readonly media: Media;
  /** sha256 of its bytes, hex, and the name of the file that has them; absent = the bytes are not here. */
  readonly file?: string;
  /** Where WhatsApp has it, in the engine's words, as JSON text. */
  readonly source?: string;
  /** Somebody has asked for it: no limit of size holds it back. */
  readonly isWanted: boolean;
  /** Ms since epoch. */
  readonly createdAt: number;
}

/** A file that waits to be fetched, with the names that WhatsApp knows its message by. */
export interface OpenMedia {
  readonly row: MediaRow;
  readonly message: MessageRow;
  readonly conversation: ConversationRow;
}

/** Running sums of an account, by the inbox's names. */
export type Tally = Readonly<Record<string, number>>;

/** Somebody in a group. */
export interface MemberRow {
  /** The LID where it is known, else the phone number's address. */
  readonly address: string;
  readonly pn?: string;
  readonly role: 'member' | 'admin' | 'owner';
}

/** A label or a prepared reply of the workspace, or the one row of what holds for all of it; `data` is it as JSON text. */
export interface TeamRow {
  readonly kind: 'label' | 'reply' | 'workspace';
  readonly id: string;
  readonly data: string;
}

/** So many unread messages are loaded at most: a longer line of receipts helps nobody. */
export const MAX_UNREAD = 1_000;

/** More answers to one message are not looked for when its words go. */
export const MAX_QUOTING = 1_000;

/** What a decision needs to see, named before the transaction begins. */
export interface Reads {
  /** Without it the accounts of what is found are loaded; `addresses` and `waIds` need it. */
  readonly account?: string;
  /** Addresses in any form: their conversations are loaded, and the contacts of those that lead to none. */
  readonly addresses?: readonly string[];
  readonly conversations?: readonly string[];
  /** Messages by WhatsApp's id, of any conversation and author of the account; with the jobs (and the messages that these change) and the early rows of that id. */
  readonly waIds?: readonly string[];
  /** With the jobs that send them. */
  readonly messages?: readonly string[];
  /** Files by id, with their messages. */
  readonly media?: readonly string[];
  /** Jobs by the caller's command, with their messages. */
  readonly commands?: readonly string[];
  /** With their messages. */
  readonly jobs?: readonly string[];
  /** Contacts by either address. */
  readonly contacts?: readonly string[];
  /** Are the recipients of the found messages wanted? */
  readonly recipients?: boolean;
  /** Are the messages wanted that quote one of the found ones? At most {@link MAX_QUOTING} of each. */
  readonly quoting?: boolean;
  /** How many messages wait in the outbox of `account`. */
  readonly queueLength?: boolean;
  /** Everybody whom `account` has blocked, among the contacts. */
  readonly blocked?: boolean;
  /** Groups of `account`, by address: their members are loaded. */
  readonly membersOf?: readonly string[];
  /** Inbound messages of these conversations (ids, or addresses of `account`) from the newest back, as many as are unread, at most {@link MAX_UNREAD}. */
  readonly unreadOf?: readonly string[];
  readonly notes?: readonly string[];
  /** All rows of a kind. */
  readonly team?: TeamRow['kind'];
}

/** What was found, each row once. Every map misses what is not there. The conversations of found messages are not loaded by themselves. */
export interface Rows {
  readonly accounts: ReadonlyMap<string, AccountRow>;
  readonly conversations: ReadonlyMap<string, ConversationRow>;
  /** Address in any form -> conversation id. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly messages: readonly MessageRow[];
  readonly jobs: readonly JobRow[];
  readonly early: readonly EarlyRow[];
  /** By either address. */
  readonly contacts: ReadonlyMap<string, ContactRow>;
  readonly media: ReadonlyMap<string, MediaRow>;
  /** By message id; a message of which no recipient is known is missing. */
  readonly recipients: ReadonlyMap<string, readonly RecipientRow[]>;
  /** Messages in the outbox of the account that asked by `queueLength`. */
  readonly queued: ReadonlyMap<string, number>;
  /** By the group's address; a group of which nothing is known is missing. */
  readonly members: ReadonlyMap<string, readonly MemberRow[]>;
  /** Last seq and epoch of the loaded accounts' streams and of the workspace's. A stream that is new has seq 0. */
  readonly heads: Heads;
  /** The greatest `ord` of each loaded conversation that has messages. */
  readonly lastOrd: ReadonlyMap<string, number>;
  readonly unread: ReadonlyMap<string, readonly MessageRow[]>;
  readonly notes: ReadonlyMap<string, Note>;
  /** In the order in which they were made. */
  readonly team: readonly TeamRow[];
}

/**
 * One row's change. Puts replace the whole row; of several puts of one row the last counts. Of a conversation's
 * `lastMessage` only the id is kept: what is read is always the message as it lies in its own row.
 */
export type Change =
  | { readonly put: 'account'; readonly row: AccountRow }
  /** With everything that belongs to it: conversations, messages, keys, jobs, its stream and events. */
  | { readonly remove: 'account'; readonly id: string }
  | { readonly put: 'conversation'; readonly row: ConversationRow }
  /** With its messages; or these belong to `into` from now on, under the same ids, and its own id leads there. */
  | { readonly remove: 'conversation'; readonly id: string; readonly into?: string }
  /** What the events of a stream from one seq to before another tell of a conversation: each of them only says that it is gone. */
  | {
      readonly remove: 'texts';
      readonly account: string;
      readonly stream: string;
      readonly conversation: string;
      readonly from: number;
      readonly to: number;
    }
  /** What the log and the outbox still say of a message whose content is gone. `seq` is that of its `new_message`. */
  | { readonly remove: 'words'; readonly message: string; readonly stream: string; readonly seq: number }
  /** What the log still says of the message that this one quotes; with `isSent` also its job, whose content nobody asks for any more. */
  | {
      readonly remove: 'quote';
      readonly message: string;
      readonly stream: string;
      readonly seq: number;
      readonly isSent: boolean;
    }
  | { readonly put: 'message'; readonly row: MessageRow }
  | { readonly put: 'job'; readonly row: JobRow }
  | { readonly put: 'early'; readonly row: EarlyRow }
  /** After its message. */
  | { readonly put: 'media'; readonly row: MediaRow }
  | { readonly remove: 'media'; readonly id: string }
  | { readonly remove: 'early'; readonly account: string; readonly waId: string; readonly slot: string }
  /** Known by the contact's `lid`, else its address; a row under the address alone goes when the lid becomes known. */
  | { readonly put: 'contact'; readonly row: ContactRow }
  /** Recipients of a message, each in place of the row that was there. */
  | { readonly put: 'recipients'; readonly message: string; readonly rows: readonly RecipientRow[] }
  | { readonly put: 'note'; readonly row: Note }
  | { readonly put: 'team'; readonly row: TeamRow }
  | { readonly remove: 'team'; readonly kind: TeamRow['kind']; readonly id: string }
  /** The account was seen in this state, at that moment (ms since epoch): see `withSighting`. Old stretches go. */
  | { readonly put: 'sighting'; readonly account: string; readonly state: AccountState; readonly at: number }
  /** Adds to the account's sums. */
  | { readonly put: 'tally'; readonly account: string; readonly sums: Tally }
  /** All members of a group, in place of those that were there. */
  | {
      readonly put: 'members';
      readonly account: string;
      readonly group: string;
      readonly members: readonly MemberRow[];
    }
  /** `seq` must be the stream's head + 1, or the transaction fails: decisions take it from `Rows.heads`. */
  | { readonly put: 'event'; readonly event: StoredEvent }
  | {
      readonly put: 'key';
      readonly account: string;
      readonly type: string;
      readonly id: string;
      readonly value: Uint8Array | null;
    }
  | { readonly put: 'credentials'; readonly account: string; readonly value: Uint8Array | null }
  | {
      readonly put: 'seen';
      readonly account: string;
      readonly hash: string;
      readonly plaintext: Uint8Array;
      readonly at: number;
    }
  /** The oldest messages of a conversation whose `ord` is smaller than `before`, at most so many. */
  | { readonly remove: 'messages'; readonly conversation: string; readonly before: number; readonly most: number }
  /** The oldest events of a stream, at most so many: those before the first one whose `at` is not smaller. */
  | { readonly remove: 'events'; readonly stream: string; readonly before: number; readonly most: number }
  /** All keys and credentials and seen ciphertexts of the account. */
  | { readonly remove: 'login'; readonly account: string };

export interface Decision<O> {
  readonly changes: readonly Change[];
  readonly output: O;
}

/** One write command: which rows it reads, and its pure decision. It may throw a CodedError: then nothing is changed. */
export interface Handler<I, O> {
  reads(input: I): Reads;
  decide(rows: Rows, input: I, now: number): Decision<O>;
}

/** Name -> input and output of each write command. Both are plain data (they cross threads). */
export type CommandMap = Readonly<Record<string, { input: unknown; output: unknown }>>;
export type Handlers<C extends CommandMap> = { readonly [K in keyof C]: Handler<C[K]['input'], C[K]['output']> };

/** A committed write, as the main thread hears of it. */
export interface Commit {
  readonly events: readonly StoredEvent[];
  /** When COMMIT returned, ms since epoch with fractions. */
  readonly at: number;
}

/** Runs commands one transaction at a time; what arrives while one commits shares the next (group commit). */
export interface Writer<C extends CommandMap> {
  /** Resolves after COMMIT. Errors: CodedError of the decision, STORE_FAILED, BUSY. */
  run<K extends keyof C & string>(name: K, input: C[K]['input']): Promise<C[K]['output']>;
  keys(
    account: string,
    wanted: readonly { readonly type: string; readonly id: string }[],
  ): Promise<readonly (Uint8Array | undefined)[]>;
  credentials(account: string): Promise<Uint8Array | undefined>;
  seen(account: string, hashes: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** The oldest open jobs: errands, or all others. */
  openJobs(account: string, limit: number, errands?: boolean): Promise<readonly JobRow[]>;
  jobByWaId(account: string, waId: string): Promise<JobRow | undefined>;
  /** Files of the account that are to be fetched: those that somebody asked for first, then the newest. */
  openMedia(account: string, limit: number): Promise<readonly OpenMedia[]>;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null at the end. */
  readonly next: string | null;
}

export interface ConversationQuery {
  readonly account?: string;
  /** Part of a name or a phone number, in any writing. */
  readonly q?: string;
  readonly filter?: 'all' | 'unread' | 'archived' | 'pinned' | 'unassigned' | 'snoozed' | 'closed';
  readonly assignee?: string;
  /** The id of a label. */
  readonly label?: string;
  readonly cursor?: string;
  readonly limit: number;
}

export interface NoteQuery {
  readonly conversation?: string;
  /** Part of the text, in any letter case. */
  readonly q?: string;
  readonly cursor?: string;
  readonly limit: number;
}

export interface ContactQuery {
  readonly account: string;
  readonly q?: string;
  readonly blocked?: boolean;
  readonly cursor?: string;
  readonly limit: number;
}

export interface MessageQuery {
  readonly conversation: string;
  /** Each is a message id or a `next`; none = the newest page. */
  readonly before?: string;
  readonly after?: string;
  readonly around?: string;
  readonly limit: number;
}

export interface SearchQuery {
  /** Words, in any order; each must be there. Ideographs in a row, beginnings of words, numbers in any writing. */
  readonly q: string;
  readonly account?: string;
  readonly conversation?: string;
  readonly cursor?: string;
  readonly limit: number;
}

/** Reads for everybody, from a connection that cannot write. Each answer is one consistent moment. */
/** What a conversation has to show for itself: pictures and videos, other files, texts with links, what is pinned. */
export const sharedKinds = ['media', 'files', 'links', 'pinned'] as const;
export interface SharedQuery {
  readonly conversation: string;
  readonly what: (typeof sharedKinds)[number];
  /** `next` of the page before. */
  readonly before?: string;
  /** What is pinned for longer than this moment counts, ms since epoch. */
  readonly now: number;
  readonly limit: number;
}

export interface Queries {
  heads(): Promise<Heads>;
  accounts(): Promise<readonly AccountRow[]>;
  conversations(query: ConversationQuery): Promise<Page<Conversation> & { readonly heads: Heads }>;
  conversation(id: string): Promise<ConversationRow | undefined>;
  conversationByAddress(account: string, address: string): Promise<ConversationRow | undefined>;
  /** Oldest first within the page; `next` goes further back (or forward with `after`). */
  messages(query: MessageQuery): Promise<Page<Message> & { readonly heads: Heads }>;
  message(id: string): Promise<Message | undefined>;
  /** The newest first. One answer looks at a bounded number of messages: it may be empty and still have a `next`. */
  shared(query: SharedQuery): Promise<Page<Message> & { readonly heads: Heads }>;
  /** The newest first. */
  notes(query: NoteQuery): Promise<Page<Note> & { readonly heads: Heads }>;
  /** In the order in which they were made. */
  team(kind: TeamRow['kind']): Promise<readonly TeamRow[]>;
  /**
   * Conversations of the account, behind `after` ('' = the first), that have messages whose `ord` is smaller than `before`:
   * of some conversations; `next` is the `after` of the rest.
   */
  expired(
    account: string,
    before: number,
    after: string,
  ): Promise<{ readonly conversations: readonly string[]; readonly next: string | undefined }>;
  /** Messages whose time to disappear has come, the oldest first, and when the next one's comes. */
  due(
    now: number,
    limit: number,
  ): Promise<{
    readonly messages: readonly { readonly id: string; readonly account: string }[];
    readonly next: number | undefined;
  }>;
  /** Events of one stream after a seq, in order. */
  events(stream: string, after: number, limit: number): Promise<readonly StoredEvent[]>;
  /** A test message that is in the log, by its seq: the only way to see one. */
  canary(seq: number): Promise<StoredEvent | undefined>;
  /** The first seq that is still in the log; head + 1 if the log of the stream is empty. */
  firstSeq(stream: string): Promise<number>;
  /** Of a group's address; empty if nothing is known of it. */
  members(account: string, group: string): Promise<readonly MemberRow[]>;
  /** By name; `q` is part of a name or a number, in any writing. */
  contacts(query: ContactQuery): Promise<Page<Contact>>;
  contact(account: string, address: string): Promise<Contact | undefined>;
  /** The job of a caller's command. */
  jobOfCommand(commandId: string): Promise<JobRow | undefined>;
  /** WhatsApp's names of the oldest and the newest message of a conversation. */
  edges(conversation: string): Promise<{ readonly oldest?: MessageRow; readonly newest?: MessageRow }>;
  /** Who gets a message of ours in a group; empty for all others. */
  recipients(message: string): Promise<readonly RecipientRow[]>;
  media(id: string): Promise<MediaRow | undefined>;
  /** Which of these files does any row name? */
  filesInUse(files: readonly string[]): Promise<ReadonlySet<string>>;
  /** Files that only this account's rows name. */
  filesOfAccount(account: string): Promise<readonly string[]>;
  /** How much lies here, each file once; how many wait to be fetched. */
  mediaUse(account?: string): Promise<{ readonly files: number; readonly bytes: number; readonly pending: number }>;
  /** Received files that WhatsApp may still have, the oldest first. */
  oldestMedia(limit: number, account?: string): Promise<readonly MediaRow[]>;
  /** Files of an account that came before a moment (ms since epoch), the oldest first. */
  mediaBefore(account: string, before: number, limit: number): Promise<readonly MediaRow[]>;
  /** Uploads from before that moment (ms since epoch). */
  oldUploads(before: number, limit: number): Promise<readonly string[]>;
  /** By account: the states in which it was seen after a moment (ms since epoch), in order. */
  stretches(after: number): Promise<ReadonlyMap<string, readonly Stretch[]>>;
  /** By account. An account of which nothing was counted is missing. */
  tallies(): Promise<ReadonlyMap<string, Tally>>;
  /**
   * Messages that have everything asked for, the newest first. The index follows a commit within moments; `indexing` says
   * that it is further behind. What is shown is always the message as it lies in the store.
   */
  search(query: SearchQuery): Promise<Page<SearchHit> & { readonly indexing: boolean; readonly heads: Heads }>;
  /** `jobs` counts those that are not done, `early` what waits for its message, `unindexed` messages that a search cannot find yet. */
  counts(): Promise<{
    readonly messages: number;
    readonly events: number;
    readonly conversations: number;
    readonly jobs: number;
    readonly early: number;
    readonly unindexed: number;
  }>;
}

export interface Store<C extends CommandMap> {
  readonly kind: 'sqlite' | 'postgres';
  readonly writer: Writer<C>;
  readonly queries: Queries;
  /** Every commit that bore events, in order of commit. Returns the function that ends it. */
  onCommit(listener: (commit: Commit) => void): () => void;
  /** Is the store writable? Tries it. */
  probe(): Promise<boolean>;
  close(): Promise<void>;
}
