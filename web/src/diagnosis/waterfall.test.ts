// The waterfall of one message.
import { describe, expect, it } from 'vitest';
import { beforeHeard, figure, waterfall } from './waterfall.ts';

describe('the waterfall', () => {
  it('tells of each stage when it was passed and how long it took', () => {
    const { bars, ms, slowest, absent } = waterfall({
      heard: 1_000,
      normalised: 1_001,
      committed: 1_009,
      rung: 1_009.5,
      fed: 1_010,
      written: 1_010.5,
      applied: 1_012,
      shown: 1_020,
    });
    expect(bars.map((bar) => bar.ms)).toEqual([0, 1, 8, 0.5, 0.5, 0.5, 1.5, 8]);
    expect(bars.map(({ at }) => at).at(-1)).toBe(20);
    expect([ms, slowest, absent]).toEqual([20, 'committed', []]);
  });

  it('passes over stages that nobody stamped', () => {
    const { bars, absent } = waterfall({ heard: 10, committed: 14, written: 15 });
    expect(bars.map((bar) => [bar.stage, bar.ms])).toEqual([
      ['heard', 0],
      ['committed', 4],
      ['written', 1],
    ]);
    expect(absent).toEqual(['normalised', 'rung', 'fed', 'applied', 'shown']);
    expect(waterfall({})).toEqual({ bars: [], absent: expect.any(Array), ms: 0, slowest: undefined });
  });

  it('never goes back in time where two clocks disagree a little', () => {
    const { bars, ms } = waterfall({ written: 100, applied: 99.4, shown: 104 });
    expect(bars.map((bar) => [bar.at, bar.ms])).toEqual([
      [0, 0],
      [0, 0],
      [4, 4],
    ]);
    expect(ms).toBe(4);
  });

  it('knows when WhatsApp took the message to a second only', () => {
    expect(beforeHeard(10_000, { heard: 11_300 })).toEqual({ least: 300, most: 1_300 });
    expect(beforeHeard(10_000, { heard: 10_400 })).toEqual({ least: 0, most: 400 });
    expect(beforeHeard(10_000, {})).toBeUndefined();
  });

  it('writes three figures at most', () => {
    expect([0.001, 0.42, 3.14159, 84.6, 1_204.4].map(figure)).toEqual(['0', '0.42', '3.1', '85', '1204']);
  });
});
