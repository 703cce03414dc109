// Our signatures against libsignal's own check; it never looks at how they are made.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateKeyPair, typed } from './keys.ts';
import { generateSigningPair, sign } from './xeddsa.ts';

interface Curve {
  verifySignature(publicKey: Buffer, message: Buffer, signature: Buffer): boolean;
}
const { curve }: { curve: Curve } = createRequire(import.meta.url)('libsignal');

describe('sign', () => {
  it("makes signatures that libsignal's own check takes, the first of a key and all later ones, of any pair, and no others", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 2, maxLength: 3 }), fc.boolean(), (messages, madeToSign) => {
        const pair = madeToSign ? generateSigningPair() : generateKeyPair();
        for (const message of messages.map((each) => Buffer.from(each))) {
          const signature = sign(pair.private, message);
          expect(curve.verifySignature(typed(pair.public), message, signature)).toBe(true);
          const other = Buffer.concat([message, Buffer.from('!')]);
          expect(curve.verifySignature(typed(pair.public), other, signature)).toBe(false);
        }
      }),
      { numRuns: 12 },
    );
  });
});
