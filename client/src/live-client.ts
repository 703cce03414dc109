// The live client: one connection to Pulseline that heals itself; every rule of it is in the protocol's client session, and here is only the drive.
import type {
  ClientData,
  ClientType,
  DurableFrame,
  EphemeralData,
  EphemeralType,
  Heads,
  ServerFrame,
  ServerFrameOf,
  Words,
} from '@pulseline/protocol';

/** The least of a WebSocket that browsers, Node and `ws` share. */
export interface SocketLike {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}
export type SocketConstructor = new (url: string) => SocketLike;

/** Why the last attempt or connection ended. */
export interface Failure {
  readonly code: number;
  /** What happened, and what to do. */
  readonly title: Words;
  readonly fix: Words;
  /** Did the connection open at all? False: server down, wrong port, firewall. */
  readonly opened: boolean;
  /** Final = the client has given up; a person has to change something. */
  readonly final: boolean;
}

/**
 * idle: not started, or stopped · joining: the app fetches a snapshot · connecting: the socket opens ·
 * replaying: catching up · live: at the head · waiting: until the next attempt · failed: given up for good.
 */
export type LivePhase = 'idle' | 'joining' | 'connecting' | 'replaying' | 'live' | 'waiting' | 'failed';

/** One unchanging picture of the connection; a new object only when something in it changed. */
export interface LiveStatus {
  readonly phase: LivePhase;
  readonly url: string;
  readonly connectionId: string | undefined;
  /** Failed attempts in a row. */
  readonly attempts: number;
  /** When the next attempt begins, ms since epoch. */
  readonly nextTryAt: number | undefined;
  readonly failure: Failure | undefined;
  /** Round trip of the last probe, ms. */
  readonly latency: number | undefined;
  /** Server's clock minus ours, ms, as of the last probe. */
  readonly clockOffset: number | undefined;
  /** The build that the server named in `connected`. */
  readonly build: string | undefined;
  readonly cursor: string;
  readonly counters: LiveCounters;
}

export interface LiveCounters {
  /** Frames received. */
  readonly received: number;
  /** Events that came again and were dropped. */
  readonly duplicates: number;
  /** Times an event was missing and asked for again. */
  readonly gaps: number;
  /** Connections after the first. */
  readonly reconnects: number;
  readonly resyncs: number;
  /** Frames that could not be understood. */
  readonly unknown: number;
}

/** What a log line or a test page wants to see; `frame` comes for every frame received, before anybody acts on it. */
export type LiveObservation =
  | { readonly type: 'connecting'; readonly url: string; readonly attempt: number }
  | { readonly type: 'open'; readonly url: string }
  | { readonly type: 'frame'; readonly frame: unknown; readonly text: string }
  | { readonly type: 'sent'; readonly text: string }
  | { readonly type: 'failed'; readonly url: string; readonly failure: Failure; readonly nextTryAt: number | undefined }
  | { readonly type: 'gap'; readonly stream: string; readonly expected: number; readonly got: number }
  | { readonly type: 'resync'; readonly data: EphemeralData['resync'] };

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
  readonly types?: readonly string[];
  /** Keeps the cursor across reloads, for apps that keep their state too. */
  readonly storage?: { get(): string | null; set(cursor: string): void };
  /** Default: the global WebSocket (browsers, Node >= 22). On Node 20 give that of `ws`. */
  readonly WebSocket?: SocketConstructor;
  readonly environment?: Partial<LiveEnvironment>;
}

/** Clocks, timers and chance, so that tests can hold them. */
export interface LiveEnvironment {
  /** Monotonic ms. */
  now(): number;
  /** Ms since epoch, with fractions. */
  wall(): number;
  random(): number;
  /** Returns the function that cancels. */
  timer(ms: number, run: () => void): () => void;
  /** Calls back when the machine goes on- or offline, the page is shown or hidden. Returns the function that ends it. */
  signals(listener: (signal: 'online' | 'offline' | 'visible' | 'hidden') => void): () => void;
}

export interface LiveClient {
  /** Connects: from these heads, else from the stored cursor, else by `onResync`, else from now. */
  start(heads?: Heads): void;
  /** Closes for good; `start` begins anew. */
  stop(): void;
  /** An attempt at once, also out of `failed`. */
  retry(): void;
  /** Frames of one type, each event once and in order. Returns the function that ends it. */
  on<K extends ServerFrame['type']>(type: K, listener: (frame: ServerFrameOf<K>) => void): () => void;
  /** Every event of the log, once and in order. */
  onEvent(listener: (frame: DurableFrame) => void): () => void;
  observe(listener: (observation: LiveObservation) => void): () => void;
  /** For useSyncExternalStore. */
  subscribe(listener: () => void): () => void;
  snapshot(): LiveStatus;
  /** False if there is no open connection: nothing was sent. */
  send<K extends ClientType>(type: K, data: ClientData[K]): boolean;
  /** Sends any text as it is, for the test page. */
  sendText(text: string): boolean;
  /** Stamps a message with this machine's clock; `applied` is stamped by itself. */
  trace(messageId: string, stage: 'applied' | 'shown'): void;
}

export type { EphemeralType };

/** `url`: `ws://host:4000/ws`. Nothing happens before `start`. */
export function createLiveClient(_url: string, _options: LiveClientOptions = {}): LiveClient {
  throw new Error('not there yet');
}
