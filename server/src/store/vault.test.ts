// The vault: what it seals opens only as it was, where it was, with the key that sealed it.
import { CodedError } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { keyId, type Place, Vault } from './vault.ts';

const one = 'ab'.repeat(32);
const two = 'cd'.repeat(32);
const place: Place = { table: 'login_key', account: 'acc_1', type: 'session', id: '8613800000000.0' };
const value = Uint8Array.from({ length: 300 }, (_, index) => index % 256);

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return 'opened';
}

describe('the vault', () => {
  const vault = new Vault({ current: one });
  const sealed = { value: vault.seal(place, value), by: vault.id };

  it.each([0, 1, 300, 100_000])('gives back %i bytes as they were', (length) => {
    const bytes = new Uint8Array(length).fill(7);
    expect(vault.open(place, { value: vault.seal(place, bytes), by: vault.id })).toEqual(bytes);
  });

  it('leaves nothing of the value in what is stored', () => {
    expect(Buffer.from(sealed.value).includes(Buffer.from(value.subarray(100, 108)))).toBe(false);
    expect(keyId(one)).not.toContain(one.slice(0, 4));
  });

  it('seals the same value differently each time, also beyond one draw of nonces', () => {
    const nonces = Array.from({ length: 1_000 }, () =>
      Buffer.from(vault.seal(place, value).subarray(0, 12)).toString('hex'),
    );
    expect(new Set(nonces).size).toBe(1_000);
  });

  it('opens no value of which one bit was changed, wherever it is', () => {
    for (let at = 0; at < sealed.value.length; at += 7) {
      const damaged = Uint8Array.from(sealed.value);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(refusal(() => vault.open(place, { value: damaged, by: vault.id }))).toBe('CREDENTIALS_UNREADABLE');
    }
    for (const length of [0, 12, 27, 28, sealed.value.length - 1]) {
      const cut = { value: sealed.value.subarray(0, length), by: vault.id };
      expect(refusal(() => vault.open(place, cut))).toBe('CREDENTIALS_UNREADABLE');
    }
  });

  it.each([
    { ...place, account: 'acc_2' },
    { ...place, type: 'pre-key' },
    { ...place, id: '8613800000000.1' },
    { ...place, table: 'seen' as const },
    { ...place, type: '', id: 'session\x008613800000000.0' },
  ])('opens no value that was moved to %o', (other) => {
    expect(refusal(() => vault.open(other, sealed))).toBe('CREDENTIALS_UNREADABLE');
  });

  it('opens with the former key what that one has sealed, and seals with the current one', () => {
    const changed = new Vault({ current: two, former: one });
    expect(changed.open(place, sealed)).toEqual(value);
    const anew = { value: changed.seal(place, value), by: changed.id };
    expect(refusal(() => vault.open(place, anew))).toBe('CREDENTIALS_UNREADABLE');
    expect(refusal(() => new Vault({ current: two }).open(place, sealed))).toBe('CREDENTIALS_UNREADABLE');
  });

  it('seals text, and takes what was never sealed for what it is', () => {
    const stored = vault.sealText(place, 'socks5://ü:密码@proxy:1080');
    expect(stored).not.toContain('密码');
    expect(vault.openText(place, stored)).toBe('socks5://ü:密码@proxy:1080');
    expect(vault.openText(place, 'http://proxy:3128')).toBe('http://proxy:3128');
    expect(vault.open(place, { value, by: null })).toBe(value);
  });
});
