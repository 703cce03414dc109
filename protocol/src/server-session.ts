// The server's half of a connection as a pure step: what to write, read, ask and close for each event, frame and moment; it holds no socket and no clock.

import {
  EPHEMERAL_LIMIT_BYTES,
  type Flow,
  type Gauge,
  isClear,
  isClogged,
  PAGE_BYTES,
  PROBE_EVERY_BYTES,
  type Probe,
  STUCK_MS,
  wouldClog,
} from './back-pressure.ts';
import {
  chosen,
  type Fed,
  type Filter,
  feed,
  type Item,
  mayGo,
  record,
  sameAs,
  startAt,
  type Turn,
  without,
} from './delivery.ts';
import { type ErrorCode, explain } from './errors.ts';
import type { ClientData, EphemeralData, EphemeralType } from './events.ts';
import type { ClientFrame, ClientFrameResult } from './frames.ts';
import type { Language } from './language.ts';
import { type Cursor, EVERY_OTHER_STREAM, moved, parsePositions } from './positions.ts';

/** A WebSocket ping goes out this often; a client that said hello gets a `ping` frame with it. */
export const PING_EVERY_MS = 15_000;
/** Its answer must come within this, or something else must have moved: so a dead peer is gone within 30 s. */
export const PONG_WAIT_MS = 11_000;
/** A `ping` frame must be answered by a `pong` frame within this. */
export const HEARTBEAT_WAIT_MS = 40_000;
/** Frames a second, and at once. */
export const RATE_PER_SECOND = 20;
export const RATE_BURST = 40;
/** Frames in a row that could not be understood: then 4500. */
export const BAD_FRAMES_LIMIT = 10;
/** After a failed read of the log it is tried again. */
export const LOAD_AGAIN_MS = 1_000;
/** The closing handshake may take so long. */
export const CLOSE_WAIT_MS = 5_000;

interface Open extends Flow {
  readonly language: Language;
  readonly filter: Filter;
  /** The last position sent in each stream that is followed. The very object of the hub's heads when it is at the head. */
  readonly sent: Cursor;
  /** Stream -> the last seq that the type filter left out and no `skip` has told yet. */
  readonly skipped: ReadonlyMap<string, number>;
  /** What the peer is known to have read. */
  readonly acked: Cursor;
  readonly probes: number;
  readonly pingAt: number;
  /** Set once the client said hello. `askedAt`: a `ping` frame that waits for its `pong`. */
  readonly heartbeat: { readonly askedAt: number | undefined } | undefined;
  readonly client: string | undefined;
  readonly bucket: { readonly tokens: number; readonly at: number };
  readonly badFrames: number;
}

export type ServerSession =
  /** Catching up. `asked`: the page under way. */
  | (Open & {
      readonly phase: 'replaying';
      readonly asked: { readonly stream: string; readonly after: number } | undefined;
      readonly again: number | undefined;
    })
  /** The peer does not keep up: nothing is written until it has read. */
  | (Open & { readonly phase: 'behind'; readonly since: number })
  | (Open & { readonly phase: 'live' })
  | { readonly phase: 'closing'; readonly code: number; readonly since: number; readonly sent: Cursor };
type OpenSession = Exclude<ServerSession, { readonly phase: 'closing' }>;

export type ServerInput<I extends Item> =
  | { readonly type: 'turn'; readonly turn: Turn<I> }
  /** The answer to `load`: events after a position, in order; `heads` as of now. */
  | {
      readonly type: 'page';
      readonly stream: string;
      readonly after: number;
      readonly items: readonly I[];
      readonly heads: Cursor;
    }
  | { readonly type: 'page_failed' }
  | { readonly type: 'frame'; readonly result: ClientFrameResult; readonly heads: Cursor }
  | { readonly type: 'pong'; readonly id: string; readonly heads: Cursor }
  /** All that was written has gone to the kernel. */
  | { readonly type: 'drained'; readonly heads: Cursor }
  /** About each second. `fed`: the heads up to which every live connection must have been served. */
  | { readonly type: 'tick'; readonly heads: Cursor; readonly fed: Cursor }
  | { readonly type: 'drain'; readonly retryAfterMs: number }
  | { readonly type: 'close'; readonly code: number };

