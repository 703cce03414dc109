// Holds the pulse: a block of the loop and a jump of the clock are seen, and forgotten after a minute.
import { describe, expect, it } from 'vitest';
import { Pulse } from './pulse.ts';

function scene() {
  let now = 0;
  let wall = 1_000_000;
  const pulse = new Pulse({ now: () => now, wall: () => wall });
  const beats = (n: number, ms = 100): void => {
    for (let beat = 0; beat < n; beat += 1) {
      now += ms;
      wall += ms;
      pulse.beat();
    }
  };
  return {
    pulse,
    beats,
    wait(ms: number) {
      now += ms;
      wall += ms;
    },
    jump(ms: number) {
      wall += ms;
    },
  };
}

describe('the pulse', () => {
  it('sees how long the loop was blocked, and forgets it after a minute', () => {
    const { pulse, beats } = scene();
    beats(100);
    expect(pulse.read().max).toBe(0);
    beats(1, 1_300);
    expect(pulse.read().max).toBe(1_200);
    expect(pulse.read().p99).toBeLessThanOrEqual(1_200);
    beats(600);
    expect(pulse.read().max).toBe(0);
  });

  it('tells a loop that was blocked from one that others kept from the processor', () => {
    let [now, waited] = [0, 0];
    const pulse = new Pulse({ now: () => now, wall: () => now, waited: () => waited });
    now += 2_000;
    waited += 1_800;
    pulse.beat();
    expect(pulse.read()).toMatchObject({ max: 100, starvedMs: 1_800 });
    now += 3_100;
    expect(pulse.read()).toMatchObject({ max: 3_000, starvedMs: 1_800 });
  });

  it('counts a block that still goes on', () => {
    const { pulse, beats, wait } = scene();
    beats(10);
    wait(5_100);
    expect(pulse.read().max).toBe(5_000);
  });

  it('sees jumps of the wall clock in both directions, and no drift', () => {
    const { pulse, beats, jump } = scene();
    beats(10);
    jump(3_600_000);
    beats(1);
    jump(-120_000);
    beats(1);
    jump(500);
    beats(10);
    expect(pulse.jumps.map(({ ms }) => ms)).toEqual([3_600_000, -120_000]);
    expect(pulse.read().max).toBe(0);
  });

  it('remembers a bounded number of jumps', () => {
    const { pulse, beats, jump } = scene();
    for (let n = 0; n < 100; n += 1) {
      jump(10_000);
      beats(1);
    }
    expect(pulse.jumps).toHaveLength(20);
  });
});
