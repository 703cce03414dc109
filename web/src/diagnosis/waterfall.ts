// What the stamps of one message say: when it passed each of the eight stages, and how long each took. Pure; it asks nobody.
import { type Stage, stages } from '@pulseline/protocol';

/** Ms since epoch with fractions, by the server's clock. */
export type Stamps = Readonly<Partial<Record<Stage, number>>>;

export interface Bar {
  readonly stage: Stage;
  /** When it was passed, ms after the first stage. */
  readonly at: number;
  /** How long it took since the stage before it that is known; 0 for the first. */
  readonly ms: number;
}

export interface Waterfall {
  /** In the order of the way; a stage that nobody stamped is missing. */
  readonly bars: readonly Bar[];
  readonly absent: readonly Stage[];
  /** From the first stage to the last. */
  readonly ms: number;
  /** The stage that took longest. */
  readonly slowest: Stage | undefined;
}

export function waterfall(stamps: Stamps): Waterfall {
  const known = stages.flatMap((stage) => {
    const at = stamps[stage];
    return at === undefined ? [] : [{ stage, at }];
  });
  const start = known[0]?.at ?? 0;
  const bars: Bar[] = [];
  // Two clocks agree only as well as they were compared: a stage never ends before the one before it.
  let reached = 0;
  for (const { stage, at } of known) {
    const after = Math.max(reached, at - start);
    bars.push({ stage, at: after, ms: after - reached });
    reached = after;
  }
  const slowest = bars.reduce<Bar | undefined>((most, bar) => (bar.ms > (most?.ms ?? 0) ? bar : most), undefined);
  return {
    bars,
    absent: stages.filter((stage) => stamps[stage] === undefined),
    ms: reached,
    slowest: slowest?.stage,
  };
}

/**
 * How long before it was heard here WhatsApp took the message, ms: its own time is told in whole seconds, so it is known to a
 * second only.
 */
export function beforeHeard(
  timestamp: number,
  { heard }: Stamps,
): { readonly least: number; readonly most: number } | undefined {
  if (heard === undefined) return undefined;
  const most = heard - timestamp;
  return { least: Math.max(0, most - 1_000), most: Math.max(0, most) };
}

/** `0.42`, `3.1`, `84`: three figures at most. */
export function figure(ms: number): string {
  if (ms < 0.005) return '0';
  return ms < 1 ? ms.toFixed(2) : ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}
