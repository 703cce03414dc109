// Reads NEXT_PUBLIC_API_BASE_URL the way Next does, so that production honours web/.env.local without a rebuild. It reads once, at start, and writes nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

const NAME = 'NEXT_PUBLIC_API_BASE_URL';
/** Next's order: the first that says something wins. */
const files = ['.env.production.local', '.env.local', '.env.production', '.env'] as const;

export interface ApiBase {
  /** `http://host:port`, without a slash at the end. */
  readonly origin?: string;
  /** Where it stands: a file's name, or `environment`. */
  readonly source?: string;
  /** What stands there but is no http address. */
  readonly refused?: string;
}

/** `folder` is that of the pages' sources. */
export function readApiBase(folder: string, env: Readonly<Record<string, string | undefined>>): ApiBase {
  const places = [
    { source: 'environment', value: env[NAME] },
    ...files.map((source) => ({ source, value: valueIn(join(folder, source)) })),
  ];
  const found = places.find(({ value }) => value !== undefined && value.trim() !== '');
  if (found?.value === undefined) return {};
  const text = found.value.trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return { source: found.source, refused: text.slice(0, 200) };
  // A page's policy cannot name an IPv6 address.
  return { source: found.source, origin: url.origin.replace('//[::1]', '//localhost') };
}

function valueIn(file: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return undefined;
  }
  return parseEnv(decodeText(bytes))[NAME];
}

/** PowerShell 5 writes `echo … > file` as UTF-16 with a mark in front; other editors leave UTF-8's mark. */
function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
