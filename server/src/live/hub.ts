// The hub: feeds every committed event to every connection that may see it; it never decides what is true and never holds the only copy of anything.
import { randomUUID } from 'node:crypto';
import {
  type Cursor,
  cursorOf,
  durableEvents,
  encodeDurable,
  encodeEphemeral,
  filterOf,
  type Heads,
  type Language,
  moved,
  parsePositions,
  PING_EVERY_MS,
  PROTOCOL_VERSION,
  type ServerCount,
  type Turn,
  without,
} from '@pulseline/protocol';
import type { Commit, StoredEvent } from '../store/port.ts';
import type { AcceptOptions, Hub, HubClock, HubLimits, HubOptions, HubStats, LiveSocket } from './port.ts';
import { createRing, type LiveItem } from './ring.ts';
import { type LiveSession, type SessionWorld, startSession } from './session.ts';
import { frameText, holdSocket } from './socket.ts';
import { createTraceMemory } from './trace.ts';

export const defaultLimits: HubLimits = {
  /** Of pre-framed events kept for replay, over all streams. */
  ringBytes: 64 * 1024 * 1024,
  ringEvents: 100_000,
  /** A client further behind gets `resync`. */
  replayLimit: 1_000_000,
  /** Frames of the moment that newcomers get (QR codes). */
  keptFrames: 1_000,
  /** More are closed with 4509. */
  maxClients: 20_000,
  /** One page of a replay. */
  pageEvents: 500,
  pageBytes: 256 * 1024,
  /** Pages read from the log at the same time, over all connections. */
  logReads: 4,
  /** Messages whose stage stamps are remembered. */
  traces: 20_000,
  tickMs: 1_000,
  headCheckMs: 5_000,
};

const systemClock: HubClock = {
  now: () => performance.now(),
  wall: () => performance.timeOrigin + performance.now(),
  random: () => Math.random(),
  soon: (run) => void setImmediate(run),
  timer(ms, run) {
    const handle = setTimeout(run, ms);
    return () => clearTimeout(handle);
  },
};

const welcome: Readonly<Record<Language, string>> = {
  zh: 'WebSocket 已连接，实时更新已开启',
  en: 'WebSocket connected; live updates are on',
};
/** Clients told to come back spread over once to twice this time. */
const COME_BACK_MS = 1_000;
/** A commit on its way to us is given this long before the log is asked instead. */
const LATE_MS = 250;

type Counters = Record<
  ServerCount | 'accepted' | 'events' | 'deliveries' | 'bytesWritten' | 'logReads' | 'healed',
  number
>;

