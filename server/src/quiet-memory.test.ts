// When a thread collects: after a burst, once it is quiet, and not again for nothing.
import { describe, expect, it } from 'vitest';
import { collected, type Heap, keepSmall, look } from './quiet-memory.ts';

const MB = 1_000_000;

/** Looks at which a collection was due; each leaves 40 MB. */
function play(looks: readonly number[]): readonly number[] {
  let heap: Heap = collected(40 * MB);
  const due: number[] = [];
  for (const [index, used] of looks.entries()) {
    const [next, isDue] = look(heap, used * MB);
    heap = isDue ? collected(40 * MB) : next;
    if (isDue) due.push(index);
  }
  return due;
}

describe('the memory of a thread', () => {
  it('is collected when a burst is over, and only once', () => {
    expect(play([60, 75, 90, 90.1, 90.2, 90.3, 40, 40.1, 40.2])).toEqual([4]);
  });

  it('is left alone while work comes in, and where little would be gained', () => {
    expect(play([60, 75, 55, 70, 85, 60, 75])).toEqual([]);
    expect(play([44, 44.1, 44.2, 44.3, 44.4])).toEqual([]);
  });

  it('can be collected in this Node', () => {
    expect(keepSmall()).toBeTypeOf('function');
  });
});
