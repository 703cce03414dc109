// The engine port: what WhatsApp tells us (facts), what an account's engine needs from its keeper, and what others may ask of it. No Baileys type appears here.
import type {
  Account,
  AccountState,
  ContactCard,
  LinkPreview,
  Location,
  Message,
  MessageKind,
  MessageStatus,
  Reason,
} from '@pulseline/protocol';
import type { Errand, LinkQuestion } from './errand-port.ts';
import type { MediaFact, MediaJob, MediaOutcome, MediaSource, SendMedia } from './media-port.ts';

export type { Errand, LinkQuestion, Newest } from './errand-port.ts';
export type { KeyWord, MediaFact, MediaJob, MediaLimits, MediaOutcome, MediaSource, SendMedia } from './media-port.ts';

/** Both forms of one person's address, as far as they are known; without device. */
export interface Party {
  readonly pn?: string;
  readonly lid?: string;
}

/** A conversation's address: a person in both forms, or a group, channel or status address. */
export type Chat =
  | ({ readonly kind: 'person' } & Party)
  | { readonly kind: 'group' | 'channel' | 'status'; readonly address: string };

/** Names one WhatsApp message: unique by chat, author and WhatsApp's id. Author absent = ourselves. */
export interface MessageKey {
  readonly chat: Chat;
  readonly author?: Party;
  readonly waId: string;
}

/** The message that something is done to, or that is quoted. `fromMe` false without an author only in a person's chat: it is theirs. */
export interface Target {
  readonly chat: Chat;
  readonly waId: string;
  readonly fromMe: boolean;
  readonly author?: Party;
}

/** What can be done to a message that is there. */
export type Change =
  /** '' takes the reaction back. */
  | { readonly kind: 'reaction'; readonly emoji: string }
  | { readonly kind: 'edit'; readonly body: string; readonly mentions?: readonly Party[] }
  /** For everyone. */
  | { readonly kind: 'revoke' }
  /** For us alone. */
  | { readonly kind: 'remove' }
  /** A live location has moved. */
  | { readonly kind: 'move'; readonly location: Location }
  /** On a poll: sealed with the poll's secret (both parts base64), or the hashes of the chosen options (sha256, hex). */
  | {
      readonly kind: 'vote';
      readonly sealed?: { readonly payload: string; readonly iv: string };
      readonly chosen?: readonly string[];
    }
  /** In the chat, until then (ms since epoch); 0 = no longer. */
  | { readonly kind: 'pin'; readonly until: number }
  /** It does not disappear with the others, or does again. */
  | { readonly kind: 'keep'; readonly on: boolean }
  /** For us alone. */
  | { readonly kind: 'star'; readonly on: boolean };

/** What a message bears beside its text; absent parts are not there. */
export interface Content {
  readonly location?: Location;
  readonly contacts?: readonly ContactCard[];
  readonly poll?: { readonly name: string; readonly options: readonly string[]; readonly selectable: number };
  /** Opens the votes on a poll; 32 bytes as hex. Nobody outside may see it. */
  readonly secret?: string;
  readonly preview?: LinkPreview;
  readonly forwarded?: 'once' | 'many';
  /** How often it has been passed on, as WhatsApp counts. */
  readonly forwards?: number;
  readonly viewOnce?: true;
  /** Seconds after which it disappears. */
  readonly expires?: number;
  /** WhatsApp's id of the message that announced the album. */
  readonly partOf?: string;
  /** Messages of this chat disappear after so many seconds from now on; 0 = they stay. */
  readonly timer?: number;
  readonly notice?: NonNullable<Message['notice']>;
}

/** What is done to a whole chat, on any of the account's devices. */
export type ChatChange =
  /** `unread`: marked so by hand, or read. */
  | { readonly kind: 'archive' | 'pin' | 'unread'; readonly on: boolean }
  /** Ms since epoch; -1 = for ever, 0 = no longer. */
  | { readonly kind: 'mute'; readonly until: number }
  /** For us alone: the chat with its messages, or these without the chat. */
  | { readonly kind: 'delete' }
  | { readonly kind: 'clear' };

/** When the first two stages were passed, ms since epoch with fractions. */
export interface EarlyStamps {
  readonly heard: number;
  readonly normalised: number;
}

/** What is not told is absent. */
export interface GroupSettings {
  readonly description?: string;
  readonly announce?: boolean;
  readonly locked?: boolean;
  readonly approval?: boolean;
}

export type GroupMember = Party & { readonly role: 'member' | 'admin' | 'owner' };

