// Files through the door: taken in by their bytes and not by their name, given out whole or in part, and never as something that runs.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aWorld, fakeParts, PORT, type World } from '../../test/fake-parts.ts';
import { MediaFiles } from '../media/files.ts';
import { buildApi } from './app.ts';
import { rangeOf } from './media.ts';
import type { Api } from './parts.ts';

const host = `localhost:${PORT}`;
let world: World;
let api: Api;
const most = 100_000;

beforeEach(async () => {
  world = { ...aWorld(), mediaDir: mkdtempSync(join(tmpdir(), 'pulseline-door-')) };
  const files = new MediaFiles(world.mediaDir);
  await files.open();
  api = buildApi(
    fakeParts(world, {
      media: { ...fakeParts(world).media, files, most },
    }),
  );
});
afterEach(async () => {
  await api.close();
  rmSync(world.mediaDir, { recursive: true, force: true });
});

const jpeg = () =>
  sharp({ create: { width: 40, height: 30, channels: 3, background: '#c33' } })
    .jpeg()
    .toBuffer();

function form(file: Buffer, name: string, fields: Readonly<Record<string, string>> = {}, type = 'image/jpeg'): Buffer {
  const texts = Object.entries(fields).map(
    ([key, value]) => `--x\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
  );
  const head = `--x\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: ${type}\r\n\r\n`;
  return Buffer.concat([Buffer.from(texts.join('') + head), file, Buffer.from('\r\n--x--\r\n')]);
}

async function upload(file: Buffer, name = 'a.jpg', fields = {}, type?: string) {
  const headers = { host, 'content-type': 'multipart/form-data; boundary=x' };
  const answer = await api.inject({
    method: 'POST',
    url: '/api/uploads',
    headers,
    payload: form(file, name, fields, type),
  });
  return { status: answer.statusCode, ...answer.json() };
}

const get = (url: string, headers: Readonly<Record<string, string>> = {}) =>
  api.inject({ method: 'GET', url, headers: { host, ...headers } });
/** What lies in the folder of files. */
const lying = () =>
  readdirSync(world.mediaDir, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());

describe('an upload', () => {
  it('is told by its bytes, has its size and a tiny picture, and comes back as it was, whole or in part', async () => {
    const bytes = await jpeg();
    const made = await upload(bytes, '照片.png');
    expect(made).toMatchObject({
      status: 201,
      kind: 'image',
      mime: 'image/jpeg',
      size: bytes.length,
      width: 40,
      height: 30,
      name: '照片.png',
      state: 'ready',
    });
    expect(Buffer.from(made.thumbnail, 'base64').subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    const whole = await get(`/api/media/${made.id}`);
    expect(whole.rawPayload).toEqual(bytes);
    expect(whole.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'content-disposition': expect.stringContaining(
        'inline; filename="__.png"; filename*=UTF-8\'\'%E7%85%A7%E7%89%87.png',
      ),
    });
    expect(whole.headers['content-security-policy']).toContain('sandbox');
    const part = await get(`/api/media/${made.id}`, { range: 'bytes=2-9' });
    expect(part.statusCode).toBe(206);
    expect(part.rawPayload).toEqual(bytes.subarray(2, 10));
    expect(part.headers['content-range']).toBe(`bytes 2-9/${bytes.length}`);
    const beyond = await get(`/api/media/${made.id}`, { range: 'bytes=999999-' });
    expect([beyond.statusCode, beyond.json().code, beyond.headers['content-range']]).toEqual([
      416,
      'RANGE_REFUSED',
      `bytes */${bytes.length}`,
    ]);
    const again = await get(`/api/media/${made.id}`, { 'if-none-match': String(whole.headers['etag']) });
    expect(again.statusCode).toBe(304);
    const kept = await get(`/api/media/${made.id}?download`);
    expect(kept.headers['content-disposition']).toContain('attachment');
    const small = await get(`/api/media/${made.id}/thumbnail`);
    expect([small.statusCode, small.headers['content-type']]).toEqual([200, 'image/jpeg']);
  });

  it.each([
    ['HTML that calls itself a picture', '<html><script>alert(1)</script></html>', 'cat.jpg', 'image/jpeg'],
    [
      'SVG with a script',
      '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      'a.svg',
      'image/svg+xml',
    ],
    ['XML', '<?xml version="1.0"?><x/>', 'a.xml', 'text/xml'],
    ['a PDF', '%PDF-1.7 something', 'a.pdf', 'application/pdf'],
  ])('of %s is a document, and is only given to be kept', async (_, text, name, type) => {
    const made = await upload(Buffer.from(text), name, {}, type);
    expect(made).toMatchObject({ status: 201, kind: 'document' });
    const answer = await get(`/api/media/${made.id}`);
    expect(answer.headers['content-disposition']).toMatch(/^attachment/);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect(await upload(Buffer.from(text), name, { kind: 'image' }, type)).toMatchObject({
      status: 415,
      code: 'UPLOAD_KIND',
    });
  });

  it.each([
    '../../../evil.jpg',
    '..%2f..%2fevil.jpg',
    'C:\\Windows\\evil.jpg',
    'CON',
    'a\u0000b.jpg',
    `${'n'.repeat(300)}.jpg`,
    'x\u202Egpj.exe',
  ])('named %j lies under its hash and nowhere else', async (name) => {
    const made = await upload(await jpeg(), name);
    expect(made.status).toBe(201);
    for (const { name: file } of lying()) expect(file).toMatch(/^[0-9a-f]{64}$/);
    expect(made.name ?? '').not.toMatch(/[/\\\p{Cc}\u202E]/u);
  });

  it('that is too large, empty, or breaks off leaves nothing behind', async () => {
    expect(await upload(randomBytes(most + 1), 'a.bin')).toMatchObject({ status: 413, code: 'UPLOAD_TOO_LARGE' });
    expect(await upload(Buffer.alloc(0), 'a.bin')).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    const headers = { host, 'content-type': 'multipart/form-data; boundary=x' };
    const payload = form(randomBytes(500), 'a.bin').subarray(0, 300);
    const broken = await api.inject({ method: 'POST', url: '/api/uploads', headers, payload });
    expect([broken.statusCode, broken.json().code]).toEqual([400, 'BAD_REQUEST']);
    expect(lying()).toEqual([]);
  });

  it('of a picture that is a bomb is refused before it is decoded', async () => {
    // 30,000 x 30,000 points in 1 KB.
    const made = await upload(bomb(30_000), 'a.png', { kind: 'image' }, 'image/png');
    expect(made).toMatchObject({ status: 415, code: 'UPLOAD_KIND' });
    const document = await upload(bomb(30_000), 'a.png', { kind: 'document' }, 'image/png');
    const small = await get(`/api/media/${document.id}/thumbnail`);
    expect(small.json().code).toBe('MEDIA_NOT_FOUND');
  });

  it('that a stranger sent empty is given out empty', async () => {
    const { id } = await upload(await jpeg());
    const row = world.media.get(id);
    if (row === undefined) throw new Error('no row');
    const files = new MediaFiles(world.mediaDir);
    const making = files.making();
    writeFileSync(making, '');
    await files.adopt(making, 'e'.repeat(64));
    world.media.set(id, { ...row, file: 'e'.repeat(64) });
    const answer = await get(`/api/media/${id}`);
    expect([answer.statusCode, answer.headers['content-length'], answer.body]).toEqual([200, '0', '']);
    expect((await get(`/api/media/${id}`, { range: 'bytes=0-' })).statusCode).toBe(416);
  });
  it('is found by nobody under a name that is no id', async () => {
    for (const id of ['x', '..%2f..%2fpulseline.db', '%00', 'a'.repeat(129)]) {
      expect([400, 404]).toContain((await get(`/api/media/${id}`)).statusCode);
    }
  });
});

describe('a range', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=5-', { start: 5, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=50-500', { start: 50, end: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=9-3', 'unsatisfiable'],
    ['bytes=0-1,5-6', undefined],
    ['lines=1-2', undefined],
    ['bytes=-', undefined],
  ])('%s', (header, wanted) => {
    expect(rangeOf(header, 100)).toEqual(wanted);
  });
});

/** A PNG whose head promises far more than its bytes. */
function bomb(points: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(points, 0);
  head.writeUInt32BE(points, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(1_000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc32(bytes: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
