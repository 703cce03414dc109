// The hub: feeds every committed event to every connection that may see it; it never decides what is true and never holds the only copy of anything.
import { randomUUID } from 'node:crypto';
import {
  type Cursor,
  type EphemeralData,
  type EphemeralType,
  encodeEphemeral,
  filterOf,
  type Language,
  PAGE_BYTES,
  PING_EVERY_MS,
  PROTOCOL_VERSION,
  type ServerCount,
  type Turn,
} from '@pulseline/protocol';
import { createIntake } from './intake.ts';
import type { AcceptOptions, Hub, HubClock, HubLimits, HubOptions, HubStats, LiveSocket, TellOptions } from './port.ts';
import { createRing, type LiveItem } from './ring.ts';
import { type LiveSession, type SessionWorld, startSession } from './session.ts';
import { frameText, holdSocket } from './socket.ts';
import { createTeam } from './team.ts';
import { createTraceMemory } from './trace.ts';

const defaultLimits: HubLimits = {
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
  pageBytes: PAGE_BYTES,
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
/** The whole picture of the team goes out at most this often. */
const TEAM_MS = 100;
const TEAM_KEY = 'team';
type Counters = Record<ServerCount | 'accepted' | 'deliveries' | 'bytesWritten', number>;

export function createHub(options: HubOptions): Hub {
  const clock = options.clock ?? systemClock;
  const limits: HubLimits = { ...defaultLimits, ...options.limits };
  const ring = createRing(limits.ringEvents, limits.ringBytes);
  const traces = createTraceMemory(limits.traces, options.onStage);
  const sessions = new Set<LiveSession>();
  const kept = new Map<string, LiveItem>();
  const team = createTeam();
  const closedByCode: Record<string, number> = {};
  const counters: Counters = {
    accepted: 0,
    deliveries: 0,
    bytesWritten: 0,
    ephemeralDropped: 0,
    slow: 0,
    resyncs: 0,
    badFrames: 0,
    replayed: 0,
  };
  /** Up to which events connections have been served. */
  let fed: Cursor = new Map();
  let pending: LiveItem[] = [];
  let gone: string[] = [];
  /** For one connection each, at the end of the turn. */
  const aimed: (() => void)[] = [];
  let scheduled = false;
  let phase: 'new' | 'open' | 'draining' = 'new';
  let endTicks = (): void => undefined;
  let endHeadChecks = (): void => undefined;
  /** Connections whose cursor is being looked up. */
  let holding = 0;
  let lastWritten: readonly LiveItem[] = [];
  let joinedItems: readonly LiveItem[] = [];
  let joinedBytes: Uint8Array = new Uint8Array();
  let teamWaits = false;
  let teamToldAt = 0;

  const intake = createIntake(
    { queries: options.queries, log: options.log, clock, limits, ring, traces },
    {
      item(item) {
        pending.push(item);
        schedule();
      },
      broken() {
        fed = new Map(fed);
      },
      lost() {
        fed = new Map(intake.published);
      },
      ended: (stream) => void gone.push(stream),
    },
  );

  const world: SessionWorld = {
    clock,
    heads: () => intake.published,
    fed: () => fed,
    read: intake.read,
    join(items) {
      const only = items[0];
      if (only !== undefined && items.length === 1) return only.bytes;
      // A turn's list goes to one connection after another: only the last one is worth keeping.
      if (items !== joinedItems) {
        joinedItems = items;
        joinedBytes = Buffer.concat(items.map((item) => item.bytes));
      }
      return joinedBytes;
    },
    count(what, n) {
      counters[what] += n;
    },
    writing(items, bytes) {
      counters.deliveries += items.length;
      counters.bytesWritten += bytes;
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
    team(session, said) {
      if (team.sit(session.id, said, clock.now())) teamChanged();
    },
    closing(code) {
      closedByCode[code] = (closedByCode[code] ?? 0) + 1;
    },
    gone(session) {
      sessions.delete(session);
      if (team.leave(session.id)) teamChanged();
    },
  };

  /** A turn's frames go out together, after everything else of this turn has been published: one write per socket. */
  function schedule(): void {
    if (scheduled || pending.length + aimed.length === 0) return;
    scheduled = true;
    clock.soon(flush);
  }

  function flush(): void {
    scheduled = false;
    if (pending.length > 0) feed();
    for (const one of aimed.splice(0)) one();
  }

  function feed(): void {
    const items = pending;
    const turn: Turn<LiveItem> = {
      from: fed,
      to: intake.published,
      items,
      size: items.reduce((sum, { size }) => sum + size, 0),
      gone,
    };
    pending = [];
    gone = [];
    fed = turn.to;
    const now = clock.wall();
    for (const { durable } of items) {
      if (durable?.messageId !== undefined) traces.stamp(durable.messageId, 'fed', now);
    }
    const input = { type: 'turn', turn } as const;
    const at = clock.now();
    for (const session of sessions) session.turn(input, at);
    if (options.onLatency === undefined) return;
    const after = clock.wall();
    for (const { durable } of items) {
      if (durable !== undefined) options.onLatency(durable.type, after - durable.committedAt);
    }
  }

  function tell<K extends EphemeralType>(type: K, data: EphemeralData[K], { stream, keep }: TellOptions = {}): void {
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
  }

  const tellOne: Hub['tellOne'] = (connection, type, data, passed) =>
    new Promise((resolve) => {
      aimed.push(() => {
        const session = [...sessions].find(({ id }) => id === connection);
        passed('fed');
        const told = session?.tell(type, data()) ?? false;
        if (told) passed('written');
        resolve(told);
      });
      schedule();
    });

  function checkHeads(): void {
    intake.checkHeads().catch((error: unknown) => options.log.warn({ error }, 'the heads could not be read'));
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

  /** At once, and then at most each {@link TEAM_MS}: a hundred people who come back are not told one by one. */
  function teamChanged(): void {
    if (teamWaits) return;
    teamWaits = true;
    clock.timer(teamToldAt + TEAM_MS - clock.now(), () => {
      teamWaits = false;
      teamToldAt = clock.now();
      if (phase === 'open') tell('team_presence', team.picture(teamToldAt), { keep: TEAM_KEY });
      if (team.size === 0) kept.delete(TEAM_KEY);
    });
  }

  function tick(): void {
    if (team.expire(clock.now())) teamChanged();
    for (const session of sessions) session.tick();
  }

  return {
    async open() {
      await intake.open();
      if (!scheduled) fed = intake.published;
      phase = 'open';
      endTicks = every(limits.tickMs, tick, clock);
      endHeadChecks = every(limits.headCheckMs, checkHeads, clock);
    },
    accept(socket, asked) {
      if (phase !== 'open' || sessions.size + holding >= limits.maxClients) {
        return turnAway(socket, phase === 'open' ? 4509 : 1013);
      }
      counters.accepted += 1;
      if (!intake.isNews(asked.cursor)) return begin(socket, asked);
      const held = holdSocket(socket);
      holding += 1;
      // Without the log nobody can say whether the cursor is right: then the client comes back and asks again.
      void intake.refresh().then((known) => {
        holding -= 1;
        if (known && phase === 'open') begin(held, asked);
        else turnAway(held, 1013);
      });
    },
    publish: intake.publish,
    rung({ stream, epoch, seq }) {
      const mine = intake.published.get(stream);
      if (mine === undefined || mine.epoch !== epoch || mine.seq < seq) void intake.heal(stream, seq);
    },
    tell,
    tellOne,
    forget: (key) => void kept.delete(key),
    get clients() {
      return sessions.size;
    },
    heads: () =>
      Object.fromEntries([...intake.published].map(([stream, { epoch = '', seq }]) => [stream, { epoch, seq }])),
    sessions: () => [...sessions].map((session) => session.info()),
    stats: (): HubStats => ({
      ...counters,
      ...intake.counters,
      clients: sessions.size,
      closedByCode: { ...closedByCode },
      ringEvents: ring.events,
      ringBytes: ring.bytes,
    }),
    trace: (messageId) => traces.get(messageId),
    async drain(graceMs) {
      phase = 'draining';
      endHeadChecks();
      for (const session of sessions) session.announceEnd(COME_BACK_MS);
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