/** What happened in a group, as its members are told. */
export const noticeCodes = [
  'subject',
  'add',
  'remove',
  'promote',
  'demote',
  'announce',
  'open',
  'locked',
  'unlocked',
  'description',
  'disappearing',
] as const;

/** Something that WhatsApp told us, in our words. The inbox alone decides what becomes of it. */
export type Fact =
  | {
      readonly type: 'message';
      readonly key: MessageKey;
      readonly fromMe: boolean;
      readonly kind: MessageKind;
      readonly body: string;
      readonly media?: MediaFact;
      /** WhatsApp's time, ms since epoch. */
      readonly timestamp: number;
      readonly pushName?: string;
      readonly rawType?: string;
      readonly quoted?: { readonly waId: string; readonly author?: Party; readonly body: string };
      readonly mentions?: readonly Party[];
      readonly content?: Content;
      /** True for what WhatsApp kept while we were away; it still makes `new_message`. */
      readonly offline: boolean;
      readonly stamps: EarlyStamps;
    }
  | {
      /** Somebody has done something to a message; may come before it, twice, or late. Who may do what is not decided here. */
      readonly type: 'change';
      readonly target: Target;
      readonly change: Change;
      readonly fromMe: boolean;
      /** Who did it; absent = ourselves. */
      readonly by?: Party;
      /** When, by the clock of whoever did it, ms since epoch. */
      readonly at: number;
    }
  | {
      /** A status of messages that we sent; may come before the message is known, twice, or in falling order. */
      readonly type: 'status';
      readonly chat: Chat;
      readonly waIds: readonly string[];
      readonly status: Exclude<MessageStatus, 'error' | 'pending'>;
      /** In a group: whose receipt it is. */
      readonly reader?: Party;
      readonly at: number;
    }
  | {
      /** The chat was read on another of our devices. */
      readonly type: 'read-elsewhere';
      readonly chat: Chat;
      readonly waIds: readonly string[];
    }
  | {
      /** Another of our devices has arranged a chat. */
      readonly type: 'chat-state';
      readonly chat: Chat;
      readonly change: ChatChange;
      /** When, ms since epoch; 0 = not told. */
      readonly at: number;
      /** Messages after this moment (ms since epoch) are not meant. */
      readonly upTo?: number;
    }
  /** Everybody whom the account has blocked, or a change of it. */
  | { readonly type: 'blocked'; readonly people: readonly Party[]; readonly on: boolean; readonly all?: true }
  /** History that has to be fetched from the media host: kept as an errand until its content is stored. */
  | { readonly type: 'history-due'; readonly job: string; readonly notification: string }
  /** The server has taken the message (one tick), or refuses it. */
  | { readonly type: 'acked'; readonly waId: string; readonly error?: string; readonly at: number }
  /** The bytes of an outbox job are about to be written; `content` makes a resend the same message. */
  | {
      readonly type: 'sending';
      readonly job: string;
      readonly content: Uint8Array;
      /** In a group: who was in it then. Each of them gets the message. */
      readonly recipients?: readonly Party[];
      /** What is shown of the link in it. */
      readonly preview?: LinkPreview;
      /** Where its file lies at WhatsApp now. */
      readonly source?: MediaSource;
    }
  /** An outbox job without a server ack (read receipts) is done, or cannot be done. */
  | {
      readonly type: 'job-done';
      readonly job: string;
      readonly error?: string;
      /** Of an errand: what it brought, or the parameters of its error's words. */
      readonly result?: unknown;
      /** The chat that it was to arrange, or the message: it is as before if that was refused. */
      readonly chat?: Chat;
      readonly target?: Target;
    }
  /** `isProfile`: the name that the person chose, not the one in the phone's address book. */
  | { readonly type: 'contact'; readonly party: Party; readonly name: string; readonly isProfile?: boolean }
  | {
      /** What is known of a group: all its members, or a change of them; a notice is for people to read. */
      readonly type: 'group';
      readonly chat: Chat;
      readonly subject?: string;
      readonly settings?: GroupSettings;
      /** Its messages disappear after so many seconds; 0 = they stay. */
      readonly timer?: number;
      /** When it was made or joined, ms since epoch: a new one stands on top of the list. */
      readonly since?: number;
      readonly members?: readonly GroupMember[];
      readonly change?: {
        readonly kind: 'add' | 'remove' | 'promote' | 'demote';
        readonly members: readonly GroupMember[];
      };
      readonly notice?: {
        readonly code: (typeof noticeCodes)[number];
        /** WhatsApp's id of the notification: it may come again. */
        readonly waId: string;
        readonly by?: Party;
        readonly text?: string;
        /** Ms since epoch. */
        readonly at: number;
      };
    }
  | {
      /** A call rings, or what became of it. */
      readonly type: 'call';
      readonly callId: string;
      readonly chat: Chat;
      readonly from: Party;
      readonly state: 'ringing' | 'accepted' | 'rejected' | 'ended';
      readonly video: boolean;
      /** Ms since epoch. */
      readonly at: number;
    }
  /** What became of a message's file; see {@link MediaOutcome}. */
  | { readonly type: 'media'; readonly id: string; readonly outcome: MediaOutcome }
  /** Two addresses are one person. */
  | { readonly type: 'same-person'; readonly pn: string; readonly lid: string }
  /** Older messages of the first sync: they make no `new_message`. */
  | { readonly type: 'history'; readonly chats: readonly HistoryChat[]; readonly progress?: number }
  | {
      readonly type: 'state';
      readonly state: AccountState;
      /** The library's raw connection state. */
      readonly raw: string;
      readonly reason?: Reason;
      readonly since: number;
      readonly nextTryAt?: number;
      readonly attempts?: number;
      readonly me?: NonNullable<Account['me']>;
    };
