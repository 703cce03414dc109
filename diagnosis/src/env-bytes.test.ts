// An .env file's bytes as editors and shells really write them.
import { describe, expect, it } from 'vitest';
import { decodeEnv } from './env-bytes.ts';

const LINE = 'NEXT_PUBLIC_API_BASE_URL=http://localhost:4000';
const le = (text: string) => Buffer.from(text, 'utf16le');
const be = (text: string) => le(text).swap16();
const utf8 = (text: string) => Buffer.from(text, 'utf8');
const join = (...parts: readonly Uint8Array[]) => Buffer.concat(parts);

describe('the bytes of an .env file', () => {
  it.each([
    ['UTF-8', utf8(`${LINE}\n`), ['utf-8'], false],
    ['UTF-8 with a mark', utf8(`\ufeff${LINE}\r\n`), ['utf-8'], true],
    ['UTF-16LE with a mark, as PowerShell 5 writes it', le(`\ufeff${LINE}\r\n`), ['utf-16le'], true],
    ['UTF-16LE without one', le(`${LINE}\r\n`), ['utf-16le'], false],
    ['UTF-16BE with a mark', be(`\ufeff${LINE}\r\n`), ['utf-16be'], true],
    ['UTF-16BE without one', be(`${LINE}\r\n`), ['utf-16be'], false],
    ['UTF-16LE that is cut in the middle of a sign', le(`\ufeff${LINE}\r\n`).subarray(0, -1), ['utf-16le'], true],
  ])('%s', (_, bytes, encodings, mark) => {
    const read = decodeEnv(bytes);
    expect(read.encodings).toEqual(encodings);
    expect(read.mark).toBe(mark);
    expect(read.text.split('\n')[0]?.replace('\r\ufffd', '')).toBe(LINE);
  });

  it.each([
    ['UTF-8, then PowerShell 5’s >>', join(utf8('A=1\r\n'), le(`${LINE}\r\n`))],
    ['UTF-8 without an end of line, then PowerShell 5’s >>', join(utf8('A=1'), le(`${LINE}\r\n`))],
    ['UTF-8, then UTF-16 with a mark of its own', join(utf8('A=1\r\n'), le(`\ufeff${LINE}\r\n`))],
    ['UTF-16, then another shell’s >>', join(le('\ufeffA=1\r\n'), utf8(`${LINE}\n`))],
    ['UTF-16 without an end of line, then another shell’s >>', join(le('\ufeffA=1'), utf8(`${LINE}\n`))],
    ['UTF-16BE, then UTF-8', join(be('\ufeffA=1\r\n'), utf8(`${LINE}\n`))],
  ])('mixed: %s', (_, bytes) => {
    const read = decodeEnv(bytes);
    expect(read.text.split('\n')).toEqual(['A=1', LINE]);
    expect(read.encodings).toHaveLength(2);
    expect(read.invalid).toBe(false);
  });

  it('keeps Chinese comments in each of them', () => {
    const text = `# 后端的地址\n${LINE}\n# 丰丰丰\nB=2`;
    for (const bytes of [utf8(text), le(`\ufeff${text}`), be(`\ufeff${text}`)])
      expect(decodeEnv(bytes).text).toBe(text);
  });

  it('says that a comment in GBK is no UTF-8, and still reads the rest', () => {
    const read = decodeEnv(join(utf8('# '), Buffer.from([0xba, 0xf3, 0xb6, 0xcb]), utf8(`\n${LINE}\n`)));
    expect(read.invalid).toBe(true);
    expect(read.text.split('\n')[1]).toBe(LINE);
  });

  it('an empty file, one mark alone and one byte are nothing', () => {
    for (const bytes of [[], [0xff, 0xfe], [0xef, 0xbb, 0xbf]]) expect(decodeEnv(Uint8Array.from(bytes)).text).toBe('');
    expect(decodeEnv(Uint8Array.of(0x41)).text).toBe('A');
  });
});
