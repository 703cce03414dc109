// What a key press in a text field means; an Enter that belongs to an input method never sends.

export interface KeyPress {
  readonly key: string;
  readonly keyCode: number;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** Of the native event: an input method is choosing. */
  readonly isComposing: boolean;
}

/** Safari reports the Enter that ends a composition after the composition, with this key code. */
const IME_KEY_CODE = 229;

export function sends(press: KeyPress, enter: 'send' | 'newline'): boolean {
  if (press.key !== 'Enter' || press.isComposing || press.keyCode === IME_KEY_CODE) return false;
  if (press.shiftKey || press.altKey) return false;
  return press.ctrlKey || press.metaKey || enter === 'send';
}
