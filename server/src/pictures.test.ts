// Profile pictures: fetched once, kept, and never the one before once they have changed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPictures } from './pictures.ts';

const address = '8613800000000@s.whatsapp.net';
const chat = { kind: 'person', pn: address } as const;

describe('a profile picture', () => {
  let folder: string;
  /** What WhatsApp answers, one after the other. */
  let answers: (string | null | Promise<string | null>)[];
  let asked: number;
  const open = () =>
    openPictures({
      folder,
      now: () => 1_000,
      fetch: async () => {
        asked++;
        return answers.shift();
      },
    });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pulseline-pictures-'));
    answers = [];
    asked = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is fetched when it is first looked at, and again once it has changed', async () => {
    const pictures = open();
    answers = [base64('first'), base64('second'), null];
    expect(String(await pictures.of('a', chat))).toBe('first');
    expect(String(await pictures.of('a', chat))).toBe('first');
    expect(asked).toBe(1);
    await pictures.forget('a', address);
    expect(String(await pictures.of('a', chat))).toBe('second');
    await pictures.forget('a', address);
    expect(await pictures.of('a', chat)).toBeUndefined();
    expect(await pictures.of('a', chat)).toBeUndefined();
    expect(asked).toBe(3);
  });

  it('that changes while it is being read is read again, whichever answer comes last', async () => {
    const pictures = open();
    let give: (answer: string) => void = () => {};
    answers = [new Promise<string>((resolve) => (give = resolve)), base64('new')];
    const before = pictures.of('a', chat);
    await pictures.forget('a', address);
    expect(String(await pictures.of('a', chat))).toBe('new');
    give(base64('old'));
    expect(String(await before)).toBe('old');
    expect(String(await pictures.of('a', chat))).toBe('new');
    expect(asked).toBe(2);
  });
});
