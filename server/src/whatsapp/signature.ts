// Checks Signal's XEdDSA signatures with Node's native Ed25519 instead of libsignal's JavaScript (7 ms a call); it changes no other arithmetic.
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { createRequire } from 'node:module';

const P = (1n << 255n) - 19n;
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** Sender keys change rarely, and a signing key checks every message of its chain. */
const KEPT_KEYS = 2_000;

/**
 * Is `signature` (64 bytes) of `message` made with the private half of `publicKey` (X25519; 32 bytes, or 33 with a leading 05)?
 * The curve point is converted from Montgomery to Edwards form; its sign travels in the signature's highest bit (XEdDSA).
 * Throws on keys and signatures of another length, as libsignal does, and on wrong signatures where the realm insists.
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const right = fits(publicKey, message, signature);
  if (strict && !right) throw new Error('Invalid signature');
  return right;
}

let strict = false;

/**
 * Makes a wrong signature throw, for all of this realm. The library takes whatever does not throw for right, so that without this
 * it believes in any certificate root; what WhatsApp itself sends was never tried under this rule, so only emulated realms have it.
 */
export function insistOnSignatures(): void {
  strict = true;
}

function fits(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const montgomery = publicKey.byteLength === 33 && publicKey[0] === 5 ? publicKey.subarray(1) : publicKey;
  if (montgomery.byteLength !== 32) throw new Error('Invalid public key');
  if (signature.byteLength !== 64) throw new Error('Invalid signature');
  const plain = Buffer.from(signature);
  const sign = (plain[63] ?? 0) & 0x80;
  plain[63] = (plain[63] ?? 0) & 0x7f;
  const key = edwardsKey(montgomery, sign);
  return key !== undefined && verify(null, message, key, plain);
}

const kept = new Map<string, KeyObject | undefined>();

function edwardsKey(montgomery: Uint8Array, sign: number): KeyObject | undefined {
  const name = `${sign}${Buffer.from(montgomery).toString('base64')}`;
  if (kept.has(name)) return kept.get(name);
  const key = convert(montgomery, sign);
  if (kept.size >= KEPT_KEYS) kept.clear();
  kept.set(name, key);
  return key;
}

/** y = (u - 1) / (u + 1) mod p; little-endian, with the sign of x in the highest bit (RFC 7748, section 4.1). */
function convert(montgomery: Uint8Array, sign: number): KeyObject | undefined {
  const masked = Buffer.from(montgomery);
  masked[31] = (masked[31] ?? 0) & 0x7f;
  const u = BigInt(`0x${Buffer.from(masked).reverse().toString('hex')}`) % P;
  if (u === P - 1n) return undefined;
  const y = (((u - 1n + P) % P) * power((u + 1n) % P, P - 2n)) % P;
  const bytes = Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
  bytes[31] = (bytes[31] ?? 0) | sign;
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: 'der', type: 'spki' });
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/** Puts the check into libsignal. Must run before anything imports the library: an ES import takes the function when it links. */
export function installSignatureCheck(): void {
  const curve: unknown = createRequire(import.meta.url)('libsignal/src/curve.js');
  if (typeof curve !== 'object' || curve === null || !('verifySignature' in curve)) {
    throw new Error('libsignal has no verifySignature to replace');
  }
  curve.verifySignature = verifySignature;
}
