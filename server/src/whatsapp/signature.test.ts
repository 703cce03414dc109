// Agreement of the native signature check with libsignal's own, on good, tampered and foreign signatures.
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { verifySignature } from './signature.ts';

interface Curve {
  generateKeyPair(): { pubKey: Buffer; privKey: Buffer };
  calculateSignature(key: Buffer, message: Buffer): Buffer;
  verifySignature(key: Buffer, message: Buffer, signature: Buffer): boolean;
}
function isCurve(value: unknown): value is Curve {
  return typeof value === 'object' && value !== null && 'verifySignature' in value && 'calculateSignature' in value;
}

describe('the native signature check', () => {
  const curve: unknown = createRequire(import.meta.url)('libsignal/src/curve.js');
  if (!isCurve(curve)) throw new Error('libsignal has changed');
  // libsignal's own function, from before anything replaces it.
  const original = curve.verifySignature;

  it('judges 20 good, 20 tampered and 20 foreign signatures as libsignal does', () => {
    for (let round = 0; round < 20; round++) {
      const own = curve.generateKeyPair();
      const foreign = curve.generateKeyPair();
      const message = Buffer.from(`message ${round} ${'x'.repeat(round * 7)}`);
      const good = curve.calculateSignature(own.privKey, message);
      const tampered = Buffer.from(good);
      tampered[(round * 3) % 63] = (tampered[(round * 3) % 63] ?? 0) ^ 1;
      for (const [key, signature, wanted] of [
        [own.pubKey, good, true],
        [own.pubKey, tampered, false],
        [foreign.pubKey, good, false],
      ] as const) {
        expect(verifySignature(key, message, signature)).toBe(wanted);
        expect(original(key, message, Buffer.from(signature))).toBe(wanted);
      }
    }
  });

  it('refuses keys and signatures of a wrong length by throwing', () => {
    expect(() => verifySignature(new Uint8Array(31), new Uint8Array(1), new Uint8Array(64))).toThrow('public key');
    expect(() => verifySignature(new Uint8Array(32), new Uint8Array(1), new Uint8Array(63))).toThrow('signature');
  });

  it('is what the library verifies group messages with', async () => {
    await import('./library.ts');
    // A variable, since this path has no types.
    const name: string = 'libsignal/src/curve.js';
    const linked: unknown = await import(name);
    if (!isCurve(linked)) throw new Error('libsignal has changed');
    expect(linked.verifySignature).not.toBe(original);
    expect(linked.verifySignature).toBe(curve.verifySignature);
    expect(String(linked.verifySignature)).toBe(String(verifySignature));
  });
});
