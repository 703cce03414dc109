// HMAC-SHA256 over two one-shot hashes of Node, in a third of the time that an Hmac object takes; it makes no hash of its own.
import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
export const MAC_BYTES = 32;

/** The padded key, and after it what is hashed with it. Grows with the longest message. */
let inner = Buffer.alloc(1024);
const outer = Buffer.alloc(BLOCK_BYTES + MAC_BYTES);

/**
 * Writes the 32 bytes into the target, which may be the key itself. The hashes come as text of one character a byte: making a
 * buffer costs Node more than hashing.
 * @throws RangeError when the key is longer than 64 bytes; all of Signal's are shorter.
 */
export function hmac(key: Uint8Array, message: Uint8Array, target: Buffer): Buffer {
  if (key.length > BLOCK_BYTES) throw new RangeError('a key has at most 64 bytes');
  const end = BLOCK_BYTES + message.length;
  if (inner.length < end) inner = Buffer.alloc(2 * end);
  for (let i = 0; i < BLOCK_BYTES; i++) {
    const byte = key[i] ?? 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  inner.set(message, BLOCK_BYTES);
  outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'binary');
  target.write(hash('sha256', outer, 'binary'), 'binary');
  return target;
}
