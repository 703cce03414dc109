// Holds the canary's way: its stages when all is well, where it ends when one is broken, and how often one may ask.
import { CodedError } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../store/port.ts';
import { Canary, type CanaryParts } from './canary.ts';

/** Parts that work at once; each can be replaced by a broken one. */
function scene(broken: Partial<CanaryParts> = {}) {
  let now = 0;
  const refused: unknown[] = [];
  const stored: StoredEvent[] = [];
  const timers: (() => void)[] = [];
  const frames: unknown[] = [];
  const canary: Canary = new Canary({
    tester: () => undefined,
    write: async (data) => {
      const event: StoredEvent = {
        stream: '_canary',
        epoch: 'e',
        seq: stored.length + 1,
        type: 'new_message',
        data,
        at: 0,
      };
      stored.push(event);
      canary.committed({ events: [event], at: (now += 1) });
      return { epoch: 'e', seq: event.seq };
    },
    refused: (error) => refused.push(error),
    queries: { canary: async (seq) => stored[seq - 1] },
    ring: (ring) => canary.rung(ring),
    hub: {
      tellOne: async (connection, type, data, passed) => {
        passed('fed');
        frames.push([connection, type, data()]);
        passed('written');
        return true;
      },
    },
    now: () => (now += 1),
    after: (_ms, call) => {
      timers.push(call);
      return () => undefined;
    },
    ...broken,
  });
  return {
    canary,
    refused,
    frames,
    late: () => timers.forEach((call) => call()),
    sleep: (ms: number) => void (now += ms),
  };
}

describe('the canary', () => {
  it('passes every stage in order and reaches the connection that asked', async () => {
    const { canary, frames } = scene();
    const flight = await canary.ask('p1', 'c_1');
    expect(flight).toMatchObject({ id: 'p1', outcome: 'arrived' });
    expect(Object.keys(flight.stages)).toEqual(['heard', 'normalised', 'committed', 'rung', 'fed', 'written']);
    expect(Object.values(flight.stages)).toEqual(Object.values(flight.stages).toSorted((a, b) => a - b));
    expect(frames).toMatchObject([['c_1', 'canary', { probeId: 'p1', message: { account: '_canary', body: 'p1' } }]]);
    expect(canary.flying).toBe(0);
  });

  it('is taken in by a worker where one runs, which writes it', async () => {
    const written: string[] = [];
    const { canary } = scene({
      tester: () => ({
        takeIn: async (text) => ({ heard: 100 + text.length, normalised: 103 }),
        async write(data) {
          written.push(data);
          const event = { stream: '_canary', epoch: 'e', seq: 1, type: 'new_message', data, at: 0 } as const;
          canary.committed({ events: [event], at: 104 });
        },
      }),
      queries: {
        canary: async () => ({
          stream: '_canary',
          epoch: 'e',
          seq: 1,
          type: 'new_message',
          data: written[0] ?? '',
          at: 0,
        }),
      },
      write: () => Promise.reject(new Error('not this way')),
    });
    const { outcome, stages } = await canary.fly('p1');
    expect(outcome).toBe('arrived');
    expect(stages).toMatchObject({ heard: 101, normalised: 102, committed: 103 });
  });

  it('ends before "normalised" where the worker is deaf or dead', async () => {
    const deaf = { takeIn: () => new Promise<never>(() => undefined), write: async () => undefined };
    const { canary, late } = scene({ tester: () => deaf });
    const flight = canary.fly('p');
    await new Promise((resolve) => setImmediate(resolve));
    late();
    expect(await flight).toMatchObject({ outcome: 'late', missing: 'normalised' });
    const error = new CodedError('WORKER_DIED');
    const dead = scene({ tester: () => ({ ...deaf, takeIn: () => Promise.reject(error) }) });
    expect(await dead.canary.fly('p')).toMatchObject({
      outcome: 'refused',
      missing: 'normalised',
      code: 'WORKER_DIED',
    });
    expect(dead.refused).toEqual([]);
  });

  it('says of a store that refuses it why', async () => {
    const error = new CodedError('STORE_FAILED', { detail: 'database is locked' });
    const { canary, refused } = scene({ write: () => Promise.reject(error) });
    expect(await canary.fly('p')).toMatchObject({
      outcome: 'refused',
      missing: 'committed',
      code: 'STORE_FAILED',
      error: 'database is locked',
    });
    expect(refused).toEqual([error]);
  });

  it.each([
    ['committed', { write: () => new Promise<never>(() => undefined) }],
    ['rung', { ring: () => undefined }],
    ['rung', { queries: { canary: async () => undefined } }],
    ['fed', { hub: { tellOne: () => new Promise<never>(() => undefined) } }],
  ] as const)('ends late without "%s" when that part is silent', async (missing, broken) => {
    const { canary, late } = scene(broken);
    const flight = canary.fly('p', 'c_1');
    await new Promise((resolve) => setImmediate(resolve));
    late();
    expect(await flight).toMatchObject({ outcome: 'late', missing });
    expect(canary.flying).toBe(0);
  });

  it('is lost when the connection does not take it', async () => {
    const { canary } = scene({
      hub: {
        tellOne: async (_connection, _type, _data, passed) => {
          passed('fed');
          return false;
        },
      },
    });
    expect(await canary.fly('p', 'c_gone')).toMatchObject({ outcome: 'lost', missing: 'written' });
  });

  it('may be asked for once a second', async () => {
    const { canary, sleep } = scene();
    await canary.ask('p1');
    expect(() => canary.ask('p2')).toThrow(expect.objectContaining({ code: 'CANARY_TOO_SOON' }));
    sleep(1_000);
    expect(await canary.ask('p3')).toMatchObject({ outcome: 'arrived' });
  });

  it('flies in a bounded number', async () => {
    const { canary, late } = scene({ write: () => new Promise<never>(() => undefined) });
    const flights = Array.from({ length: 20 }, (_, n) => canary.fly(`p${n}`));
    await new Promise((resolve) => setImmediate(resolve));
    expect(canary.flying).toBe(16);
    late();
    expect((await Promise.all(flights)).filter(({ code }) => code === 'BUSY')).toHaveLength(4);
  });
});
