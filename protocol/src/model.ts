// The things that Pulseline speaks of (accounts, conversations, messages), as everybody outside sees them; no rule of how they change is here.
import { contents } from './kinds.ts';
import { media } from './media.ts';
import { address, id } from './model-words.ts';
import { boolean, integer, list, nullable, type Of, object, oneOf, optional, string } from './shape.ts';
import { workFields } from './team.ts';

export { address, id };

/** Meanings: docs/api.md, "Addresses and states". */
export const accountStates = [
  'INITIALIZING',
  'QR',
  'AUTHENTICATED',
  'SYNCING',
  'READY',
  'DEGRADED',
  'DISCONNECTED',
  'LOGGED_OUT',
  'FAILED',
] as const;
export type AccountState = (typeof accountStates)[number];

/** Why a state is not what one wishes: a code of the error table, what happened, and what to do, in the server's language. */
export const reason = object({ code: string(64), text: string(2_000), fix: string(2_000) });
export type Reason = Of<typeof reason>;

export const account = object({
  id,
  label: string(200),
  /** `phone` dials WhatsApp itself, `sandbox` an emulator. */
  kind: oneOf(['phone', 'sandbox']),
  state: oneOf(accountStates),
  reason: optional(reason),
  /** When the state began, ms since epoch. */
  since: integer(),
  me: optional(object({ id: address, phone: string(32), lid: optional(address), name: optional(string(200)) })),
  /** When the next connection attempt begins, ms since epoch. */
  nextTryAt: optional(integer()),
  /** How many connection attempts have failed in a row. */
  attempts: optional(integer()),
  /** The stream that bears this account's events. */
  stream: string(128, 1),
  /** The account's own proxy, without its password. */
  proxy: optional(nullable(string(500))),
  /** Messages that wait in the outbox. */
  queued: optional(integer()),
  /** Older messages are removed after so many days; absent = never. */
  retentionDays: optional(integer(1)),
  /** Which of the pages' colours it has, a number from 0; absent = one that follows from its id. */
  colour: optional(integer()),
  /** So much of the disk its files may take, in MiB: beyond it the oldest go that WhatsApp may still have. Absent = no limit of its own. */
  mediaBudgetMb: optional(integer(1)),
  /** Files are removed from the disk so many days after they came; their messages stay. Absent = never. */
  mediaDays: optional(integer(1)),
});
export type Account = Of<typeof account>;

export const messageKinds = [
  'text',
  'image',
  'video',
  'gif',
  'audio',
  'voice',
  'document',
  'sticker',
  'location',
  'contact',
  'poll',
  'call',
  'system',
  'waiting',
  'unknown',
] as const;
export type MessageKind = (typeof messageKinds)[number];

/** In rising order; `error` stands outside it. */
export const messageStatuses = ['error', 'pending', 'sent', 'delivered', 'read', 'played'] as const;
export type MessageStatus = (typeof messageStatuses)[number];

export const quote = object({ id: optional(id), author: optional(address), body: string() });

/** One per author; the newest stands last. */
export const reaction = object({
  author: address,
  fromMe: boolean(),
  emoji: string(32, 1),
  /** Ms since epoch. */
  at: integer(),
});
export type Reaction = Of<typeof reaction>;

