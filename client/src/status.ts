// What a live client shows of itself: its status and what can be observed; plain values, never changed in place.
import type { ClientSession, EphemeralData, ServerFrame, Words } from '@pulseline/protocol';
import type { Way } from './way.ts';

/**
 * idle: not started, or stopped · joining: the app fetches a snapshot · connecting: the socket opens ·
 * replaying: catching up · live: at the head · waiting: until the next attempt · failed: given up for good.
 */
export type LivePhase = ClientSession['phase'];

/** Why the last attempt or connection ended. */
export interface Failure {
  /** The close code; 1006 when there was none. */
  readonly code: number;
  /** What happened. */
  readonly title: Words;
  /** What to do. */
  readonly fix: Words;
  /** Did the connection open at all? False: server down, wrong port, firewall. */
  readonly opened: boolean;
  /** Final = the client has given up; a person has to change something. */
  readonly final: boolean;
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

/** One unchanging picture of the connection; a new object only when something in it changed. */
export interface LiveStatus {
  readonly phase: LivePhase;
  /** As given, without the query. */
  readonly url: string;
  /** The way of the present or last connection or attempt: `event-stream` where a WebSocket cannot be had. */
  readonly way: Way;
  readonly connectionId: string | undefined;
  /** Failed attempts in a row. */
  readonly attempts: number;
  /** When the next attempt begins, ms since epoch. */
  readonly nextTryAt: number | undefined;
  /** Kept until the connection is live again. */
  readonly failure: Failure | undefined;
  /** Round trip of the last probe, ms. */
  readonly latency: number | undefined;
  /** Server's clock minus ours, ms, as of the last probe. */
  readonly clockOffset: number | undefined;
  /** The build that the server named in `connected`. */
  readonly build: string | undefined;
  /** The position up to which everything was applied, as text. */
  readonly cursor: string;
  readonly counters: LiveCounters;
}

/** What a log line or a test page wants to see. */
export type LiveObservation =
  | { readonly type: 'connecting'; readonly url: string; readonly attempt: number }
  | { readonly type: 'open'; readonly url: string }
  /** Every frame received, before anybody acts on it; `frame` is absent if the text is none that we know. */
  | { readonly type: 'frame'; readonly frame: ServerFrame | undefined; readonly text: string }
  | { readonly type: 'sent'; readonly text: string }
  | { readonly type: 'failed'; readonly url: string; readonly failure: Failure; readonly nextTryAt: number | undefined }
  | { readonly type: 'gap'; readonly stream: string; readonly expected: number; readonly got: number }
  | { readonly type: 'duplicate'; readonly stream: string; readonly seq: number }
  | { readonly type: 'resync'; readonly data: EphemeralData['resync'] };
