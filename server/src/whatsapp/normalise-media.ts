// Puts what a WhatsApp message says of its file into our words: what people see of it, and where it lies. Pure; nothing that a sender says is believed beyond its bounds.
import { LONGEST_THUMBNAIL, type MessageKind, WAVEFORM_BARS } from '@pulseline/protocol';
import type { proto } from 'baileys';
import { safeName } from '../media/name.ts';
import type { KeyWord, MediaFact, MediaSource } from './port.ts';

/** The fields that carry a file, and the word that its keys are made with. */
const FIELDS = {
  imageMessage: { word: 'Image', kind: 'image' },
  videoMessage: { word: 'Video', kind: 'video' },
  ptvMessage: { word: 'Video', kind: 'video' },
  audioMessage: { word: 'Audio', kind: 'audio' },
  documentMessage: { word: 'Document', kind: 'document' },
  stickerMessage: { word: 'Image', kind: 'sticker' },
} as const satisfies Readonly<Record<string, { readonly word: KeyWord; readonly kind: MessageKind }>>;
type Field = keyof typeof FIELDS;

const KEY_BYTES = 32;
const LONGEST_PATH = 2_000;
/** Points and seconds beyond these are nonsense. */
const MOST_POINTS = 100_000;
const MOST_SECONDS = 7 * 86_400;
/** A placeholder is small; a picture that says that it is larger is left out, however few bytes it has. */
const MOST_THUMBNAIL_POINTS = 640;
const DEFAULT_MIME: Readonly<Record<Field, string>> = {
  imageMessage: 'image/jpeg',
  videoMessage: 'video/mp4',
  ptvMessage: 'video/mp4',
  audioMessage: 'audio/ogg; codecs=opus',
  documentMessage: 'application/octet-stream',
  stickerMessage: 'image/webp',
};

/** The kind and the file of a content whose field carries one; undefined for every other. */
export function mediaOf(
  content: proto.IMessage,
  rawType: string,
): { readonly kind: MessageKind; readonly media: MediaFact } | undefined {
  if (!isField(rawType)) return undefined;
  const field = content[rawType];
  if (!field) return undefined;
  const part: Part = field;
  const voice = rawType === 'audioMessage' && part.ptt === true;
  const gif = rawType === 'videoMessage' && part.gifPlayback === true;
  const kind = voice ? 'voice' : gif ? 'gif' : FIELDS[rawType].kind;
  const name = safeName(part.fileName ?? '');
  const duration = bounded(part.seconds, MOST_SECONDS);
  const width = bounded(part.width, MOST_POINTS);
  const height = bounded(part.height, MOST_POINTS);
  const waveform = voice ? barsOf(part.waveform) : undefined;
  const thumbnail = thumbnailOf(part.jpegThumbnail);
  const source = sourceOf(part, FIELDS[rawType].word);
  const media: MediaFact = {
    mime: mimeOf(part.mimetype) ?? DEFAULT_MIME[rawType],
    size: bounded(part.fileLength, Number.MAX_SAFE_INTEGER) ?? 0,
    ...(name !== '' && { name }),
    ...(duration !== undefined && { duration }),
    ...(width !== undefined && height !== undefined && { width, height }),
    ...(waveform !== undefined && { waveform }),
    ...(thumbnail !== undefined && { thumbnail }),
    ...(source !== undefined && { source }),
  };
  return { kind, media };
}

/** What the fields that carry a file may say; each says some of it. */
interface Part {
  readonly mimetype?: string | null;
  readonly fileLength?: unknown;
  readonly fileName?: string | null;
  readonly seconds?: number | null;
  readonly width?: number | null;
  readonly height?: number | null;
  readonly ptt?: boolean | null;
  readonly gifPlayback?: boolean | null;
  readonly waveform?: Uint8Array | null;
  readonly jpegThumbnail?: Uint8Array | null;
  readonly mediaKey?: Uint8Array | null;
  readonly directPath?: string | null;
  readonly fileSha256?: Uint8Array | null;
  readonly fileEncSha256?: Uint8Array | null;
}

function isField(name: string): name is Field {
  return Object.hasOwn(FIELDS, name);
}

/** Absent for a file that a linked device does not get (view once), or that no key opens. */
function sourceOf({ mediaKey, directPath, fileSha256, fileEncSha256 }: Part, word: KeyWord): MediaSource | undefined {
  if (mediaKey?.byteLength !== KEY_BYTES || !directPath || directPath.length > LONGEST_PATH) return undefined;
  return {
    word,
    path: directPath,
    key: base64(mediaKey),
    ...(fileSha256?.byteLength === 32 && { sha256: base64(fileSha256) }),
    ...(fileEncSha256?.byteLength === 32 && { sealedSha256: base64(fileEncSha256) }),
  };
}

/** A type as `type/subtype` with parameters, nothing else. */
function mimeOf(text: string | null | undefined): string | undefined {
  const plain = text?.trim().toLowerCase() ?? '';
  return /^[a-z0-9!#$&^_.+-]{1,60}\/[a-z0-9!#$&^_.+-]{1,80}(; ?[a-z0-9_-]+="?[a-z0-9_., -]{0,40}"?)?$/.test(plain)
    ? plain
    : undefined;
}

/** As many bars as we show, whatever number was sent. */
function barsOf(waveform: Uint8Array | null | undefined): readonly number[] | undefined {
  if (!waveform || waveform.byteLength === 0 || waveform.byteLength > 4_096) return undefined;
  return Array.from({ length: WAVEFORM_BARS }, (_, bar) =>
    Math.min(100, waveform[Math.floor((bar * waveform.byteLength) / WAVEFORM_BARS)] ?? 0),
  );
}

function thumbnailOf(bytes: Uint8Array | null | undefined): string | undefined {
  if (!bytes || bytes.byteLength > (LONGEST_THUMBNAIL / 4) * 3) return undefined;
  const size = jpegSize(bytes);
  if (size === undefined || size.width > MOST_THUMBNAIL_POINTS || size.height > MOST_THUMBNAIL_POINTS) return undefined;
  return base64(bytes);
}

/** What a JPEG's head says of its size; undefined if it is none. */
export function jpegSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  const at = (index: number): number => bytes[index] ?? -1;
  if (at(0) !== 0xff || at(1) !== 0xd8) return undefined;
  for (let place = 2; place + 9 <= bytes.byteLength; ) {
    if (at(place) !== 0xff) return undefined;
    const marker = at(place + 1);
    if (marker === 0xff) {
      place += 1;
      continue;
    }
    // The frame's head, of any coding; DHT, JPG and DAC share the row of numbers.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { height: at(place + 5) * 256 + at(place + 6), width: at(place + 7) * 256 + at(place + 8) };
    }
    if (marker === 0xda || marker === 0xd9) return undefined;
    const length = at(place + 2) * 256 + at(place + 3);
    if (length < 2) return undefined;
    place += 2 + length;
  }
  return undefined;
}

function bounded(value: unknown, most: number): number | undefined {
  const number = value === null || value === undefined ? Number.NaN : Number(value);
  return Number.isSafeInteger(number) && number > 0 && number <= most ? number : undefined;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
