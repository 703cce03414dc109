// Curve25519 pairs, signatures and key derivation as WhatsApp uses them; it never stores a key and never talks to anyone.
import { createPrivateKey, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from 'node:crypto';
import { libsignal } from './libsignal.ts';

/** Both halves are 32 raw bytes, without the type byte 5 that Signal puts in front of public keys. */
export interface KeyPair {
  readonly public: Buffer;
  readonly private: Buffer;
}

const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
const TYPE_BYTE = Buffer.from([5]);

export function generateKeyPair(): KeyPair {
  const pair = libsignal.curve.generateKeyPair();
  return { public: Buffer.from(pair.pubKey.subarray(1)), private: Buffer.from(pair.privKey) };
}

/** The 33-byte form of a public key that Signal messages and signatures use. */
export function typed(publicKey: Uint8Array): Buffer {
  return publicKey.length === 33 ? Buffer.from(publicKey) : Buffer.concat([TYPE_BYTE, publicKey]);
}

/** A private key made ready for many agreements. */
export function privateKeyObject(key: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, key]), format: 'der', type: 'pkcs8' });
}

/** X25519. @throws when the public key is not 32 bytes or is a point of small order. */
export function agree(privateKey: KeyObject, publicKey: Uint8Array): Buffer {
  if (publicKey.length !== 32) throw new RangeError('a public key has 32 bytes');
  const peer = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return diffieHellman({ privateKey, publicKey: peer });
}

export function hkdf(secret: Uint8Array, salt: Uint8Array, info: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, length));
}
