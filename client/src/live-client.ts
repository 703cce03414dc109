// The live client: drives one connection that heals itself; every rule is in the protocol's client session, and nothing here decides.
import {
  type ClientData,
  type ClientEffect,
  type ClientFrame,
  type ClientInput,
  type ClientNote,
  type ClientType,
  closeEntry,
  cursorOf,
  type DurableFrame,
  dueAt,
  encodeClientFrame,
  formatCursor,
  type Heads,
  isDurable,
  type LinkFailure,
  newClientSession,
  parsePositions,
  parseServerFrame,
  type ServerFrame,
  type ServerFrameOf,
  stepClient,
} from '@pulseline/protocol';
import { globalSocket, type LiveEnvironment, machine, type SocketConstructor, type SocketLike } from './environment.ts';
import { eventStream } from './event-stream.ts';
import type { Failure, LiveObservation, LiveStatus } from './status.ts';
import { firstWay, stepWay } from './way.ts';
import { probeWebSocket } from './websocket-probe.ts';

/** Why a snapshot is wanted: `start` at the first load, `resync` when the server could not resume. */
export type JoinReason = 'start' | 'resync';

export interface LiveClientOptions {
  /**
   * Fetches a snapshot, puts it in place, and answers the `heads` that came with it. Called by `start()` without
   * heads and after `resync`; the socket is closed meanwhile and then replays what came since: no hole, no overlap.
   */
  readonly onResync?: (reason: JoinReason) => Promise<Heads>;
  /** Name and version of the app, for the server's list of connections. */
  readonly clientName?: string;
  readonly streams?: readonly string[];
  /** What it leaves out is told by `skip`. */
  readonly types?: readonly string[];
  /** Keeps the cursor across reloads, for apps that keep their state too. */
  readonly storage?: { get(): string | null; set(cursor: string): void };
  /** Default: the global WebSocket (browsers, Node >= 22). On Node 20 give that of `ws`. */
  readonly WebSocket?: SocketConstructor;
  /** What is used where a WebSocket cannot be had. Default: server-sent events by `fetch`; false = nothing. */
  readonly eventStream?: SocketConstructor | false;
  readonly environment?: Partial<LiveEnvironment>;
}

export interface LiveClient {
  /** Connects: from these heads, else from the stored cursor, else by `onResync`, else from now. */
  start(heads?: Heads): void;
  /** Closes; `start` begins anew. */
  stop(): void;
  /** An attempt at once, also out of `failed`; a probe if there is a connection. */
  retry(): void;
  /** Frames of one type, each event once and in order. Returns the function that ends it. */
  on<K extends ServerFrame['type']>(type: K, listener: (frame: ServerFrameOf<K>) => void): () => void;
  /** Every event of the log, once and in order. */
  onEvent(listener: (frame: DurableFrame) => void): () => void;
  observe(listener: (observation: LiveObservation) => void): () => void;
  /** For useSyncExternalStore. */
  subscribe(listener: () => void): () => void;
  snapshot(): LiveStatus;
  /** False if there is no open connection: nothing was sent, and nothing is kept for later. */
  send<K extends ClientType>(type: K, data: ClientData[K]): boolean;
  /** Sends any text as it is, for the test page. */
  sendText(text: string): boolean;
  /** Stamps a message by the server's clock, as far as it was measured; `applied` is stamped by itself. */
  trace(messageId: string, stage: 'applied' | 'shown'): void;
}

/** Stamps that wait to be sent; more than that in a second are dropped: they are samples. */
const MAX_TRACES = 500;
const TRACE_EVERY_MS = 1_000;
/** Listeners hear of mere counting at most this often. */
const QUIET_MS = 100;
/** The clocks are compared this often; if far more time has gone by than was slept, the machine was asleep. */
const WATCH_EVERY_MS = 5_000;
const OVERSLEPT_MS = 10_000;
const OPEN = 1;

