// A reverse proxy as people put one before Pulseline, right or wrong in one way: it passes HTTP and WebSocket on, with the Host of its target as nginx does. It is no product of ours and keeps nothing.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ProxyWays {
  /** `strip`: the request for a WebSocket goes on as a plain one. `status`: it is answered so. `mute`: the upgrade passes, no byte of the server after it does. `swallow`: it is never answered. */
  readonly upgrade?: 'pass' | 'strip' | 'mute' | 'swallow' | { readonly status: number; readonly body?: string };
  /** Ms that what the server says after the upgrade is held back, again and again. */
  readonly holdMs?: number;
  /** Ms between two times that what the server said after the upgrade is let through, all at once. */
  readonly lumpMs?: number;
  /** Every request is answered so, the API too. */
  readonly answer?: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  /** Prefix that is taken off the path; without it 404. */
  readonly prefix?: string;
  /** The caller's own Host goes on. */
  readonly keepHost?: boolean;
  /** Made of what the server says after the upgrade. */
  readonly spoil?: (bytes: Buffer) => Buffer;
  /** Headers that every answer loses, in lower case. */
  readonly without?: readonly string[];
  /** Ms after the upgrade when it is cut. */
  readonly cutAfterMs?: number;
}

export interface ReverseProxy {
  readonly port: number;
  readonly url: string;
  set(ways: ProxyWays): void;
  close(): Promise<void>;
}

export async function openReverseProxy(
  target: { readonly host: string; readonly port: number },
  first: ProxyWays = {},
  listen: {
    readonly host?: string;
    readonly port?: number;
    readonly tls?: { readonly key: string; readonly cert: string };
  } = {},
): Promise<ReverseProxy> {
  let ways = first;
  const open = new Set<Duplex>();
  const keep = (socket: Duplex): void => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
  };
  const hostOf = ({ host, port }: { readonly host: string; readonly port: number }): string => `${host}:${port}`;
  const onwards = (message: IncomingMessage): Record<string, string | string[] | undefined> => {
    const headers: Record<string, string | string[] | undefined> = { ...message.headers, via: '1.1 proxy' };
    if (!ways.keepHost) headers['host'] = hostOf(target);
    return headers;
  };
  const pathOf = (url = '/'): string | undefined => {
    if (ways.prefix === undefined) return url;
    return url.startsWith(ways.prefix) ? url.slice(ways.prefix.length) || '/' : undefined;
  };

  const answer: RequestListener = (message, response) => {
    const path = pathOf(message.url);
    if (ways.answer !== undefined) {
      response.writeHead(ways.answer.status, { ...ways.answer.headers }).end(ways.answer.body);
      return;
    }
    if (path === undefined) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>404 Not Found</h1>');
      return;
    }
    const up = request({ ...target, method: message.method, path, headers: onwards(message) }, (answer) => {
      const kept = Object.entries(answer.headers).filter(([name]) => ways.without?.includes(name) !== true);
      response.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
      answer.pipe(response);
    });
    up.on('error', () => {
      if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<h1>502 Bad Gateway</h1>');
    });
    message.pipe(up);
  };
  const server: Server = listen.tls === undefined ? createServer(answer) : createTlsServer(listen.tls, answer);
  server.on('connection', keep);
  server.on('upgrade', (message, socket, head) => {
    keep(socket);
    const path = pathOf(message.url);
    const how = ways.upgrade ?? 'pass';
    if (ways.answer !== undefined || path === undefined || typeof how === 'object') {
      const { status, body = '' } = typeof how === 'object' ? how : (ways.answer ?? { status: 404 });
      const more = Object.entries(ways.answer?.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(
        `HTTP/1.1 ${status} Proxy\r\ncontent-type: text/html\r\n${more.join('')}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
      return;
    }
    if (how === 'swallow') return;
    const kept: Buffer[] = [];
    const headers = onwards(message);
    if (how === 'strip') {
      headers['connection'] = 'close';
      delete headers['upgrade'];
    }
    const up = request({ ...target, method: 'GET', path, headers });
    up.on('error', () => socket.destroy());
    up.on('response', (answer) => {
      socket.write(
        `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${headLines(answer)}connection: close\r\n\r\n`,
      );
      answer.pipe(socket);
    });
    up.on('upgrade', (answer, back, first) => {
      keep(back);
      const { lumpMs } = ways;
      if (lumpMs !== undefined) {
        const timer = setInterval(() => {
          for (const bytes of kept.splice(0)) socket.write(bytes);
        }, lumpMs);
        socket.on('close', () => clearInterval(timer));
      }
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headLines(answer, ways.without)}\r\n`);
      if (head.length > 0) back.write(head);
      pass(first);
      back.on('data', pass);
      socket.on('data', (bytes: Buffer) => back.write(bytes));
      socket.on('close', () => back.destroy());
      back.on('close', () => socket.destroy());
      if (ways.cutAfterMs !== undefined) setTimeout(() => socket.destroy(), ways.cutAfterMs).unref();
    });
    function pass(bytes: Buffer): void {
      if (bytes.length === 0 || how === 'mute') return;
      const wanted = ways.spoil?.(bytes) ?? bytes;
      if (ways.lumpMs !== undefined) kept.push(wanted);
      else if (ways.holdMs === undefined) socket.write(wanted);
      else setTimeout(() => socket.write(wanted), ways.holdMs).unref();
    }
    up.end();
  });
  server.listen(listen.port ?? 0, listen.host ?? '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  return {
    port,
    url: `http://localhost:${port}`,
    set: (next) => {
      ways = next;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function headLines({ headers }: IncomingMessage, without: readonly string[] = []): string {
  return Object.entries(headers)
    .filter(([name]) => !without.includes(name))
    .filter(([name]) => name !== 'connection' || headers.upgrade !== undefined)
    .map(([name, value]) => `${name}: ${[value].flat().join(', ')}\r\n`)
    .join('');
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('no port');
}
