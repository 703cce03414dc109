// The client's half of a connection as a pure step: what to do about each frame, close, signal and moment; it opens no socket and knows no clock.
import { closeEntry } from './close-codes.ts';
import type { EphemeralData } from './events.ts';
import {
  type ClientFrame,
  type DurableFrame,
  isDurable,
  type ServerFrame,
  type ServerFrameOf,
  type ServerFrameResult,
} from './frames.ts';
import { type Cursor, EVERY_OTHER_STREAM, formatCursor, moved } from './positions.ts';

/** No frame for so long = the server is dead. It sends one each 15 s. */
export const DEAD_AFTER_MS = 25_000;
/** An answer to a probe after waking, coming online or being shown again must come within this. */
export const PROBE_WAIT_MS = 3_000;
/** Opening the socket and hearing `connected` must not take longer. */
export const CONNECT_WAIT_MS = 15_000;
/** Back-off: a random part of 0.25, 0.5, 1 … 15 s. */
export const BACK_OFF_FIRST_MS = 250;
export const BACK_OFF_MOST_MS = 15_000;
/** A connection that was live for so long has proved itself: the back-off begins anew. */
export const PROVEN_AFTER_MS = 1_000;

/** Why there is no connection. */
export interface LinkFailure {
  readonly code: number;
  /** Had the socket opened? */
  readonly opened: boolean;
}

/** What outlives a connection. */
export interface Memory {
  readonly cursor: Cursor;
  /** The cursor named every stream that there was: a stream that it does not name is newer, and wanted from its start. */
  readonly whole: boolean;
  /** Attempts that failed, in a row. */
  readonly attempts: number;
  /** Can the app fetch a snapshot? */
  readonly joins: boolean;
}

interface Probe {
  readonly id: string;
  readonly sentAt: number;
  /** Absent for a probe that only measures. */
  readonly deadline: number | undefined;
}

interface Link {
  readonly lastFrameAt: number;
  readonly liveSince: number | undefined;
  readonly probe: Probe | undefined;
  readonly probes: number;
  /** From `draining`: not before so many ms. */
  readonly comeBackAfterMs: number;
}

export type ClientSession =
  | { readonly phase: 'idle'; readonly memory: Memory }
  | { readonly phase: 'joining'; readonly memory: Memory; readonly retryAt: number | undefined }
  | { readonly phase: 'connecting'; readonly memory: Memory; readonly deadline: number; readonly opened: boolean }
  | {
      readonly phase: 'replaying';
      readonly memory: Memory;
      readonly link: Link;
      /** Stream -> the seq that must be reached. */
      readonly ahead: ReadonlyMap<string, number>;
    }
  | { readonly phase: 'live'; readonly memory: Memory; readonly link: Link }
  | { readonly phase: 'waiting'; readonly memory: Memory; readonly until: number; readonly failure: LinkFailure }
  | { readonly phase: 'failed'; readonly memory: Memory; readonly failure: LinkFailure };
type Linked = Extract<ClientSession, { readonly link: Link }>;

export type Signal = 'online' | 'offline' | 'visible' | 'hidden' | 'wake';

export type ClientInput =
  /** From this cursor; without one by a snapshot if the app can fetch one, else from now. */
  | { readonly type: 'start'; readonly cursor: Cursor | undefined; readonly joins: boolean }
  | { readonly type: 'stop' }
  /** A person wants an attempt now. */
  | { readonly type: 'retry' }
  /** Another way to the server was found to be better: the connection is made anew on it. */
  | { readonly type: 'switch' }
  /** The app has its snapshot in place. */
  | { readonly type: 'joined'; readonly cursor: Cursor }
  | { readonly type: 'join_failed' }
  | { readonly type: 'opened' }
  | { readonly type: 'frame'; readonly result: ServerFrameResult }
  | { readonly type: 'closed'; readonly code: number }
  | { readonly type: 'signal'; readonly signal: Signal }
  /** The moment that `dueAt` named has come. */
  | { readonly type: 'tick' };

