// bench fan-out: what one event costs to reach many connections, by the hub, by the plain loop that most servers have, by Socket.IO and by nothing but socket.write, with the same event, clients and minutes.
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
import { percentile, type Report } from './report.ts';

export interface FanOutOptions {
  /** Connections at a time; each has a part of the report. */
  readonly sizes: readonly number[];
  readonly rounds: number;
}

/** A message of everyday size: about 500 bytes with its envelope. */
const body = {
  id: 'm_0123456789abcdef',
  account: 'acc_0123456789',
  conversation: 'c_0123456789',
  body: 'x'.repeat(300),
};
const BURST = 8;
/** Many turns of few clients would measure the waiting. */
const MOST_TURNS = 200;
/** Turns that follow one another before the clients are waited for. */
const IN_FLIGHT = 8;
/** Deliveries of one round. */
const DELIVERIES = 100_000;

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

interface Figures {
  readonly perSecond: number;
  /** Of the server's CPU, microseconds for one event to one client. */
  readonly cpu: number;
  /** What of that the system's kernel took: sending, which no server can do without. */
  readonly kernel: number;
}

type Kind = Side['name'];
/** The hub first: what one server gave back to the system's memory, the next one would not be seen to take. */
const kinds: readonly Kind[] = ['hub', 'raw', 'plain loop', 'Socket.IO'];

export async function fanOut({ sizes, rounds }: FanOutOptions): Promise<Report> {
  const table: string[][] = [
    ['connections', 'a turn', 'server', 'deliveries a second', 'CPU each, µs', 'of it the kernel', 'KiB idle'],
  ];
  const figures: Record<string, number> = {};
  const aims: Report['aims'][number][] = [];
  for (const size of sizes) {
    // The first one warms the code up for all; its figures are thrown away.
    if (size === sizes[0]) await measureSize(200, 1);
    const measured = await measureSize(size, rounds);
    const most = Math.max(...sizes);
    for (const burst of [1, BURST]) {
      for (const kind of kinds) {
        const { perSecond, cpu, kernel, kib } = summary(measured, kind, burst);
        const name = `${kind.toLowerCase().replace(/[ .]/, '_')}_${size}_${burst}`;
        figures[`${name}_per_s`] = Math.round(perSecond);
        figures[`${name}_cpu_us`] = cpu;
        figures[`${name}_kernel_us`] = kernel;
        if (burst === 1 && kind === 'hub' && !Number.isNaN(kib)) figures[`hub_${size}_idle_kib`] = kib;
        const numbers = [
          Math.round(perSecond).toLocaleString('en'),
          cpu.toFixed(2),
          kernel.toFixed(2),
          burst === 1 && kind === 'hub' && !Number.isNaN(kib) ? kib.toFixed(1) : '',
        ];
        table.push([size.toLocaleString('en'), burst === 1 ? '1 event' : `${burst} events`, kind, ...numbers]);
      }
    }
    const of = size.toLocaleString('en');
    if (size <= 1_000) {
      aims.push(
        {
          text: `${of}, one event: throughput against raw socket.write`,
          value: ratio(measured, 'raw', 1, 'perSecond'),
          least: 0.9,
        },
        {
          text: `${of}, one event: throughput against the plain loop`,
          value: ratio(measured, 'plain loop', 1, 'perSecond'),
          least: 2.3,
        },
        {
          text: `${of}, one event: throughput against Socket.IO`,
          value: ratio(measured, 'Socket.IO', 1, 'perSecond'),
          least: 1.8,
        },
        {
          text: `${of}, ${BURST} events: deliveries a second, in millions`,
          value: summary(measured, 'hub', BURST).perSecond / 1e6,
          least: 1.5,
        },
        {
          text: `${of}, ${BURST} events: throughput against raw socket.write`,
          value: ratio(measured, 'raw', BURST, 'perSecond'),
          least: 0.9,
        },
        {
          text: `${of}, ${BURST} events: throughput against the plain loop`,
          value: ratio(measured, 'plain loop', BURST, 'perSecond'),
          least: 13.6,
        },
      );
    } else {
      const share = size <= 5_000 ? 0.85 : 0.8;
      aims.push(
        {
          text: `${of}, one event: CPU of raw socket.write against ours`,
          value: ratio(measured, 'raw', 1, 'cpu'),
          least: share,
        },
        {
          text: `${of}, one event: CPU of the plain loop against ours`,
          value: ratio(measured, 'plain loop', 1, 'cpu'),
          least: 1.5,
        },
        {
          text: `${of}, one event: CPU of Socket.IO against ours`,
          value: ratio(measured, 'Socket.IO', 1, 'cpu'),
          least: 1.5,
        },
      );
    }
    if (size === most && size >= 10_000) {
      aims.push({ text: `${of}: KiB of an idle connection`, value: summary(measured, 'hub', 1).kib, most: 10 });
    }
  }
  return {
    // One size alone has a section of its own.
    bench: sizes.length > 1 ? 'fan-out' : `fan-out-${sizes[0]}`,
    about: `One event of about 500 bytes to all connections on loopback, ${DELIVERIES.toLocaleString('en')} deliveries a round, ${rounds} rounds of the four servers in turns; the clients of each are a process of their own. Ratios are medians over the rounds.`,
    command: `npm run bench -- fan-out${sizes.length > 1 ? '' : ` --n ${sizes[0]}`}`,
    tables: [table],
    figures,
    aims,
    notes: [
      'raw: ready-made bytes by `socket.write` and nothing else, those of a turn in one write: what Node can do at most here. plain loop: `ws.send(JSON.stringify(frame))` for each connection. Socket.IO: 4.8.3 by `io.emit`, WebSocket alone; its clients speak engine.io over the same bare sockets.',
      `Turns follow one another, ${IN_FLIGHT} at a time, before the clients are waited for; each event of a turn is framed anew.`,
      'The native publish of Bun is not compared: it is not installed here.',
      'Server and clients share the machine: deliveries a second say what both reach together, the CPU says what the server spends.',
      ...sizes.map((size) => `${size.toLocaleString('en')}, ${BURST} events: ${limitOf(size, figures)}`),
      'Idle: the growth of the resident memory of the server process by the connections of the hub, `ws` and the sockets of Node included, after a collection.',
    ],
  };
}

