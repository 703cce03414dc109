// The ring of pre-framed events and the memory of stamps: what they keep within their bounds, and that they never answer with a hole.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRing, type LiveItem } from './ring.ts';
import { createTraceMemory } from './trace.ts';

const item = (stream: string, seq: number, size = 10): LiveItem => ({
  type: 'note',
  stream,
  epoch: 'e1',
  seq,
  size,
  bytes: new Uint8Array(0),
});
const seqs = (items: readonly LiveItem[] | undefined) => items?.map(({ seq }) => seq);

describe('createRing', () => {
  it('answers pages after a position, and says when it does not reach back so far', () => {
    const ring = createRing(100, 1_000);
    for (const seq of [5, 6, 7, 8]) ring.append(item('a', seq));
    expect(seqs(ring.read('a', 5, 2, 1_000))).toEqual([6, 7]);
    expect(seqs(ring.read('a', 4, 9, 25))).toEqual([5, 6]);
    expect(seqs(ring.read('a', 4, 9, 1))).toEqual([5]);
    expect(seqs(ring.read('a', 8, 9, 1_000))).toEqual([]);
    expect(ring.read('a', 3, 9, 1_000)).toBeUndefined();
    expect(ring.read('b', 0, 9, 1_000)).toBeUndefined();
  });

  it('forgets the oldest of all streams beyond its bounds', () => {
    const ring = createRing(3, 1_000);
    ring.append(item('quiet', 1));
    for (const seq of [1, 2, 3]) ring.append(item('busy', seq));
    expect([ring.events, ring.bytes, ring.read('quiet', 0, 9, 99)]).toEqual([3, 30, undefined]);
    ring.append(item('busy', 4, 985));
    expect([ring.events, ring.bytes]).toEqual([2, 995]);
  });

  it('forgets a stream that does not go on with the next seq', () => {
    const ring = createRing(100, 1_000);
    for (const seq of [1, 2, 9]) ring.append(item('a', seq));
    expect([ring.events, ring.read('a', 1, 9, 99)]).toEqual([1, undefined]);
    expect(seqs(ring.read('a', 8, 9, 99))).toEqual([9]);
  });

  it('[G4] never answers with a hole, whatever was appended, forgotten and pushed out', () => {
    const step = fc.record({ stream: fc.constantFrom('a', 'b', 'c'), jump: fc.nat(20), forget: fc.nat(30) });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 3_000, minLength: 500 }),
        fc.integer({ min: 1, max: 60 }),
        (steps, most) => {
          const ring = createRing(most, 500);
          const last = new Map<string, number>();
          for (const { stream, jump, forget } of steps) {
            const seq = (last.get(stream) ?? 0) + (jump === 20 ? 7 : 1);
            last.set(stream, seq);
            ring.append(item(stream, seq));
            if (forget === 30) ring.forget(stream);
            const after = Math.max(0, seq - jump);
            const found = ring.read(stream, after, 1_000, 10_000);
            if (found !== undefined) expect(seqs(found)).toEqual(found.map((_, index) => after + 1 + index));
            if (found !== undefined && forget !== 30) expect(after + found.length).toBe(seq);
            expect(ring.events).toBeLessThanOrEqual(Math.min(most, 50));
            expect(ring.bytes).toBe(ring.events * 10);
          }
        },
      ),
      { numRuns: 10 },
    );
  });
});

describe('createTraceMemory', () => {
  it('keeps the first stamp of each stage, of the newest messages', () => {
    const traces = createTraceMemory(2);
    for (const id of ['m1', 'm2', 'm3']) traces.stamp(id, 'committed', 1);
    traces.stamp('m3', 'shown', 5);
    traces.stamp('m3', 'shown', 9);
    traces.stamp('nobody', 'shown', 5);
    expect([traces.get('m1'), traces.get('m3'), traces.get('nobody'), traces.size]).toEqual([
      undefined,
      { committed: 1, shown: 5 },
      undefined,
      2,
    ]);
  });
});
