// How WhatsApp seals a file: keys from one media key, AES-CBC, a short MAC and two hashes; it never knows where the bytes are kept.
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { proto } from 'baileys/WAProto/index.js';
import { hkdf } from './keys.ts';
import { wire } from './wire.ts';

/** The word that goes into the keys, by the message's field. */
const KEY_WORDS = {
  imageMessage: 'Image',
  videoMessage: 'Video',
  ptvMessage: 'Video',
  audioMessage: 'Audio',
  documentMessage: 'Document',
  stickerMessage: 'Image',
} as const;

export type MediaField = keyof typeof KEY_WORDS;
/** A word that WhatsApp derives media keys with. */
export type KeyWord = (typeof KEY_WORDS)[MediaField] | 'History' | 'App State' | 'Link Thumbnail';

const MAC_BYTES = 10;
const EXPANDED_BYTES = 112;
const NO_SALT = Buffer.alloc(32);

export interface Sealed {
  /** What the media host keeps: ciphertext and MAC. */
  readonly bytes: Buffer;
  readonly mediaKey: Buffer;
  readonly fileSha256: Buffer;
  readonly fileEncSha256: Buffer;
  readonly fileLength: number;
}

/** Where a file lies and what opens it, as a message tells it. */
export interface MediaRef {
  readonly mediaKey: Uint8Array;
  readonly fileSha256: Uint8Array | undefined;
  readonly fileEncSha256: Uint8Array | undefined;
  readonly fileLength: number | undefined;
  readonly directPath: string | undefined;
  readonly word: KeyWord;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function keysOf(mediaKey: Uint8Array, word: KeyWord): { iv: Buffer; cipher: Buffer; mac: Buffer } {
  const all = hkdf(mediaKey, NO_SALT, `WhatsApp ${word} Keys`, EXPANDED_BYTES);
  return { iv: all.subarray(0, 16), cipher: all.subarray(16, 48), mac: all.subarray(48, 80) };
}

function macOf(keys: { iv: Buffer; mac: Buffer }, ciphertext: Uint8Array): Buffer {
  return createHmac('sha256', keys.mac).update(keys.iv).update(ciphertext).digest().subarray(0, MAC_BYTES);
}

/** @param mediaKey 32 random bytes. */
export function sealMedia(plain: Uint8Array, word: KeyWord, mediaKey: Buffer): Sealed {
  const keys = keysOf(mediaKey, word);
  const cipher = createCipheriv('aes-256-cbc', keys.cipher, keys.iv);
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  const bytes = Buffer.concat([ciphertext, macOf(keys, ciphertext)]);
  return { bytes, mediaKey, fileSha256: sha256(plain), fileEncSha256: sha256(bytes), fileLength: plain.length };
}

/** @returns the file, once both hashes, the MAC and the length are what the message says. @throws naming the first that is not. */
export function openMedia(bytes: Buffer, ref: MediaRef): Buffer {
  if (ref.fileEncSha256 && !sha256(bytes).equals(ref.fileEncSha256)) throw new Error('the hash of the sealed file');
  const keys = keysOf(ref.mediaKey, ref.word);
  const ciphertext = bytes.subarray(0, -MAC_BYTES);
  const mac = bytes.subarray(-MAC_BYTES);
  if (mac.length !== MAC_BYTES || !timingSafeEqual(mac, macOf(keys, ciphertext))) throw new Error('the MAC');
  const decipher = createDecipheriv('aes-256-cbc', keys.cipher, keys.iv);
  const plain = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  if (ref.fileSha256 && !sha256(plain).equals(ref.fileSha256)) throw new Error('the hash of the file');
  if (ref.fileLength !== undefined && ref.fileLength !== plain.length) throw new Error('the length of the file');
  return plain;
}

/** The message inside its wrappers (view once, disappearing, with caption, sent by an own device). */
export function unwrap(message: proto.IMessage): proto.IMessage {
  let inner = message;
  for (let depth = 0; depth < 6; depth++) {
    const next =
      inner.deviceSentMessage?.message ??
      inner.ephemeralMessage?.message ??
      inner.viewOnceMessage?.message ??
      inner.viewOnceMessageV2?.message ??
      inner.viewOnceMessageV2Extension?.message ??
      inner.documentWithCaptionMessage?.message ??
      inner.editedMessage?.message ??
      inner.botInvokeMessage?.message;
    if (!next) return inner;
    inner = next;
  }
  return inner;
}

function isField(name: string): name is MediaField {
  return name in KEY_WORDS;
}

/** The file that a message carries, if it carries one. */
export function mediaOf(message: proto.IMessage): (MediaRef & { readonly field: MediaField }) | undefined {
  const inner = unwrap(message);
  for (const field of Object.keys(KEY_WORDS)) {
    const media = isField(field) ? inner[field] : undefined;
    if (!isField(field) || !media?.mediaKey) continue;
    return {
      field,
      word: KEY_WORDS[field],
      mediaKey: media.mediaKey,
      fileSha256: media.fileSha256 ?? undefined,
      fileEncSha256: media.fileEncSha256 ?? undefined,
      fileLength: media.fileLength === null || media.fileLength === undefined ? undefined : Number(media.fileLength),
      directPath: media.directPath ?? undefined,
    };
  }
  return undefined;
}

function retryKey(mediaKey: Uint8Array): Buffer {
  return hkdf(mediaKey, NO_SALT, 'WhatsApp Media Retry Notification', 32);
}

/** What the phone says to a device that asked for a file again: readable only to who has the media key. */
export function sealMediaRetry(
  answer: proto.IMediaRetryNotification,
  mediaKey: Uint8Array,
  id: string,
  iv: Buffer,
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', retryKey(mediaKey), iv).setAAD(Buffer.from(id));
  const sealed = cipher.update(wire().MediaRetryNotification.encode(answer).finish());
  return Buffer.concat([sealed, cipher.final(), cipher.getAuthTag()]);
}