export type FactOf<T extends Fact['type']> = Extract<Fact, { type: T }>;

export interface HistoryChat {
  readonly chat: Chat;
  readonly name?: string;
  readonly unread?: number;
  readonly archived?: boolean;
  readonly pinned?: boolean;
  /** Its messages disappear after so many seconds. */
  readonly disappearing?: number;
  /** When it came about, ms since epoch, for one that is new. */
  readonly at?: number;
  readonly messages: readonly (Omit<FactOf<'message'>, 'type' | 'stamps' | 'offline'> & {
    readonly status?: MessageStatus;
    /** Its text is no longer the first one. */
    readonly edited?: true;
    /** What had been done to it by then. */
    readonly changes?: readonly Omit<FactOf<'change'>, 'type' | 'target'>[];
  })[];
}

/** A Signal key or another entry of the library's key store; `value` null deletes it. Values are opaque to everybody else. */
export interface KeyChange {
  readonly type: string;
  readonly id: string;
  readonly value: Uint8Array | null;
}

/** A ciphertext that has been decrypted: if it comes again it is answered from here and never decrypted twice. */
export interface SeenCiphertext {
  /** sha256 of the ciphertext, first 16 bytes, hex. */
  readonly hash: string;
  /** What Baileys' decrypt call has to return for a redelivery (padded plaintext). */
  readonly plaintext: Uint8Array;
}

/** What became of message stanzas, as far as the engine decides it; each stands in `wire` once. */
export const heardKinds = ['wire', 'redelivered', 'control', 'aside'] as const;
/**
 * `wire`: stanzas that WhatsApp handed over · `redelivered`: all of it had been read before · `control`: keys and orders between
 * devices, nothing for a person · `aside`: messages that came inside a stanza of another kind. The rest made a fact each.
 */
export type Heard = Readonly<Record<(typeof heardKinds)[number], number>>;

/** Everything of one batch becomes true together, or not at all. */
export interface Batch {
  readonly account: string;
  readonly facts: readonly Fact[];
  readonly keys: readonly KeyChange[];
  readonly seen: readonly SeenCiphertext[];
  /** Counted in the same commit, so that a crash loses no count and doubles none. */
  readonly heard?: Heard;
  /** New login credentials, opaque; absent = unchanged. */
  readonly credentials?: Uint8Array;
}

/** Something the account should do; it stays in the outbox until it is done or refused. */
export type Job = { readonly id: string; readonly account: string } & (
  | {
      readonly type: 'send';
      readonly waId: string;
      readonly to: Chat;
      /** Of a text, or the new one of an edit; of a reaction the emoji. */
      readonly text: string;
      /** What it answers to. */
      readonly quoted?: Target & { readonly body: string };
      /** Addresses that it names. */
      readonly mentions?: readonly string[];
      /** What it bears beside the text; a place, cards, a poll or a timer make it a message of that kind. */
      readonly bears?: Content;
      /** The id of ours of the message that it passes on. */
      readonly forward?: string;
      /** It is no message of its own: this is done to another one. */
      readonly change?: { readonly target: Target } & (
        | { readonly kind: 'reaction' | 'edit' | 'revoke' }
        /** In the chat, for so many seconds; 0 = no longer. */
        | { readonly kind: 'pin'; readonly seconds: number }
        /** Sealed already; `chosen` are the hashes that are in it. */
        | {
            readonly kind: 'vote';
            readonly sealed: { readonly payload: string; readonly iv: string };
            readonly chosen: readonly string[];
            /** Ms since epoch. */
            readonly at: number;
          }
      );
      /** The file that it carries; `text` is its caption. */
      readonly media?: SendMedia;
      /** The generated content of an earlier attempt: send exactly this again. */
      readonly content?: Uint8Array;
    }
  | {
      readonly type: 'read';
      readonly chat: Chat;
      readonly keys: readonly { readonly waId: string; readonly author?: Party }[];
    }
  | {
      readonly type: 'errand';
      readonly errand: Errand;
      /** It was begun before, and nobody knows how it ended. */
      readonly started?: true;
    }
);

