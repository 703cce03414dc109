// The write commands of Pulseline: everything that can become true, by name; how each is decided is in the files beside this one.
import type {
  Account,
  AccountState,
  CannedReply,
  Conversation,
  Label,
  Media,
  Message,
  MessageKind,
  Note,
  WorkState,
  Workspace,
} from '@pulseline/protocol';
import type { Batch, Content, Errand, SendMedia } from '../whatsapp/port.ts';

export type Commands = {
  /** What an account heard: messages, receipts, states, keys; all or nothing. */
  ingest: { input: Batch; output: null };
  create_account: {
    input: { readonly id: string; readonly label: string; readonly kind: Account['kind'] };
    output: Account;
  };
  /** `proxy` null takes the account's own away, `retentionDays` null keeps messages for ever, so do the limits of its files, `colour` null leaves it to the id. */
  change_account: {
    input: {
      readonly id: string;
      readonly label?: string;
      readonly proxy?: string | null;
      readonly retentionDays?: number | null;
      readonly colour?: number | null;
      readonly mediaBudgetMb?: number | null;
      readonly mediaDays?: number | null;
    };
    output: Account;
  };
  remove_account: { input: { readonly id: string }; output: null };
  /** Forgets the login: credentials, keys, seen ciphertexts. */
  forget_login: { input: { readonly account: string }; output: null };
  /** The message is in the log as pending and its job in the outbox; the same commandId answers the same. */
  enqueue_send: { input: EnqueueSend; output: { readonly message: Message; readonly repeated: boolean } };
  /** A reaction, an edit or a withdrawal of ours is in the outbox. The message changes when WhatsApp has taken it. */
  enqueue_change: { input: EnqueueChange; output: { readonly message: Message; readonly repeated: boolean } };
  /** For us alone: nothing of it stays here. With `jobId` and its conversation the account's other devices are told. Answers the message as it is then. */
  remove_message: { input: ForUs; output: { readonly message: Message } };
  /** A star, or none; else the same. */
  star_message: { input: ForUs & { readonly on: boolean }; output: { readonly message: Message } };
  /** A refused message goes back to pending. */
  retry_send: { input: { readonly messageId: string }; output: { readonly message: Message } };
  /** `Account.queued` is brought up to date. */
  count_queue: { input: { readonly account: string }; output: { readonly queued: number } };
  /** Unread becomes 0; a job for the read receipts is queued if there is anything to receipt. */
  mark_read: {
    input: { readonly conversation: string; readonly jobId: string; readonly newest?: string };
    output: { readonly account: string; readonly queued: boolean };
  };
  /**
   * Out of the list, on top of it, without a sound, as if unread. The account's other devices are told by errands whose ids
   * begin with `jobId`; `newest` is the id of the newest message, which they are told beside it.
   */
  change_conversation: {
    input: {
      readonly conversation: string;
      readonly archived?: boolean;
      readonly pinned?: boolean;
      readonly muted?: boolean;
      /** Ms since epoch; without one a mute has no end. */
      readonly mutedUntil?: number;
      readonly markedUnread?: boolean;
      readonly jobId?: string;
      readonly newest?: string;
    };
    output: Conversation;
  };
  /** Gone with its messages, here and on the account's other devices. `upTo`: the seq of the event that tells it. */
  delete_conversation: {
    input: { readonly conversation: string; readonly jobId: string; readonly newest?: string };
    output: { readonly account: string; readonly id: string; readonly stream: string; readonly upTo: number };
  };
  /** What the log tells of a deleted conversation from one seq to before another. */
  forget_texts: {
    input: {
      readonly account: string;
      readonly stream: string;
      readonly conversation: string;
      readonly from: number;
      readonly to: number;
    };
    output: null;
  };
  /** Something to be done at WhatsApp is kept; the same commandId answers the same. */
  enqueue_errand: {
    input: { readonly account: string; readonly commandId: string; readonly jobId: string; readonly errand: Errand };
    output: { readonly job: string };
  };
  /** The conversation with a person, made if it is not there. */
  open_conversation: {
    input: { readonly account: string; readonly pn?: string; readonly lid?: string; readonly name?: string };
    output: { readonly conversation: string };
  };
  /** A part of an exported chat: what is there already stays as it is. Call it part by part, in order; `last` tells the end. */
  import_chat: { input: ImportChat; output: { readonly conversation: Conversation; readonly added: number } };
  /** Removes some of the messages before a moment (ms since epoch), the oldest first; call it until there are none. */
  expire_messages: { input: { readonly conversation: string; readonly before: number }; output: null };
  /** Messages of an account whose time has come: nothing of what they said stays. One that is kept, or has no time any more, does. */
  disappear: { input: { readonly account: string; readonly messages: readonly string[] }; output: null };
  /** The same for the log of a stream. */
  expire_events: { input: { readonly stream: string; readonly before: number }; output: null };
  /** null = nobody has it. */
  assign: {
    input: { readonly conversation: string; readonly assignee: string | null; readonly by?: string };
    output: Conversation;
  };
  /** `snoozedUntil` goes with the state `snoozed`, ms since epoch. */
  arrange_work: {
    input: {
      readonly conversation: string;
      readonly state?: WorkState;
      readonly snoozedUntil?: number;
      readonly labels?: readonly string[];
    };
    output: Conversation;
  };
  add_note: {
    input: { readonly id: string; readonly conversation: string; readonly body: string; readonly author: string };
    output: Note;
  };
  put_label: { input: Partial<Label> & Of; output: Label };
  remove_label: { input: { readonly id: string }; output: null };
  put_reply: { input: Partial<CannedReply> & Of; output: CannedReply };
  remove_reply: { input: { readonly id: string }; output: null };
  /** null leaves the time zone to each browser. */
  change_workspace: { input: { readonly timeZone?: string | null }; output: Workspace };
  /** An account was seen in its state; one that is gone is not. */
  see_state: { input: { readonly account: string; readonly state: AccountState; readonly at: number }; output: null };
  /** A file that lies here whole, to be sent. */
  add_upload: {
    input: { readonly id: string; readonly kind: MessageKind; readonly media: Media; readonly file: string };
    output: null;
  };
  remove_uploads: { input: { readonly ids: readonly string[] }; output: null };
  /** It is fetched, however large. `account` is whose link has to do it, absent if nothing has to be done. */
  want_media: { input: { readonly id: string }; output: { readonly media: Media; readonly account?: string } };
  /** It is not to come or go any further. `account` is whose link has to hear of it, absent if nothing was on its way. */
  cancel_media: { input: { readonly id: string }; output: { readonly media: Media; readonly account?: string } };
  /** The bytes are here no longer; WhatsApp may still have them. */
  drop_media: { input: { readonly id: string }; output: null };
  /** A test message is in the log, on a stream of its own that nobody sees; older ones go. */
  canary: { input: { readonly data: string }; output: { readonly epoch: string; readonly seq: number } };
  /** Writes nothing that anybody sees: proof that the store takes writes. */
  probe: { input: { readonly at: number }; output: null };
};

