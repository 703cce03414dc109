// The intake: commits, rings and the log become shared frames in the ring, each event once and in order; it knows no connection.
import {
  type Cursor,
  cursorOf,
  durableEvents,
  encodeDurable,
  type Heads,
  moved,
  parsePositions,
  without,
} from '@pulseline/protocol';
import type { Commit, Queries, StoredEvent } from '../store/port.ts';
import type { HubClock, HubLimits, HubLog } from './port.ts';
import type { EventRing, LiveItem } from './ring.ts';
import { frameText } from './socket.ts';
import type { TraceMemory } from './trace.ts';

/** A commit on its way to us is given this long before the log is asked instead. */
const LATE_MS = 250;
const CUT = 'events were cut from the log before they were read; clients are told to fetch anew';

export interface IntakeWorld {
  readonly queries: Pick<Queries, 'heads' | 'events'>;
  readonly log: HubLog;
  readonly clock: HubClock;
  readonly limits: HubLimits;
  readonly ring: EventRing;
  readonly traces: TraceMemory;
}

/** Who feeds what was taken in. */
export interface IntakeSink {
  /** The next event of its stream. */
  item(item: LiveItem): void;
  /** A stream does not go on where it was: nobody may count as being at the head before being looked at. */
  broken(): void;
  /** Events of a stream are in no log any more: whoever has not got them is not at the head, and has to be told. */
  lost(): void;
  /** The stream ended, with its account. */
  ended(stream: string): void;
}

export interface Intake {
  /** Up to which events are in the ring or the log. Another object whenever it changes. */
  readonly published: Cursor;
  readonly counters: { readonly events: number; readonly logReads: number; readonly healed: number };
  open(): Promise<void>;
  publish(commit: Commit): void;
  /** Reads what is missing from the log up to `seq`, once per stream at a time. Resolves when it has been tried. */
  heal(stream: string, seq: number): Promise<void>;
  /** Finds what neither a commit nor a ring told us. */
  checkHeads(): Promise<void>;
  /** Does the cursor speak of what we have not heard of yet? Whoever read a snapshot may know of a commit before us. */
  isNews(cursor: string | undefined): boolean;
  /** Asks the log for its heads and reads up to them; false if that could not be done. */
  refresh(): Promise<boolean>;
  /** A page of events: at once from the ring, else from the log. Rejects if the log cannot be read. */
  read(stream: string, after: number): readonly LiveItem[] | Promise<readonly LiveItem[]>;
}

