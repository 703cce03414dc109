// Time in which this tab was awake: a deadline does not run out while the browser lets the tab stand still, for then nothing that was late says anything of the network. It waits for nobody itself.

/** What it needs of the browser. */
export interface Ticking {
  /** Monotonic ms. */
  readonly now: () => number;
  /** Calls back after so many ms; returns what takes that back. */
  readonly after: (ms: number, run: () => void) => () => void;
}

export const ticking: Ticking = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Ms between two looks at the clock. */
const TICK_MS = 100;
/** One late tick counts so many ms at most: a tab in the background gets its timers once a second. */
const MOST_OF_A_TICK_MS = 1_000;
/** Ms that a deadline forgives in all; a tab that sleeps longer is told what there is. */
const FORGIVEN_MS = 30_000;

/** Calls back after `ms` of waking time. Returns what takes that back. */
export function afterAwake({ now, after }: Ticking, ms: number, run: () => void): () => void {
  let cancel = (): void => undefined;
  let forgiven = 0;
  const wait = (left: number): void => {
    const begun = now();
    cancel = after(Math.min(left, TICK_MS), () => {
      const passed = now() - begun;
      const asleep = Math.min(Math.max(0, passed - MOST_OF_A_TICK_MS), FORGIVEN_MS - forgiven);
      forgiven += asleep;
      const still = left - (passed - asleep);
      if (still <= 0) run();
      else wait(still);
    });
  };
  wait(ms);
  return () => cancel();
}

export interface FreezeWatch {
  /** The longest time, ms, for which not even a timer ran, so far. */
  readonly longestMs: () => number;
  readonly end: () => void;
}

export function watchFreezes({ now, after }: Ticking): FreezeWatch {
  let longest = 0;
  let last = now();
  let cancel = (): void => undefined;
  const late = (): number => Math.max(0, now() - last - TICK_MS);
  const tick = (): void => {
    longest = Math.max(longest, late());
    last = now();
    cancel = after(TICK_MS, tick);
  };
  cancel = after(TICK_MS, tick);
  return { longestMs: () => Math.max(longest, late()), end: () => cancel() };
}
