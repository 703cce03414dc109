// Proxies on this machine for tests: HTTP CONNECT and SOCKS5, with or without a password. They pass everything on and understand nothing of it.
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface TestProxy {
  /** With user and password, if it wants them. */
  readonly url: string;
  /** `host:port` of each tunnel that was opened. */
  readonly tunnels: readonly string[];
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** `user:password`; without them it refuses. */
  readonly login?: string;
  /** An HTTP proxy answers everybody with this instead. */
  readonly status?: number;
}

export async function httpProxy({ login, status }: ProxyOptions = {}): Promise<TestProxy> {
  const server = createHttpServer();
  const { ends, tunnels, through, close } = plumbing(server);
  server.on('connect', (request, client, head) => {
    ends.add(client);
    const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
    const isRefused = wanted !== undefined && request.headers['proxy-authorization'] !== wanted;
    if (status !== undefined || isRefused) {
      client.end(`HTTP/1.1 ${status ?? 407} No\r\n\r\n`);
      return;
    }
    const [host = '', port] = (request.url ?? '').split(':');
    through(client, host, Number(port), (upstream) => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
    });
  });
  const port = await listening(server);
  return { url: `http://${login === undefined ? '' : `${login}@`}127.0.0.1:${port}`, tunnels, close };
}

export async function socksProxy({ login }: ProxyOptions = {}): Promise<TestProxy> {
  const { server, tunnels, through, close } = (() => {
    const made = createServer((client) => {
      pipes.ends.add(client);
      void greet(client).catch(() => client.destroy());
    });
    const pipes = plumbing(made);
    return { server: made, ...pipes };
  })();

  async function greet(client: Socket): Promise<void> {
    const next = reader(client);
    const [, methods = 0] = await next(2);
    const offered = await next(methods);
    const method = login === undefined ? 0 : 2;
    if (!offered.includes(method)) {
      client.end(Buffer.from([5, 0xff]));
      return;
    }
    client.write(Buffer.from([5, method]));
    if (login !== undefined) {
      const [, userLength = 0] = await next(2);
      const user = await next(userLength);
      const [passwordLength = 0] = await next(1);
      const password = await next(passwordLength);
      const isRight = `${user}:${password}` === login;
      client.write(Buffer.from([1, isRight ? 0 : 1]));
      if (!isRight) return;
    }
    const [, , , type = 0] = await next(4);
    const host = type === 1 ? [...(await next(4))].join('.') : String(await next((await next(1))[0] ?? 0));
    const port = (await next(2)).readUInt16BE();
    through(client, host, port, () => client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
  }

  const port = await listening(server);
  return { url: `socks5://${login === undefined ? '' : `${login}@`}127.0.0.1:${port}`, tunnels, close };
}

function plumbing(server: Server) {
  const ends = new Set<Duplex>();
  const tunnels: string[] = [];
  return {
    ends,
    tunnels,
    through(client: Duplex, host: string, port: number, opened: (upstream: Socket) => void): void {
      const upstream = connect(port, host, () => {
        tunnels.push(`${host}:${port}`);
        opened(upstream);
        upstream.pipe(client).pipe(upstream);
      });
      ends.add(upstream);
      for (const end of [upstream, client]) {
        end.on('error', () => {});
        end.on('close', () => ends.delete(end));
      }
    },
    async close(): Promise<void> {
      for (const end of ends) end.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Reads so many bytes at a time, and nothing of what follows them. */
function reader(socket: Socket): (length: number) => Promise<Buffer> {
  return async (length) => {
    for (;;) {
      const found: unknown = length === 0 ? Buffer.alloc(0) : socket.read(length);
      if (Buffer.isBuffer(found)) return found;
      await new Promise((resolve) => socket.once('readable', resolve));
    }
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