/** How many deliveries a second the server's own processor time would allow, if clients took none of the machine. */
function limitOf(size: number, figures: Readonly<Record<string, number>>): string {
  const millions = (kind: string, what: string) => (1 / (figures[`${kind}_${size}_${BURST}_${what}`] ?? 0)).toFixed(2);
  return `by the CPU that it spends the hub could deliver ${millions('hub', 'cpu_us')} M a second on one core, bare socket.write ${millions('raw', 'cpu_us')} M, and the kernel's part alone would allow ${millions('hub', 'kernel_us')} M.`;
}

type Measured = Readonly<Record<Kind, { readonly kib: number; readonly bursts: Readonly<Record<string, Figures[]>> }>>;

function summary(measured: Measured, kind: Kind, burst: number): Figures & { readonly kib: number } {
  const { kib, bursts } = measured[kind];
  const all = bursts[burst] ?? [];
  const median = (what: keyof Figures) =>
    percentile(
      all.map((one) => one[what]),
      0.5,
    );
  return { kib, perSecond: median('perSecond'), cpu: median('cpu'), kernel: median('kernel') };
}

/** How much better the hub is: the median over rounds that were measured one after another. */
function ratio(measured: Measured, kind: Kind, burst: number, what: keyof Figures): number {
  const mine = measured.hub.bursts[burst] ?? [];
  const others = measured[kind].bursts[burst] ?? [];
  const ratios = mine.map((one, round) => {
    const other = others[round]?.[what] ?? Number.NaN;
    return what === 'cpu' ? other / one.cpu : one.perSecond / other;
  });
  return percentile(ratios, 0.5);
}

async function measureSize(clients: number, rounds: number): Promise<Measured> {
  const empty = () => ({ kib: Number.NaN, bursts: {} });
  const result: Record<Kind, { kib: number; bursts: Record<string, Figures[]> }> = {
    raw: empty(),
    'plain loop': empty(),
    'Socket.IO': empty(),
    hub: empty(),
  };
  // Side by side, so that a slow minute hits all three; one after another where a process may not have so many sockets.
  const groups: readonly (readonly Kind[])[] =
    clients * kinds.length > MOST_SOCKETS ? kinds.map((kind) => [kind]) : [kinds];
  for (const group of groups) {
    const running: { side: Side; audience: Audience; kind: Kind }[] = [];
    for (const kind of group) {
      const side = await make[kind]();
      collect();
      const before = process.memoryUsage().rss;
      const audience = await gather(side, clients);
      collect();
      if (group.length === 1) result[kind].kib = (process.memoryUsage().rss - before) / 1_024 / clients;
      running.push({ side, audience, kind });
    }
    for (let round = -1; round < rounds; round++) {
      for (const burst of [1, BURST]) {
        for (const { side, audience, kind } of running) {
          const figures = await measure(side, audience, clients, burst);
          if (round >= 0) (result[kind].bursts[burst] ??= []).push(figures);
        }
      }
    }
    for (const { side, audience } of running) {
      audience.end();
      await side.close();
    }
  }
  return result;
}

/** Most systems let a process have some more. */
const MOST_SOCKETS = 15_000;

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

async function measure(side: Side, audience: Audience, clients: number, burst: number): Promise<Figures> {
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
