// The pages as a browser gets them: paths, policy, caching, compression, and where the API is.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readApiBase } from './env-file.ts';
import { buildPages } from './pages.ts';
import type { Api } from './parts.ts';

const host = 'localhost:3000';
const html = { host, accept: 'text/html,application/xhtml+xml' };
let folder: string;
let app: Api;
let now = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pulseline-pages-'));
  now = 0;
  app = open();
});
afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(apiOrigin?: string): Api {
  return buildPages({
    folder,
    language: 'zh',
    allowedOrigins: undefined,
    ports: () => ({ api: 4100, web: 3000 }),
    apiOrigin,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    now: () => now,
  });
}

const boot = 'document.documentElement.lang="zh-CN"';
function page(body: string): string {
  return `<!DOCTYPE html><html lang="zh-CN"><head><script>${boot}</script><script src="/_next/static/a.js" async=""></script></head><body>${body}<script>self.__next_f.push([1,"x"])</script></body></html>`;
}

function anExport(): void {
  const write = (path: string, text: string | Buffer): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('index.html', page('首页'));
  write('inbox.html', page('收件箱'));
  write('404.html', page('找不到'));
  write('_not-found.html', page('hidden'));
  write('settings/index.html', page('设置'));
  write('inbox.txt', 'flight data');
  write('_next/static/a.js', 'console.log(1)');
  write('_next/static/a.js.br', Buffer.from('compressed before'));
  write('icon.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
  write('.stamp', 'hash');
}

const get = (url: string, headers: Record<string, string> = html) => app.inject({ url, headers });
const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('while there is no export', () => {
  it("a calm page says so, in the reader's language, and looks again by itself", async () => {
    const answer = await get('/');
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '2']);
    expect(answer.payload).toContain('http-equiv="refresh"');
    expect(answer.payload).toContain('正在准备页面');
    expect((await get('/inbox', { ...html, 'accept-language': 'en-US' })).payload).toContain('Preparing the pages');
  });
  it('its style is all that its policy lets in', async () => {
    const answer = await get('/');
    const style = /<style>([\s\S]*?)<\/style>/.exec(answer.payload)?.[1] ?? '';
    expect(answer.headers['content-security-policy']).toContain(`style-src ${hash(style)}`);
    expect(answer.payload).not.toContain('<script');
  });
  it('the pages come as soon as they are there', async () => {
    await get('/');
    anExport();
    now += 1_000;
    expect((await get('/')).payload).toContain('首页');
  });
});