export type ClientEffect =
  /** Open a socket with this `?cursor=` ('' = none). What an older socket still says is not heard any more. */
  | { readonly do: 'open'; readonly cursor: string }
  | { readonly do: 'close'; readonly code: number }
  | { readonly do: 'send'; readonly frame: ClientFrame }
  | { readonly do: 'deliver'; readonly frame: ServerFrame }
  /** Fetch a snapshot, then say `joined` or `join_failed`. */
  | { readonly do: 'join'; readonly reason: 'start' | 'resync' }
  | { readonly do: 'save'; readonly cursor: string }
  | { readonly do: 'note'; readonly note: ClientNote };

/** Things worth counting or showing. */
export type ClientNote =
  | { readonly type: 'gap'; readonly stream: string; readonly expected: number; readonly got: number }
  | { readonly type: 'duplicate'; readonly stream: string; readonly seq: number }
  | { readonly type: 'unknown'; readonly detail: string }
  | { readonly type: 'resync'; readonly data: EphemeralData['resync'] }
  | { readonly type: 'latency'; readonly ms: number; readonly serverTime: number }
  | { readonly type: 'failed'; readonly failure: LinkFailure };

export interface Chance {
  /** Monotonic ms. */
  readonly now: number;
  /** 0 <= random < 1. */
  readonly random: number;
}

type Step = readonly [ClientSession, readonly ClientEffect[]];

export const newClientSession: ClientSession = {
  phase: 'idle',
  memory: { cursor: new Map(), whole: false, attempts: 0, joins: false },
};

/** When the session wants a `tick`; undefined = never. */
export function dueAt(session: ClientSession): number | undefined {
  switch (session.phase) {
    case 'connecting':
      return session.deadline;
    case 'waiting':
      return session.until;
    case 'joining':
      return session.retryAt;
    case 'replaying':
    case 'live':
      return Math.min(
        session.link.lastFrameAt + DEAD_AFTER_MS,
        session.link.probe?.deadline ?? Number.POSITIVE_INFINITY,
      );
    case 'idle':
    case 'failed':
      return undefined;
  }
}

/** One step of the client. `now` and `random` are the only world it sees. */
export function stepClient(session: ClientSession, input: ClientInput, chance: Chance): Step {
  switch (input.type) {
    case 'start':
      return start(session, input.cursor, input.joins, chance);
    case 'stop': {
      const { cursor } = session.memory;
      return [
        { phase: 'idle', memory: { ...session.memory, attempts: 0 } },
        [
          { do: 'close', code: 1000 },
          { do: 'save', cursor: formatCursor(cursor) },
        ],
      ];
    }
    case 'retry':
      if (session.phase === 'joining') return join(session.memory, 'start');
      return session.phase === 'waiting' || session.phase === 'failed' || session.phase === 'idle'
        ? connect({ ...session.memory, attempts: 0 }, chance)
        : probe(session, chance);
    case 'switch':
      return 'link' in session ? connect(session.memory, chance) : [session, []];
    case 'joined':
      return session.phase === 'joining'
        ? connect({ ...session.memory, cursor: input.cursor, whole: true, attempts: 0 }, chance)
        : [session, []];
    case 'join_failed': {
      if (session.phase !== 'joining') return [session, []];
      const memory = { ...session.memory, attempts: session.memory.attempts + 1 };
      const failure = { code: 1006, opened: false };
      return [
        { phase: 'joining', memory, retryAt: chance.now + backOff(memory.attempts, chance.random) },
        [{ do: 'note', note: { type: 'failed', failure } }],
      ];
    }
    case 'opened':
      return session.phase === 'connecting' ? [{ ...session, opened: true }, []] : [session, []];
    case 'closed':
      return closed(session, input.code, chance);
    case 'signal':
      return signalled(session, input.signal, chance);
    case 'tick':
      return tick(session, chance);
    case 'frame':
      return received(session, input.result, chance);
  }
}

function start(session: ClientSession, cursor: Cursor | undefined, joins: boolean, chance: Chance): Step {
  const memory: Memory = { cursor: cursor ?? new Map(), whole: cursor !== undefined, attempts: 0, joins };
  const leave: readonly ClientEffect[] = session.phase === 'idle' ? [] : [{ do: 'close', code: 1000 }];
  const [next, effects] = cursor === undefined && joins ? join(memory, 'start') : connect(memory, chance);
  return [next, [...leave, ...effects]];
}

