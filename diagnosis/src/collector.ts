// What a face gives the ladder to look with: collectors, and the clock they are timed by. Only types; all I/O is the face's own.
import type { FactKey, Facts } from './facts.ts';
import type { Cost, Surroundings } from './model.ts';
import type { RungId } from './rungs.ts';

/** Facts that one collector saw; those it could not see are absent. */
export type Seen = Facts;

export interface CollectorContext {
  /** What the collectors named in `after` saw. */
  readonly facts: Facts;
  readonly around: Surroundings;
  /** Aborted at the deadline. */
  readonly signal: AbortSignalLike;
}

/** The part of an AbortSignal that is the same everywhere. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
}

export interface Collector {
  /** Names it as the source of its evidence. */
  readonly id: string;
  /** The rung whose time it counts for. */
  readonly rung: RungId;
  readonly provides: readonly FactKey[];
  /** Facts that must have been looked for before (found or not). */
  readonly after?: readonly FactKey[];
  /** Default: fast. Slow ones run only when asked for. */
  readonly cost?: Cost;
  /** Ms; default 3,000. */
  readonly deadlineMs?: number;
  /** May throw or hang: both are evidence. */
  readonly collect: (context: CollectorContext) => Promise<Seen>;
}

export interface Clock {
  /** Monotonic ms. */
  readonly now: () => number;
  /** Ms since epoch. */
  readonly wall: () => number;
  /** Once, after so many ms. Returns the function that cancels. */
  readonly timer: (ms: number, run: () => void) => () => void;
  /** A fresh abort controller. */
  readonly controller: () => { readonly signal: AbortSignalLike; abort(): void };
}
