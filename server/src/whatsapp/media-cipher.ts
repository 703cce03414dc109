// How WhatsApp seals a file: AES-256-CBC with a short MAC, keys from one media key. Files of any size pass in pieces; nothing is believed before its hashes fit.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { KeyWord, MediaSource } from './port.ts';

const MAC_BYTES = 10;
const BLOCK = 16;

/** The bytes are not what the message speaks of. */
export class MediaBroken extends Error {
  constructor(what: string) {
    super(`not what the message speaks of: ${what}`);
    this.name = 'MediaBroken';
  }
}

/** Length of the sealed form of a file of so many bytes. */
export function sealedLength(size: number): number {
  return (Math.floor(size / BLOCK) + 1) * BLOCK + MAC_BYTES;
}

function keysOf(mediaKey: Uint8Array, word: KeyWord) {
  const all = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(32), `WhatsApp ${word} Keys`, 112));
  return { iv: all.subarray(0, 16), cipher: all.subarray(16, 48), mac: all.subarray(48, 80) };
}

export interface Opened {
  /** sha256 of the file, hex. */
  readonly hash: string;
  readonly size: number;
}

/** Opens the sealed file at `from` into `to`. Throws MediaBroken; what is in `to` then is worth nothing. */
export async function openSealed(from: string, to: string, source: MediaSource): Promise<Opened> {
  const { size: length } = await stat(from);
  const end = length - MAC_BYTES;
  if (end < BLOCK || end % BLOCK !== 0) throw new MediaBroken('its length');
  const keys = keysOf(Buffer.from(source.key, 'base64'), source.word);
  const sealed = createHash('sha256');
  const mac = createHmac('sha256', keys.mac).update(keys.iv);
  const told = await tailOf(from, end);
  // Once over the whole of it first: nothing is decrypted that was not sealed by whoever has the key.
  for await (const chunk of createReadStream(from)) {
    const bytes: Buffer = chunk;
    sealed.update(bytes);
  }
  if (source.sealedSha256 !== undefined && sealed.digest('base64') !== source.sealedSha256) {
    throw new MediaBroken('the hash of its sealed form');
  }
  for await (const chunk of createReadStream(from, { end: end - 1 })) {
    const bytes: Buffer = chunk;
    mac.update(bytes);
  }
  if (!timingSafeEqual(mac.digest().subarray(0, MAC_BYTES), told)) throw new MediaBroken('its MAC');
  const plain = createHash('sha256');
  let size = 0;
  await pipeline(
    createReadStream(from, { end: end - 1 }),
    createDecipheriv('aes-256-cbc', keys.cipher, keys.iv),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        plain.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(to, { mode: 0o600 }),
  ).catch((error: unknown) => {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    throw typeof code === 'string' && code.startsWith('ERR_OSSL') ? new MediaBroken('its padding') : error;
  });
  const hash = plain.digest();
  if (source.sha256 !== undefined && hash.toString('base64') !== source.sha256) throw new MediaBroken('its hash');
  return { hash: hash.toString('hex'), size };
}

async function tailOf(path: string, at: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const tail = Buffer.alloc(MAC_BYTES);
    const { bytesRead } = await handle.read(tail, 0, MAC_BYTES, at);
    if (bytesRead !== MAC_BYTES) throw new MediaBroken('its length');
    return tail;
  } finally {
    await handle.close();
  }
}

export interface Sealed {
  readonly mediaKey: Buffer;
  readonly fileSha256: Buffer;
  readonly fileEncSha256: Buffer;
  readonly fileLength: number;
}

/** Seals the file at `from` into `to`, under a key of its own. */
export async function seal(from: string, to: string, word: KeyWord, mediaKey = randomBytes(32)): Promise<Sealed> {
  const keys = keysOf(mediaKey, word);
  const plain = createHash('sha256');
  const sealed = createHash('sha256');
  const mac = createHmac('sha256', keys.mac).update(keys.iv);
  let fileLength = 0;
  await pipeline(
    createReadStream(from),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        plain.update(chunk);
        fileLength += chunk.length;
        yield chunk;
      }
    },
    createCipheriv('aes-256-cbc', keys.cipher, keys.iv),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        mac.update(chunk);
        sealed.update(chunk);
        yield chunk;
      }
      const tail = mac.digest().subarray(0, MAC_BYTES);
      sealed.update(tail);
      yield tail;
    },
    createWriteStream(to, { mode: 0o600 }),
  );
  return { mediaKey, fileSha256: plain.digest(), fileEncSha256: sealed.digest(), fileLength };
}
