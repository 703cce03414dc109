// A hub behind a real ws server on loopback, and plain clients for it; the log is in memory.
import { createServer, type Server } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { createHub } from '../../server/src/live/hub.ts';
import type { Hub, HubClock, HubOptions } from '../../server/src/live/port.ts';
import { adoptSocket, MAX_CLIENT_FRAME_BYTES } from '../../server/src/live/socket.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';

export interface Loopback {
  readonly hub: Hub;
  readonly log: MemoryLog;
  readonly url: string;
  /** Another hub on the same log and port, with nothing in memory: what a restart of the process is. */
  restart(): Promise<void>;
  /** Appends and publishes `count` notes of about `bytes` bytes. */
  write(count: number, bytes?: number, stream?: string): void;
  /** Warnings of the hub. */
  readonly warnings: string[];
}

const closers: (() => unknown)[] = [];
/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}
export function atEnd(close: () => unknown): void {
  closers.push(close);
}

export async function serve(
  options: Partial<Omit<HubOptions, 'log'>> & { readonly deflate?: boolean } = {},
): Promise<Loopback> {
  const log = createMemoryLog();
  const warnings: string[] = [];
  const quiet = { info() {}, warn: (_: object, text: string) => void warnings.push(text) };
  const open = async () => {
    const opened = createHub({ queries: log, log: quiet, language: 'en', ...options });
    await opened.open();
    return opened;
  };
  let hub = await open();
  const http = createServer();
  const perMessageDeflate = options.deflate === true ? { threshold: 0 } : false;
  const door = new WebSocketServer({ noServer: true, maxPayload: MAX_CLIENT_FRAME_BYTES, perMessageDeflate });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    door.handleUpgrade(request, socket, head, (ws) =>
      hub.accept(adoptSocket(ws, socket), {
        cursor: query.get('cursor') ?? undefined,
        types: query.get('types')?.split(','),
        streams: query.get('streams')?.split(','),
        remote: 'loopback',
      }),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  atEnd(async () => {
    await hub.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  return {
    get hub() {
      return hub;
    },
    log,
    warnings,
    url: `ws://127.0.0.1:${portOf(http)}/ws`,
    async restart() {
      await hub.close();
      hub = await open();
    },
    write(count, bytes = 0, stream = 'acc_1') {
      for (let n = 0; n < count; n++) hub.publish(log.append(stream, 'note', note(n, bytes)));
    },
  };
}

export function note(n: number, bytes = 0) {
  return { id: `n${n}`, conversation: 'c', body: `note ${n} ${'.'.repeat(bytes)}`, author: 'x', at: n };
}

function portOf(http: Server): number {
  const address = http.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A clock that runs so many times faster, for rules of 10 and 30 seconds. */
export function fastClock(times: number): HubClock {
  return {
    now: () => performance.now() * times,
    wall: () => Date.now(),
    random: () => 0.5,
    soon: (run) => void setImmediate(run),
    timer(ms, run) {
      const handle = setTimeout(run, ms / times);
      return () => clearTimeout(handle);
    },
  };
}

interface PlainFrame {
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly timestamp: number;
  readonly stream?: string;
  readonly seq?: number;
}

export interface PlainClient {
  readonly ws: WebSocket;
  readonly frames: PlainFrame[];
  /** The close code, once it is closed. */
  readonly closed: number | undefined;
  until(condition: () => boolean): Promise<void>;
  seqs(stream?: string): (number | undefined)[];
  of(type: string): PlainFrame[];
}

/** A plain client: nothing but the guide's few lines, and a list of what came. */
export function plain(url: string, options: { readonly autoPong?: boolean } = {}): PlainClient {
  const ws = new WebSocket(url, options);
  const frames: PlainFrame[] = [];
  const waiters = new Set<() => void>();
  const wake = () => {
    for (const waiter of waiters) waiter();
  };
  let closed: number | undefined;
  ws.on('message', (data, isBinary) => {
    if (isBinary) throw new Error('a binary frame came');
    frames.push(JSON.parse(data.toString()));
    wake();
  });
  ws.on('error', () => undefined);
  ws.on('close', (code) => {
    closed = code;
    wake();
  });
  atEnd(() => ws.terminate());
  return {
    ws,
    frames,
    get closed() {
      return closed;
    },
    until(condition) {
      return new Promise((resolve) => {
        const check = () => {
          if (!condition()) return;
          waiters.delete(check);
          resolve();
        };
        waiters.add(check);
        check();
      });
    },
    seqs: (stream = 'acc_1') => frames.filter((frame) => frame.stream === stream).map(({ seq }) => seq),
    of: (type) => frames.filter((frame) => frame.type === type),
  };
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
