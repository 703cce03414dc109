// Boxes, sizes and spans as they are shown.
import { describe, expect, it } from 'vitest';
import { boxOf, sizeText, spanText, thumbnailAddress } from './media-address.ts';

describe('a file on the screen', () => {
  it('has its box before it is loaded, in its own proportions and never larger than fits', () => {
    expect(boxOf({ width: 4_000, height: 3_000 })).toEqual({ width: 320, height: 240 });
    expect(boxOf({ width: 900, height: 1_600 })).toEqual({ width: 203, height: 360 });
    expect(boxOf({ width: 10, height: 10 })).toEqual({ width: 200, height: 200 });
    expect(boxOf({ width: 100, height: 3_000 })).toEqual({ width: 200, height: 360 });
    expect(boxOf({ width: 3_000, height: 100 })).toEqual({ width: 320, height: 120 });
    expect(boxOf({})).toEqual({ width: 240, height: 180 });
  });

  it('tells its size and its length as people write them', () => {
    expect([0, 900, 1_500, 1_048_576, 250 * 1_048_576].map(sizeText)).toEqual([
      '0 B',
      '900 B',
      '1.5 KB',
      '1.0 MB',
      '250 MB',
    ]);
    expect([0, 5.4, 65, 3_600].map(spanText)).toEqual(['0:00', '0:05', '1:05', '60:00']);
  });

  it('shows nothing as a thumbnail but base64', () => {
    expect(thumbnailAddress('/9j/4AAQ')).toBe('data:image/jpeg;base64,/9j/4AAQ');
    expect(thumbnailAddress('"><script>')).toBeUndefined();
    expect(thumbnailAddress(undefined)).toBeUndefined();
  });
});
