// XEdDSA signatures by a Curve25519 key, fast from the second one on, or from the first where the pair was made here; it never verifies and never keeps more than the last keys.
import { createHash, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import type { KeyPair } from './keys.ts';
import { libsignal } from './libsignal.ts';

/** The field's prime and the order of the base point. */
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

const X25519_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const RAW_BYTES = 32;
const SIGN_BIT = 0x80;

interface Signer {
  /** The private scalar. */
  readonly a: bigint;
  /** Its point on the Edwards curve, as 32 bytes with the sign. */
  readonly point: Buffer;
  readonly sign: number;
}

const MAX_SIGNERS = 1_000;
const signers = new Map<string, Signer>();

/**
 * libsignal signs in plain JavaScript, some 10 ms each, which a member of a lively group cannot afford. Its first signature
 * with a key tells the sign of the key's point; with that, the one hard step left is a multiple of the base point, and the
 * platform does that whenever it makes an Ed25519 key.
 */
export function sign(privateKey: Buffer, message: Buffer): Buffer {
  const signer = signers.get(privateKey.toString('base64'));
  if (signer) return signFast(signer, message);
  const signature = libsignal.curve.calculateSignature(privateKey, message);
  remember(privateKey, signerOf(privateKey, signature));
  return signature;
}

/**
 * A new pair that signs fast from its first signature on: the platform makes an Ed25519 key, and its scalar, which is what the
 * hash of its seed begins with, is the private key. So the point on the Edwards curve is known from the beginning.
 */
export function generateSigningPair(): KeyPair {
  const seed = randomBytes(RAW_BYTES);
  const scalar = clamped(createHash('sha512').update(seed).digest().subarray(0, RAW_BYTES));
  const point = publicOf(ED25519_PREFIX, seed);
  remember(scalar, { a: fromLittleEndian(scalar), point, sign: point.readUInt8(31) & SIGN_BIT });
  return { public: Buffer.from(publicOf(X25519_PREFIX, scalar)), private: scalar };
}

function remember(privateKey: Buffer, signer: Signer): void {
  const [oldest] = signers.keys();
  if (oldest !== undefined && signers.size >= MAX_SIGNERS) signers.delete(oldest);
  signers.set(privateKey.toString('base64'), signer);
}

function signerOf(privateKey: Buffer, signature: Buffer): Signer {
  const u = fromLittleEndian(publicOf(X25519_PREFIX, privateKey));
  const y = mod((u - 1n) * power(u + 1n, P - 2n, P), P);
  const sign = signature.readUInt8(63) & SIGN_BIT;
  const point = toLittleEndian(y);
  point.writeUInt8(point.readUInt8(31) | sign, 31);
  return { a: fromLittleEndian(clamped(privateKey)), point, sign };
}

function signFast({ a, point, sign }: Signer, message: Buffer): Buffer {
  const seed = randomBytes(RAW_BYTES);
  const r = fromLittleEndian(clamped(createHash('sha512').update(seed).digest().subarray(0, RAW_BYTES)));
  const R = publicOf(ED25519_PREFIX, seed);
  const h = fromLittleEndian(createHash('sha512').update(R).update(point).update(message).digest());
  const signature = Buffer.concat([R, toLittleEndian(mod(r + h * a, L))]);
  signature.writeUInt8(signature.readUInt8(63) | sign, 63);
  return signature;
}

function publicOf(prefix: Buffer, raw: Buffer): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'pkcs8' });
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-RAW_BYTES);
}

function clamped(raw: Buffer): Buffer {
  const bytes = Buffer.from(raw);
  bytes.writeUInt8(bytes.readUInt8(0) & 248, 0);
  bytes.writeUInt8((bytes.readUInt8(31) & 127) | 64, 31);
  return bytes;
}

function mod(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return rest < 0n ? rest + by : rest;
}

function power(base: bigint, exponent: bigint, by: bigint): bigint {
  let result = 1n;
  for (let square = mod(base, by), left = exponent; left > 0n; left >>= 1n, square = (square * square) % by) {
    if (left & 1n) result = (result * square) % by;
  }
  return result;
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function toLittleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * RAW_BYTES, '0'), 'hex').reverse();
}