function join(memory: Memory, reason: 'start' | 'resync'): Step {
  return [{ phase: 'joining', memory, retryAt: undefined }, [{ do: 'join', reason }]];
}

function connect(memory: Memory, { now }: Chance): Step {
  // Streams that began since belong to us from their start; only a cursor that named all others may say so.
  const cursor = memory.whole ? moved(memory.cursor, EVERY_OTHER_STREAM, { seq: 0 }) : memory.cursor;
  return [
    { phase: 'connecting', memory, deadline: now + CONNECT_WAIT_MS, opened: false },
    [{ do: 'open', cursor: formatCursor(cursor) }],
  ];
}

function backOff(attempts: number, random: number): number {
  return random * Math.min(BACK_OFF_MOST_MS, BACK_OFF_FIRST_MS * 2 ** Math.min(attempts - 1, 10));
}

/** The link is over, by whomever: wait, or give up. */
function lost(session: ClientSession, failure: LinkFailure, { now, random }: Chance): Step {
  const link = 'link' in session ? session.link : undefined;
  const proven = link?.liveSince !== undefined && now - link.liveSince >= PROVEN_AFTER_MS;
  const memory = { ...session.memory, attempts: (proven ? 0 : session.memory.attempts) + 1 };
  const effects: readonly ClientEffect[] = [
    { do: 'save', cursor: formatCursor(memory.cursor) },
    { do: 'note', note: { type: 'failed', failure } },
  ];
  if (closeEntry(failure.code).next === 'final') {
    return [{ phase: 'failed', memory, failure }, effects];
  }
  // A server that said when it is back gets that time, and up to as much again so that not all come at once.
  const asked = link?.comeBackAfterMs ?? 0;
  const until = now + asked + (asked > 0 ? random * asked : backOff(memory.attempts, random));
  return [{ phase: 'waiting', memory, until, failure }, effects];
}

/** We end the link: the socket is left at once, because a dead one may take minutes to close. */
function leave(session: ClientSession, code: number, chance: Chance): Step {
  const opened = session.phase !== 'connecting' || session.opened;
  const [next, effects] = lost(session, { code, opened }, chance);
  return [next, [{ do: 'close', code }, ...effects]];
}

function closed(session: ClientSession, code: number, chance: Chance): Step {
  switch (session.phase) {
    case 'connecting':
      return lost(session, { code, opened: session.opened }, chance);
    case 'replaying':
    case 'live':
      return lost(session, { code, opened: true }, chance);
    default:
      return [session, []];
  }
}

function signalled(session: ClientSession, signal: Signal, chance: Chance): Step {
  if (signal === 'hidden') {
    if (!('link' in session)) return [session, []];
    return [session, [pong(session), { do: 'save', cursor: formatCursor(session.memory.cursor) }]];
  }
  switch (session.phase) {
    case 'waiting':
      return signal === 'offline' ? [session, []] : connect(session.memory, chance);
    case 'joining':
      return signal === 'offline' || session.retryAt === undefined ? [session, []] : join(session.memory, 'resync');
    default:
      return probe(session, chance);
  }
}

/** Asks for an echo. After a signal the answer has a deadline; a frame that was under way before proves nothing. */
function probe(session: ClientSession, { now }: Chance, deadline: number | undefined = now + PROBE_WAIT_MS): Step {
  if (!('link' in session)) return [session, []];
  const id = `probe-${session.link.probes + 1}`;
  const link = { ...session.link, probe: { id, sentAt: now, deadline }, probes: session.link.probes + 1 };
  return [{ ...session, link }, [pong(session), { do: 'send', frame: { type: 'test', data: { probe: id } } }]];
}

function pong(session: Linked): ClientEffect {
  return { do: 'send', frame: { type: 'pong', data: { cursor: formatCursor(session.memory.cursor) } } };
}

