// The media host: takes sealed files by POST and gives them back by GET, whole or in part; it never opens one and never lists them.
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Device } from './device.ts';
import type { Fault } from './faults.ts';
import { MediaRefused, type StoredFile } from './media-store.ts';
import type { World } from './world.ts';

const UPLOAD = /^\/(?:mms|product|pps|newsletter)\/[a-z-]+\/([A-Za-z0-9_-]+={0,2})$/;
const DOWNLOAD = /^\/v\/([0-9a-f]{32})\.enc$/;
/** Half of what was asked for, then the line is cut. */
const CUT_AFTER = 0.5;

/** The path of a file, as messages carry it. */
export function directPathOf(id: string): string {
  return `/v/${id}.enc?ccb=11-4&oh=01_${id.slice(0, 16)}&oe=7FFFFFFF&_nc_sid=5e03e0`;
}

/** @returns the id of the file that a path means. */
export function fileIdOf(directPath: string): string | undefined {
  return DOWNLOAD.exec(directPath.split('?')[0] ?? '')?.[1];
}

/** @returns false when the request is none of the media host's. */
export function serveMedia(world: World, request: IncomingMessage, response: ServerResponse): boolean {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const hash = UPLOAD.exec(decodeURIComponent(url.pathname))?.[1];
  const id = fileIdOf(url.pathname);
  const done =
    request.method === 'POST' && hash !== undefined
      ? upload(world, request, response, hash, url.searchParams.get('auth') ?? '')
      : (request.method === 'GET' || request.method === 'HEAD') && id !== undefined
        ? download(world, request, response, id)
        : undefined;
  done?.catch((error: unknown) => {
    world.log.info({ error: String(error), path: url.pathname }, 'the media host failed');
    response.destroy();
  });
  return done !== undefined;
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function upload(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  hash: string,
  auth: string,
): Promise<void> {
  const name = world.media.deviceOf(auth);
  const device = name === undefined ? undefined : [...world.devices()].find(({ id }) => id === name);
  if (!device) return refuse(request, response, 401, 'unauthorized');
  const fault = await misbehave(world, 'upload', device);
  if (fault?.kind === 'media-cut') {
    request.destroy();
    return;
  }
  if (fault) return refuse(request, response, fault.code ?? 500, 'by fault');
  try {
    const id = await world.media.receive(request, Buffer.from(hash, 'base64url'));
    await world.store.stored();
    const path = directPathOf(id);
    say(response, 200, { url: `https://${request.headers.host}${path}`, direct_path: path, handle: id });
  } catch (error) {
    if (!(error instanceof MediaRefused)) throw error;
    say(response, error.status, { error: { code: error.status, message: error.message } });
  }
}

/** The client writes its whole file before it listens, so it is read to its end. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  request.resume();
  request.once('end', () => say(response, status, { error: { code: status, message: text } }));
}

async function download(world: World, request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
  const fault = await misbehave(world, 'download');
  if (fault?.kind === 'media-fail') {
    response.writeHead(fault.code ?? 500).end();
    return;
  }
  const file = world.media.find(id);
  if (!file) {
    response.writeHead(410).end();
    return;
  }
  const range = rangeOf(request.headers.range, file.size);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${file.size}` }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  response.writeHead(range ? 206 : 200, {
    'content-type': 'application/octet-stream',
    'content-length': end - start + 1,
    'accept-ranges': 'bytes',
    ...(range && { 'content-range': `bytes ${start}-${end}/${file.size}` }),
  });
  if (request.method === 'HEAD') response.end();
  else send(response, file, start, end, fault);
}

function send(response: ServerResponse, file: StoredFile, start: number, end: number, fault: Fault | undefined): void {
  const cut = fault?.kind === 'media-cut';
  const last = cut ? start + Math.floor((end - start) * CUT_AFTER) : end;
  let broken = fault?.kind !== 'media-corrupt';
  const stream = createReadStream(file.path, { start, end: last });
  stream.on('data', (chunk) => {
    const bytes = Buffer.from(chunk);
    if (!broken && bytes.length > 0) {
      bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
      broken = true;
    }
    if (!response.write(bytes)) {
      stream.pause();
      response.once('drain', () => stream.resume());
    }
  });
  stream.once('error', () => response.destroy());
  stream.once('end', () => {
    if (cut) response.destroy();
    else response.end();
  });
  response.once('close', () => stream.destroy());
}

/** Waits out a slow host. @returns the fault that hits the rest of the request. */
async function misbehave(world: World, part: 'upload' | 'download', device?: Device): Promise<Fault | undefined> {
  const names = [part, ...(device?.names ?? [])];
  const slow = world.faults.take('media-slow', ...names);
  if (slow) await sleep(Math.min(600_000, Math.max(0, slow.ms ?? 1_000)), undefined, { ref: false });
  for (const kind of ['media-fail', 'media-cut', 'media-corrupt'] as const) {
    if (part === 'upload' && kind === 'media-corrupt') continue;
    const fault = world.faults.take(kind, ...names);
    if (fault) return fault;
  }
  return undefined;
}

/** One range of bytes, both ends included; undefined = the whole file. */
function rangeOf(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | 'unsatisfiable' | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, from = '', to = ''] = parts ?? [];
  if (!parts || (from === '' && to === '')) return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return start > end || start >= size ? 'unsatisfiable' : { start, end };
}