/** `url`: `ws://host:4000/ws`. Nothing happens before `start`. */
export function createLiveClient(url: string, options: LiveClientOptions = {}): LiveClient {
  const environment: LiveEnvironment = { ...machine, ...options.environment };
  const observers = new Set<(observation: LiveObservation) => void>();
  const subscribers = new Set<() => void>();
  const eventListeners = new Set<(frame: DurableFrame) => void>();
  const listeners = new Map<string, Set<(frame: ServerFrame) => void>>();
  const traces = new Map<string, { applied?: number; shown?: number }>();

  let session = newClientSession;
  let socket: SocketLike | undefined;
  let joining = 0;
  let connections = 0;
  let way = firstWay;
  /** Of the present attempt; undefined = there was none yet. */
  let greeted: boolean | undefined;
  let cancelLook = (): void => undefined;
  let cancelTick = (): void => undefined;
  let cancelTrace: (() => void) | undefined;
  let cancelQuiet: (() => void) | undefined;
  let endSignals: (() => void) | undefined;
  let cancelWatch = (): void => undefined;
  let status: LiveStatus = {
    phase: 'idle',
    url,
    way: firstWay.way,
    connectionId: undefined,
    attempts: 0,
    nextTryAt: undefined,
    failure: undefined,
    latency: undefined,
    clockOffset: undefined,
    build: undefined,
    cursor: '',
    counters: { received: 0, duplicates: 0, gaps: 0, reconnects: 0, resyncs: 0, unknown: 0 },
  };

  function dispatch(input: ClientInput): void {
    const before = session;
    const [next, effects] = stepClient(session, input, { now: environment.now(), random: environment.random() });
    session = next;
    if (next !== before) {
      const nextTryAt = next.phase === 'waiting' ? environment.wall() + next.until - environment.now() : undefined;
      const { attempts } = next.memory;
      if (next.phase !== before.phase || attempts !== status.attempts) {
        change({ phase: next.phase, attempts, nextTryAt, ...(next.phase === 'live' && { failure: undefined }) }, true);
      }
    }
    for (const effect of effects) act(effect);
    schedule();
  }

  function schedule(): void {
    cancelTick();
    const due = dueAt(session);
    cancelTick = () => undefined;
    if (due === undefined) return;
    // A timer may fire a little early; a step before the due time does nothing and would not come back.
    cancelTick = environment.timer(Math.max(0, due - environment.now()) + 1, () => dispatch({ type: 'tick' }));
  }

  function act(effect: ClientEffect): void {
    switch (effect.do) {
      case 'open':
        return open(effect.cursor);
      case 'close':
        return leave(effect.code);
      case 'send': {
        const { frame } = effect;
        const named = frame.type === 'hello' && options.clientName !== undefined;
        transmit(named ? { type: 'hello', data: { ...frame.data, client: options.clientName } } : frame);
        return;
      }
      case 'deliver':
        return deliver(effect.frame);
      case 'join':
        return join(effect.reason);
      case 'save':
        return options.storage?.set(effect.cursor);
      case 'note':
        return note(effect.note);
    }
  }

  function open(cursor: string): void {
    leave(1000);
    const target = new URL(url);
    if (cursor !== '') target.searchParams.set('cursor', cursor);
    if (options.streams !== undefined) target.searchParams.set('streams', options.streams.join(','));
    if (options.types !== undefined) target.searchParams.set('types', options.types.join(','));
    if (greeted === false && options.eventStream !== false) way = stepWay(way, 'ended', false);
    greeted = false;
    cancelLook();
    if (way.way !== status.way) change({ way: way.way });
    observed({ type: 'connecting', url, attempt: session.memory.attempts + 1 });
    const Constructor = way.way === 'websocket' ? webSocket() : options.eventStream || eventStream;
    let mine: SocketLike;
    try {
      mine = new Constructor(target.href);
    } catch {
      // Browsers throw for what a page's policy forbids; it is a failed attempt like any other.
      queueMicrotask(() => dispatch({ type: 'closed', code: 1006 }));
      return;
    }
    socket = mine;
    mine.onopen = () => {
      connections += 1;
      if (connections > 1) count('reconnects');
      observed({ type: 'open', url });
      dispatch({ type: 'opened' });
    };
    mine.onmessage = (event: { readonly data: unknown }) => {
      if (typeof event.data === 'string') receive(event.data);
    };
    // The browser tells nothing in `error`; `close` always follows.
    mine.onerror = () => undefined;
    mine.onclose = (event: { readonly code: number }) => {
      forget(mine);
      dispatch({ type: 'closed', code: event.code });
    };
  }

  function webSocket(): SocketConstructor {
    return options.WebSocket ?? globalSocket();
  }

  /** The server greeted us on this way. On the other one than a WebSocket's, we look for a WebSocket from time to time. */
  function greet(): void {
    greeted = true;
    way = stepWay(way, 'greeted', true);
    if (way.way === 'websocket') return;
    const look = (): void => {
      cancelLook = environment.timer(way.lookAfterMs, () => {
        cancelLook = probeWebSocket(webSocket(), url, environment, (found) => {
          way = stepWay(way, found ? 'found' : 'not-found', true);
          if (found) dispatch({ type: 'switch' });
          else look();
        });
      });
    };
    look();
  }

  function receive(text: string): void {
    const result = parseServerFrame(text);
    count('received');
    observed({ type: 'frame', frame: result.ok ? result.frame : undefined, text });
    dispatch({ type: 'frame', result });
  }

  /** From here on nothing that this socket says is heard. */
  function forget(which: SocketLike): void {
    which.onopen = null;
    which.onmessage = null;
    which.onclose = null;
    // `ws` throws an error that nobody listens to; a socket left while it connects makes one.
    which.onerror = () => undefined;
    if (socket === which) socket = undefined;
  }

  function leave(code: number): void {
    const mine = socket;
    if (mine === undefined) return;
    forget(mine);
    // 1001, 1006 and the like are not for programs to send.
    mine.close(code === 1000 || code >= 4000 ? code : 1000);
  }

  function transmit(frame: ClientFrame): boolean {
    return transmitText(encodeClientFrame(frame));
  }

  function transmitText(text: string): boolean {
    if (socket === undefined || socket.readyState !== OPEN) return false;
    socket.send(text);
    observed({ type: 'sent', text });
    return true;
  }

  function deliver(frame: ServerFrame): void {
    if (frame.type === 'connected') {
      greet();
      change({ connectionId: frame.data.connectionId, build: frame.data.build }, true);
    }
    if (isDurable(frame)) callAll(eventListeners, frame);
    const wanted = listeners.get(frame.type);
    if (wanted !== undefined) callAll(wanted, frame);
    if (frame.type === 'new_message') stamp(frame.data.id, 'applied');
  }

  function join(reason: JoinReason): void {
    const mine = ++joining;
    const answer = options.onResync?.(reason) ?? Promise.reject(new Error('no onResync'));
    answer.then(
      (heads) => mine === joining && dispatch({ type: 'joined', cursor: cursorOf(heads) }),
      () => mine === joining && dispatch({ type: 'join_failed' }),
    );
  }

  function note(what: ClientNote): void {
    switch (what.type) {
      case 'gap':
        count('gaps');
        return observed(what);
      case 'duplicate':
        count('duplicates');
        return observed(what);
      case 'resync':
        count('resyncs');
        return observed(what);
      case 'unknown':
        return count('unknown');
      case 'latency':
        return change({
          latency: what.ms,
          // The server read its clock about half a round trip ago.
          clockOffset: what.serverTime - (environment.wall() - what.ms / 2),
        });
      case 'failed': {
        const failure = inWords(what.failure, session.phase === 'failed');
        change({ failure, connectionId: undefined }, true);
        return observed({ type: 'failed', url, failure, nextTryAt: status.nextTryAt });
      }
    }
  }

  function count(what: keyof LiveStatus['counters']): void {
    change({ counters: { ...status.counters, [what]: status.counters[what] + 1 } });
  }

  function change(part: Partial<LiveStatus>, now = false): void {
    status = { ...status, ...part };
    if (now) notify();
    else cancelQuiet ??= environment.timer(QUIET_MS, notify);
  }

  function notify(): void {
    cancelQuiet?.();
    cancelQuiet = undefined;
    callAll(subscribers, undefined);
  }

  function observed(observation: LiveObservation): void {
    callAll(observers, observation);
  }

  function stamp(id: string, stage: 'applied' | 'shown'): void {
    const known = traces.get(id);
    if (known === undefined && traces.size >= MAX_TRACES) return;
    traces.set(id, { [stage]: environment.wall() + shift(), ...known });
    cancelTrace ??= environment.timer(TRACE_EVERY_MS, () => {
      cancelTrace = undefined;
      const items = [...traces].map(([traced, stamps]) => ({ id: traced, ...stamps }));
      traces.clear();
      transmit({ type: 'trace', data: { items } });
    });
  }

  /** From our clock to the server's; a difference smaller than the error of its measurement is none. */
  function shift(): number {
    const { clockOffset = 0, latency = 0 } = status;
    return Math.abs(clockOffset) > latency / 2 + 1 ? clockOffset : 0;
  }

  /** A timer that comes much too late by the wall clock means that the machine slept; the monotonic clock may have slept too. */
  function watch(): void {
    const before = environment.wall();
    cancelWatch = environment.timer(WATCH_EVERY_MS, () => {
      const slept = environment.wall() - before - WATCH_EVERY_MS;
      watch();
      if (slept > OVERSLEPT_MS) dispatch({ type: 'signal', signal: 'wake' });
    });
  }

  function stored() {
    const text = options.storage?.get() ?? '';
    const positions = text === '' ? undefined : parsePositions(text);
    return positions && new Map(positions.map(({ stream, ...position }) => [stream, position]));
  }

  return {
    start(heads) {
      if (endSignals === undefined) {
        endSignals = environment.signals((signal) => dispatch({ type: 'signal', signal }));
        watch();
      }
      const cursor = heads === undefined ? stored() : cursorOf(heads);
      joining += 1;
      dispatch({ type: 'start', cursor, joins: options.onResync !== undefined });
    },
    stop() {
      endSignals?.();
      endSignals = undefined;
      cancelWatch();
      cancelLook();
      greeted = undefined;
      cancelTrace?.();
      cancelTrace = undefined;
      traces.clear();
      joining += 1;
      dispatch({ type: 'stop' });
      cancelQuiet?.();
      cancelQuiet = undefined;
    },
    retry: () => dispatch({ type: 'retry' }),
    on(type, listener) {
      const heard = (frame: ServerFrame) => {
        if (isOf(frame, type)) listener(frame);
      };
      const all = listeners.get(type) ?? new Set();
      listeners.set(type, all.add(heard));
      return () => all.delete(heard);
    },
    onEvent: (listener) => added(eventListeners, listener),
    observe: (listener) => added(observers, listener),
    subscribe: (listener) => added(subscribers, listener),
    snapshot() {
      const cursor = formatCursor(session.memory.cursor);
      if (cursor !== status.cursor) status = { ...status, cursor };
      return status;
    },
    send: (type, data) => transmitText(JSON.stringify({ type, data })),
    sendText: transmitText,
    trace: stamp,
  };
}

function isOf<K extends ServerFrame['type']>(frame: ServerFrame, type: K): frame is ServerFrameOf<K> {
  return frame.type === type;
}

function inWords(failure: LinkFailure, final: boolean): Failure {
  const { title, fix } = closeEntry(failure.code);
  return { ...failure, title, fix, final };
}

function added<L>(set: Set<L>, listener: L): () => void {
  set.add(listener);
  return () => set.delete(listener);
}

/** Whoever listens now hears it. A listener that throws keeps no other from hearing; its error still reaches the machine's error handler. */
function callAll<T>(listeners: ReadonlySet<(value: T) => void>, value: T): void {
  const present = [...listeners];
  for (const listener of present) {
    try {
      listener(value);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
