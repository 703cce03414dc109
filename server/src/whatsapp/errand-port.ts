// What the engine is asked to do at WhatsApp that is no message: errands, which are kept until they are done, and questions of the moment. No Baileys type appears here.
import type { Chat, ChatChange, GroupSettings, Party, Target } from './port.ts';

/** Something done at WhatsApp that is no message. */
export type Errand =
  | { readonly do: 'chat-state'; readonly chat: Chat; readonly change: ChatChange; readonly newest?: Newest }
  /** Our other devices are told what we did to a message for ourselves; `at` is its own time, ms since epoch. */
  | {
      readonly do: 'message-state';
      readonly target: Target;
      readonly change:
        | { readonly kind: 'star'; readonly on: boolean }
        | { readonly kind: 'remove'; readonly at: number };
    }
  /** What others see of the account. */
  | { readonly do: 'set-profile'; readonly name?: string; readonly about?: string }
  /** The account's own, or a group's; the JPEG in base64, null = none any more. */
  | { readonly do: 'set-picture'; readonly group?: string; readonly jpeg: string | null }
  | { readonly do: 'history'; readonly chat: Chat; readonly oldest: Newest; readonly count: number }
  /** A part of the history that travels through the media host. */
  | { readonly do: 'fetch-history'; readonly notification: string }
  | { readonly do: 'block'; readonly person: Party; readonly on: boolean }
  | { readonly do: 'create-group'; readonly subject: string; readonly people: readonly Party[] }
  | { readonly do: 'change-group'; readonly group: string; readonly subject?: string; readonly settings: GroupSettings }
  | {
      readonly do: 'change-members';
      readonly group: string;
      readonly how: 'add' | 'remove' | 'promote' | 'demote';
      readonly people: readonly Party[];
    }
  | { readonly do: 'leave-group'; readonly group: string }
  | { readonly do: 'renew-invite'; readonly group: string }
  | { readonly do: 'join-group'; readonly code: string };

/** A message as WhatsApp wants it named beside what is done to the whole chat. */
export interface Newest extends Target {
  /** Ms since epoch. */
  readonly at: number;
}

/** What a link is asked, and does at once or not at all. */
export type LinkQuestion =
  /** -> the bytes of the picture as base64, null if there is none to see. */
  | { readonly do: 'picture'; readonly chat: Chat }
  /** -> the code of a group's invite link. */
  | { readonly do: 'invite'; readonly group: string }
  /** The person's coming and going is whispered from now on. */
  | { readonly do: 'watch'; readonly chat: Chat }
  | { readonly do: 'reject-call'; readonly callId: string; readonly from: Party }
  /** The file is not to come or go any further. */
  | { readonly do: 'cancel-transfer'; readonly media: string };
