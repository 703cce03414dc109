// What a search answers: messages with the places of what was asked for, and the people whose names or numbers have it.
import { heads } from './events.ts';
import { conversation, message } from './model.ts';
import { boolean, integer, list, nullable, type Of, object, string } from './shape.ts';

const { id, account, name, kind } = conversation.fields;

export const searchHit = object({
  message,
  /** Where it stands. */
  conversation: object({ id, account, name, kind }),
  /** Pairs [from, to), in UTF-16 units of the message's body, in order, without overlaps. */
  ranges: list(list(integer(), 2), 100),
});
export type SearchHit = Of<typeof searchHit>;

export const searchPage = object({
  /** The newest first. */
  items: list(searchHit, 200),
  next: nullable(string(500)),
  /** Conversations by name or number; on the first page of a search over more than one conversation. */
  people: list(conversation, 50),
  /** Messages wait for the index, as after an update: there may be more than is found. */
  indexing: boolean(),
  heads,
});
export type SearchPage = Of<typeof searchPage>;
