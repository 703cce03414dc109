// A test message goes the way of a contact's, as far as our own words.
import { describe, expect, it } from 'vitest';
import { takeIn } from './test-message.ts';

describe('a test message', () => {
  it('is heard, read and put into our words, in this order', () => {
    let at = 0;
    expect(takeIn('p_1 测试 🙂', () => (at += 1))).toEqual({ heard: 1, normalised: 2 });
  });

  it('that would not be read as it was written is an error', () => {
    expect(() => takeIn('x'.repeat(70_000), () => 0)).toThrow('not read');
  });
});