type Outgoing = { readonly [K in EphemeralType]: { readonly type: K; readonly data: EphemeralData[K] } }[EphemeralType];
export type ServerCount = 'ephemeralDropped' | 'slow' | 'resyncs' | 'badFrames' | 'replayed';

export type ServerEffect<I extends Item> =
  | { readonly do: 'write'; readonly items: readonly I[] }
  | { readonly do: 'send'; readonly frame: Outgoing }
  /** Read events after this position, then say `page` or `page_failed`. */
  | { readonly do: 'load'; readonly stream: string; readonly after: number }
  /** A WebSocket ping; its answer comes as `pong` with this id. */
  | { readonly do: 'ping'; readonly id: string }
  | { readonly do: 'trace'; readonly items: ClientData['trace']['items'] }
  | { readonly do: 'typing'; readonly typing: ClientData['typing'] }
  | { readonly do: 'team'; readonly team: ClientData['team'] }
  | { readonly do: 'count'; readonly what: ServerCount; readonly n: number }
  | { readonly do: 'close'; readonly code: number }
  | { readonly do: 'terminate' };

type Step<I extends Item> = readonly [ServerSession, readonly ServerEffect<I>[]];

export interface Greeting<I extends Item> {
  readonly connected: Omit<EphemeralData['connected'], 'heads' | 'resumed' | 'replayed'>;
  readonly language: Language;
  readonly cursor: string | undefined;
  readonly filter: Filter;
  readonly heads: Cursor;
  /** Frames of the moment that newcomers get too. */
  readonly kept: readonly I[];
  /** A client further behind than this gets `resync`: a snapshot is cheaper. */
  readonly replayLimit: number;
  readonly firstPingMs: number;
}

/** One for all connections: most of them leave nothing out. */
const NOTHING_SKIPPED: ReadonlyMap<string, number> = new Map();

/** The first step: `connected`, then what cannot be resumed, then the way to the head. */
export function greetClient<I extends Item>(greeting: Greeting<I>, gauge: Gauge): Step<I> {
  const { heads, filter, language } = greeting;
  const wanted = greeting.cursor === undefined ? [] : parsePositions(greeting.cursor);
  const base: Open = {
    language,
    filter,
    sent: chosen(heads, filter),
    skipped: NOTHING_SKIPPED,
    acked: chosen(heads, filter),
    ackedBytes: 0,
    probe: undefined,
    probes: 0,
    pingAt: gauge.now + greeting.firstPingMs,
    progressAt: gauge.now,
    heartbeat: undefined,
    client: undefined,
    bucket: { tokens: RATE_BURST, at: gauge.now },
    badFrames: 0,
  };
  const bad = wanted === undefined;
  const places = startAt(wanted ?? [], base.sent, filter, greeting.replayLimit);
  const sent = places.moved ? places.sent : base.sent;
  const connected: Outgoing = {
    type: 'connected',
    data: {
      ...greeting.connected,
      heads: record(base.sent),
      resumed: !bad && (wanted?.length ?? 0) > 0 && places.resyncs.length === 0,
      replayed: places.replayed,
    },
  };
  const kept = greeting.kept.filter((item) => mayGo(item, filter));
  const effects: ServerEffect<I>[] = [{ do: 'send', frame: connected }];
  if (bad) effects.push(problem(language, 'BAD_CURSOR', { cursor: (greeting.cursor ?? '').slice(0, 100) }));
  effects.push(...places.resyncs.flatMap((data): ServerEffect<I>[] => [resync(data), counted('resyncs')]));
  if (kept.length > 0) effects.push({ do: 'write', items: kept });
  const [session, more] = catchUp<I>({ ...base, sent, acked: sent }, heads);
  return [session, [...effects, ...more]];
}