function tick(session: ClientSession, chance: Chance): Step {
  const due = dueAt(session);
  if (due === undefined || chance.now < due) return [session, []];
  switch (session.phase) {
    case 'waiting':
      return connect(session.memory, chance);
    case 'joining':
      return join(session.memory, 'resync');
    case 'connecting':
    case 'replaying':
    case 'live':
      return leave(session, session.phase === 'connecting' ? 1006 : 4000, chance);
    default:
      return [session, []];
  }
}

function received(session: ClientSession, result: ServerFrameResult, chance: Chance): Step {
  if (session.phase === 'connecting') {
    if (result.ok && result.frame.type === 'connected') return greeted(session.memory, result.frame, chance);
    return [session, [unknown(result.ok ? `${result.frame.type} before connected` : result.problem.detail)]];
  }
  if (!('link' in session)) return [session, []];
  const heard: Linked = { ...session, link: { ...session.link, lastFrameAt: chance.now } };
  if (!result.ok) {
    const note = unknown(result.problem.detail);
    if (result.position === undefined) return [heard, [note]];
    const [next, effects] = advance(heard, result.position, undefined, chance);
    return [next, [note, ...effects]];
  }
  const { frame } = result;
  if (isDurable(frame)) return advance(heard, frame, frame, chance);
  switch (frame.type) {
    case 'ping':
      return pinged(heard, frame.data.heads, frame, chance);
    case 'skip':
      return [reach(heard, frame.data.stream, frame.data.seq, chance.now), [{ do: 'deliver', frame }]];
    case 'resync':
      return resynced(heard, frame, chance);
    case 'draining':
      return [
        { ...heard, link: { ...heard.link, comeBackAfterMs: frame.data.retryAfterMs } },
        [{ do: 'deliver', frame }],
      ];
    case 'test_echo':
      return echoed(heard, frame, chance);
    default:
      return [heard, [{ do: 'deliver', frame }]];
  }
}

function unknown(detail: string): ClientEffect {
  return { do: 'note', note: { type: 'unknown', detail } };
}

function greeted(memory: Memory, frame: ServerFrameOf<'connected'>, { now }: Chance): Step {
  const heads = frame.data.heads;
  const cursor = new Map(memory.whole || memory.cursor.size > 0 ? memory.cursor : []);
  const ahead = new Map<string, number>();
  for (const [stream, head] of Object.entries(heads)) {
    const mine = cursor.get(stream);
    if (mine === undefined) cursor.set(stream, memory.whole ? { epoch: head.epoch, seq: 0 } : head);
    // An epoch that we did not know is taken over; another one than ours is told by `resync`, not guessed here.
    else if (mine.epoch === undefined) cursor.set(stream, { epoch: head.epoch, seq: mine.seq });
    const seq = cursor.get(stream)?.seq ?? 0;
    if (seq !== head.seq || (mine?.epoch ?? head.epoch) !== head.epoch) ahead.set(stream, head.seq);
  }
  const link = { lastFrameAt: now, liveSince: undefined, probe: undefined, probes: 0, comeBackAfterMs: 0 };
  const kept: Memory = { ...memory, cursor, whole: true };
  const session: Linked = { phase: 'replaying', memory: kept, link, ahead };
  // `hello` asks for the heartbeat with heads; the first probe measures the round trip.
  const hello: ClientEffect = { do: 'send', frame: { type: 'hello', data: {} } };
  const [probing, effects] = probe(settled(session, now), { now, random: 0 }, Number.POSITIVE_INFINITY);
  return [probing, [hello, { do: 'deliver', frame }, ...effects.slice(1)]];
}

/** Live as soon as nothing is ahead any more. */
function settled(session: Linked, now: number): Linked {
  if (session.phase === 'live' || session.ahead.size > 0) return session;
  return { phase: 'live', memory: session.memory, link: { ...session.link, liveSince: now } };
}

