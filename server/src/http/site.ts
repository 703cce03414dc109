// The pages as they are served: every HTML file of the static export in memory, marked with where the API is, compressed, and with the policy that fits its very bytes.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export interface Page {
  readonly raw: Buffer;
  readonly br: Buffer;
  readonly gz: Buffer;
  /** Weak: one for all encodings. */
  readonly etag: string;
  readonly policy: string;
}

/** What the pages must know and no build can. */
export interface ApiPlace {
  readonly port: number;
  /** `http://host:port` from web/.env.local. */
  readonly origin?: string;
}

export interface Site {
  /** By path: `/`, `/inbox`. */
  readonly pages: ReadonlyMap<string, Page>;
  readonly notFound: Page | undefined;
}

/** Files that Next leaves in the export but nobody should open. */
const hidden = /^\/(_not-found|_global-error|404|500)$/;

/** undefined while there is no export. */
export function loadSite(folder: string, api: ApiPlace): Site | undefined {
  if (statSync(join(folder, 'index.html'), { throwIfNoEntry: false }) === undefined) return undefined;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.html') && !file.startsWith('_next/'));
  const all = new Map(files.map((file) => [pathOf(file), makePage(readFileSync(join(folder, file), 'utf8'), api)]));
  return { pages: new Map([...all].filter(([path]) => !hidden.test(path))), notFound: all.get('/404') };
}

function pathOf(file: string): string {
  return `/${file.replace(/\.html$/, '').replace(/(^|\/)index$/, '')}`.replace(/(.)\/$/, '$1');
}

function makePage(html: string, api: ApiPlace): Page {
  const base = api.origin === undefined ? '' : ` data-api-base="${escaped(api.origin)}"`;
  const raw = Buffer.from(html.replace(/<html\b/, () => `<html data-api-port="${api.port}"${base}`));
  return {
    raw,
    br: brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    gz: gzipSync(raw, { level: 9 }),
    etag: `W/"${createHash('sha256').update(raw).digest('base64url').slice(0, 22)}"`,
    policy: policyOf(raw.toString('utf8'), api),
  };
}

/** Scripts are ours or are named by the hash of their text; nothing inline gets in that the build did not print. */
function policyOf(html: string, api: ApiPlace): string {
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi)].map(([, text = '']) =>
    hashOf(text),
  );
  // A source list cannot name an IPv6 address; pages that were opened by [::1] ask localhost.
  const hosts = ['localhost', '127.0.0.1'].map((name) => `${name}:${api.port}`);
  const own = api.origin === undefined ? [] : [new URL(api.origin)];
  const http = [...hosts.map((host) => `http://${host}`), ...own.map(({ origin }) => origin)];
  const ws = [
    ...hosts.map((host) => `ws://${host}`),
    ...own.map(({ protocol, host }) => `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`),
  ];
  return [
    "default-src 'self'",
    `script-src 'self' ${[...new Set(inline)].join(' ')}`.trim(),
    "style-src 'self'",
    `img-src 'self' data: blob: ${unique(http)}`,
    `media-src 'self' blob: ${unique(http)}`,
    `connect-src 'self' ${unique([...http, ...ws])}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function unique(words: readonly string[]): string {
  return [...new Set(words)].join(' ');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