/** One step of the server's half. */
export function stepServer<I extends Item>(session: ServerSession, input: ServerInput<I>, gauge: Gauge): Step<I> {
  if (session.phase === 'closing') {
    const over = input.type === 'tick' && gauge.now - session.since >= (isHopeless(session.code) ? 0 : CLOSE_WAIT_MS);
    return [session, over ? [{ do: 'terminate' }] : []];
  }
  switch (input.type) {
    case 'turn':
      return turn(session, input.turn, gauge);
    case 'page':
      return page(session, input, gauge);
    case 'page_failed':
      if (session.phase !== 'replaying') return [session, []];
      return [{ ...session, asked: undefined, again: gauge.now + LOAD_AGAIN_MS }, []];
    case 'frame':
      return frame(session, input.result, input.heads, gauge);
    case 'pong':
      return ponged(session, input.id, input.heads, gauge);
    case 'drained':
      return onward({ ...session, progressAt: gauge.now }, input.heads, gauge);
    case 'tick':
      return tick(session, input.heads, input.fed, gauge);
    case 'drain':
      return [session, [{ do: 'send', frame: { type: 'draining', data: { retryAfterMs: input.retryAfterMs } } }]];
    case 'close':
      return close(session, input.code, gauge);
  }
}

function close<I extends Item>(session: OpenSession, code: number, gauge: Gauge): Step<I> {
  return [{ phase: 'closing', code, since: gauge.now, sent: session.sent }, [{ do: 'close', code }]];
}

/** A peer that reads nothing will not read a close frame either. */
function isHopeless(code: number): boolean {
  return code === 4008 || code === 4012;
}

function resync<I extends Item>(data: EphemeralData['resync']): ServerEffect<I> {
  return { do: 'send', frame: { type: 'resync', data } };
}

function counted<I extends Item>(what: ServerCount, n = 1): ServerEffect<I> {
  return { do: 'count', what, n };
}

function problem<I extends Item>(language: Language, code: ErrorCode, params: Record<string, string>): ServerEffect<I> {
  const { text, fix } = explain(code, language, params);
  return { do: 'send', frame: { type: 'error', data: { code, message: text, fix } } };
}

function ordered<I extends Item>({ orders, dropped }: Fed<I>): readonly ServerEffect<I>[] {
  const effects = orders.flatMap((order): ServerEffect<I>[] => {
    if ('write' in order) return [{ do: 'write', items: order.write }];
    if ('skip' in order) return [{ do: 'send', frame: { type: 'skip', data: order.skip } }];
    return [resync(order.resync), counted('resyncs')];
  });
  return dropped === 0 ? effects : [...effects, counted('ephemeralDropped', dropped)];
}

// Writing

function sizeOf(items: readonly Item[]): number {
  return items.reduce((sum, { size }) => sum + size, 0);
}

function turn<I extends Item>(session: OpenSession, now: Turn<I>, gauge: Gauge): Step<I> {
  if (session.phase !== 'live') {
    // What is in the log comes from there; what is not waits for nobody.
    const moment = now.items.filter((item) => item.seq === undefined && mayGo(item, session.filter));
    if (moment.length === 0) return [session, []];
    const go = session.phase === 'replaying' && gauge.unsent <= EPHEMERAL_LIMIT_BYTES;
    return [session, [go ? { do: 'write', items: moment } : counted('ephemeralDropped', moment.length)]];
  }
  if (wouldClog(session, gauge, now.size)) return fallBehind(session, gauge);
  const ephemeral = gauge.unsent <= EPHEMERAL_LIMIT_BYTES;
  const { streams, types } = session.filter;
  if (session.sent === now.from && ephemeral && streams === undefined && types === undefined) {
    // The common case, for thousands of connections at once: everybody gets the very same list.
    return probed(served(session, now.to), [{ do: 'write', items: now.items }], now.size, gauge);
  }
  const fed = feed(session, now.items, ephemeral);
  const next = { ...session, sent: sameAs(without(fed.sent, now.gone), now.to), skipped: fed.skipped };
  const [after, probing] = probed<I>(next, ordered(fed), now.size, gauge);
  if (!fed.gap) return [after, probing];
  const [behind, loading] = catchUp<I>(after, now.to);
  return [behind, [...probing, ...loading]];
}