interface ForUs {
  readonly messageId: string;
  readonly conversation?: string;
  /** Of the errand. */
  readonly jobId?: string;
}

interface Of {
  readonly id: string;
  /** It is changed, not made. */
  readonly mustExist: boolean;
}

export interface EnqueueSend {
  readonly commandId: string;
  /** WhatsApp's id for it, chosen by us: a retry after a crash carries the same one. */
  readonly waId: string;
  readonly account: string;
  readonly to: { readonly conversation: string } | { readonly address: string };
  readonly text: string;
  /** The id of a message of the same conversation that it answers. */
  readonly quote?: string;
  /** People whom it names, in any writing. */
  readonly mentions?: readonly string[];
  /** A place, cards or a poll (with a fresh secret) in place of the text, or the timer of a person's chat. */
  readonly bears?: Content;
  /** The upload that it carries, and as what; `text` is its caption. */
  readonly media?: { readonly id: string; readonly kind: SendMedia['kind'] };
  /** The id of a message of this account that is passed on; a poll of it needs a fresh secret in `bears`. */
  readonly forward?: string;
}

export interface EnqueueChange {
  readonly commandId: string;
  readonly waId: string;
  readonly account: string;
  readonly conversation: string;
  /** The address of the conversation, if it is a group. */
  readonly group?: string;
  readonly messageId: string;
  readonly change:
    | { readonly kind: 'reaction'; readonly emoji: string }
    | { readonly kind: 'edit'; readonly text: string }
    | { readonly kind: 'revoke' }
    /** In the chat, for so many seconds; 0 = no longer. */
    | { readonly kind: 'pin'; readonly seconds: number }
    /** `options` by name or by their place; `iv`: 12 fresh random bytes, hex. */
    | { readonly kind: 'vote'; readonly options: readonly (string | number)[]; readonly iv: string };
}

export interface ImportChat {
  readonly account: string;
  /** Names the chat: the same key is the same conversation. */
  readonly key: string;
  readonly name: string;
  readonly kind: 'person' | 'group';
  readonly messages: readonly ImportedMessage[];
  readonly last: boolean;
}

export interface ImportedMessage {
  /** Its place in the file. */
  readonly index: number;
  /** Ms since epoch. */
  readonly at: number;
  /** Absent for what the app itself said, and for what we wrote. */
  readonly author?: string;
  readonly fromMe: boolean;
  readonly kind: Message['kind'];
  readonly body: string;
  readonly deleted?: boolean;
}
