// What the lines of an .env file say, what Next makes of them, and how they are put right.
import { createRequire } from 'node:module';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { API_BASE, mendEnv, readEnv } from './env-lines.ts';

const RIGHT = 'NEXT_PUBLIC_API_BASE_URL=http://localhost:4000';
const utf8 = (text: string) => Buffer.from(text, 'utf8');
const read = (text: string) => readEnv(utf8(text));

describe('a line that is right', () => {
  it.each([
    RIGHT,
    `${RIGHT}/`,
    `${RIGHT}   `,
    `export ${RIGHT}`,
    'NEXT_PUBLIC_API_BASE_URL="http://localhost:4000"',
    "NEXT_PUBLIC_API_BASE_URL = 'http://localhost:4000' # the server",
    'NEXT_PUBLIC_API_BASE_URL=http://[::1]:4000',
    `# 后端\n\n${RIGHT}\r\nSECRET=1\n`,
  ])('%j has no flaw and is left alone', (text) => {
    const { lines, value, repaired } = read(text);
    expect(lines.flatMap(({ flaws }) => flaws)).toEqual([]);
    expect(value).toMatch(/^http:\/\/(localhost|\[::1\]):4000\/?$/);
    expect(repaired).toBeUndefined();
    expect(mendEnv(utf8(text))).toBeUndefined();
  });

  it('other keys are not told, by name or by value', () => {
    expect(JSON.stringify(read(`TOKEN=hidden\n${RIGHT}\nNEXT_PUBLIC_OTHER=hidden`))).not.toMatch(/hidden|TOKEN|OTHER/);
  });
});

describe('a line that is wrong', () => {
  it.each([
    ['API_BASE_URL=http://localhost:4000', 'prefix'],
    ['PUBLIC_API_BASE_URL=http://localhost:4000', 'prefix'],
    ['NEXT_PUBLIC_API_BASE_ULR=http://localhost:4000', 'typo'],
    ['NEXT_PUBLIC_API_BASEURL=http://localhost:4000', 'typo'],
    ['NEXT_PUBILC_API_BASE_URL=http://localhost:4000', 'typo'],
    ['next_public_api_base_url=http://localhost:4000', 'case'],
    ['NEXT-PUBLIC-API-BASE-URL=http://localhost:4000', 'case'],
    ['NEXT_PUBLIC_API_BASE_URL=“http://localhost:4000”', 'curly-quotes'],
    ['NEXT_PUBLIC_API_BASE_URL＝http://localhost:4000', 'full-width'],
    ['NEXT_PUBLIC_API_BASE_URL=http：//localhost：4000', 'full-width'],
    ['ＮＥＸＴ_PUBLIC_API_BASE_URL=http://localhost:4000', 'full-width'],
    ['set NEXT_PUBLIC_API_BASE_URL=http://localhost:4000', 'shell-prefix'],
    ['set "NEXT_PUBLIC_API_BASE_URL=http://localhost:4000"', 'shell-prefix'],
    ['$env:NEXT_PUBLIC_API_BASE_URL="http://localhost:4000"', 'shell-prefix'],
    ['"NEXT_PUBLIC_API_BASE_URL=http://localhost:4000" ', 'quoted-line'],
    ['“NEXT_PUBLIC_API_BASE_URL=http://localhost:4000”', 'quoted-line'],
    ['NEXT_PUBLIC_API_BASE_URL=localhost:4000', 'no-scheme'],
    ['NEXT_PUBLIC_API_BASE_URL=//localhost:4000', 'no-scheme'],
    ['NEXT_PUBLIC_API_BASE_URL=http:/localhost:4000', 'no-scheme'],
    ['NEXT_PUBLIC_API_BASE_URL=ws://localhost:4000', 'socket-scheme'],
    ['NEXT_PUBLIC_API_BASE_URL=ws://localhost:4000/ws', 'path'],
    ['NEXT_PUBLIC_API_BASE_URL=http://localhost:4000/api', 'path'],
    ['NEXT_PUBLIC_API_BASE_URL:http://localhost:4000', 'not-a-url'],
    ['NEXT_PUBLIC_API_BASE_URL http://localhost:4000', 'not-a-url'],
  ])('%j: %s, and it is put right', (text, flaw) => {
    const [line] = read(text).lines;
    expect(line?.flaws).toContain(flaw);
    const mended = mendEnv(utf8(`# mine\n${text}\nOTHER=1\n`)) ?? '';
    expect(mended).toBe(`# mine\n${RIGHT}\nOTHER=1\n`);
    expect(mendEnv(utf8(mended))).toBeUndefined();
  });

  it.each([
    ['NEXT_PUBLIC_API_BASE_URL=', 'empty'],
    ['NEXT_PUBLIC_API_BASE_URL=http://localhost:4000 // 后端', 'not-a-url'],
    ['NEXT_PUBLIC_API_BASE_URL=http://localhost:400000', 'not-a-url'],
    ['NEXT_PUBLIC_API_BASE_URL=http://本机:4000', 'not-a-url'],
  ])('%j: %s, and nobody can know what was meant', (text, flaw) => {
    expect(read(text).lines[0]?.flaws).toEqual([flaw]);
    expect(mendEnv(utf8(text))).toBeUndefined();
  });

  it('of two the last one counts, as with Next; mending leaves it alone', () => {
    const text = `NEXT_PUBLIC_API_BASE_URL=http://localhost:5000\n${RIGHT}\n`;
    expect(read(text).value).toBe('http://localhost:4000');
    expect(mendEnv(utf8(text))).toBe(`${RIGHT}\n`);
  });

  it('a password in an address is not shown', () => {
    expect(JSON.stringify(read('NEXT_PUBLIC_API_BASE_URL=http://me:hidden@localhost:4000').lines)).not.toContain(
      'hidden',
    );
  });
});

