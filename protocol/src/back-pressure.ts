// When a connection counts as too slow: measures and limits alone; what is done about it is the server session's.
import type { Cursor } from './positions.ts';

/** More unsent bytes than this: frames of the moment are left out for this connection. */
export const EPHEMERAL_LIMIT_BYTES = 64 * 1024;
/** More unsent bytes than this: stop writing and go on from the log later. */
export const UNSENT_LIMIT_BYTES = 1024 * 1024;
/** A page of a replay has about so many bytes. */
export const PAGE_BYTES = 256 * 1024;
/** More bytes than this that the peer is not known to have read: the kernel hides megabytes from the count of unsent ones. */
export const UNREAD_LIMIT_BYTES = 4 * 1024 * 1024;
/** So many bytes are followed by a WebSocket ping of their own: its answer says that they were read. */
export const PROBE_EVERY_BYTES = 256 * 1024;
/** Nothing has moved for so long although bytes wait: stop writing. */
export const NO_DRAIN_MS = 10_000;
/** Still nothing: close 4008. */
export const STUCK_MS = 30_000;
/** What the driver measures at the moment of a step. */
export interface Gauge {
  /** Monotonic ms. */
  readonly now: number;
  /** Bytes that the kernel has not taken. */
  readonly unsent: number;
  /** Bytes written since the connection began. */
  readonly written: number;
}

/** A WebSocket ping whose answer tells what the peer has read. */
export interface Probe {
  readonly id: string;
  readonly at: number;
  /** What had been written, and how far, when it was sent. */
  readonly written: number;
  readonly sent: Cursor;
}

export interface Flow {
  /** Bytes that the peer is known to have read. */
  readonly ackedBytes: number;
  readonly probe: Probe | undefined;
  /** When something last moved: an answer, a frame, a drain. */
  readonly progressAt: number;
}

/** Must writing stop? */
export function isClogged(session: Flow, { now, unsent, written }: Gauge): boolean {
  const unread = written - session.ackedBytes;
  if (unsent > UNSENT_LIMIT_BYTES || unread > UNREAD_LIMIT_BYTES) return true;
  return (
    (unsent > 0 || unread > EPHEMERAL_LIMIT_BYTES) &&
    session.probe !== undefined &&
    now - session.progressAt > NO_DRAIN_MS
  );
}

/** Would so many bytes more be too much? So a connection never costs more than the limit, whatever comes at once. */
export function wouldClog(session: Flow, gauge: Gauge, size: number): boolean {
  return isClogged(session, gauge) || (gauge.unsent > 0 && gauge.unsent + size > UNSENT_LIMIT_BYTES);
}

/** May writing begin again? There is air between this and the limits, so that it does not flutter. */
export function isClear(session: Flow, { unsent, written }: Gauge): boolean {
  return unsent <= EPHEMERAL_LIMIT_BYTES && written - session.ackedBytes <= UNREAD_LIMIT_BYTES / 2;
}