/** The stream has come to `seq`. */
function reach(session: Linked, stream: string, seq: number, now: number, epoch?: string): Linked {
  const mine = session.memory.cursor.get(stream);
  if (mine !== undefined && epoch === undefined && seq <= mine.seq) return session;
  const known = epoch ?? mine?.epoch;
  const position = known === undefined ? { seq } : { epoch: known, seq };
  const memory = { ...session.memory, cursor: moved(session.memory.cursor, stream, position) };
  if (session.phase === 'live') return { ...session, memory };
  const target = session.ahead.get(stream);
  if (target === undefined || (seq < target && epoch === undefined)) return { ...session, memory };
  const ahead = new Map(session.ahead);
  ahead.delete(stream);
  return settled({ ...session, memory, ahead }, now);
}

/** An event at a position: the next one is applied, an older one dropped, a later one means that something is missing. */
function advance(
  session: Linked,
  { stream, seq }: { readonly stream: string; readonly seq: number },
  frame: DurableFrame | undefined,
  chance: Chance,
): Step {
  const expected = (session.memory.cursor.get(stream)?.seq ?? 0) + 1;
  if (seq < expected) return [session, [{ do: 'note', note: { type: 'duplicate', stream, seq } }]];
  if (seq > expected) return missing(session, { stream, expected, got: seq }, chance);
  const next = reach(session, stream, seq, chance.now);
  return [next, frame === undefined ? [] : [{ do: 'deliver', frame }]];
}

function missing(session: Linked, gap: { stream: string; expected: number; got: number }, chance: Chance): Step {
  const [next, effects] = leave(session, 4001, chance);
  return [next, [{ do: 'note', note: { type: 'gap', ...gap } }, ...effects]];
}

/** The heartbeat tells how far we should be: the only way to notice that the last event of all was lost. */
function pinged(session: Linked, heads: EphemeralData['ping']['heads'], frame: ServerFrame, chance: Chance): Step {
  for (const [stream, head] of Object.entries(heads)) {
    const mine = session.memory.cursor.get(stream);
    const expected = (mine?.seq ?? 0) + 1;
    const sameLog = mine?.epoch === undefined || mine.epoch === head.epoch;
    if (head.seq >= expected || !sameLog) return missing(session, { stream, expected, got: head.seq + 1 }, chance);
  }
  // A stream that began after `connected` told us its events but not its epoch.
  let cursor = session.memory.cursor;
  for (const [stream, head] of Object.entries(heads)) {
    const mine = cursor.get(stream);
    if (mine?.epoch === undefined) cursor = moved(cursor, stream, { epoch: head.epoch, seq: mine?.seq ?? 0 });
  }
  const kept = { ...session, memory: { ...session.memory, cursor } };
  const measuring = kept.link.probe === undefined;
  const [next, effects] = measuring ? probe(kept, chance, Number.POSITIVE_INFINITY) : [kept, [pong(kept)]];
  return [next, [...effects, { do: 'save', cursor: formatCursor(cursor) }, { do: 'deliver', frame }]];
}

function resynced(session: Linked, frame: ServerFrameOf<'resync'>, chance: Chance): Step {
  const { stream, head, epoch } = frame.data;
  const told: readonly ClientEffect[] = [
    { do: 'note', note: { type: 'resync', data: frame.data } },
    { do: 'deliver', frame },
  ];
  if (epoch === '') {
    // The stream is gone, with its account: there is nothing to fetch.
    const left = new Map(session.memory.cursor);
    left.delete(stream);
    return [{ ...session, memory: { ...session.memory, cursor: left } }, told];
  }
  if (session.memory.joins) {
    const [next, effects] = join({ ...session.memory, attempts: 0 }, 'resync');
    return [next, [...told, { do: 'close', code: 4002 }, ...effects]];
  }
  return [reach(session, stream, head, chance.now, epoch), told];
}

function echoed(session: Linked, frame: ServerFrameOf<'test_echo'>, { now }: Chance): Step {
  const { probe: asked } = session.link;
  const answered = typeof frame.data === 'object' && frame.data !== null && 'probe' in frame.data && frame.data.probe;
  if (asked === undefined || answered !== asked.id) return [session, [{ do: 'deliver', frame }]];
  const note: ClientEffect = {
    do: 'note',
    note: { type: 'latency', ms: now - asked.sentAt, serverTime: frame.timestamp },
  };
  return [{ ...session, link: { ...session.link, probe: undefined } }, [note]];
}
