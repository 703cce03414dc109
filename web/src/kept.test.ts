// What a reload brings back, on a shelf in memory.
import { describe, expect, it } from 'vitest';
import { dropUnsent, keepDraft, keepUnsent, keptDrafts, keptUnsent, type Shelf } from './kept.ts';

function shelf(capacity = Number.POSITIVE_INFINITY): Shelf {
  const map = new Map<string, string>();
  return {
    get length() {
      return map.size;
    },
    key: (index) => [...map.keys()][index] ?? null,
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => {
      if (value.length > capacity) throw new DOMException('full', 'QuotaExceededError');
      map.set(key, value);
    },
    removeItem: (key) => {
      map.delete(key);
    },
  };
}

const message = (n: number, text = 'hello') => ({ commandId: `k${n}`, conversation: 'c_1', text, at: n });

describe('what a reload brings back', () => {
  it('gives unanswered messages in the order in which they were written, each with its command id', () => {
    const one = shelf();
    for (const n of [2, 1, 3]) keepUnsent(one, message(n));
    dropUnsent(one, 'k2');
    expect(keptUnsent(one)).toEqual([message(1), message(3)]);
  });

  it('says when there is no room', () => {
    expect(keepUnsent(shelf(10), message(1))).toBe(false);
    const one = shelf();
    for (let n = 0; n < 25; n += 1) keepUnsent(one, message(n, 'x'.repeat(60_000)));
    expect(keptUnsent(one)).toHaveLength(16);
  });

  it('throws away what it cannot read', () => {
    const one = shelf();
    one.setItem('pulseline.unsent.k1', '{"commandId":1}');
    one.setItem('pulseline.draft.c_1', 'nonsense');
    one.setItem('another page', 'kept');
    expect([keptUnsent(one), keptDrafts(one)]).toEqual([[], new Map()]);
    expect([one.length, one.getItem('another page')]).toEqual([1, 'kept']);
  });

  it('keeps the newest 200 drafts, and none that is empty', () => {
    const one = shelf();
    for (let n = 0; n < 205; n += 1) keepDraft(one, `c_${n}`, `draft ${n}`, n);
    keepDraft(one, 'c_204', '  ', 300);
    const drafts = keptDrafts(one);
    expect([drafts.size, drafts.has('c_4'), drafts.get('c_5')]).toEqual([199, false, 'draft 5']);
  });
});
