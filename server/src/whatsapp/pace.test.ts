// The pace of an account: bursts, the even flow after them, and clocks that do strange things.
import { describe, expect, it } from 'vitest';
import { Meter } from './pace.ts';

const waits = (meter: Meter, at: number, n: number) => Array.from({ length: n }, () => meter.book(at));

describe('the pace of an account', () => {
  it('lets a burst go at once and spaces what follows, whatever links come and go meanwhile', () => {
    const meter = new Meter({ burst: 3, every: 1_000 }, 0);
    expect(waits(meter, 0, 5)).toEqual([0, 0, 0, 1_000, 2_000]);
    // The two that were booked ahead have had their time; one more is free by now.
    expect(waits(meter, 3_000, 2)).toEqual([0, 1_000]);
  });

  it('never saves up more than one burst', () => {
    const meter = new Meter({ burst: 2, every: 100 }, 0);
    expect(waits(meter, 3_600_000, 4)).toEqual([0, 0, 100, 200]);
  });

  it('has no limit at 0 ms, and is not moved by a clock that goes back', () => {
    expect(waits(new Meter({ burst: 1, every: 0 }, 0), 0, 100).every((wait) => wait === 0)).toBe(true);
    const meter = new Meter({ burst: 1, every: 1_000 }, 10_000);
    expect([meter.book(10_000), meter.book(5_000), meter.book(10_000)]).toEqual([0, 1_000, 2_000]);
  });
});
