// What Enter does in the composer, above all what it never does.
import { describe, expect, it } from 'vitest';
import { type KeyPress, sends } from './enter.ts';

const enter: KeyPress = {
  key: 'Enter',
  keyCode: 13,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
};

describe('Enter in the composer', () => {
  it('sends, and with Shift makes a new line', () => {
    expect(sends(enter, 'send')).toBe(true);
    expect(sends({ ...enter, shiftKey: true }, 'send')).toBe(false);
    expect(sends({ ...enter, key: 'a' }, 'send')).toBe(false);
  });

  it('never sends while an input method chooses', () => {
    expect(sends({ ...enter, isComposing: true }, 'send')).toBe(false);
    expect(sends({ ...enter, keyCode: 229 }, 'send')).toBe(false);
    expect(sends({ ...enter, isComposing: true, ctrlKey: true }, 'newline')).toBe(false);
  });

  it('makes a new line for readers who want that, and Ctrl or ⌘ with Enter sends', () => {
    expect(sends(enter, 'newline')).toBe(false);
    expect(sends({ ...enter, ctrlKey: true }, 'newline')).toBe(true);
    expect(sends({ ...enter, metaKey: true }, 'newline')).toBe(true);
  });
});