describe('what Pulseline reads by itself', () => {
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

  it('UTF-16 and mixed encodings: Next finds nothing, Pulseline the address, and it says so', () => {
    for (const bytes of [
      utf16(`${RIGHT}\r\n`),
      Buffer.concat([utf8('A=1\r\n'), Buffer.from(`${RIGHT}\r\n`, 'utf16le')]),
    ]) {
      const reading = readEnv(bytes);
      expect(reading.plain).toBeUndefined();
      expect(reading.value).toBe('http://localhost:4000');
      expect(reading.repaired).toBe('encoding');
      expect(mendEnv(bytes)).toMatch(/^(A=1\n)?NEXT_PUBLIC_API_BASE_URL=http:\/\/localhost:4000\n$/);
    }
  });

  it('a line in the quotes of cmd’s echo', () => {
    expect(read('"NEXT_PUBLIC_API_BASE_URL=http://localhost:4000" \r\n')).toMatchObject({
      value: 'http://localhost:4000',
      repaired: 'quoted-line',
    });
  });

  it('a mark of UTF-8 in front harms nobody', () => {
    const reading = read(`\ufeff${RIGHT}\r\n`);
    expect([reading.plain, reading.value, reading.repaired]).toEqual([
      'http://localhost:4000',
      'http://localhost:4000',
      undefined,
    ]);
  });

  it('never guesses: what must be guessed is only told', () => {
    for (const text of ['API_BASE_URL=http://localhost:4000', 'NEXT_PUBLIC_API_BASE_URL＝http://localhost:4000'])
      expect(read(text).value).toBeUndefined();
  });

  it('finds in any UTF-8 file what Node’s and Next’s own readers find', () => {
    // Next brings its reader along, with types of its own.
    const next: unknown = createRequire(import.meta.url)('@next/env');
    expect(next).toHaveProperty('loadEnvConfig');
    for (const line of [
      RIGHT,
      `export ${RIGHT}`,
      `${RIGHT} # x`,
      ` ${API_BASE} = "http://a:1" `,
      `${API_BASE}='http://a:1'`,
      `${API_BASE}=http://a:1#b`,
      `"${RIGHT}"`,
    ])
      expect(read(line).plain, line).toBe(parseEnv(line)[API_BASE]);
  });
});
