// The strip of states claims what was seen, and nothing else.
import { describe, expect, it } from 'vitest';
import { bandsOf, totalsOf, untilNow } from './strip.ts';

describe('the strip of states', () => {
  const stretches = [
    { state: 'QR', from: 0, to: 10_000 },
    { state: 'READY', from: 10_000, to: 50_000 },
    { state: 'DISCONNECTED', from: 50_000, to: 53_000 },
    { state: 'FAILED', from: 53_000, to: 55_000 },
    { state: 'READY', from: 70_000, to: 90_000 },
  ] as const;

  it('is cut to its window, joins what means the same, and leaves a hole where nobody looked', () => {
    expect(bandsOf(stretches, 20_000, 100_000)).toEqual([
      { meaning: 'ready', from: 20_000, to: 50_000 },
      { meaning: 'down', from: 50_000, to: 55_000 },
      { meaning: 'off', from: 55_000, to: 70_000 },
      { meaning: 'ready', from: 70_000, to: 90_000 },
      { meaning: 'off', from: 90_000, to: 100_000 },
    ]);
  });

  it('claims nothing before the first stretch', () => {
    expect(bandsOf(stretches.slice(4), 0, 90_000)).toEqual([{ meaning: 'ready', from: 70_000, to: 90_000 }]);
    expect(bandsOf([], 0, 90_000)).toEqual([]);
  });

  it('reaches to now while the present state is known to hold', () => {
    expect(untilNow(stretches, { state: 'READY', since: 70_000 }, 95_000).at(-1)).toEqual({
      state: 'READY',
      from: 70_000,
      to: 95_000,
    });
    expect(untilNow(stretches, { state: 'DEGRADED', since: 92_000 }, 95_000).at(-1)).toEqual({
      state: 'DEGRADED',
      from: 92_000,
      to: 95_000,
    });
  });

  it('says in figures what it shows', () => {
    expect(totalsOf(bandsOf(stretches, 0, 90_000))).toEqual([
      { meaning: 'ready', ms: 60_000, times: 2 },
      { meaning: 'busy', ms: 10_000, times: 1 },
      { meaning: 'down', ms: 5_000, times: 1 },
      { meaning: 'off', ms: 15_000, times: 1 },
    ]);
    expect(totalsOf([{ meaning: 'down', from: 0, to: 400 }])).toEqual([]);
  });
});