/** What an account's engine needs from the world: one durable memory. Every call may reject; a rejected commit means that nothing was kept. */
export interface Keeper {
  /** Resolves when everything in the batch is durable. */
  commit(batch: Batch): Promise<void>;
  credentials(account: string): Promise<Uint8Array | undefined>;
  /** Values in the order asked; absent ones are undefined. */
  keys(
    account: string,
    wanted: readonly { readonly type: string; readonly id: string }[],
  ): Promise<readonly (Uint8Array | undefined)[]>;
  seen(account: string, hashes: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Jobs that are not done, oldest first, at most `limit`. */
  jobs(account: string, limit: number): Promise<readonly Job[]>;
  /** Errands that are not done, oldest first. */
  errands(account: string, limit: number): Promise<readonly Job[]>;
  /** The content that was sent under this id, for WhatsApp's retry requests. */
  sentContent(account: string, waId: string): Promise<Uint8Array | undefined>;
  /** Files to fetch, the most urgent first, at most `limit`. */
  openMedia(account: string, limit: number): Promise<readonly MediaJob[]>;
  /** Forgets credentials and keys: the next connect shows a new QR code. */
  forget(account: string): Promise<void>;
}

/** Things of the moment that nobody keeps. */
export type Whisper =
  | { readonly type: 'qr'; readonly account: string; readonly qr: string; readonly expiresAt: number }
  | { readonly type: 'qr-gone'; readonly account: string }
  | {
      readonly type: 'typing';
      readonly account: string;
      readonly chat: Chat;
      readonly author: Party;
      readonly state: 'composing' | 'recording' | 'paused';
    }
  | {
      readonly type: 'presence';
      readonly account: string;
      readonly party: Party;
      readonly state: 'available' | 'unavailable';
      readonly lastSeen?: number;
    }
  /** A person or a group shows another picture. */
  | { readonly type: 'picture'; readonly account: string; readonly chat: Chat }
  /** How far the file of a message is on its way; bytes of its sealed form, `total` 0 = not known. */
  | {
      readonly type: 'transfer';
      readonly account: string;
      readonly media: string;
      readonly direction: 'up' | 'down';
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: 'sync'; readonly account: string; readonly done: number; readonly total?: number };

/** How an account is reached; a change of it needs a reconnect. */
export interface AccountSetup {
  readonly id: string;
  readonly label: string;
  readonly kind: Account['kind'];
  /** `ws://` or `wss://`; absent = WhatsApp itself. */
  readonly url?: string;
  /** The certificate root of an emulator, 32 bytes hex. Never set for a real account. */
  readonly root?: string;
  readonly proxy?: string;
}

/** The face of all accounts' engines towards the rest of the server (main thread). */
export interface Fleet {
  /** Starts connecting; calling it again with another setup reconnects. */
  start(setup: AccountSetup): void;
  /** Ends the link and forgets the account here; the login stays valid. */
  stop(account: string): Promise<void>;
  /** A fresh attempt at once, also out of FAILED or after used-up QR codes. */
  restart(account: string): void;
  /** Unlinks the device at WhatsApp as far as it can be reached, then forgets the login. */
  logout(account: string): Promise<void>;
  /** The 8-character code for that phone number. Errors: ACCOUNT_NOT_IN_QR. */
  pairingCode(account: string, phone: string): Promise<string>;
  /** There may be new jobs. */
  ring(account: string, queue?: 'sends'): void;
  /** Asks WhatsApp whether the number exists. Errors: ACCOUNT_NOT_READY. */
  lookUp(account: string, phone: string): Promise<Party | undefined>;
  typing(account: string, chat: Chat, state: 'composing' | 'paused'): void;
  /** Resolves when the errand has ended, or after a while; what became of it stands in the store. */
  errand(account: string, job: string): Promise<void>;
  /** Errors: ACCOUNT_NOT_READY, and what WhatsApp says. */
  ask(account: string, question: LinkQuestion): Promise<unknown>;
  close(): Promise<void>;
}
