// Whether a message may make a sound or show a notification; pure. Counting it is not its business: what is unread is unread at night too.
import type { Conversation, Message } from '@pulseline/protocol';

/** A message that was committed longer ago than this is catching up, not news, ms. */
const NEWS_WITHIN = 30_000;
/** A burst rings once, ms. */
const RING_EVERY = 3_000;

export interface Hearing {
  readonly message: Message;
  /** Undefined while its page of the list is not loaded. */
  readonly conversation: Conversation | undefined;
  /** When it was committed, by the server's clock, ms since epoch. */
  readonly committedAt: number;
  /** Now, by the server's clock, ms since epoch. */
  readonly now: number;
  /** Minutes since midnight where the reader is. */
  readonly minute: number;
  /** `HH:MM` each; empty = no quiet hours. */
  readonly quietFrom: string;
  readonly quietTo: string;
  /** Somebody at this browser looks at the conversation right now. */
  readonly looking: boolean;
  /** When it last rang, ms since epoch. */
  readonly rangAt: number;
}

export function mayRing(hearing: Hearing): boolean {
  const { message, conversation, committedAt, now, minute, quietFrom, quietTo, looking, rangAt } = hearing;
  if (message.fromMe || looking) return false;
  if (conversation?.muted || conversation?.archived || conversation?.kind === 'status') return false;
  if (message.kind === 'system' || now - committedAt > NEWS_WITHIN || now - rangAt < RING_EVERY) return false;
  return !isQuiet(minute, quietFrom, quietTo);
}

/** Quiet hours may go over midnight; the same time twice is the whole day. */
export function isQuiet(minute: number, from: string, to: string): boolean {
  const [start, end] = [minuteOf(from), minuteOf(to)];
  if (start === undefined || end === undefined) return false;
  return start < end ? minute >= start && minute < end : minute >= start || minute < end;
}

function minuteOf(time: string): number | undefined {
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time);
  return found === null ? undefined : Number(found[1]) * 60 + Number(found[2]);
}
