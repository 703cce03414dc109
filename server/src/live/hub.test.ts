// The hub over real sockets on loopback, with a log in memory: what clients get, in which order, and how they are resumed.
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createHub } from './hub.ts';
import { createMemoryLog } from './memory-log.ts';
import type { Hub, HubOptions } from './port.ts';
import { adoptSocket, MAX_CLIENT_FRAME_BYTES } from './socket.ts';

type Frame = { type: string; data: Record<string, unknown>; timestamp: number; stream?: string; seq?: number };
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(options: Partial<HubOptions> & { readonly log?: never } = {}, log = createMemoryLog()) {
  const hub = createHub({ queries: log, log: { info() {}, warn() {} }, language: 'en', ...options });
  await hub.open();
  const http = createServer();
  const door = new WebSocketServer({ noServer: true, maxPayload: MAX_CLIENT_FRAME_BYTES, perMessageDeflate: false });
  http.on('upgrade', (request, socket, head) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    door.handleUpgrade(request, socket, head, (ws) =>
      hub.accept(adoptSocket(ws, socket), {
        cursor: query.get('cursor') ?? undefined,
        types: query.get('types')?.split(','),
        streams: query.get('streams')?.split(','),
        remote: 'test',
      }),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    await hub.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  return { hub, log, url: `ws://127.0.0.1:${portOf(http.address())}/ws` };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A plain client: every frame it gets, and a wait for a condition on them. */
function connect(url: string) {
  const ws = new WebSocket(url);
  const frames: Frame[] = [];
  const texts: string[] = [];
  const waiters = new Set<() => void>();
  let closed: number | undefined;
  ws.on('message', (data, isBinary) => {
    expect(isBinary).toBe(false);
    texts.push(data.toString());
    frames.push(JSON.parse(data.toString()));
    for (const waiter of waiters) waiter();
  });
  ws.on('close', (code) => {
    closed = code;
    for (const waiter of waiters) waiter();
  });
  closers.unshift(async () => ws.terminate());
  return {
    ws,
    frames,
    texts,
    get closed() {
      return closed;
    },
    until(condition: () => boolean): Promise<void> {
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
    seqs: (stream: string) => frames.filter((frame) => frame.stream === stream).map(({ seq }) => seq),
  };
}

const text = (body: string) => ({ id: `m_${body}`, body });
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('hub', () => {
  it('greets a plain client and gives it everything that comes after', async () => {
    const { hub, log, url } = await serve();
    hub.publish(log.append('acc_1', 'new_message', text('before')));
    const client = connect(url);
    await client.until(() => client.frames.length === 1);
    expect(client.frames[0]).toMatchObject({
      type: 'connected',
      data: {
        message: 'WebSocket connected; live updates are on',
        version: 1,
        heads: { acc_1: { epoch: 'e1', seq: 1 } },
        resumed: false,
        replayed: 0,
      },
    });
    hub.publish(log.append('acc_1', 'new_message', text('a')));
    hub.tell('qr_update', { account: 'acc_1', qr: 'x', expiresAt: 1 });
    hub.publish(log.append('acc_1', 'new_message', text('b')));
    await client.until(() => client.frames.length === 4);
    expect(client.frames.slice(1).map(({ type, seq }) => [type, seq])).toEqual([
      ['new_message', 2],
      ['qr_update', undefined],
      ['new_message', 3],
    ]);
    expect(client.frames[1]).toMatchObject({ data: text('a'), stream: 'acc_1' });
  });
});
