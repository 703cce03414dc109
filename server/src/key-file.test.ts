// The key file: made once, found again, and refused in words when it is missing or spoilt.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errors } from '@pulseline/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type KeySettings, keyFileOf, readKeys } from './key-file.ts';

let dir: string;
let settings: KeySettings;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pulseline-key-'));
  settings = { key: undefined, keyFile: undefined, oldKey: undefined, keyLost: false, dataDir: join(dir, 'data') };
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('the key file', () => {
  it('is made at the first start beside the data folder, for its owner alone, and found at the next', () => {
    const { current } = readKeys(settings, undefined);
    const file = keyFileOf(settings);
    expect(file).toBe(join(dir, 'data.key'));
    expect(current).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(file, 'utf8').trim()).toBe(current);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readKeys(settings, 'an id')).toEqual({ current });
  });

  it('that is missing while the data lies under a key is not replaced in silence', () => {
    expect(() => readKeys(settings, '0123456789abcdef')).toThrow(
      expect.objectContaining({
        code: 'KEY_MISSING',
        params: { file: join(dir, 'data.key'), known: '0123456789abcdef' },
      }),
    );
    expect(existsSync(keyFileOf(settings))).toBe(false);
    expect(readKeys({ ...settings, keyLost: true }, '0123456789abcdef')).toMatchObject({ lost: true });
  });

  it.each(['', 'not a key', `${'ab'.repeat(32)}${'cd'.repeat(32)}`])('with the text %j is refused and kept', (text) => {
    writeFileSync(keyFileOf(settings), text);
    expect(() => readKeys(settings, undefined)).toThrow(expect.objectContaining({ code: 'KEY_UNREADABLE' }));
    expect(readFileSync(keyFileOf(settings), 'utf8')).toBe(text);
  });

  it('in a folder that cannot be written is told by its path', () => {
    const keyFile = join(dir, 'file', 'key');
    writeFileSync(join(dir, 'file'), '');
    expect(() => readKeys({ ...settings, keyFile }, undefined)).toThrow(
      expect.objectContaining({ code: 'KEY_UNREADABLE', params: expect.objectContaining({ file: keyFile }) }),
    );
  });

  it.runIf(process.platform !== 'win32')('that others can read is closed to them, and that is told', () => {
    readKeys(settings, undefined);
    chmodSync(keyFileOf(settings), 0o644);
    const warn = vi.fn();
    readKeys(settings, undefined, warn);
    expect(warn).toHaveBeenCalledWith(keyFileOf(settings));
    expect(statSync(keyFileOf(settings)).mode & 0o777).toBe(0o600);
  });

  it('is not looked at when the key is given, and the former key may be given as text or as a file', () => {
    const key = 'AB'.repeat(32);
    const former = 'cd'.repeat(32);
    const file = join(dir, 'old.key');
    writeFileSync(file, `${former}\n`);
    for (const oldKey of [former, file])
      expect(readKeys({ ...settings, key, oldKey }, 'x')).toEqual({ current: key.toLowerCase(), former });
    expect(existsSync(keyFileOf(settings))).toBe(false);
    expect(() => readKeys({ ...settings, key, oldKey: join(dir, 'none') }, 'x')).toThrow(
      expect.objectContaining({ code: 'KEY_UNREADABLE' }),
    );
  });

  it.each(['KEY_MISSING', 'KEY_WRONG'] as const)('%s says in both languages how to go on', (code) => {
    for (const language of ['zh', 'en'] as const) expect(errors[code].fix[language]).toContain('PULSELINE_KEY_LOST');
  });
});
