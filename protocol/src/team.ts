// What a team adds to conversations: who has one, where the work on it stands, labels, notes that no customer sees, prepared replies. Nothing of it ever reaches WhatsApp.
import { integer, list, type Of, object, oneOf, optional, string } from './shape.ts';

const id = string(128, 1);

/** Until there are logins a person is the name that a browser has chosen; then it becomes what the login says. */
export const personName = string(80, 1);

/** Where the work on a conversation stands; absent = open. What a customer writes opens it again. */
export const workStates = ['open', 'snoozed', 'closed'] as const;
export type WorkState = (typeof workStates)[number];

/** Labels of the whole workspace; a conversation bears at most {@link MAX_LABELS_OF_ONE}. */
export const MAX_LABELS = 100;
export const MAX_LABELS_OF_ONE = 20;

/** `colour` is a number from 0, which pages turn into one of theirs. */
export const label = object({ id, name: string(40, 1), colour: integer() });
export type Label = Of<typeof label>;
export const labels = object({ items: list(label, MAX_LABELS) });

export const MAX_REPLIES = 500;
/** A prepared text. `{name}` in it is the customer's name, `{me}` the writer's. */
export const cannedReply = object({ id, shortcut: string(40, 1), body: string(4_096, 1) });
export type CannedReply = Of<typeof cannedReply>;

export const MAX_NOTE = 8_192;
/** Written for colleagues beside the messages of a conversation. `at` is ms since epoch. */
export const note = object({ id, conversation: id, body: string(MAX_NOTE, 1), author: string(200), at: integer() });
export type Note = Of<typeof note>;

/** What holds for the whole workspace. `timeZone`: the IANA name of the zone that its days and times are told in; absent = that of each browser. */
export const workspace = object({ timeZone: optional(string(64, 1)) });
export type Workspace = Of<typeof workspace>;

/** Where the work stands at a moment (ms since epoch): a snooze that is over is open, with no event that says so. */
export function workStateAt(
  { state, snoozedUntil }: { readonly state?: WorkState | undefined; readonly snoozedUntil?: number | undefined },
  now: number,
): WorkState {
  if (state === 'snoozed' && (snoozedUntil ?? 0) <= now) return 'open';
  return state ?? 'open';
}

/** What a conversation bears of it. */
export const workFields = {
  /** Who has it. */
  assignee: optional(personName),
  state: optional(oneOf(workStates)),
  /** Ms since epoch. */
  snoozedUntil: optional(integer()),
  /** Ids of labels; one that is gone may still be named. */
  labels: optional(list(id, MAX_LABELS_OF_ONE)),
};
