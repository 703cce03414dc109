// The frame table of /test-ws: order, counts, bounds, export.
import { describe, expect, it } from 'vitest';
import { frameRow, MAX_FRAMES, noFrames, toNdjson, withFrames } from './frames.ts';

const event = (seq: number, body = 'hi'): string =>
  JSON.stringify({ type: 'new_message', data: { body }, timestamp: 1, stream: 'acc_1', seq });

describe('the frame table', () => {
  it('reads type and position from a frame, and keeps a text that is none', () => {
    expect(frameRow(event(7), true, 5)).toMatchObject({ type: 'new_message', seq: 7, at: 5, inward: true });
    expect(frameRow('no json', false, 5)).toMatchObject({ type: '?', seq: undefined, text: 'no json', inward: false });
  });

  it('numbers rows and counts received frames by type', () => {
    const first = withFrames(noFrames, [frameRow(event(1), true, 1), frameRow('{"type":"test"}', false, 2)]);
    const second = withFrames(first, [frameRow(event(2), true, 3)]);
    expect(second.rows.map(({ n }) => n)).toEqual([1, 2, 3]);
    expect(second.byType.get('new_message')).toBe(2);
    expect(second.byType.has('test')).toBe(false);
    expect([second.total, second.sent]).toEqual([3, 1]);
  });

  it('lets the oldest rows go at its bounds of rows and of characters', () => {
    const many = withFrames(
      noFrames,
      Array.from({ length: MAX_FRAMES + 10 }, (_, index) => frameRow(event(index), true, index)),
    );
    expect(many.rows).toHaveLength(MAX_FRAMES);
    expect(many.rows[0]?.n).toBe(11);
    const large = withFrames(
      noFrames,
      Array.from({ length: 5 }, (_, index) => frameRow(event(index, 'x'.repeat(3_000_000)), true, index)),
    );
    expect(large.rows).toHaveLength(2);
    expect(large.characters).toBe(large.rows.reduce((sum, { size }) => sum + size, 0));
  });

  it('is exported one frame a line', () => {
    const { rows } = withFrames(noFrames, [frameRow(event(1), true, 1), frameRow('odd', false, 2)]);
    const lines = toNdjson(rows).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { at: 1, direction: 'in', frame: JSON.parse(event(1)) },
      { at: 2, direction: 'out', frame: 'odd' },
    ]);
  });
});
