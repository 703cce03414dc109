// What a link in a text of ours shows: title, description and a small picture, fetched once before it is sent. Whatever goes wrong, the text goes without; received links are never fetched.
import type { LinkPreview } from '@pulseline/protocol';
import { type Fetched, type Outward, openOutward } from './outward.ts';

export interface Previewer {
  /** Undefined where there is no link, or nothing to show of it. Never rejects. */
  of(text: string): Promise<LinkPreview | undefined>;
}

export interface PreviewerParts {
  readonly outward: Outward;
  /** Makes a JPEG of at most so many bytes; undefined for what is no picture. */
  readonly shrink: (image: Buffer, most: number) => Promise<Buffer | undefined>;
  readonly log: (text: string, error: unknown) => void;
  readonly withinMs?: number;
}

/** What waits behind the text waits as long. */
const WITHIN_MS = 3_000;
const LONGEST_PAGE = 512 * 1024;
const LARGEST_PICTURE = 1024 * 1024;
/** In bytes; as base64 it stays below the contract's limit. */
const LARGEST_THUMBNAIL = 16 * 1024;
const PAGES: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml']);
const PICTURES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);
/** Links whose preview is remembered, also that there is none. */
const REMEMBERED = 100;

export function openPreviewer({ outward, shrink, log, withinMs = WITHIN_MS }: PreviewerParts): Previewer {
  const known = new Map<string, LinkPreview | undefined>();

  const picture = async (page: URL, source: string, signal: AbortSignal): Promise<string | undefined> => {
    try {
      const url = new URL(source, page).href;
      const wanted = { types: PICTURES, maxBytes: LARGEST_PICTURE, tooLong: 'refuse', signal } as const;
      const small = await shrink((await outward.fetch(url, wanted)).bytes, LARGEST_THUMBNAIL);
      return small?.toString('base64');
    } catch (error) {
      log('the picture of a link was not fetched', error);
      return undefined;
    }
  };

  const look = async (url: string): Promise<LinkPreview | undefined> => {
    const signal = AbortSignal.timeout(withinMs);
    try {
      const page = await outward.fetch(url, { types: PAGES, maxBytes: LONGEST_PAGE, tooLong: 'cut', signal });
      const { title, description, image } = read(page);
      if (title === undefined) return undefined;
      const thumbnail = image && (await picture(page.url, image, signal));
      return { url, title, ...(description && { description }), ...(thumbnail && { thumbnail }) };
    } catch (error) {
      log('a link has no preview', error);
      return undefined;
    }
  };

  return {
    async of(text) {
      const url = linkIn(text);
      if (url === undefined) return undefined;
      const shown = known.has(url) ? known.get(url) : await look(url);
      known.delete(url);
      known.set(url, shown);
      for (const oldest of known.keys()) {
        if (known.size <= REMEMBERED) break;
        known.delete(oldest);
      }
      return shown;
    },
  };
}

/** Most proxies that accounts of one worker have between them. */
const MOST_PROXIES = 64;

/** Previewers by the proxy that they go through, each made when it is first needed. */
export function fetching(
  shrink: PreviewerParts['shrink'],
  log: PreviewerParts['log'],
): (proxy: string | undefined) => Previewer {
  const made = new Map<string, Previewer>();
  return (proxy) => {
    const known = made.get(proxy ?? '');
    if (known !== undefined) return known;
    if (made.size >= MOST_PROXIES) made.clear();
    const outward = openOutward(proxy === undefined ? {} : { proxy });
    const previewer = openPreviewer({ outward, shrink, log });
    made.set(proxy ?? '', previewer);
    return previewer;
  };
}

/** The first link of a text, as it stands there. Signs that end a sentence are none of it, in any writing. */
export function linkIn(text: string): string | undefined {
  const found = /https?:\/\/[^\s<>"'`，。；：！？、（）【】《》“”‘’]{3,2000}/iu
    .exec(text)?.[0]
    .replace(/[.,;:!?)\]}*_~]+$/, '');
  return found !== undefined && URL.canParse(found) ? found : undefined;
}

/** What a page says of itself, by Open Graph or plainly. */
function read({ bytes, charset }: Fetched) {
  const declared =
    charset ?? /<meta[^>]{0,200}charset=["']?([\w-]{1,40})/i.exec(bytes.subarray(0, 4_096).toString('latin1'))?.[1];
  const html = decoderOf(declared).decode(bytes);
  const metas = new Map<string, string>();
  for (const [tag] of html.matchAll(/<meta\s[^>]{1,4000}>/gi)) {
    const name = attribute(tag, 'property') ?? attribute(tag, 'name');
    const content = attribute(tag, 'content');
    if (name && content && !metas.has(name.toLowerCase())) metas.set(name.toLowerCase(), content);
  }
  const named = metas.get('og:title') ?? /<title[^>]{0,200}>([^<]{1,2000})/i.exec(html)?.[1];
  const title = tidy(named, 300);
  const description = tidy(metas.get('og:description') ?? metas.get('description'), 1_000);
  const image = tidy(metas.get('og:image') ?? metas.get('og:image:url'), 2_000);
  return { title, description, image };
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(tag);
  return found?.[1] ?? found?.[2] ?? found?.[3];
}

function decoderOf(charset: string | undefined) {
  try {
    return new TextDecoder(charset ?? 'utf-8');
  } catch {
    return new TextDecoder('utf-8');
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function tidy(text: string | undefined, max: number): string | undefined {
  const plain = text
    ?.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
      const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : undefined;
      if (code !== undefined) return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
      return ENTITIES[String(name).toLowerCase()] ?? whole;
    })
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return plain ? [...plain].slice(0, max).join('').slice(0, max) : undefined;
}
