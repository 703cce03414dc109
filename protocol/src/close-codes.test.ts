// The close codes: each says what to do next, codes of a newer peer too, and PROTOCOL.md lists exactly these.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closeCodes, closeEntry } from './close-codes.ts';

describe('close codes', () => {
  it('[G14] are to be met by coming back below 4500 and are final from there on', () => {
    for (const [code, { next }] of Object.entries(closeCodes)) {
      expect(next === 'final', code).toBe(Number(code) >= 4500);
    }
  });

  it('[G14] that are not known are judged by their range', () => {
    expect(closeEntry(4999).next).toBe('final');
    expect([1014, 3000, 4099].map((code) => closeEntry(code).next)).toEqual(['reconnect', 'reconnect', 'reconnect']);
  });

  it('are those of PROTOCOL.md, each with what to do next', () => {
    const document = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');
    const rows = [...document.matchAll(/^\| (\d{4}) \| (reconnect|renew|final) \|/gm)].map(([, code, next]) => [
      code,
      next,
    ]);
    expect(rows).toEqual(Object.entries(closeCodes).map(([code, { next }]) => [code, next]));
  });
});
