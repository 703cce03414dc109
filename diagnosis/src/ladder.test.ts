// Holds the ladder: order, deadlines, and that no collector can stop or delay the rest.
import { describe, expect, it } from 'vitest';
import type { Clock, Collector } from './collector.ts';
import { factsOf } from './evidence.ts';
import { ladder } from './ladder.ts';
import { around } from './test/scene.ts';

/** A clock that stands still until it is told to go on. */
function clockOf(): Clock & { advance(ms: number): Promise<void> } {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => now,
    wall: () => now,
    timer(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    controller: () => new AbortController(),
    async advance(ms) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      now += ms;
      for (const timer of timers) {
        if (timer.at > now) continue;
        timers.delete(timer);
        timer.run();
      }
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    },
  };
}

const never = new Promise<never>(() => undefined);
const node: Collector = {
  id: 'node',
  rung: 'R00',
  provides: ['runtime.node'],
  collect: async () => ({ 'runtime.node': { version: 'v22.12.0' } }),
};

describe('the ladder', () => {
  it('gives each collector what those saw that it waits for', async () => {
    const dns: Collector = {
      id: 'dns',
      rung: 'R04',
      provides: ['dns.lookup'],
      after: ['runtime.node'],
      collect: async ({ facts }) => ({
        'dns.lookup': { host: facts['runtime.node']?.version ?? 'none', addresses: [] },
      }),
    };
    const { evidence } = await ladder([dns, node], { clock: clockOf(), around });
    expect(factsOf(evidence).facts['dns.lookup']?.host).toBe('v22.12.0');
  });

  it('leaves behind one that hangs and one that throws, and says so', async () => {
    const clock = clockOf();
    let aborted = false;
    const hung: Collector = {
      id: 'hung',
      rung: 'R05',
      provides: ['tcp.dials'],
      collect: ({ signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return never;
      },
    };
    const broken: Collector = {
      id: 'broken',
      rung: 'R06',
      provides: ['http.status'],
      after: ['tcp.dials'],
      collect: async () => {
        throw new Error('planted');
      },
    };
    const running = ladder([hung, broken, node], { clock, around });
    await clock.advance(2_999);
    await clock.advance(1);
    const { facts } = factsOf((await running).evidence);
    expect(aborted).toBe(true);
    expect(facts['runtime.node']?.version).toBe('v22.12.0');
    expect(facts.collectors?.map(({ id, why, error }) => [id, why, error])).toEqual([
      ['hung', 'late', undefined],
      ['broken', 'threw', 'planted'],
    ]);
  });

  it('ends after its whole time, whatever still waits', async () => {
    const clock = clockOf();
    const chain: readonly Collector[] = [
      { id: 'a', rung: 'R05', provides: ['tcp.dials'], collect: () => never },
      { id: 'b', rung: 'R06', provides: ['http.status'], after: ['tcp.dials'], collect: () => never },
      { id: 'c', rung: 'R11', provides: ['ws.open'], after: ['http.status'], collect: () => never },
    ];
    const running = ladder(chain, { clock, around, totalMs: 5_000 });
    await clock.advance(3_000);
    await clock.advance(2_000);
    const { ms, evidence } = await running;
    expect(ms).toBe(5_000);
    expect(factsOf(evidence).facts.collectors?.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('runs only what is asked for, with what that waits for; two that wait for each other run too', async () => {
    const ran: string[] = [];
    const one = (
      id: string,
      rung: Collector['rung'],
      key: 'tcp.dials' | 'http.status' | 'ws.open',
      after: Collector['provides'],
    ): Collector => ({
      id,
      rung,
      provides: [key],
      after,
      collect: async () => {
        ran.push(id);
        return {};
      },
    });
    const circle = [
      one('a', 'R05', 'tcp.dials', ['http.status']),
      one('b', 'R06', 'http.status', ['tcp.dials']),
      one('c', 'R11', 'ws.open', []),
    ];
    await ladder(circle, { clock: clockOf(), around, only: ['R06.silent'] });
    expect(ran.toSorted()).toEqual(['a', 'b']);
  });
});