/** Sends a WebSocket ping behind many bytes: its answer tells that they were read. */
function probed<I extends Item>(
  session: OpenSession,
  effects: readonly ServerEffect<I>[],
  size: number,
  gauge: Gauge,
): readonly [OpenSession, readonly ServerEffect<I>[]] {
  const written = gauge.written + size;
  if (session.probe !== undefined || written - session.ackedBytes < PROBE_EVERY_BYTES) return [session, effects];
  const id = String(session.probes + 1);
  const probe: Probe = { id, at: gauge.now, written, sent: session.sent };
  return [{ ...session, probe, probes: session.probes + 1 }, [...effects, { do: 'ping', id }]];
}

function fallBehind<I extends Item>(session: OpenSession, gauge: Gauge): Step<I> {
  const behind: ServerSession = { ...open(session), phase: 'behind', since: gauge.now };
  // In a replay it is only the pace of the reader.
  return [behind, session.phase === 'live' ? [counted('slow')] : []];
}

/** The fields of every open state, without those of the present one. */
function open(session: Open): Open {
  const { phase: _, ...fields } = served(session, session.sent);
  return fields;
}

/** Live, up to here. Written out field by field: spreading takes ten times as long, and this runs for each connection and turn. */
function served(session: Open, sent: Cursor): Extract<ServerSession, { readonly phase: 'live' }> {
  return {
    phase: 'live',
    language: session.language,
    filter: session.filter,
    sent,
    skipped: session.skipped,
    acked: session.acked,
    ackedBytes: session.ackedBytes,
    probe: session.probe,
    probes: session.probes,
    pingAt: session.pingAt,
    progressAt: session.progressAt,
    heartbeat: session.heartbeat,
    client: session.client,
    bucket: session.bucket,
    badFrames: session.badFrames,
  };
}

// Catching up

/** Reads on from where this client is, or is live if there is nothing to read. */
function catchUp<I extends Item>(session: Open, heads: Cursor): Step<I> {
  const followed = chosen(heads, session.filter);
  for (const [stream, head] of followed) {
    const after = session.sent.get(stream)?.seq ?? 0;
    if (after < head.seq) {
      const asked = { stream, after };
      return [{ ...open(session), phase: 'replaying', asked, again: undefined }, [{ do: 'load', ...asked }]];
    }
  }
  return [{ ...open(session), phase: 'live', sent: sameAs(session.sent, heads) }, []];
}

function page<I extends Item>(
  session: OpenSession,
  { stream, after, items, heads }: Extract<ServerInput<I>, { readonly type: 'page' }>,
  gauge: Gauge,
): Step<I> {
  if (session.phase !== 'replaying') return [session, []];
  // An answer to an older question: `hello` has moved the client since.
  if (session.asked?.stream !== stream || session.asked.after !== after) return [session, []];
  const first = items[0];
  const head = heads.get(stream);
  if (head !== undefined && first?.seq !== after + 1) {
    // The log no longer reaches back to there.
    const data = { stream, reason: 'expired', head: head.seq, epoch: head.epoch ?? '' } as const;
    const [next, effects] = catchUp<I>({ ...session, sent: moved(session.sent, stream, head) }, heads);
    return [next, [resync(data), counted('resyncs'), ...effects]];
  }
  const fed = feed(session, items, true);
  const next = { ...session, sent: fed.sent, skipped: fed.skipped };
  const replayed = [...ordered(fed), counted<I>('replayed', items.length)];
  const size = sizeOf(items);
  const [read, effects] = probed<I>(next, replayed, size, gauge);
  const then = { ...gauge, unsent: gauge.unsent + size, written: gauge.written + size };
  const [last, more] = wouldClog(read, then, PAGE_BYTES) ? fallBehind<I>(read, gauge) : catchUp<I>(read, heads);
  return [last, [...effects, ...more]];
}

/** Something moved: a connection that had fallen behind may go on. */
function onward<I extends Item>(session: OpenSession, heads: Cursor, gauge: Gauge): Step<I> {
  if (session.phase !== 'behind') return [session, []];
  return isClear(session, gauge) ? catchUp(session, heads) : [session, []];
}

