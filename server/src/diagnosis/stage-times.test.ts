// The times of a message's stages: what they say, and that they forget.
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { StageTimes } from './stage-times.ts';

describe('the times of the stages', () => {
  it('are told in the order of the way', () => {
    const times = new StageTimes(new Registry(), () => 0);
    for (let n = 1; n <= 100; n++) times.passed('committed', n * 10);
    times.passed('heard', 1);
    expect(times.read()).toEqual([
      { stage: 'heard', count: 1, lasting: 0, p50: 1, p95: 1, p99: 1 },
      { stage: 'committed', count: 100, lasting: 0, p50: 500, p95: 950, p99: 990 },
    ]);
  });

  it('last only if even the fastest is slow, again and again: a burst is no slow stage', () => {
    let now = 0;
    const times = new StageTimes(new Registry(), () => now);
    for (let n = 0; n < 1_000; n++) times.passed('normalised', n * 20);
    expect(times.read()).toMatchObject([{ lasting: 0 }]);
    for (let second = 10; second <= 120; second += 10) {
      now = second * 1_000;
      times.passed('normalised', 700 + second);
      times.passed('normalised', 5_000);
    }
    expect(times.read()).toMatchObject([{ lasting: 710 }]);
  });

  it('are forgotten after five minutes, so that a slow hour is no fault for ever', () => {
    let now = 0;
    const times = new StageTimes(new Registry(), () => now);
    for (let n = 0; n < 10; n++) times.passed('committed', 900);
    now = 299_000;
    times.passed('committed', 5);
    expect(times.read()).toMatchObject([{ count: 11, p95: 900 }]);
    now = 301_000;
    expect(times.read()).toMatchObject([{ count: 1, p95: 5 }]);
    now = 900_000;
    expect(times.read()).toEqual([]);
  });

  it('hold the last five hundred of each stage', () => {
    const times = new StageTimes(new Registry(), () => 0);
    for (let n = 0; n < 2_000; n++) times.passed('fed', n < 1_500 ? 900 : 1);
    expect(times.read()).toMatchObject([{ count: 2_000, p95: 1 }]);
  });
});