export const message = object({
  id,
  account: id,
  conversation: id,
  stream: string(128, 1),
  /** The position of its `new_message`; 0 for history, which makes none. */
  seq: integer(),
  from: address,
  to: address,
  /** Who wrote it, in a group. */
  author: optional(address),
  fromMe: boolean(),
  kind: oneOf(messageKinds),
  /** The text, or the caption, or a readable stand-in for other kinds. */
  body: string(),
  /** The file that it carries. */
  media: optional(media),
  /** WhatsApp's time, ms since epoch (WhatsApp itself counts seconds). */
  timestamp: integer(),
  /** Only what we sent has one. */
  status: optional(oneOf(messageStatuses)),
  /** Why WhatsApp refused what we asked last: the message itself (then `status` is error), or a change of it. */
  error: optional(reason),
  /** The sender's own name at that time. */
  authorName: optional(string(200)),
  /** The caller's command, for messages sent through Pulseline. */
  commandId: optional(string(200)),
  quote: optional(quote),
  /** Whom it names, by phone number where that is known. */
  mentions: optional(list(address, 1_024)),
  reactions: optional(list(reaction, 1_024)),
  /** Its author has changed the text. */
  edited: optional(boolean()),
  /** When it was last edited, ms since epoch. */
  editedAt: optional(integer()),
  /** Withdrawn for everyone: the content is gone. */
  deleted: optional(boolean()),
  /** The admin of the group who did it, if it was not the author. */
  deletedBy: optional(address),
  /** Of the kinds system and call: what happened, for pages to put into words; `body` has it in the server's language. */
  notice: optional(
    object({
      code: string(64),
      by: optional(address),
      people: optional(list(address, 100)),
      text: optional(string(2_000)),
    }),
  ),
  /** WhatsApp's own name of what it was, where our kind does not say it all. */
  rawType: optional(string(100)),
  ...contents,
  /** Passed on from another chat; `many`: through five or more. */
  forwarded: optional(oneOf(['once', 'many'])),
  /** How often it has been passed on, as WhatsApp counts; absent = not told. */
  forwards: optional(integer()),
  /** We have marked it with a star, here or on the phone. */
  starred: optional(boolean()),
  /** Meant to be seen once: it is not passed on. WhatsApp withholds the content from linked devices more often than not. */
  viewOnce: optional(boolean()),
  /** When it disappears, ms since epoch. */
  expiresAt: optional(integer()),
  /** Somebody has kept it: it does not disappear. */
  kept: optional(boolean()),
  /** Pinned in the chat, until then (ms since epoch). */
  pinnedUntil: optional(integer()),
  /** The id of the message that announced the album it is part of. */
  partOf: optional(id),
  /** With `deleted`: it disappeared when its time was over, or was removed for us alone. Pages need not show it. */
  gone: optional(oneOf(['expired', 'removed'])),
});
export type Message = Of<typeof message>;

export const conversationKinds = ['person', 'group', 'channel', 'status'] as const;

export const conversation = object({
  id,
  account: id,
  address,
  phone: optional(string(32)),
  name: string(300),
  kind: oneOf(conversationKinds),
  unread: integer(),
  lastMessage: optional(message),
  /** Ms since epoch; orders the list. */
  lastAt: integer(),
  archived: boolean(),
  pinned: boolean(),
  muted: boolean(),
  /** When a mute ends by itself, ms since epoch; absent in a muted one = never. */
  mutedUntil: optional(integer()),
  /** Somebody has marked it as unread by hand; reading it takes the mark away. */
  markedUnread: optional(boolean()),
  /** Messages disappear so many seconds after they were sent; absent = they stay. */
  disappearing: optional(integer()),
  /** Of a group, as far as it is known. */
  group: optional(
    object({
      description: optional(string(2_100)),
      /** Only admins can write. */
      announce: boolean(),
      /** Only admins can change its name, picture and description. */
      locked: boolean(),
      /** Whoever comes by the link waits for an admin's consent. */
      approval: boolean(),
      size: integer(),
      admins: integer(),
      /** The account's own; `none`: it is not in the group any more. */
      role: oneOf(['owner', 'admin', 'member', 'none']),
    }),
  ),
  /** Imported from an exported chat: nothing can be sent in it. */
  readOnly: optional(boolean()),
  /** Messages before this moment have been removed, ms since epoch. */
  keptFrom: optional(integer()),
  ...workFields,
});
export type Conversation = Of<typeof conversation>;

export const contact = object({
  account: id,
  address,
  lid: optional(address),
  phone: optional(string(32)),
  name: string(300),
  /** The name is the one in the phone's address book, not the one that the person chose. */
  saved: optional(boolean()),
  /** Nothing of this person reaches the account. */
  blocked: optional(boolean()),
});
export type Contact = Of<typeof contact>;

/** A page of a list; `next` goes back in as `cursor`, null at the end. */
export function page<T>(item: import('./shape.ts').Shape<T>) {
  return object({ items: list(item, 1_000), next: nullable(string(500)) });
}
