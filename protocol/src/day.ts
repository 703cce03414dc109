// What the day of an account comes to: how many messages came and went, which were refused, and in which states its link was seen. Server and pages count by these same functions; they read no clock.
import { heads } from './events.ts';
import type { DurableFrame } from './frames.ts';
import { accountStates, id, type Message, type MessageStatus } from './model.ts';
import { integer, list, type Of, object, oneOf, string } from './shape.ts';

/** An account was seen in this state from `from` to `to`, ms since epoch; between two stretches nobody looked. */
export const stretch = object({ state: oneOf(accountStates), from: integer(), to: integer() });
export type Stretch = Of<typeof stretch>;

/** So many stretches of an account are kept, and for so long (ms); the oldest go. */
export const MAX_STRETCHES = 2_000;
export const STRETCHES_KEPT = 2 * 86_400_000;
/** A state that was not seen for longer than this is not known to have lasted, ms. Sightings come each minute. */
export const UNSEEN = 150_000;

/** So many refused messages of a day are named. */
export const MAX_FAILED = 1_000;

export const dayOfAccount = object({
  account: id,
  /** Messages of others, and ours, whether sent here or on the phone. Notices count as neither. */
  received: integer(),
  sent: integer(),
  /** The ids of messages that were refused today and were not sent since. */
  failed: list(id, MAX_FAILED),
});
export type DayOfAccount = Of<typeof dayOfAccount>;

/** A day of the whole workspace: `from` and `to` are its midnights in `timeZone`, ms since epoch. */
export const today = object({
  timeZone: string(64),
  from: integer(),
  to: integer(),
  items: list(object({ ...dayOfAccount.fields, states: list(stretch, MAX_STRETCHES) }), 1_000),
  /** Up to where the logs are counted. */
  heads,
});
export type Today = Of<typeof today>;

/** What {@link foldDay} looks at of an event. */
export type DayEvent =
  | { readonly type: 'new_message'; readonly data: Pick<Message, 'fromMe' | 'kind'> }
  | {
      readonly type: 'message_status';
      readonly data: { readonly messageId: string; readonly status: MessageStatus };
    };

export function isDayEvent(frame: DurableFrame): frame is DurableFrame & DayEvent {
  return frame.type === 'new_message' || frame.type === 'message_status';
}

/** The day after one more event of it. */
export function foldDay(day: DayOfAccount, event: DayEvent): DayOfAccount {
  if (event.type === 'new_message') {
    if (event.data.kind === 'system') return day;
    return event.data.fromMe ? { ...day, sent: day.sent + 1 } : { ...day, received: day.received + 1 };
  }
  const { messageId, status } = event.data;
  const isKnown = day.failed.includes(messageId);
  if (status === 'error') {
    return isKnown || day.failed.length >= MAX_FAILED ? day : { ...day, failed: [...day.failed, messageId] };
  }
  return isKnown ? { ...day, failed: day.failed.filter((one) => one !== messageId) } : day;
}

/** The stretches after the account was seen in a state at `at`. Only the last one changes, or one more comes. */
export function withSighting(stretches: readonly Stretch[], state: Stretch['state'], at: number): readonly Stretch[] {
  const last = stretches.at(-1);
  if (last === undefined) return [{ state, from: at, to: at }];
  // A clock that was set back makes nothing shorter.
  const now = Math.max(at, last.to);
  const before = stretches.slice(0, -1);
  if (now - last.to > UNSEEN) return [...stretches, { state, from: now, to: now }];
  if (last.state === state) return [...before, { ...last, to: now }];
  const ended = last.from === now ? before : [...before, { ...last, to: now }];
  return [...ended, { state, from: now, to: now }];
}
