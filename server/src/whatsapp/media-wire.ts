// The way of sealed files to and from WhatsApp's media hosts: by HTTPS, through the account's proxy, to hosts that WhatsApp itself has named. It opens no file.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { TLSSocket } from 'node:tls';
import { MediaBroken } from './media-cipher.ts';

export interface MediaWire {
  /** undefined = straight. */
  readonly agent: Agent | undefined;
  /** False for an emulator, whose certificate is its own: then `pin` says which. */
  readonly isStrict: boolean;
  /** sha256 of the only certificate that the host may show, hex. */
  readonly pin?: string;
}

/** WhatsApp has dropped the file. */
export class MediaDropped extends Error {
  constructor(status: number) {
    super(`the media host answers ${status}`);
    this.name = 'MediaDropped';
  }
}

/** More comes than was told, or than is wanted. */
export class MediaTooLong extends Error {}

/** Told of each piece: bytes so far, and of how many; 0 = not known. */
type Passed = (done: number, total: number) => void;

/** Ms without a byte. */
const SILENCE = 30_000;
const ORIGIN = 'https://web.whatsapp.com';
const LONGEST_ANSWER = 65_536;

/** Where a path that a sender told leads: always to the host that WhatsApp named, whatever the sender wrote. Throws MediaBroken. */
function mediaUrl(host: string, path: string): URL {
  if (!path.startsWith('/') || path.startsWith('//') || path.includes('\\')) throw new MediaBroken('its path');
  const base = new URL(`https://${host}`);
  const url = new URL(path, base);
  if (url.host !== base.host || url.protocol !== 'https:' || url.username !== '') throw new MediaBroken('its path');
  return url;
}

/**
 * Fetches into `to`, going on where an earlier attempt ended. Resolves when all of it is there.
 * Throws MediaDropped, MediaTooLong past `most` bytes, MediaBroken for a path that leads nowhere, else what a network throws.
 */
export async function fetchSealed(
  wire: MediaWire,
  host: string,
  path: string,
  to: string,
  most: number,
  signal: AbortSignal,
  passed: Passed = () => {},
): Promise<void> {
  const have = (await stat(to).catch(() => undefined))?.size ?? 0;
  const headers = { origin: ORIGIN, ...(have > 0 && { range: `bytes=${have}-` }) };
  const response = await ask(wire, mediaUrl(host, path), { headers, signal });
  const { statusCode = 0 } = response;
  // All of it was there already: its hash will tell.
  if (statusCode === 416 && have > 0) {
    response.destroy();
    return;
  }
  if (statusCode !== 200 && statusCode !== 206) {
    response.destroy();
    if (statusCode === 404 || statusCode === 410 || statusCode === 403) throw new MediaDropped(statusCode);
    throw new Error(`the media host answers ${statusCode}`);
  }
  const resumed = statusCode === 206 && have > 0;
  let size = resumed ? have : 0;
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  if (size + (Number.isFinite(length) ? length : 0) > most) {
    response.destroy();
    throw new MediaTooLong(`${length} bytes`);
  }
  const until = size + length;
  await pipeline(
    response,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        size += chunk.length;
        if (size > most) throw new MediaTooLong(`${size} bytes`);
        passed(size, Number.isFinite(until) ? until : 0);
        yield chunk;
      }
    },
    createWriteStream(to, { flags: resumed ? 'a' : 'w', mode: 0o600 }),
    { signal },
  );
  if (Number.isFinite(until) && size !== until) throw new Error('the media host broke off');
}

/** Has WhatsApp this file still? Asks for its first bytes only. Rejects if the host cannot say. */
export async function isThere(wire: MediaWire, host: string, path: string): Promise<boolean> {
  const headers = { origin: ORIGIN, range: 'bytes=0-15' };
  const response = await ask(wire, mediaUrl(host, path), { headers, signal: AbortSignal.timeout(SILENCE) });
  const { statusCode = 0 } = response;
  response.destroy();
  if (statusCode === 200 || statusCode === 206) return true;
  if (statusCode === 404 || statusCode === 410 || statusCode === 403) return false;
  throw new Error(`the media host answers ${statusCode}`);
}

export interface Uploaded {
  readonly url: string;
  readonly directPath: string;
}

/** Gives a sealed file to a media host. */
export async function sendSealed(
  wire: MediaWire,
  host: string,
  path: string,
  from: string,
  signal: AbortSignal,
  passed: Passed = () => {},
): Promise<Uploaded> {
  const { size } = await stat(from);
  const headers = { origin: ORIGIN, 'content-type': 'application/octet-stream', 'content-length': size };
  const response = await ask(wire, mediaUrl(host, path), { method: 'POST', headers, signal }, { from, size, passed });
  const text = await textOf(response);
  if (response.statusCode !== 200) throw new Error(`the media host answers ${response.statusCode}`);
  const answer: unknown = JSON.parse(text);
  const url: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'url') : undefined;
  const direct: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'direct_path') : undefined;
  if (typeof direct !== 'string') throw new Error('the media host names no place');
  return { url: typeof url === 'string' ? url : `https://${host}${direct}`, directPath: direct };
}

/** A resumed session shows no certificate. */
const unresumed = new Agent({ maxCachedSessions: 0 });

interface Body {
  readonly from: string;
  readonly size: number;
  readonly passed: Passed;
}

function ask(wire: MediaWire, url: URL, options: RequestOptions, body?: Body): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const agent = wire.agent ?? (wire.pin === undefined ? undefined : unresumed);
    const outgoing = request(url, {
      ...options,
      timeout: SILENCE,
      ...(agent !== undefined && { agent }),
      rejectUnauthorized: wire.isStrict,
    });
    if (wire.pin !== undefined) holdTo(outgoing, wire.pin);
    outgoing.once('timeout', () => outgoing.destroy(new Error('the media host is silent')));
    // Also after the answer has begun: an error that nobody hears ends the process.
    outgoing.on('error', reject);
    outgoing.once('response', (response) => {
      response.on('error', () => undefined);
      resolve(response);
    });
    if (body === undefined) outgoing.end();
    else pipeline(createReadStream(body.from), counted(body), outgoing).catch(reject);
  });
}

/** A host that shows another certificate is heard no further. What it may have got by then is sealed. */
export function holdTo(outgoing: ClientRequest, pin: string): void {
  outgoing.once('socket', (socket) => {
    if (!(socket instanceof TLSSocket)) return void outgoing.destroy(new Error('the media host speaks in the clear'));
    const check = (): void => {
      const shown = socket.getPeerX509Certificate()?.raw ?? '';
      if (createHash('sha256').update(shown).digest('hex') !== pin)
        outgoing.destroy(new Error('the media host shows another certificate than it was said to have'));
    };
    if (socket.getPeerX509Certificate() === undefined) socket.once('secureConnect', check);
    else check();
  });
}

/** What the system has taken to send. */
function counted({ size, passed }: Body) {
  return async function* (chunks: AsyncIterable<Buffer>) {
    let done = 0;
    for await (const chunk of chunks) {
      yield chunk;
      done += chunk.length;
      passed(done, size);
    }
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes: Buffer = chunk;
    length += bytes.length;
    if (length > LONGEST_ANSWER) throw new Error('the media host says too much');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
