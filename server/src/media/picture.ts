// What is read out of pictures, and small ones made of them; only by decoders of four known types, and only up to a number of points that no bomb gets past.
import { LONGEST_THUMBNAIL } from '@pulseline/protocol';
import { essence } from './kinds.ts';

export interface PictureFacts {
  readonly width: number;
  readonly height: number;
  /** A tiny JPEG in base64. */
  readonly thumbnail?: string;
}

/** Points of a picture that is decoded: a camera of 100 megapixels. */
const MOST_POINTS = 100_000_000;
/** Of a picture that a page on the Internet names: more would cost memory and time that nobody granted. */
const MOST_POINTS_OF_A_PAGE = 24_000_000;
const TINY = 72;
const SMALL = 480;
const PORTRAIT = 640;
const DECODED: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);
const DECODERS = ['Jpeg', 'Png', 'Webp', 'Nsgif'].flatMap((name) => [
  `VipsForeignLoad${name}File`,
  `VipsForeignLoad${name}Buffer`,
]);

/** Only when the first picture comes: it takes some memory, and many a process never sees one. */
let loading: Promise<typeof import('sharp')> | undefined;

async function load() {
  loading ??= import('sharp').then((loaded) => {
    const sharp = loaded.default;
    // Everything that reads files is shut but for the four.
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: DECODERS });
    sharp.cache(false);
    sharp.concurrency(1);
    return loaded;
  });
  return (await loading).default;
}

/** undefined for what is no such picture, is broken, or is too large to be decoded. */
export async function pictureFacts(path: string, mime: string): Promise<PictureFacts | undefined> {
  if (!DECODED.has(essence(mime))) return undefined;
  try {
    const sharp = await load();
    const { width, height, autoOrient } = await sharp(path, { limitInputPixels: MOST_POINTS }).metadata();
    const size = { width: autoOrient?.width ?? width, height: autoOrient?.height ?? height };
    const bytes = await small(path, TINY, 40);
    const thumbnail = bytes.toString('base64');
    return { ...size, ...(thumbnail.length <= LONGEST_THUMBNAIL && { thumbnail }) };
  } catch {
    return undefined;
  }
}

/** A small JPEG of a picture; undefined as above. */
export async function thumbnailOf(path: string, mime: string): Promise<Buffer | undefined> {
  if (!DECODED.has(essence(mime))) return undefined;
  return small(path, SMALL, 75).catch(() => undefined);
}

/** A square JPEG as WhatsApp shows people and groups; undefined for what is no such picture. */
export async function portraitOf(path: string, mime: string): Promise<Buffer | undefined> {
  if (!DECODED.has(essence(mime))) return undefined;
  const sharp = await load();
  return sharp(path, { limitInputPixels: MOST_POINTS, failOn: 'error', sequentialRead: true })
    .timeout({ seconds: 10 })
    .rotate()
    .resize({ width: PORTRAIT, height: PORTRAIT, fit: 'cover' })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 75 })
    .toBuffer()
    .catch(() => undefined);
}

/** First bytes of JPEG, PNG, GIF and WebP. */
const MARKS = [/^\xff\xd8\xff/, /^\x89PNG\r\n/, /^GIF8[79]a/, /^RIFF[\s\S]{4}WEBP/] as const;

/** A JPEG of at most so many bytes; undefined for what is no such picture, or cannot be made that small. Rejects for what is broken or too large to be decoded. */
export async function shrunk(picture: Buffer, most: number): Promise<Buffer | undefined> {
  const first = picture.subarray(0, 16).toString('latin1');
  if (!MARKS.some((mark) => mark.test(first))) return undefined;
  for (const points of [300, 200, 100]) {
    const bytes = await small(picture, points, 60);
    if (bytes.length <= most) return bytes;
  }
  return undefined;
}

async function small(picture: string | Buffer, points: number, quality: number): Promise<Buffer> {
  const sharp = await load();
  const limitInputPixels = typeof picture === 'string' ? MOST_POINTS : MOST_POINTS_OF_A_PAGE;
  return sharp(picture, { limitInputPixels, failOn: 'error', sequentialRead: true })
    .timeout({ seconds: 10 })
    .rotate()
    .resize({ width: points, height: points, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality })
    .toBuffer();
}
