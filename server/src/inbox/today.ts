// The day of the whole workspace out of the log: where it begins in a time zone, and what the events since then come to. It reads each event of the day once and changes nothing.
import {
  CodedError,
  type DayEvent,
  type DayOfAccount,
  foldDay,
  messageKinds,
  messageStatuses,
  shape,
  type Today,
} from '@pulseline/protocol';
import type { Queries, StoredEvent } from '../store/port.ts';

type Log = Pick<Queries, 'accounts' | 'events' | 'firstSeq' | 'heads' | 'stretches'>;

/** Every offset of these times is a whole number of quarters of an hour. */
const QUARTER = 900_000;
/** The strip of states goes back so far, ms. */
const STRIP = 86_400_000;
/** Events read at a time; whoever gives `pause` lets other work go between. */
const STEP = 500;
/** Days of accounts that are remembered: one for each time zone that is asked for. More, and the oldest is counted anew. */
const MAX_KEPT = 1_000;

interface Counted {
  readonly epoch: string;
  readonly seq: number;
  readonly day: DayOfAccount;
}

/** Both midnights around `now`, ms since epoch. Errors: BAD_REQUEST for a time zone that is none. */
export function dayAround(now: number, timeZone: string): { readonly from: number; readonly to: number } {
  const calendar = calendarOf(timeZone);
  const dayOf = (at: number): string => calendar.format(at);
  const day = dayOf(now);
  let from = Math.floor(now / QUARTER) * QUARTER;
  while (dayOf(from - 1) === day) from -= QUARTER;
  let to = Math.floor(now / QUARTER) * QUARTER + QUARTER;
  while (dayOf(to) === day) to += QUARTER;
  return { from, to };
}

/** Errors: BAD_REQUEST. */
export function calendarOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  } catch (error) {
    throw new CodedError('BAD_REQUEST', { detail: `timeZone=${timeZone}` }, error);
  }
}

/** Answers the day in a time zone. Errors: BAD_REQUEST, STORE_FAILED. */
export function createToday(
  log: Log,
  now: () => number,
  pause: () => Promise<void>,
): (timeZone: string) => Promise<Today> {
  const known = new Map<string, Counted>();

  async function count(account: string, stream: string, epoch: string, head: number, from: number): Promise<Counted> {
    const key = `${account} ${from}`;
    const kept = known.get(key);
    const fresh = { account, received: 0, sent: 0, failed: [] };
    let { seq, day }: Counted =
      kept?.epoch === epoch ? kept : { epoch, seq: (await firstFrom(log, stream, head, from)) - 1, day: fresh };
    while (seq < head) {
      const events = await log.events(stream, seq, Math.min(STEP, head - seq));
      if (events.length === 0) break;
      for (const event of events) {
        const told = event.at < from ? undefined : dayEventOf(event);
        if (told !== undefined) day = foldDay(day, told);
        seq = event.seq;
      }
      await pause();
    }
    const counted = { epoch, seq, day };
    known.delete(key);
    for (const oldest of known.keys()) {
      if (known.size < MAX_KEPT) break;
      known.delete(oldest);
    }
    known.set(key, counted);
    return counted;
  }

  return async (timeZone) => {
    const { from, to } = dayAround(now(), timeZone);
    const heads = await log.heads();
    const stretches = await log.stretches(now() - STRIP);
    const items = [];
    for (const { account } of await log.accounts()) {
      const { epoch = '', seq = 0 } = heads[account.stream] ?? {};
      const { day } = await count(account.id, account.stream, epoch, seq, from);
      items.push({ ...day, states: stretches.get(account.id) ?? [] });
    }
    return { timeZone, from, to, items, heads };
  };
}

/** The first event of a stream that is not older than `from`, head + 1 if all are: found by halves, as times rise along the log. */
async function firstFrom(log: Log, stream: string, head: number, from: number): Promise<number> {
  let low = await log.firstSeq(stream);
  let high = head + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = await log.events(stream, middle - 1, 1);
    if (event === undefined || event.at >= from) high = middle;
    else low = middle + 1;
  }
  return low;
}

const said = shape.object({ fromMe: shape.boolean(), kind: shape.oneOf(messageKinds) });
const came = shape.object({ messageId: shape.string(), status: shape.oneOf(messageStatuses) });

function dayEventOf({ type, data }: StoredEvent): DayEvent | undefined {
  if (type === 'new_message') return { type, data: said.parse(JSON.parse(data)) };
  if (type === 'message_status') return { type, data: came.parse(JSON.parse(data)) };
  return undefined;
}
