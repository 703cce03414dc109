// Packed records against a Map that is given the same orders; it starts no emulator.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PackedMap } from './packed.ts';

const text = (map: PackedMap) => Array.from(map.entries(), ([key, value]) => [key, value.toString()]);
const letter = (n: number) =>
  `{"id":"3A${n.toString(16).padStart(18, '0')}","text":"a text of usual length, number ${n}"}`;

describe('PackedMap', () => {
  it('does what a Map does, in the same order, whatever comes', () => {
    const key = fc.integer({ min: 0, max: 40 }).map((n) => `message/${n}`);
    const order = fc.oneof(
      fc.record({ do: fc.constant('set'), key, value: fc.nat(30).map((n) => letter(n).repeat(n)) }),
      fc.record({ do: fc.constant('delete'), key, value: fc.constant('') }),
      // Larger than a segment.
      fc.record({ do: fc.constant('set'), key, value: fc.constant('x'.repeat(40_000)) }),
    );
    fc.assert(
      fc.property(fc.array(order, { maxLength: 300 }), (orders) => {
        const [packed, plain] = [new PackedMap(), new Map<string, string>()];
        for (const each of orders) {
          if (each.do === 'delete') expect(packed.delete(each.key)).toBe(plain.delete(each.key));
          else {
            packed.set(each.key, Buffer.from(each.value));
            plain.set(each.key, each.value);
          }
        }
        expect(packed.size).toBe(plain.size);
        expect(text(packed)).toEqual([...plain]);
        for (const [name, value] of plain) expect(packed.get(name)?.toString()).toBe(value);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps 20,000 letters that are alike in less than 60 bytes each, and goes on from any of them', () => {
    const packed = new PackedMap();
    for (let n = 0; n < 20_000; n++) packed.set(`in/${n}`, Buffer.from(letter(n)));
    expect(packed.weight / 20_000).toBeLessThan(60);
    expect(packed.get('in/777')?.toString()).toBe(letter(777));
    const [next] = packed.entries('in/12345');
    expect(next?.[0]).toBe('in/12346');
  });

  it('gives back the memory of what went, also when one record in a hundred stays', () => {
    const packed = new PackedMap();
    for (let n = 0; n < 50_000; n++) {
      packed.set(`message/${n}`, Buffer.alloc(200, n));
      if (n % 100 > 0) packed.delete(`message/${n}`);
    }
    expect(packed.size).toBe(500);
    // The living, as much again, and the spare.
    expect(packed.weight).toBeLessThan(600_000);
    expect(packed.get('message/100')).toEqual(Buffer.alloc(200, 100));
    for (const [key] of packed.entries()) packed.delete(key);
    expect(text(packed)).toEqual([]);
  });
});
