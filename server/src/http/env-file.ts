// Reads NEXT_PUBLIC_API_BASE_URL the way Next does, so that production honours web/.env.local without a rebuild, and rightly where the file's encoding hides it from Next. It reads once, at start, and writes nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_BASE, type EnvReading, readEnv } from '@pulseline/diagnosis';

/** Next's order: the first that says something wins. */
const files = ['.env.production.local', '.env.local', '.env.production', '.env'] as const;

export interface ApiBase {
  /** `http://host:port`, without a slash at the end. */
  readonly origin?: string;
  /** Where it stands: a file's name, or `environment`. */
  readonly source?: string;
  /** Next itself finds nothing there, and why; Pulseline read it all the same. */
  readonly repaired?: NonNullable<EnvReading['repaired']>;
  /** What stands there but is no http address. */
  readonly refused?: string;
}

/** `folder` is that of the pages' sources. */
export function readApiBase(folder: string, env: Readonly<Record<string, string | undefined>>): ApiBase {
  const places: readonly Place[] = [
    { source: 'environment', value: env[API_BASE] },
    ...files.map((source) => ({ source, ...readingOf(join(folder, source)) })),
  ];
  const found = places.find(({ value }) => value !== undefined && value.trim() !== '');
  if (found?.value === undefined) return {};
  const { source, repaired } = found;
  const text = found.value.trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return { source, refused: text.slice(0, 200) };
  // A page's policy cannot name an IPv6 address.
  const origin = url.origin.replace('//[::1]', '//localhost');
  return { source, origin, ...(repaired !== undefined && { repaired }) };
}

interface Place {
  readonly source: string;
  readonly value?: string | undefined;
  readonly repaired?: EnvReading['repaired'];
}

function readingOf(file: string): Partial<EnvReading> {
  try {
    return readEnv(readFileSync(file));
  } catch {
    return {};
  }
}
