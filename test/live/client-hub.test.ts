// The real client against the real hub over loopback: joining, reconnecting and resuming, with a log in memory.
import { createServer } from 'node:http';
import { createLiveClient, type LiveClientOptions, type SocketConstructor } from '@pulseline/client';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createHub } from '../../server/src/live/hub.ts';
import { createMemoryLog } from '../../server/src/live/memory-log.ts';
import { adoptSocket } from '../../server/src/live/socket.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const Socket: SocketConstructor = WebSocket;

async function serve() {
  const log = createMemoryLog();
  const hub = createHub({ queries: log, log: { info() {}, warn() {} }, language: 'en' });
  await hub.open();
  const http = createServer();
  const door = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  http.on('upgrade', (request, socket, head) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    door.handleUpgrade(request, socket, head, (ws) =>
      hub.accept(adoptSocket(ws, socket), { cursor: query.get('cursor') ?? undefined, remote: 'test' }),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    await hub.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    hub,
    log,
    url: `ws://127.0.0.1:${port}/ws`,
    append: (n: number) => hub.publish(log.append('acc_1', 'note', note(n))),
  };
}

const note = (n: number) => ({ id: `n${n}`, conversation: 'c', body: `note ${n}`, author: 'x', at: n });
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

function join(url: string, options: LiveClientOptions = {}) {
  const client = createLiveClient(url, { WebSocket: Socket, ...options });
  closers.push(() => client.stop());
  const seqs: number[] = [];
  const waiters = new Set<() => void>();
  const wake = () => waiters.forEach((waiter) => waiter());
  client.onEvent((frame) => {
    seqs.push(frame.seq);
    wake();
  });
  client.subscribe(wake);
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return;
        waiters.delete(check);
        resolve();
      };
      waiters.add(check);
      check();
    });
  return { client, seqs, until };
}

describe('client and hub', () => {
  it('goes live and gets each event once', async () => {
    const { url, append } = await serve();
    append(1);
    const { client, seqs, until } = join(url);
    client.start();
    await until(() => client.snapshot().phase === 'live');
    append(2);
    append(3);
    await until(() => seqs.length === 2);
    expect(seqs).toEqual([2, 3]);
    await until(() => client.snapshot().latency !== undefined);
    expect(client.snapshot()).toMatchObject({
      phase: 'live',
      cursor: 'acc_1:e1:3',
      counters: { duplicates: 0, gaps: 0 },
    });
  });

  it('[G3] resumes where it was after each of several lost connections, and misses and repeats nothing', async () => {
    const { hub, url, append } = await serve();
    const { client, seqs, until } = join(url);
    client.start({});
    await until(() => client.snapshot().phase === 'live');
    for (const round of range(0, 4)) {
      for (const n of range(1, 100)) append(round * 100 + n);
      const { reconnects } = client.snapshot().counters;
      for (const n of range(1, 3)) if (n === round % 4) await until(() => seqs.length > round * 100 + 10);
      await hub.drain(0);
      await hub.open();
      await until(() => client.snapshot().counters.reconnects > reconnects);
    }
    await until(() => seqs.length === 500);
    expect(seqs).toEqual(range(1, 500));
  });
});