export function createIntake({ queries, log, clock, limits, ring, traces }: IntakeWorld, sink: IntakeSink): Intake {
  let published: Cursor = new Map();
  const counters = { events: 0, logReads: 0, healed: 0 };
  const healing = new Map<string, { upTo: number; tried: Promise<void> }>();
  const readers: (() => void)[] = [];
  let reading = 0;

  /** One page from the log; at most a few at the same time, so that a storm of clients cannot drown the database. */
  async function readLog(stream: string, after: number): Promise<readonly LiveItem[]> {
    // Whoever ends gives its place to the next in line, so that nobody slips in between.
    if (reading >= limits.logReads) await new Promise<void>((resolve) => readers.push(resolve));
    else reading += 1;
    try {
      counters.logReads += 1;
      const events = await queries.events(stream, after, limits.pageEvents);
      const items: LiveItem[] = [];
      let size = 0;
      for (const event of events) {
        const item = itemOf(event, undefined);
        size += item.size;
        if (items.length > 0 && size > limits.pageBytes) break;
        items.push(item);
      }
      return items;
    } catch (error) {
      log.warn({ stream, after, error }, 'the log could not be read for a replay; it is tried again');
      throw error;
    } finally {
      const next = readers.shift();
      if (next === undefined) reading -= 1;
      else next();
    }
  }

  /** `afterHole`: what lies between the last one and this is in no log any more. */
  function take(event: StoredEvent, committedAt: number, afterHole = false): void {
    const { stream, epoch, seq } = event;
    const head = published.get(stream);
    const sameLog = head === undefined || head.epoch === epoch;
    const last = sameLog ? (head?.seq ?? 0) : seq - 1;
    if (seq <= last) return;
    if (seq > last + 1 && !afterHole) return void heal(stream, seq);
    if (seq > last + 1) log.warn({ stream, after: last, seq }, CUT);
    if (!sameLog || seq > last + 1) breakOff(stream);
    const item = itemOf(event, committedAt);
    // The log has said it anew by now: whoever catches up reads it there.
    if (event.erases === true) ring.forget(stream);
    ring.append(item);
    published = moved(published, stream, { epoch, seq });
    counters.events += 1;
    sink.item(item);
    const id = item.durable?.messageId;
    if (id !== undefined) {
      if (event.stamps !== undefined) {
        traces.stamp(id, 'heard', event.stamps.heard);
        traces.stamp(id, 'normalised', event.stamps.normalised);
      }
      traces.stamp(id, 'committed', committedAt);
      traces.stamp(id, 'rung', clock.wall());
    }
    if (event.type === 'account_removed') end(durableEvents.account_removed.parse(JSON.parse(event.data)).id);
  }

  /** The stream does not go on where it was. No connection may count as being at the head of it: each has to be told. */
  function breakOff(stream: string): void {
    ring.forget(stream);
    sink.broken();
  }

  /** An account's stream ends with the account. */
  function end(stream: string): void {
    ring.forget(stream);
    published = without(published, [stream]);
    sink.ended(stream);
  }

  function publish(commit: Commit): void {
    for (const event of commit.events) {
      try {
        take(event, commit.at);
      } catch (error) {
        // The event is in the log; the head check finds it there.
        log.warn({ stream: event.stream, seq: event.seq, error }, 'an event could not be taken in');
      }
    }
  }

  /** Reads what is missing from the log up to `seq`, once per stream at a time. Resolves when it has been tried. */
  function heal(stream: string, seq: number): Promise<void> {
    const running = healing.get(stream);
    if (running !== undefined) {
      running.upTo = Math.max(running.upTo, seq);
      return running.tried;
    }
    const run = { upTo: seq, tried: Promise.resolve() };
    run.tried = readMissing(stream, run)
      .catch((error: unknown) =>
        log.warn({ stream, error }, 'the log could not be read; the next head check tries again'),
      )
      .finally(() => healing.delete(stream));
    healing.set(stream, run);
    return run.tried;
  }

  async function readMissing(stream: string, run: { readonly upTo: number }): Promise<void> {
    for (;;) {
      const after = published.get(stream)?.seq ?? 0;
      if (after >= run.upTo) return;
      const events = await queries.events(stream, after, limits.pageEvents);
      const before = counters.events;
      let hole = true;
      for (const event of events) {
        take(event, event.at, hole);
        hole = false;
      }
      counters.healed += counters.events - before;
      if (events.length === 0 && (published.get(stream)?.seq ?? 0) < run.upTo) return lose(stream);
    }
  }

  /** The log no longer has what we missed: every connection finds a gap at the next event or heartbeat, and gets `resync`. */
  async function lose(stream: string): Promise<void> {
    const head = (await queries.heads())[stream];
    // It may have ended with its account while we asked.
    if (head === undefined || (published.get(stream)?.seq ?? 0) >= head.seq) return;
    log.warn({ stream, head }, CUT);
    ring.forget(stream);
    published = moved(published, stream, head);
    sink.lost();
  }

  /** Finds what neither a commit nor a ring told us. */
  async function checkHeads(): Promise<void> {
    if (!isAhead(await queries.heads())) return;
    // It may be on its way; and a stream may have ended since.
    await new Promise<void>((resolve) => void clock.timer(LATE_MS, resolve));
    const heads = await queries.heads();
    if (!isAhead(heads)) return;
    log.warn({ heads }, 'events were committed that nobody rang for; reading them from the log');
    await reach(heads);
  }

  /** True if everything up to these heads is here now. */
  async function reach(heads: Heads): Promise<boolean> {
    const behind = Object.entries(heads).map(([stream, { epoch, seq }]) => {
      const mine = published.get(stream);
      if (mine !== undefined && mine.epoch !== epoch) {
        breakOff(stream);
        published = moved(published, stream, { epoch, seq: 0 });
      }
      return (published.get(stream)?.seq ?? 0) < seq ? heal(stream, seq) : undefined;
    });
    await Promise.all(behind);
    return !isAhead(heads);
  }

  function isAhead(heads: Heads): boolean {
    return Object.entries(heads).some(([stream, { epoch, seq }]) => {
      const mine = published.get(stream);
      return mine === undefined ? seq > 0 : mine.epoch !== epoch || mine.seq < seq;
    });
  }

  return {
    get published() {
      return published;
    },
    counters,
    async open() {
      const heads = cursorOf(await queries.heads());
      // What was committed while we asked has been published already, and is newer.
      const newer = [...published].filter(([stream, at]) => at.seq > (heads.get(stream)?.seq ?? 0));
      published = new Map([...heads, ...newer]);
    },
    publish,
    heal,
    checkHeads,
    isNews(cursor) {
      const positions = cursor === undefined ? [] : (parsePositions(cursor) ?? []);
      return positions.some(({ stream, seq }) => seq > (published.get(stream)?.seq ?? 0));
    },
    async refresh() {
      return queries.heads().then(reach, () => false);
    },
    read: (stream, after) => ring.read(stream, after, limits.pageEvents, limits.pageBytes) ?? readLog(stream, after),
  };
}

function itemOf(event: StoredEvent, committedAt: number | undefined): LiveItem {
  const { stream, epoch, seq, type } = event;
  const bytes = frameText(encodeDurable({ ...event, at: Math.round(event.at) }));
  const item = { type, stream, epoch, seq, size: bytes.length, bytes };
  if (committedAt === undefined) return item;
  const messageId = event.stamps?.id ?? (type === 'new_message' ? idIn(event.data) : undefined);
  return { ...item, durable: { type, committedAt, ...(messageId !== undefined && { messageId }) } };
}

/** The id of a message in its JSON text. */
function idIn(data: string): string | undefined {
  const value: unknown = JSON.parse(data);
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
    ? value.id
    : undefined;
}
