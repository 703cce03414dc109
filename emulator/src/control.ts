// The control API: what a test or a sandbox page asks of the people, as JSON over HTTP on loopback; it never does anything itself.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { RawAnswer } from './body.ts';
import type { Driver } from './driver.ts';
import { EmulatorError } from './errors.ts';
import { ROUTES } from './routes.ts';
import { closed, LOOPBACK, listen } from './server.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** Of one who looks on. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export interface Control {
  readonly url: string;
  close(): Promise<void>;
}

export async function startControl(driver: Driver, port: number): Promise<Control> {
  const server = createServer((request, response) => {
    answer(driver, request, response).catch(() => response.destroy());
  });
  const bound = await listen(server, port);
  return {
    url: `http://${LOOPBACK}:${bound}`,
    close: async () => {
      server.closeAllConnections();
      await closed(server);
    },
  };
}

async function answer(driver: Driver, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    checkCaller(request);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = url.pathname
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
    if (request.method === 'GET' && url.pathname === '/stanzas') {
      follow(driver, response);
      return;
    }
    const route = ROUTES.find(({ method, pattern }) => method === request.method && matches(pattern, path));
    if (!route) throw new EmulatorError('NOT_FOUND', `${request.method} ${url.pathname}`);
    const text = request.method === 'POST' ? await readBody(request, route.maxBytes) : '';
    const result = await route.run(driver, { id: path[1] ?? '', query: url.searchParams, text });
    reply(response, result === undefined ? 204 : 200, result);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.code === 'INTERNAL') driver.world.log.error({ error: String(error) }, 'a control request failed');
    reply(response, refusal.status, { code: refusal.code, error: refusal.message });
  }
}

/** Stanzas as they pass, for as long as somebody listens. Who is too slow misses some. */
function follow({ world }: Driver, response: ServerResponse): void {
  const stop = world.watch.add((passing) => {
    if (response.writableLength < MAX_UNREAD_BYTES) response.write(`data: ${JSON.stringify(passing)}\n\n`);
  });
  if (!stop) throw new EmulatorError('BAD_FIELD', 'too many look on');
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  response.write(': stanzas\n\n');
  response.on('close', stop);
}

function refusalOf(error: unknown): EmulatorError {
  if (error instanceof EmulatorError) return error;
  return error instanceof URIError ? new EmulatorError('BAD_FIELD', 'path') : new EmulatorError('INTERNAL');
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((part, i) => part === ':id' || part === path[i]);
}

/** A page of a stranger must not reach the people, neither by name (Host) nor by a form (Origin). */
function checkCaller({ headers }: IncomingMessage): void {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  if (!LOOPBACK_NAMES.has(host)) throw new EmulatorError('HOST_REFUSED', host);
  const { origin } = headers;
  if (origin === undefined) return;
  const name = URL.canParse(origin) ? new URL(origin).hostname : '';
  if (!LOOPBACK_NAMES.has(name)) throw new EmulatorError('ORIGIN_REFUSED', origin);
}

async function readBody(request: IncomingMessage, most = MAX_BODY_BYTES): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > most) throw new EmulatorError('BODY_TOO_LARGE');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  if (body instanceof RawAnswer) {
    response.writeHead(status, { 'content-type': body.type, 'x-content-type-options': 'nosniff' }).end(body.bytes);
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
