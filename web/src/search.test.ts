// Tests what is shown of a found message: its places, with a little before the first one.
import { describe, expect, it } from 'vitest';
import { parts } from './search.tsx';

const shown = (body: string, ...ranges: [number, number][]): string =>
  parts(body, ranges)
    .map(({ text, found }) => (found ? `[${text}]` : text))
    .join('');

describe('a found message', () => {
  it.each([
    ['退款到了，谢谢', [[0, 2]], '[退款]到了，谢谢'],
    [
      '请问退款，谢谢',
      [
        [2, 4],
        [5, 7],
      ],
      '请问[退款]，[谢谢]',
    ],
    [`${'很'.repeat(40)}退款`, [[40, 42]], `…${'很'.repeat(12)}[退款]`],
    [
      `退款${'很'.repeat(200)}谢谢`,
      [
        [0, 2],
        [202, 204],
      ],
      `[退款]${'很'.repeat(118)}`,
    ],
  ] satisfies [string, [number, number][], string][])('%s', (body, ranges, text) => {
    expect(shown(body, ...ranges)).toBe(text);
  });
});
