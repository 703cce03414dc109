// The bytes of an .env file as text, as people's editors and shells really write them: UTF-8, UTF-16 with or without a mark, or both in one file. It reads no disk.

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

export interface EnvText {
  /** Decoded, lines ended by LF, without marks and NULs. */
  readonly text: string;
  /** In the order of their first line; more than one = somebody appended by another shell. */
  readonly encodings: readonly Encoding[];
  /** A byte order mark at the start. */
  readonly mark: boolean;
  /** Bytes that are no text in any of these encodings; they stand as U+FFFD. */
  readonly invalid: boolean;
}

/** What lies behind this is not read. */
export const MOST_ENV_BYTES = 65_536;

const LF = 0x0a;
const EQUALS = 0x3d;
const REPLACED = '\ufffd';

/**
 * Each line is looked at by itself: PowerShell 5 appends UTF-16 to a UTF-8 file, and other shells append UTF-8 to a UTF-16
 * one. A change of encoding inside a line is where a second program began to write, so a line begins there too.
 */
export function decodeEnv(given: Uint8Array): EnvText {
  const bytes = given.subarray(0, MOST_ENV_BYTES);
  const encodings: Encoding[] = [];
  const lines: string[] = [];
  let invalid = false;
  let at = 0;
  let encoding: Encoding = 'utf-8';
  const first = markAt(bytes, 0);
  while (at < bytes.length) {
    const mark = markAt(bytes, at);
    if (mark !== undefined) {
      encoding = mark.encoding;
      at += mark.length;
      if (at >= bytes.length) {
        if (!encodings.includes(encoding)) encodings.push(encoding);
        break;
      }
    } else encoding = encodingAt(bytes, at, encoding);
    const end = encoding === 'utf-8' ? endOfUtf8(bytes, at) : endOfUtf16(bytes, at, encoding);
    const line = bytes.subarray(at, end);
    const text = encoding === 'utf-8' ? utf8(line) : utf16(line, encoding);
    if (text.includes(REPLACED)) invalid = true;
    if (!encodings.includes(encoding)) encodings.push(encoding);
    lines.push(
      text
        .replaceAll('\0', '')
        .replaceAll('\ufeff', '')
        .replace(/[\r\n]+$/, ''),
    );
    at = end;
  }
  return {
    text: lines.join('\n'),
    encodings: encodings.length === 0 ? ['utf-8'] : encodings,
    mark: first !== undefined,
    invalid,
  };
}

/** What a program finds that takes all of it for UTF-8, as Next does. */
export function decodeAsUtf8(given: Uint8Array): string {
  return utf8(given.subarray(0, MOST_ENV_BYTES));
}

function markAt(bytes: Uint8Array, at: number): { readonly encoding: Encoding; readonly length: number } | undefined {
  const [a, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]];
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', length: 2 };
  return a === 0xef && b === 0xbb && c === 0xbf ? { encoding: 'utf-8', length: 3 } : undefined;
}

/** A line of such a file begins with an ASCII sign: beside it a NUL is the other half of a UTF-16 unit. */
function encodingAt(bytes: Uint8Array, at: number, current: Encoding): Encoding {
  const [a, b] = [bytes[at] ?? 0, bytes[at + 1]];
  if (a !== 0 && a < 0x80 && b === 0) return 'utf-16le';
  if (a === 0 && b !== undefined && b !== 0 && b < 0x80) return 'utf-16be';
  return current === 'utf-8' || isAsciiLine(bytes, at) ? 'utf-8' : current;
}

/** Signs of Chinese text in UTF-16 can be pairs of ASCII bytes, but no line of them holds an assignment too. */
function isAsciiLine(bytes: Uint8Array, at: number): boolean {
  let assigns = false;
  for (let n = at; n < bytes.length; n++) {
    const byte = bytes[n] ?? 0;
    if (byte === LF) break;
    if ((byte < 0x20 && byte !== 0x0d && byte !== 0x09) || byte > 0x7e) return false;
    assigns ||= byte === EQUALS;
  }
  return assigns;
}

function endOfUtf8(bytes: Uint8Array, from: number): number {
  for (let n = from; n < bytes.length; n++) {
    if (bytes[n] === LF) return n + 1;
    const following = bytes[n + 1];
    // The appended part began one byte before its first NUL.
    if (following === 0 && n > from && bytes[n + 3] === 0) return n;
    if (n > from && markAt(bytes, n) !== undefined) return n;
  }
  return bytes.length;
}

function endOfUtf16(bytes: Uint8Array, from: number, encoding: Encoding): number {
  for (let n = from; n < bytes.length; n += 2) {
    if (unit(bytes, n, encoding) === LF) return Math.min(n + 2, bytes.length);
    if (n > from && isAsciiLine(bytes, n)) return n;
  }
  return bytes.length;
}

function unit(bytes: Uint8Array, at: number, encoding: Encoding): number {
  const [a, b] = [bytes[at] ?? 0, bytes[at + 1] ?? 0];
  return encoding === 'utf-16le' ? a | (b << 8) : (a << 8) | b;
}

function utf16(bytes: Uint8Array, encoding: Encoding): string {
  let text = '';
  for (let n = 0; n + 1 < bytes.length; n += 2) text += String.fromCharCode(unit(bytes, n, encoding));
  return bytes.length % 2 === 0 ? text : text + REPLACED;
}

/** Strict first; a line that is none keeps its ASCII. */
function utf8(bytes: Uint8Array): string {
  try {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : REPLACED)).join('');
  }
}
