// Deadlines of a tab that the browser lets stand still.
import { describe, expect, it } from 'vitest';
import { afterAwake, type Ticking, watchFreezes } from './awake.ts';

/** Time by hand; a frozen tab gets nothing until it thaws, and then what is due at once. */
function byHand() {
  let at = 0;
  let due: { readonly at: number; readonly run: () => void }[] = [];
  const ticking: Ticking = {
    now: () => at,
    after: (ms, run) => {
      const timer = { at: at + ms, run };
      due.push(timer);
      return () => {
        due = due.filter((each) => each !== timer);
      };
    },
  };
  const fire = (): void => {
    for (let next = first(); next !== undefined && next.at <= at; next = first()) {
      const timer = next;
      due = due.filter((each) => each !== timer);
      timer.run();
    }
  };
  const first = () => due.toSorted((a, b) => a.at - b.at)[0];
  return {
    ticking,
    left: () => due.length,
    pass(ms: number) {
      for (const end = at + ms; at < end; ) {
        at = Math.min(end, Math.max(at, first()?.at ?? end));
        fire();
      }
    },
    freeze(ms: number) {
      at += ms;
      fire();
    },
  };
}

describe('a deadline of waking time', () => {
  it('is its time in a tab that is awake, and can be taken back', () => {
    const time = byHand();
    const ended: number[] = [];
    afterAwake(time.ticking, 1_050, () => ended.push(time.ticking.now()));
    afterAwake(time.ticking, 500, () => ended.push(-1))();
    time.pass(2_000);
    expect(ended).toEqual([1_050]);
    expect(time.left()).toBe(0);
  });

  it('does not run out while the tab stands still', () => {
    const time = byHand();
    const ended: number[] = [];
    afterAwake(time.ticking, 3_000, () => ended.push(time.ticking.now()));
    time.pass(1_000);
    time.freeze(20_000);
    time.pass(900);
    expect(ended).toEqual([]);
    time.pass(200);
    expect(ended.length).toBe(1);
  });

  it('runs out in a tab that is in the background for good', () => {
    const time = byHand();
    let ended = false;
    afterAwake(time.ticking, 3_000, () => (ended = true));
    time.freeze(60_000);
    time.freeze(60_000);
    expect(ended).toBe(true);
  });
});

it('the longest time in which the tab stood still is known, also while it lasts', () => {
  const time = byHand();
  const watch = watchFreezes(time.ticking);
  time.pass(1_000);
  expect(watch.longestMs()).toBe(0);
  time.freeze(4_000);
  time.pass(1_000);
  expect(watch.longestMs()).toBeGreaterThan(3_800);
  watch.end();
  expect(time.left()).toBe(0);
});
