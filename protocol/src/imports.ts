// What an exported chat is understood as, and what its import answers. It reads no chat.
import { conversation, messageKinds } from './model.ts';
import { boolean, integer, list, object, oneOf, optional, string } from './shape.ts';

/** People who are named to somebody who looks, and messages that are shown. */
export const MOST_PEOPLE = 200;
export const SAMPLE = 6;

export const dateOrders = ['ymd', 'dmy', 'mdy'] as const;

export const importPreview = object({
  name: string(300),
  kind: oneOf(['person', 'group']),
  messages: integer(),
  people: list(object({ name: string(200), messages: integer() }), MOST_PEOPLE),
  /** Who of them is probably the account's own. */
  me: optional(string(200)),
  /** Ms since epoch. */
  from: integer(),
  to: integer(),
  dateOrder: oneOf(dateOrders),
  /** The dates can be read in more than one order. */
  ambiguous: boolean(),
  /** Lines that were not understood. */
  skipped: integer(),
  sample: list(
    object({ at: integer(), author: optional(string(200)), kind: oneOf(messageKinds), body: string() }),
    SAMPLE,
  ),
});
export const imported = object({ conversation, messages: integer(), added: integer() });