describe('the export', () => {
  beforeEach(anExport);

  it.each([
    ['/', '首页'],
    ['/inbox', '收件箱'],
    ['/inbox?c=1', '收件箱'],
    ['/settings', '设置'],
  ])('serves %s', async (url, text) => {
    const answer = await get(url);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(answer.payload).toContain(text);
  });
  it('tells where the API is on the html tag, and nothing else', async () => {
    expect((await get('/')).payload).toContain('<html data-api-port="4100" lang="zh-CN">');
    await app.close();
    app = open('http://pc.lan:4200');
    expect((await get('/')).payload).toContain(
      '<html data-api-port="4100" data-api-base="http://pc.lan:4200" lang="zh-CN">',
    );
  });
  it('names every inline script of the very bytes by its hash, and lets no other in', async () => {
    const answer = await get('/inbox');
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain(`script-src 'self' ${hash(boot)} ${hash('self.__next_f.push([1,"x"])')};`);
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("frame-ancestors 'none'");
  });
  it('lets the page reach the API under the loopback names that a policy can say, and the configured one', async () => {
    await app.close();
    app = open('https://pc.lan');
    const policy = String((await get('/')).headers['content-security-policy']);
    const reach = /connect-src ([^;]*)/.exec(policy)?.[1]?.split(' ');
    expect(reach).toEqual([
      "'self'",
      'http://localhost:4100',
      'http://127.0.0.1:4100',
      'https://pc.lan',
      'ws://localhost:4100',
      'ws://127.0.0.1:4100',
      'wss://pc.lan',
    ]);
  });
  it('leads who came by [::1] to localhost, since no policy can name an IPv6 address', async () => {
    const answer = await get('/inbox?c=1', { ...html, host: '[::1]:3000' });
    expect([answer.statusCode, answer.headers['location']]).toEqual([302, 'http://localhost:3000/inbox?c=1']);
    writeFileSync(join(folder, '.env'), 'NEXT_PUBLIC_API_BASE_URL=http://[::1]:4100');
    expect(readApiBase(folder, {}).origin).toBe('http://localhost:4100');
  });
  it.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ])('comes as %s to who takes it', async (encoding, unpack) => {
    const answer = await get('/', {
      ...html,
      'accept-encoding': encoding === 'br' ? 'gzip, deflate, br' : 'gzip, br;q=0',
    });
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(unpack(answer.rawPayload).toString()).toContain('首页');
    expect(answer.headers['vary']).toContain('Accept-Encoding');
  });
  it('answers 304 to who has it', async () => {
    const { etag } = (await get('/')).headers;
    const answer = await get('/', { ...html, 'if-none-match': String(etag) });
    expect([answer.statusCode, answer.payload]).toEqual([304, '']);
    expect((await get('/inbox', { ...html, 'if-none-match': String(etag) })).statusCode).toBe(200);
  });
  it.each([
    ['/inbox/?c=2', '/inbox?c=2'],
    ['/inbox.html', '/inbox'],
    ['/settings/', '/settings'],
  ])('leads %s to %s', async (url, location) => {
    const answer = await get(url);
    expect([answer.statusCode, answer.headers['location']]).toEqual([308, location]);
  });
  it.each(['/nowhere', '/_not-found', '/404', '/inbox/x'])('has its own 404 page for %s', async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.payload).toContain('找不到');
  });
  it('goes nowhere above its folder', async () => {
    const answer = await get('/..%2f..%2fetc/passwd');
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'BAD_REQUEST']);
  });
  it('never answers a missing chunk with HTML', async () => {
    const answer = await get('/_next/static/gone.js');
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  });
  it.each(['/.stamp', '/index.html.br', '/_next/../.stamp'])('keeps %s to itself', async (url) => {
    expect((await get(url, { host })).statusCode).toBe(404);
  });
  it('keeps hashed files for ever and asks again for the rest', async () => {
    const chunk = await get('/_next/static/a.js', { host });
    expect([chunk.statusCode, chunk.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
    const icon = await get('/icon.svg', { host });
    expect([icon.headers['cache-control'], icon.headers['content-type']]).toEqual(['no-cache', 'image/svg+xml']);
    expect(icon.headers['x-content-type-options']).toBe('nosniff');
    const again = await get('/icon.svg', { host, 'if-none-match': String(icon.headers['etag']) });
    expect(again.statusCode).toBe(304);
  });
  it('gives what was compressed before, with the type of the file itself', async () => {
    const chunk = await get('/_next/static/a.js', { host, 'accept-encoding': 'br' });
    expect([chunk.headers['content-encoding'], chunk.payload]).toEqual(['br', 'compressed before']);
    expect(chunk.headers['content-type']).toContain('javascript');
  });
  it('gives the data of client navigation as plain text', async () => {
    const answer = await get('/inbox.txt', { host });
    expect([answer.payload, answer.headers['content-type']]).toEqual(['flight data', 'text/plain; charset=utf-8']);
  });
  it('takes up a new build without a restart', async () => {
    await get('/');
    writeFileSync(join(folder, 'index.html'), page('新版'));
    utimesSync(join(folder, 'index.html'), 1, 1);
    expect((await get('/')).payload).toContain('首页');
    now += 1_000;
    expect((await get('/')).payload).toContain('新版');
  });
  it('keeps local mode: foreign names, foreign pages and writes are refused', async () => {
    expect((await get('/', { ...html, host: 'attacker.example:3000' })).statusCode).toBe(421);
    expect((await get('/', { ...html, origin: 'http://localhost:5555' })).statusCode).toBe(403);
    expect((await app.inject({ method: 'POST', url: '/', headers: { host } })).statusCode).toBe(405);
  });
  it('answers HEAD as GET without the body', async () => {
    const answer = await app.inject({ method: 'HEAD', url: '/inbox', headers: html });
    expect([answer.statusCode, answer.payload]).toEqual([200, '']);
  });
});

describe('readApiBase', () => {
  const write = (name: string, bytes: string | Buffer): void => writeFileSync(join(folder, name), bytes);
  const line = 'NEXT_PUBLIC_API_BASE_URL=http://localhost:4100\r\n';

  it('says nothing if nothing is written', () => {
    expect(readApiBase(folder, {})).toEqual({});
  });
  it.each([
    ['UTF-8', Buffer.from(line)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${line}`)],
    ['UTF-16LE with a mark, as PowerShell 5 writes it', Buffer.from(`\uFEFF${line}`, 'utf16le'), 'encoding'],
    ['UTF-16BE with a mark', Buffer.from(`\uFEFF${line}`, 'utf16le').swap16(), 'encoding'],
    ['quotes', Buffer.from('NEXT_PUBLIC_API_BASE_URL="http://localhost:4100/"')],
    ['UTF-16 appended to UTF-8', Buffer.concat([Buffer.from('A=1\r\n'), Buffer.from(line, 'utf16le')]), 'encoding'],
    ['the quotes that cmd keeps', Buffer.from(`"${line.trim()}" \r\n`), 'quoted-line'],
  ])('understands %s', (_what, bytes, repaired?: string) => {
    write('.env.local', bytes);
    const said = { origin: 'http://localhost:4100', source: '.env.local' };
    expect(readApiBase(folder, {})).toEqual(repaired === undefined ? said : { ...said, repaired });
  });
  it("keeps Next's order", () => {
    const found = () => readApiBase(folder, {}).source;
    for (const name of ['.env', '.env.production', '.env.local', '.env.production.local']) {
      write(name, line);
      expect(found()).toBe(name);
    }
    expect(readApiBase(folder, { NEXT_PUBLIC_API_BASE_URL: 'http://localhost:1' }).source).toBe('environment');
  });
  it('names what is no address', () => {
    write('.env.local', 'NEXT_PUBLIC_API_BASE_URL=localhost:4000');
    expect(readApiBase(folder, {})).toEqual({ source: '.env.local', refused: 'localhost:4000' });
  });
});
