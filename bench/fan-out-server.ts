// One server of `bench fan-out`, in a process of its own, with its clients in another: `<side> <clients> <deliveries> <in flight>`. It says how much memory a connection took, then answers each number of events a turn on stdin with what a round of them cost.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createInterface, type Interface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Server as SocketIo } from 'socket.io';
import { type WebSocket, WebSocketServer } from 'ws';
import { createHub } from '../server/src/live/hub.ts';
import { adoptSocket, frameText } from '../server/src/live/socket.ts';
import type { StoredEvent } from '../server/src/store/port.ts';

/** A message of everyday size: about 500 bytes with its envelope. */
const body = {
  id: 'm_0123456789abcdef',
  account: 'acc_0123456789',
  conversation: 'c_0123456789',
  body: 'x'.repeat(300),
};
const [kind = ''] = process.argv.slice(2);
/** Deliveries of a round; turns that follow one another before the clients are waited for. */
const [clients = 0, DELIVERIES = 0, IN_FLIGHT = 1] = process.argv.slice(3).map(Number);
/** Many turns of few clients would measure the waiting. */
const MOST_TURNS = 200;

interface Side {
  readonly name: 'raw' | 'plain loop' | 'Socket.IO' | 'hub';
  /** Either takes one connection after another, or the whole door. */
  readonly door:
    | ((socket: Duplex, upgrade: () => Promise<WebSocket>) => void)
    | { readonly attach: (http: Server) => void; readonly path: string };
  /** Sends so many events in one turn of the event loop. */
  send(events: number): void;
  close(): Promise<void>;
}

/** The clients, as one. */
interface Audience {
  readonly lines: Interface;
  /** Asks to be told when all together got so many messages. */
  order(messages: number): void;
  end(): void;
}

type Kind = Side['name'];

setFlagsFromString('--expose_gc');
const gc: unknown = runInNewContext('gc');

function collect(): void {
  if (typeof gc === 'function') gc();
}

const make: Readonly<Record<Kind, () => Promise<Side>>> = {
  raw: theLimit,
  'plain loop': plainLoop,
  'Socket.IO': socketIo,
  hub: theHub,
};

/** What Node can do at most: bytes to sockets. */
async function theLimit(): Promise<Side> {
  const sockets = new Set<Duplex>();
  const frame = { type: 'new_message', data: body, timestamp: Date.now(), stream: 'acc_0123456789', seq: 1 };
  return {
    name: 'raw',
    door(socket) {
      const accept = createHash('sha1').update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.resume();
      sockets.add(socket);
    },
    send(events) {
      const frames = Array.from({ length: events }, () => frameText(JSON.stringify(frame)));
      const bytes = frames.length === 1 ? frames[0] : Buffer.concat(frames);
      if (bytes) for (const socket of sockets) socket.write(bytes);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The clients' key. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

async function plainLoop(): Promise<Side> {
  const sockets = new Set<WebSocket>();
  return {
    name: 'plain loop',
    door(_, upgrade) {
      void upgrade().then((ws) => sockets.add(ws));
    },
    send(events) {
      for (let n = 0; n < events; n++) {
        const frame = { type: 'new_message', data: body, timestamp: Date.now(), stream: 'acc_0123456789', seq: 1 };
        for (const ws of sockets) ws.send(JSON.stringify(frame));
      }
    },
    async close() {
      for (const ws of sockets) ws.terminate();
    },
  };
}

async function socketIo(): Promise<Side> {
  const io = new SocketIo({ transports: ['websocket'], serveClient: false });
  return {
    name: 'Socket.IO',
    door: { attach: (http) => void io.attach(http), path: '/socket.io/?EIO=4&transport=websocket' },
    send(events) {
      for (let n = 0; n < events; n++) {
        const frame = { type: 'new_message', data: body, timestamp: Date.now(), stream: 'acc_0123456789', seq: 1 };
        io.emit('event', frame);
      }
    },
    async close() {
      io.disconnectSockets(true);
      await io.close();
    },
  };
}

async function theHub(): Promise<Side> {
  const hub = createHub({
    queries: { heads: async () => ({}), events: async () => [] },
    log: { info() {}, warn() {} },
    language: 'en',
  });
  await hub.open();
  let seq = 0;
  return {
    name: 'hub',
    door: (socket, upgrade) => void upgrade().then((ws) => hub.accept(adoptSocket(ws, socket), { remote: 'bench' })),
    send(events) {
      for (let n = 0; n < events; n++) {
        seq += 1;
        const at = Date.now();
        const data = JSON.stringify(body);
        const event: StoredEvent = { stream: body.account, epoch: 'e1', seq, type: 'new_message', data, at };
        hub.publish({ events: [event], at });
      }
    },
    close: () => hub.close(),
  };
}

async function gather(side: Side, clients: number): Promise<Audience> {
  const http = createServer();
  const door = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const own = side.door;
  if (typeof own === 'object') own.attach(http);
  else {
    http.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      own(socket, () => new Promise((resolve) => door.handleUpgrade(request, socket, head, (ws) => resolve(ws))));
    });
  }
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const file = fileURLToPath(new URL('./fan-out-clients.ts', import.meta.url));
  const path = typeof own === 'object' ? [own.path] : [];
  const args = [...process.execArgv, '--import', 'tsx', file, String(port), String(clients), ...path];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  lines.once('close', () => lines.emit('error', new Error('the clients have ended')));
  await said(lines, 'open');
  return {
    lines,
    order: (messages) =>
      void child.stdin.write(`${messages}
`),
    end() {
      lines.removeAllListeners('close');
      child.stdin.end();
      http.closeAllConnections();
      http.close();
    },
  };
}

/** The next line that says this. They come one by one, each as the answer to one of ours. */
async function said(lines: Interface, text: string): Promise<void> {
  for (;;) {
    const [line] = await once(lines, 'line');
    if (line === text) return;
  }
}

/** One round; CPU and the kernel's part of it in microseconds for one event to one client. */
async function measure(burst: number) {
  let cpu = 0;
  let kernel = 0;
  let ms = 0;
  const flights = Math.min(MOST_TURNS / IN_FLIGHT, Math.max(2, Math.round(DELIVERIES / clients / burst / IN_FLIGHT)));
  for (let flight = 0; flight < flights; flight++) {
    const ready = said(audience.lines, 'counting');
    audience.order(clients * burst * IN_FLIGHT);
    await ready;
    const done = said(audience.lines, 'done');
    const before = process.cpuUsage();
    const start = performance.now();
    for (let turn = 0; turn < IN_FLIGHT; turn++) {
      side.send(burst);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await done;
    ms += performance.now() - start;
    const used = process.cpuUsage(before);
    cpu += used.user + used.system;
    kernel += used.system;
  }
  const deliveries = flights * IN_FLIGHT * burst * clients;
  return { perSecond: (deliveries / ms) * 1_000, cpu: cpu / deliveries, kernel: kernel / deliveries };
}

const chosen = Object.entries(make).find(([name]) => name === kind)?.[1];
if (chosen === undefined) throw new Error(`no such server: ${kind}`);
const side = await chosen();
collect();
const before = process.memoryUsage().rss;
const audience = await gather(side, clients);
collect();
console.log(JSON.stringify({ kib: (process.memoryUsage().rss - before) / 1_024 / clients }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await measure(Number(line))));
}
audience.end();
await side.close();
process.exit(0);
