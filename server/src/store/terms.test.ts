// Tests what finds what: every word of a text, of any script and length, and numbers in any writing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchOf, rangesOf, termsOf, wantedBy } from './terms.ts';

const shown = (text: string, query: string): readonly string[] =>
  rangesOf(text, wantedBy(query)).map(([from, to]) => text.slice(from, to));

describe('a query', () => {
  it.each([
    ['您好，退款多久到账？', '款', ['款']],
    ['您好，退款多久到账？', '退款', ['退款']],
    ['验证码是多少', '验证码', ['验证码']],
    ['退款退款', '退款', ['退款退款']],
    ['请发货 and refund it', '发货 REFUND', ['发货', 'refund']],
    ['Please refund', 'ref', ['ref']],
    ['Café Ｍüller', 'cafe muller', ['Café', 'Ｍüller']],
    ['订单 iPhone15Pro', 'iphone15', ['iPhone15']],
    ['ガギグ ｶﾞｷﾞ', 'ガギ', ['ガギ', 'ｶﾞｷﾞ']],
    ['한국어로', '국어', ['국어']],
    ['ราคาเท่าไหร่', 'เท่า', ['เท่า']],
    ['好的👍🏽谢谢', '👍', ['👍']],
    ['Москва, ёлка', 'елка', ['ёлка']],
  ])('finds in "%s" by "%s"', (text, query, places) => {
    expect(shown(text, query)).toEqual(places);
  });

  const writings = [
    '+86 138-0013-8000',
    '13800138000',
    '138 0013 8000',
    '0086 13800138000',
    '(138) 0013.8000',
    '１３８００１３８０００',
  ];
  it.each(writings.flatMap((text) => writings.map((query) => [text, query] as const)))(
    'finds the number %s written as %s',
    (text, query) => {
      expect(shown(`请拨打 ${text}，谢谢`, query)).toHaveLength(1);
    },
  );

  it.each([
    ['尾号 8000', '+8613800138000', false],
    ['13900138000', '13800138000', false],
    ['13800138000', '8000', true],
    ['13800138000', '0013', true],
    ['单号 SF1234567890', '1234567', true],
    ['+44 (0)20 7946 0958', '+442079460958', true],
    ['+44 20 7946 0958', '02079460958', true],
    ['#1234', '1234', true],
    ['1234', '#12', true],
    ['91234', '12', false],
    ['refund', 'fund', false],
    ['退 款', '退款', false],
    ['这里退款', '退货', false],
    ['hello', '…', false],
  ])('in "%s" by "%s": %s', (text, query, found) => {
    expect(shown(text, query).length > 0).toBe(found);
  });

  it('shows every part only if all are there', () => {
    expect(shown('退款在这里', '退款 发票')).toEqual([]);
  });
});

/** A small FTS5: the columns as lists of tokens, the query as matchOf writes it. */
function matches(text: string, query: string): boolean {
  const { words, starts } = termsOf(text);
  const columns: Readonly<Record<string, readonly string[]>> = { words: words.split(' '), starts: starts.split(' ') };
  const one = (part: string): boolean => {
    const [, column = '', phrase = '', prefix] = /^(\w+) : "([^"]*)"( \*)?$/.exec(part) ?? [];
    const tokens = phrase.split(' ');
    const all = columns[column] ?? [];
    return all.some((_, at) =>
      tokens.every((token, i) =>
        prefix !== undefined && i === tokens.length - 1 ? all[at + i]?.startsWith(token) : all[at + i] === token,
      ),
    );
  };
  const match = matchOf(wantedBy(query));
  return (
    match !== '' &&
    match.split(' AND ').every((part) =>
      part
        .replace(/^\(|\)$/g, '')
        .split(' OR ')
        .some(one),
    )
  );
}

const letters = fc.constantFrom(...'退款验证码新a1 b,-0８Éé。👍か\u3099가각ا');
const texts = fc.string({ unit: letters, maxLength: 24 });

describe('the index', () => {
  it('finds exactly what is shown', () => {
    fc.assert(
      fc.property(texts, fc.string({ unit: letters, minLength: 1, maxLength: 6 }), (text, query) => {
        expect(matches(text, query)).toBe(rangesOf(text, wantedBy(query)).length > 0);
      }),
      { numRuns: 3_000 },
    );
  });

  it('finds every part of a text that has no blanks', () => {
    const ideographs = fc.string({ unit: fc.constantFrom(...'退款验证码新加坡的是一'), minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(ideographs, fc.nat(), fc.nat({ max: 8 }), (text, at, length) => {
        const from = at % text.length;
        expect(matches(`好，${text}。`, text.slice(from, from + length + 1))).toBe(true);
      }),
    );
  });

  it('keeps nothing but tokens and blanks, and no more of a long word or number than counts', () => {
    const { words, starts } = termsOf(`"a" OR b* ${'9'.repeat(5_000)} ${'x'.repeat(5_000)} 退"款`);
    expect(`${words} ${starts}`).toMatch(/^[\p{L}\p{N} ]*$/u);
    expect(Math.max(...words.split(' ').map((word) => word.length))).toBe(64);
    expect(words.length).toBeLessThan(4_000);
  });
});