// What the client says

function ponged<I extends Item>(session: OpenSession, id: string, heads: Cursor, gauge: Gauge): Step<I> {
  const { probe } = session;
  const heard = { ...session, progressAt: gauge.now };
  if (probe === undefined || probe.id !== id) return [heard, []];
  const acked = session.heartbeat === undefined ? probe.sent : session.acked;
  const next = { ...heard, probe: undefined, ackedBytes: probe.written, acked };
  const [probing, effects] = probed<I>(next, [], 0, gauge);
  const [last, more] = onward<I>(probing, heads, gauge);
  return [last, [...effects, ...more]];
}

function frame<I extends Item>(session: OpenSession, result: ClientFrameResult, heads: Cursor, gauge: Gauge): Step<I> {
  const elapsed = (gauge.now - session.bucket.at) / 1000;
  const tokens = Math.min(RATE_BURST, session.bucket.tokens + elapsed * RATE_PER_SECOND) - 1;
  if (tokens < 0) return close(session, 4029, gauge);
  const heard = { ...session, bucket: { tokens, at: gauge.now }, progressAt: gauge.now };
  if (result.ok) return said({ ...heard, badFrames: 0 }, result.frame, heads);
  const { code, detail } = result.problem;
  const told = problem<I>(session.language, code, { detail });
  if (code === 'UNKNOWN_FRAME') return [heard, [told]];
  const badFrames = session.badFrames + 1;
  const effects = [told, counted<I>('badFrames')];
  if (badFrames < BAD_FRAMES_LIMIT) return [{ ...heard, badFrames }, effects];
  const [closing, closeEffects] = close<I>(heard, 4500, gauge);
  return [closing, [...effects, ...closeEffects]];
}

function said<I extends Item>(session: OpenSession, { type, data }: ClientFrame, heads: Cursor): Step<I> {
  switch (type) {
    case 'hello':
      return hello(session, data, heads);
    case 'pong': {
      const positions = data.cursor === undefined ? undefined : parsePositions(data.cursor);
      const acked = positions && new Map(positions.map(({ stream, ...position }) => [stream, position]));
      const heartbeat = session.heartbeat && { askedAt: undefined };
      return [{ ...session, heartbeat, acked: acked ?? session.acked }, []];
    }
    case 'trace':
      return [session, [{ do: 'trace', items: data.items }]];
    case 'test':
      return [session, [{ do: 'send', frame: { type: 'test_echo', data } }]];
    case 'typing':
      return [session, [{ do: 'typing', typing: data }]];
    case 'team':
      return [session, [{ do: 'team', team: data }]];
  }
}

/** Chooses streams and types, asks for the heartbeat, and may set the position of streams. */
function hello<I extends Item>(session: OpenSession, data: ClientData['hello'], heads: Cursor): Step<I> {
  const filter: Filter = {
    streams: data.streams === undefined ? session.filter.streams : new Set(data.streams),
    types: data.types === undefined ? session.filter.types : new Set(data.types),
  };
  const followed = chosen(heads, filter);
  // A stream that was followed before keeps its place; one that is new begins now.
  const kept = [...followed].map(([stream, head]) => [stream, session.sent.get(stream) ?? head] as const);
  const sent = data.streams === undefined ? session.sent : new Map(kept);
  const heartbeat = session.heartbeat ?? { askedAt: undefined };
  const next = { ...session, filter, sent, heartbeat, client: data.client ?? session.client };
  if (data.cursor === undefined) return data.streams === undefined ? [next, []] : reread(next, heads);
  const wanted = parsePositions(data.cursor);
  if (wanted === undefined)
    return [next, [problem(session.language, 'BAD_CURSOR', { cursor: data.cursor.slice(0, 100) })]];
  const places = startAt(wanted, followed, filter, Number.POSITIVE_INFINITY);
  const named = new Set(wanted.map(({ stream }) => stream));
  const every = named.has(EVERY_OTHER_STREAM);
  // Only what the cursor speaks of is moved.
  const placed = new Map(
    [...sent].map(([stream, at]) => [stream, every || named.has(stream) ? (places.sent.get(stream) ?? at) : at]),
  );
  const told = places.resyncs.flatMap((one): ServerEffect<I>[] => [resync(one), counted('resyncs')]);
  const [placedSession, effects] = reread<I>({ ...next, sent: placed }, heads);
  return [placedSession, [...told, ...effects]];
}

