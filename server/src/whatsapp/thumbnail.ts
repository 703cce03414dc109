// Makes small JPEGs of pictures that strangers give, within bounds of points, bytes and kinds; it is loaded only where one is made.
import sharp from 'sharp';

/** Points of the picture that is read; more would cost memory and time that nobody granted. */
const MOST_POINTS = 24_000_000;
/** First bytes of JPEG, PNG, GIF and WebP: nothing else reaches a decoder. */
const KINDS = [/^\xff\xd8\xff/, /^\x89PNG\r\n/, /^GIF8[79]a/, /^RIFF[\s\S]{4}WEBP/] as const;
const SIZES = [300, 200, 100] as const;

/** Undefined for what is no picture of a known kind, or cannot be made small enough. */
export async function shrink(image: Buffer, most: number): Promise<Buffer | undefined> {
  const options = { limitInputPixels: MOST_POINTS, failOn: 'error', pages: 1 } as const;
  const first = image.subarray(0, 16).toString('latin1');
  if (!KINDS.some((kind) => kind.test(first))) return undefined;
  for (const size of SIZES) {
    const small = sharp(image, options).rotate().resize(size, size, { fit: 'inside', withoutEnlargement: true });
    const bytes = await small.flatten({ background: '#ffffff' }).jpeg({ quality: 60 }).toBuffer();
    if (bytes.length <= most) return bytes;
  }
  return undefined;
}