export function createHub(options: HubOptions): Hub {
  const clock = options.clock ?? systemClock;
  const limits: HubLimits = { ...defaultLimits, ...options.limits };
  const ring = createRing(limits.ringEvents, limits.ringBytes);
  const traces = createTraceMemory(limits.traces);
  const sessions = new Set<LiveSession>();
  const kept = new Map<string, LiveItem>();
  const joined = new WeakMap<readonly LiveItem[], Uint8Array>();
  const healing = new Map<string, { upTo: number; tried: Promise<void> }>();
  const closedByCode: Record<string, number> = {};
  const counters: Counters = {
    accepted: 0,
    events: 0,
    deliveries: 0,
    bytesWritten: 0,
    logReads: 0,
    healed: 0,
    ephemeralDropped: 0,
    slow: 0,
    resyncs: 0,
    badFrames: 0,
    replayed: 0,
  };
  /** Up to which events are in the ring or the log, and up to which connections have been served. */
  let published: Cursor = new Map();
  let fed: Cursor = published;
  let pending: LiveItem[] = [];
  let gone: string[] = [];
  let scheduled = false;
  let phase: 'new' | 'open' | 'draining' = 'new';
  let endTicks = (): void => undefined;
  let endHeadChecks = (): void => undefined;
  const readers: (() => void)[] = [];
  let reading = 0;
  /** Connections whose cursor is being looked up. */
  let holding = 0;
  let lastWritten: readonly LiveItem[] = [];

  const world: SessionWorld = {
    clock,
    heads: () => published,
    fed: () => fed,
    read: (stream, after) => ring.read(stream, after, limits.pageEvents, limits.pageBytes) ?? readLog(stream, after),
    join(items) {
      const only = items[0];
      if (only !== undefined && items.length === 1) return only.bytes;
      let bytes = joined.get(items);
      if (bytes === undefined) {
        bytes = Buffer.concat(items.map((item) => item.bytes));
        joined.set(items, bytes);
      }
      return bytes;
    },
    count(what, n) {
      counters[what] += n;
    },
    written(items) {
      // The first socket counts; a list that goes to thousands is looked at once.
      if (items === lastWritten) return;
      lastWritten = items;
      const now = clock.wall();
      for (const { durable } of items) {
        if (durable?.messageId !== undefined) traces.stamp(durable.messageId, 'written', now);
      }
    },
    trace(items) {
      for (const { id, applied, shown } of items) {
        if (applied !== undefined) traces.stamp(id, 'applied', applied);
        if (shown !== undefined) traces.stamp(id, 'shown', shown);
      }
    },
    typing: (typing) => options.onTyping?.(typing),
    closing(code) {
      closedByCode[code] = (closedByCode[code] ?? 0) + 1;
    },
    gone: (session) => void sessions.delete(session),
  };

  /** One page from the log; at most a few at the same time, so that a storm of clients cannot drown the database. */
  async function readLog(stream: string, after: number): Promise<readonly LiveItem[]> {
    if (reading >= limits.logReads) await new Promise<void>((resolve) => readers.push(resolve));
    reading += 1;
    try {
      counters.logReads += 1;
      const events = await options.queries.events(stream, after, limits.pageEvents);
      return events.map((event) => itemOf(event, undefined));
    } catch (error) {
      options.log.warn({ stream, after, error }, 'the log could not be read for a replay; it is tried again');
      throw error;
    } finally {
      reading -= 1;
      readers.shift()?.();
    }
  }

  function itemOf(event: StoredEvent, committedAt: number | undefined): LiveItem {
    const { stream, epoch, seq, type } = event;
    const bytes = frameText(encodeDurable({ ...event, at: Math.round(event.at) }));
    const item = { type, stream, epoch, seq, size: bytes.length, bytes };
    if (committedAt === undefined) return item;
    const messageId = event.stamps?.id ?? (type === 'new_message' ? idIn(event.data) : undefined);
    return { ...item, durable: { type, committedAt, ...(messageId !== undefined && { messageId }) } };
  }

  /** `afterHole`: what lies between the last one and this is in no log any more. */
  function take(event: StoredEvent, committedAt: number, afterHole = false): void {
    const { stream, epoch, seq } = event;
    const head = published.get(stream);
    const sameLog = head === undefined || head.epoch === epoch;
    const last = sameLog ? (head?.seq ?? 0) : seq - 1;
    if (seq <= last) return;
    if (seq > last + 1 && !afterHole) return void heal(stream, seq);
    if (!sameLog || seq > last + 1) breakOff(stream);
    const item = itemOf(event, committedAt);
    ring.append(item);
    pending.push(item);
    published = moved(published, stream, { epoch, seq });
    counters.events += 1;
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
    fed = new Map(fed);
  }

  /** An account's stream ends with the account. */
  function end(stream: string): void {
    ring.forget(stream);
    published = without(published, [stream]);
    gone.push(stream);
  }

  function publish(commit: Commit): void {
    for (const event of commit.events) {
      try {
        take(event, commit.at);
      } catch (error) {
        // The event is in the log; the head check finds it there.
        options.log.warn({ stream: event.stream, seq: event.seq, error }, 'an event could not be taken in');
      }
    }
    schedule();
  }

  /** A turn's frames go out together, after everything else of this turn has been published: one write per socket. */
  function schedule(): void {
    if (scheduled || pending.length === 0) return;
    scheduled = true;
    clock.soon(flush);
  }

  function flush(): void {
    scheduled = false;
    const items = pending;
    const turn: Turn<LiveItem> = {
      from: fed,
      to: published,
      items,
      size: items.reduce((sum, { size }) => sum + size, 0),
      gone,
    };
    pending = [];
    gone = [];
    fed = published;
    const now = clock.wall();
    for (const { durable } of items) {
      if (durable?.messageId !== undefined) traces.stamp(durable.messageId, 'fed', now);
    }
    const input = { type: 'turn', turn } as const;
    for (const session of sessions) session.turn(input);
    if (options.onLatency === undefined) return;
    const after = clock.wall();
    for (const { durable } of items) {
      if (durable !== undefined) options.onLatency(durable.type, after - durable.committedAt);
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
        options.log.warn({ stream, error }, 'the log could not be read; the next head check tries again'),
      )
      .finally(() => healing.delete(stream));
    healing.set(stream, run);
    return run.tried;
  }

  async function readMissing(stream: string, run: { readonly upTo: number }): Promise<void> {
    for (;;) {
      const after = published.get(stream)?.seq ?? 0;
      if (after >= run.upTo) return;
      const events = await options.queries.events(stream, after, limits.pageEvents);
      const before = counters.events;
      let hole = true;
      for (const event of events) {
        take(event, event.at, hole);
        hole = false;
      }
      counters.healed += counters.events - before;
      schedule();
      if (events.length === 0 && (published.get(stream)?.seq ?? 0) < run.upTo) return lose(stream, run.upTo);
    }
  }

  /** The log no longer has what we missed: every connection finds a gap at the next event or heartbeat, and gets `resync`. */
  function lose(stream: string, seq: number): void {
    options.log.warn(
      { stream, seq },
      'events were cut from the log before they were read; clients are told to fetch anew',
    );
    const epoch = published.get(stream)?.epoch;
    ring.forget(stream);
    published = moved(published, stream, epoch === undefined ? { seq } : { epoch, seq });
    fed = new Map(published);
  }

  /** Finds what neither a commit nor a ring told us. */
  async function checkHeads(): Promise<void> {
    const heads = await options.queries.heads();
    if (!isAhead(heads)) return;
    // It may be on its way.
    await pause(LATE_MS, clock);
    if (!isAhead(heads)) return;
    options.log.warn({ heads }, 'events were committed that nobody rang for; reading them from the log');
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

  function unread(error: unknown): void {
    options.log.warn({ error }, 'the heads could not be read');
  }

  function isAhead(heads: Heads): boolean {
    return Object.entries(heads).some(([stream, { epoch, seq }]) => {
      const mine = published.get(stream);
      return mine === undefined ? seq > 0 : mine.epoch !== epoch || mine.seq < seq;
    });
  }

  /** Does the cursor speak of what we have not heard of yet? Whoever read a snapshot may know of a commit before us. */
  function isNews(cursor: string | undefined): boolean {
    const positions = cursor === undefined ? [] : (parsePositions(cursor) ?? []);
    return positions.some(({ stream, seq }) => seq > (published.get(stream)?.seq ?? 0));
  }

  function turnAway(socket: LiveSocket, code: number): void {
    closedByCode[code] = (closedByCode[code] ?? 0) + 1;
    socket.listen({ message() {}, pong() {}, drain() {}, closed() {} });
    socket.close(code, '');
  }

  function begin(socket: LiveSocket, { cursor, types, streams, remote }: AcceptOptions): void {
    const start = {
      id: `c_${randomUUID().replaceAll('-', '').slice(0, 16)}`,
      remote,
      language: options.language,
      message: welcome[options.language],
      build: options.build,
      version: PROTOCOL_VERSION,
      cursor,
      filter: filterOf(streams, types),
      kept: [...kept.values()],
      replayLimit: limits.replayLimit,
      // Spread over the period, so that thousands of clients are not asked in the same second.
      firstPingMs: (0.2 + 0.8 * clock.random()) * PING_EVERY_MS,
    };
    sessions.add(startSession(socket, start, world));
  }

  function tick(): void {
    for (const session of sessions) session.tick();
  }

  return {
    async open() {
      const heads = cursorOf(await options.queries.heads());
      // What was committed while we asked has been published already, and is newer.
      published = new Map([
        ...heads,
        ...[...published].filter(([stream, at]) => at.seq > (heads.get(stream)?.seq ?? 0)),
      ]);
      if (!scheduled) fed = published;
      phase = 'open';
      endTicks = every(limits.tickMs, tick, clock);
      endHeadChecks = every(limits.headCheckMs, () => void checkHeads().catch(unread), clock);
    },
    accept(socket, asked) {
      if (phase !== 'open' || sessions.size + holding >= limits.maxClients) {
        return turnAway(socket, phase === 'open' ? 4509 : 1013);
      }
      counters.accepted += 1;
      if (!isNews(asked.cursor)) return begin(socket, asked);
      const held = holdSocket(socket);
      holding += 1;
      options.queries
        .heads()
        .then(reach)
        // Without the log nobody can say whether the cursor is right: the client comes back and asks again.
        .catch(() => false)
        .then((known) => {
          holding -= 1;
          if (known && phase === 'open') begin(held, asked);
          else turnAway(held, 1013);
        });
    },
    publish,
    rung({ stream, epoch, seq }) {
      const mine = published.get(stream);
      if (mine === undefined || mine.epoch !== epoch || mine.seq < seq) void heal(stream, seq);
    },
    tell(type, data, { stream, keep } = {}) {
      const bytes = frameText(encodeEphemeral(type, data, Math.round(clock.wall())));
      const item: LiveItem = { type, stream, size: bytes.length, bytes };
      if (keep !== undefined) {
        kept.delete(keep);
        kept.set(keep, item);
        const [oldest] = kept.keys();
        if (kept.size > limits.keptFrames && oldest !== undefined) kept.delete(oldest);
      }
      pending.push(item);
      schedule();
    },
    forget: (key) => void kept.delete(key),
    get clients() {
      return sessions.size;
    },
    heads: () => Object.fromEntries([...published].map(([stream, { epoch = '', seq }]) => [stream, { epoch, seq }])),
    sessions: () => [...sessions].map((session) => session.info()),
    stats: (): HubStats => ({
      ...counters,
      clients: sessions.size,
      closedByCode: { ...closedByCode },
      ringEvents: ring.events,
      ringBytes: ring.bytes,
    }),
    trace: (messageId) => traces.get(messageId),
    async drain(graceMs) {
      phase = 'draining';
      endHeadChecks();
      for (const session of sessions) session.drain(COME_BACK_MS);
      const until = clock.now() + graceMs;
      await waitUntil(() => !scheduled && [...sessions].every(({ settled }) => settled), until, clock);
      for (const session of sessions) session.close(1012);
      await waitUntil(() => sessions.size === 0, Math.max(until, clock.now() + 500), clock);
    },
    async close() {
      phase = 'draining';
      endTicks();
      endHeadChecks();
      for (const session of sessions) session.terminate();
    },
  };
}

async function waitUntil(done: () => boolean, until: number, clock: HubClock): Promise<void> {
  while (!done() && clock.now() < until) await pause(10, clock);
}

function pause(ms: number, clock: HubClock): Promise<void> {
  return new Promise((resolve) => clock.timer(ms, resolve));
}

/** Runs again and again until the answered function is called. */
function every(ms: number, run: () => void, clock: HubClock): () => void {
  let cancel = clock.timer(ms, function again() {
    cancel = clock.timer(ms, again);
    run();
  });
  return () => cancel();
}

/** The id of a message in its JSON text. */
function idIn(data: string): string | undefined {
  const value: unknown = JSON.parse(data);
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
    ? value.id
    : undefined;
}