/** As {@link catchUp}, but a connection that has fallen behind stays so. */
function reread<I extends Item>(session: OpenSession, heads: Cursor): Step<I> {
  return session.phase === 'behind' ? [session, []] : catchUp(session, heads);
}

// Time

function tick<I extends Item>(session: OpenSession, heads: Cursor, fed: Cursor, gauge: Gauge): Step<I> {
  const { now } = gauge;
  const stuck = now - session.progressAt;
  const unread = gauge.written - session.ackedBytes;
  if (session.phase === 'behind' && Math.min(stuck, now - session.since) > STUCK_MS) return close(session, 4008, gauge);
  if (session.probe !== undefined && now - session.probe.at > PONG_WAIT_MS && stuck > PONG_WAIT_MS) {
    // With much under way it may be slow and not dead: then the longer patience holds.
    const slow = session.phase === 'behind' || unread > EPHEMERAL_LIMIT_BYTES;
    if (!slow) return close(session, 4012, gauge);
    if (stuck > STUCK_MS) return close(session, 4008, gauge);
  }
  const asked = session.heartbeat?.askedAt;
  if (asked !== undefined && now - asked > HEARTBEAT_WAIT_MS) return close(session, 4012, gauge);
  if (session.phase !== 'behind' && isClogged(session, gauge)) return fallBehind(session, gauge);
  if (session.phase === 'replaying' && session.again !== undefined && now >= session.again) {
    return catchUp(session, heads);
  }
  if (now < session.pingAt) return session.phase === 'behind' ? onward(session, heads, gauge) : [session, []];
  // The check from this end: a connection that was served everything stands at the fed heads.
  const missed = session.phase === 'live' && lags(session.sent, chosen(fed, session.filter));
  return missed ? catchUp(session, heads) : ping(session, fed, gauge);
}

function lags(sent: Cursor, heads: Cursor): boolean {
  if (sent === heads) return false;
  for (const [stream, { seq }] of heads) if ((sent.get(stream)?.seq ?? 0) < seq) return true;
  return false;
}

function ping<I extends Item>(session: OpenSession, fed: Cursor, gauge: Gauge): Step<I> {
  const pingAt = session.pingAt + PING_EVERY_MS * Math.max(1, Math.ceil((gauge.now - session.pingAt) / PING_EVERY_MS));
  const effects: ServerEffect<I>[] = [];
  const write = session.phase !== 'behind';
  if (write)
    for (const [stream, seq] of session.skipped)
      effects.push({ do: 'send', frame: { type: 'skip', data: { stream, seq } } });
  const skipped = write ? new Map<string, number>() : session.skipped;
  let heartbeat = session.heartbeat;
  if (write && heartbeat !== undefined) {
    // And from the other end: the client compares these with what it got.
    const due = session.phase === 'live' ? chosen(fed, session.filter) : session.sent;
    const heads = new Map([...due].map(([stream, head]) => [stream, later(head, session.sent.get(stream))]));
    effects.push({ do: 'send', frame: { type: 'ping', data: { heads: record(heads) } } });
    heartbeat = { askedAt: heartbeat.askedAt ?? gauge.now };
  }
  const next = { ...session, pingAt, skipped, heartbeat };
  if (session.probe !== undefined) return [next, effects];
  const id = String(session.probes + 1);
  const probe: Probe = { id, at: gauge.now, written: gauge.written, sent: session.sent };
  return [{ ...next, probe, probes: session.probes + 1 }, [...effects, { do: 'ping', id }]];
}

type Place = { readonly epoch?: string; readonly seq: number };
function later(a: Place, b: Place | undefined): Place {
  return b !== undefined && b.seq > a.seq ? b : a;
}
