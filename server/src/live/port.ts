// What the rest of the server may ask of the live part, and what the live part needs from it; no socket library appears here.
import type {
  ClientData,
  DurableType,
  EphemeralData,
  EphemeralType,
  Heads,
  Language,
  Stage,
} from '@pulseline/protocol';
import type { Ring } from '../bus/port.ts';
import type { Commit, Queries } from '../store/port.ts';

/** One whole WebSocket frame, and what it speaks of. */
export interface LiveFrame {
  readonly type: string;
  readonly stream?: string | undefined;
  readonly seq?: number | undefined;
  readonly epoch?: string | undefined;
  readonly bytes: Uint8Array;
}

/** One connection as the live part sees it. `adoptSocket` in socket.ts makes one of a `ws` WebSocket. */
export interface LiveSocket {
  /** Writes whole frames. `frames` are the same frames apart, for sockets that cannot take joined ones. */
  write(joined: Uint8Array, frames: readonly LiveFrame[]): void;
  /** A WebSocket ping whose answer names `id`. */
  ping(id: string): void;
  /** Begins the closing handshake; the peer sees the code. */
  close(code: number, reason: string): void;
  /** Drops the connection without a word. */
  terminate(): void;
  /** Bytes that the kernel has not taken yet. */
  readonly bufferedBytes: number;
  listen(events: LiveSocketEvents): void;
}

export interface LiveSocketEvents {
  /** A text frame; `undefined` is a binary one. */
  message(text: string | undefined): void;
  pong(id: string): void;
  /** All that was written has gone to the kernel. */
  drain(): void;
  /** Once, however the connection ended. */
  closed(code: number, reason: string): void;
}

export interface AcceptOptions {
  /** `?cursor=`, unparsed. */
  readonly cursor?: string | undefined;
  /** `?types=` and `?streams=`, split at commas. */
  readonly types?: readonly string[] | undefined;
  readonly streams?: readonly string[] | undefined;
  /** Address of the peer, for /status and logs. */
  readonly remote: string;
}

/** One connection, for /status, /metrics and the doctor. */
export interface SessionInfo {
  readonly id: string;
  readonly remote: string;
  /** `hello.client`, if it told one. */
  readonly client: string | undefined;
  /** `behind`: it reads too slowly; nothing is written until it has caught its breath. */
  readonly phase: 'replaying' | 'behind' | 'live' | 'closing';
  /** When it connected, ms since epoch. */
  readonly since: number;
  /** The last position sent, as text. */
  readonly cursor: string;
  /** The last position that the peer is known to have read, as text. */
  readonly acked: string;
  readonly bufferedBytes: number;
}

/** Counts since the start; all only rise, but for the three that say otherwise. */
export interface HubStats {
  /** Now. */
  readonly clients: number;
  readonly accepted: number;
  /** Events taken in, and event frames written to sockets. */
  readonly events: number;
  readonly deliveries: number;
  readonly bytesWritten: number;
  /** Ephemeral frames that a slow connection did not get. */
  readonly ephemeralDropped: number;
  /** Times a connection fell behind and went on from the log. */
  readonly slow: number;
  readonly resyncs: number;
  readonly badFrames: number;
  /** Closings by us, per close code. */
  readonly closedByCode: Readonly<Record<string, number>>;
  readonly replayed: number;
  /** Pages read from the log because the ring did not reach back far enough. */
  readonly logReads: number;
  /** Events that came by the head check and not by a commit or a ring. */
  readonly healed: number;
  /** Now. */
  readonly ringEvents: number;
  /** Now. */
  readonly ringBytes: number;
}

export interface TellOptions {
  /** The account it speaks of: clients that chose streams without it do not get it. */
  readonly stream?: string;
  /** Keep it for clients that connect later, until `forget(key)` or the next `tell` with this key. */
  readonly keep?: string;
}

export interface Hub {
  /** Loads the heads and starts the clock; sockets accepted earlier wait for it. */
  open(): Promise<void>;
  accept(socket: LiveSocket, options: AcceptOptions): void;
  /** Committed events, in order of commit. Never throws. */
  publish(commit: Commit): void;
  /** The bus rang: reads what is missing from the log. */
  rung(ring: Ring): void;
  /** A frame of the moment, to everybody who may see it. */
  tell<K extends EphemeralType>(type: K, data: EphemeralData[K], options?: TellOptions): void;
  forget(key: string): void;
  /**
   * A frame of the moment for one connection alone, by the same turn of the hub as everything else. Resolves when the turn is
   * over; false if that connection is not there or cannot take it now.
   */
  tellOne<K extends EphemeralType>(
    connection: string,
    type: K,
    data: () => EphemeralData[K],
    passed: (stage: 'fed' | 'written') => void,
  ): Promise<boolean>;
  readonly clients: number;
  /** Stream -> last position, as this process knows it. */
  heads(): Heads;
  sessions(): readonly SessionInfo[];
  stats(): HubStats;
  /** Stage stamps of a message, ms since epoch with fractions; undefined if it is not remembered. */
  trace(messageId: string): Readonly<Partial<Record<Stage, number>>> | undefined;
  /** Tells everybody `draining`, waits until what was written has gone out (at most `graceMs`), closes with 1012. */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface HubOptions {
  readonly queries: Pick<Queries, 'heads' | 'events'>;
  readonly log: HubLog;
  readonly language: Language;
  /** Told in `connected`, so that an old page can offer a reload. */
  readonly build?: string;
  /** A person types in a dashboard; WhatsApp may be told. */
  readonly onTyping?: (typing: ClientData['typing']) => void;
  /** Each delivery of an event to the first socket, for the latency metric: ms from commit to written. */
  readonly onLatency?: (type: DurableType, ms: number) => void;
  /** A message has passed a stage, so many ms after the stage before it. */
  readonly onStage?: (stage: Stage, ms: number) => void;
  readonly clock?: HubClock;
  readonly limits?: Partial<HubLimits>;
}

/** The part of a pino logger that the hub uses. */
export interface HubLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

export interface HubClock {
  /** Monotonic ms. */
  now(): number;
  /** Ms since epoch, with fractions. */
  wall(): number;
  /** 0 <= random() < 1. */
  random(): number;
  /** Later in this turn of the event loop, or in the next. */
  soon(run: () => void): void;
  /** Once, after so many ms. Returns the function that cancels. */
  timer(ms: number, run: () => void): () => void;
}

/** Defaults and meanings: `defaultLimits` in hub.ts. */
export interface HubLimits {
  readonly ringBytes: number;
  readonly ringEvents: number;
  readonly replayLimit: number;
  readonly keptFrames: number;
  readonly maxClients: number;
  readonly pageEvents: number;
  readonly pageBytes: number;
  readonly logReads: number;
  readonly traces: number;
  readonly tickMs: number;
  readonly headCheckMs: number;
}
