// What a file is, by its first bytes: a name or a sender's word decides nothing. What a browser may show by itself is a short list; all else is only given to be kept.
import { open } from 'node:fs/promises';
import type { MessageKind } from '@pulseline/protocol';
import { fileTypeFromBuffer } from 'file-type';

/** As many bytes as every known type needs. */
const HEAD = 4_100;
export const UNKNOWN_TYPE = 'application/octet-stream';

/** Types that a browser shows without running anything. SVG, HTML, XML and PDF are not among them. */
const INLINE: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'video/mp4',
  'video/webm',
  'audio/mpeg',
  'audio/mp4',
  'audio/aac',
  'audio/amr',
  'audio/wav',
  'audio/ogg',
]);

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/vnd.wave', 'audio/wav'],
  ['audio/x-wav', 'audio/wav'],
  ['video/x-m4v', 'video/mp4'],
  ['image/apng', 'image/png'],
  ['audio/opus', 'audio/ogg'],
]);

/** The type without parameters. */
export function essence(mime: string): string {
  return mime.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** May a browser show it where it stands? */
export function isInline(mime: string): boolean {
  return INLINE.has(essence(mime));
}

/** The type of these bytes; undefined for text and all that has no mark. */
async function sniff(head: Uint8Array): Promise<string | undefined> {
  const found = await fileTypeFromBuffer(head.subarray(0, HEAD)).catch(() => undefined);
  if (found === undefined) return undefined;
  const mime = essence(found.mime);
  return ALIASES.get(mime) ?? mime;
}

export async function headOf(path: string, length = HEAD): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const head = Buffer.alloc(length);
    const { bytesRead } = await handle.read(head, 0, length, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The type under which a file is kept: what its bytes say; a sender's word only if it lets no browser show anything. */
export async function typeOf(path: string, told: string): Promise<string> {
  const found = await sniff(await headOf(path));
  if (found !== undefined) return sameAudio(found, told) ?? found;
  return isInline(told) || /^(text\/html|image\/|application\/xhtml)|xml/.test(essence(told)) ? UNKNOWN_TYPE : told;
}

/** The container says film or sound in the same bytes; there the sender's word is worth something, and `codecs=opus` is kept. */
function sameAudio(found: string, told: string): string | undefined {
  if (found === 'video/mp4' && essence(told) === 'audio/mp4') return 'audio/mp4';
  if (found === 'audio/ogg' && /^audio\/ogg; ?codecs=opus$/i.test(told)) return 'audio/ogg; codecs=opus';
  return undefined;
}

/** What WhatsApp shows as such; a document may be anything. */
const SENDABLE: Readonly<Partial<Record<MessageKind, readonly string[]>>> = {
  image: ['image/jpeg', 'image/png', 'image/webp'],
  video: ['video/mp4'],
  gif: ['video/mp4'],
  audio: ['audio/mpeg', 'audio/mp4', 'audio/aac', 'audio/amr', 'audio/ogg', 'audio/wav', 'video/mp4'],
  voice: ['audio/ogg'],
  sticker: ['image/webp'],
};

export const mediaKinds = ['image', 'video', 'gif', 'audio', 'voice', 'document', 'sticker'] as const;
export type MediaKind = (typeof mediaKinds)[number];

export function suits(kind: MediaKind, mime: string): boolean {
  return SENDABLE[kind]?.includes(essence(mime)) ?? kind === 'document';
}

/** As what a file is sent if nobody says. */
export function kindOf(mime: string): MediaKind {
  const plain = essence(mime);
  if (plain === 'image/jpeg' || plain === 'image/png') return 'image';
  if (plain === 'video/mp4') return 'video';
  return plain.startsWith('audio/') && suits('audio', plain) ? 'audio' : 'document';
}
