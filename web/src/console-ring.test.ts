// What is kept of a console and its errors: bounded, the newest, and of an object never its content.
import { describe, expect, it } from 'vitest';
import { createRing, noteError, onPageError, pageErrors, printed } from './console-ring.ts';

describe('the console ring', () => {
  it('keeps the newest, oldest first, and counts all', () => {
    const ring = createRing<number>(3);
    expect(ring.list()).toEqual([]);
    for (const n of [1, 2]) ring.add(n);
    expect(ring.list()).toEqual([1, 2]);
    for (const n of [3, 4, 5]) ring.add(n);
    expect([ring.list(), ring.total]).toEqual([[3, 4, 5], 5]);
  });

  it('keeps of a frame its type and place, of any other object nothing', () => {
    expect(printed({ type: 'new_message', seq: 4, data: { body: 'hello' } })).toEqual({ type: 'new_message', seq: 4 });
    expect(printed({ name: 'Marie' })).toEqual({ type: 'object' });
    expect(printed(['Marie'])).toEqual({ type: 'object' });
    expect([printed('text'), printed(7), printed(undefined), printed(new TypeError('no'))]).toEqual([
      'text',
      '7',
      'undefined',
      'TypeError: no',
    ]);
  });

  it('cuts long texts', () => {
    expect(String(printed('x'.repeat(5_000)))).toHaveLength(1_000);
  });

  it('takes errors down, whatever was thrown, and tells who listens', () => {
    let told = 0;
    const end = onPageError(() => (told += 1));
    noteError('render', new RangeError('too deep'));
    noteError('promise', 'only a word');
    end();
    noteError('script', undefined);
    expect(told).toBe(2);
    expect(pageErrors.list().map(({ source, name, text }) => [source, name, text])).toEqual([
      ['render', 'RangeError', 'too deep'],
      ['promise', 'Error', 'only a word'],
      ['script', 'Error', 'undefined'],
    ]);
  });
});
