// HMAC over one-shot hashes: the same bytes as Node's own Hmac makes, for keys and messages of any length.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmac, MAC_BYTES } from './hmac.ts';

describe('hmac', () => {
  it('makes what the Hmac of Node makes', () => {
    const key = fc.uint8Array({ maxLength: 64 });
    const message = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 900, maxLength: 3_000 }));
    fc.assert(
      fc.property(key, message, (each, said) => {
        expect(hmac(each, said, Buffer.alloc(MAC_BYTES)).equals(createHmac('sha256', each).update(said).digest())).toBe(
          true,
        );
      }),
    );
  });

  it('refuses a key that would have to be hashed first', () => {
    expect(() => hmac(new Uint8Array(65), new Uint8Array(1), Buffer.alloc(MAC_BYTES))).toThrow('at most 64 bytes');
  });
});
