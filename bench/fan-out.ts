// bench fan-out: what one event costs to reach many connections, by the hub and by the plain loop that most servers have, with the same event and clients.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface, type Interface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type WebSocket, WebSocketServer } from 'ws';
import { createHub } from '../server/src/live/hub.ts';
import { adoptSocket } from '../server/src/live/socket.ts';
import type { StoredEvent } from '../server/src/store/port.ts';
import { percentile, type Report } from './report.ts';

export interface FanOutOptions {
  /** Connections. */
  readonly clients: number;
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
const EVENTS = 200;

interface Side {
  readonly name: string;
  accept(ws: WebSocket, socket: Duplex): void;
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
}

export async function fanOut({ clients, rounds }: FanOutOptions): Promise<Report> {
  const rows: string[][] = [['server', 'turn', 'deliveries a second', 'CPU each, µs']];
  const figures: Record<string, number> = {};
  for (const make of [plainLoop, theHub]) {
    const side = await make();
    const audience = await gather(side, clients);
    for (const burst of [1, BURST]) {
      const measured: Figures[] = [];
      await measure(side, audience, clients, burst);
      for (let round = 0; round < rounds; round++) measured.push(await measure(side, audience, clients, burst));
      const perSecond = Math.round(
        percentile(
          measured.map((one) => one.perSecond),
          0.5,
        ),
      );
      const cpu = percentile(
        measured.map((one) => one.cpu),
        0.5,
      );
      const label = burst === 1 ? '1 event' : `${burst} events`;
      rows.push([side.name, label, perSecond.toLocaleString('en'), cpu.toFixed(2)]);
      figures[`${side.name.replaceAll(' ', '_')}_${burst}`] = perSecond;
      figures[`${side.name.replaceAll(' ', '_')}_${burst}_cpu_us`] = Number(cpu.toFixed(2));
    }
    audience.end();
    await side.close();
  }
  const share = (burst: number) => (figures[`hub_${burst}_cpu_us`] ?? 0) / (figures[`plain_loop_${burst}_cpu_us`] ?? 1);
  return {
    bench: 'fan-out',
    about: `${EVENTS} events of about 500 bytes to ${clients} connections on loopback, clients in a second process; medians of ${rounds} rounds.`,
    command: `npm run bench -- fan-out --n ${clients}`,
    tables: [rows],
    figures,
    aims: [
      { text: "one event a turn: share of the plain loop's CPU", value: share(1), most: 1 },
      { text: `${BURST} events a turn: share of the plain loop's CPU`, value: share(BURST), most: 0.25 },
    ],
    notes: [
      'The plain loop is `ws.send(JSON.stringify(frame))` for each connection.',
      'Both processes share the machine: deliveries a second say what server and clients reach together.',
    ],
  };
}

async function plainLoop(): Promise<Side> {
  const sockets = new Set<WebSocket>();
  return {
    name: 'plain loop',
    accept(ws) {
      sockets.add(ws);
      ws.send('{"type":"connected","data":{"message":"hi"}}');
    },
    send(events) {
      for (let n = 0; n < events; n++) {
        const frame = { type: 'new_message', data: body, timestamp: Date.now(), stream: 'acc_0123456789', seq: 1 };
        for (const ws of sockets) ws.send(JSON.stringify(frame));
      }
    },
    async close() {},
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
    accept: (ws, socket) => hub.accept(adoptSocket(ws, socket), { remote: 'bench' }),
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
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    door.handleUpgrade(request, socket, head, (ws) => side.accept(ws, socket));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const file = fileURLToPath(new URL('./fan-out-clients.ts', import.meta.url));
  const args = [...process.execArgv, '--import', 'tsx', file, String(port), String(clients)];
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
  let ms = 0;
  for (let sent = 0; sent < EVENTS; sent += burst) {
    const ready = said(audience.lines, 'counting');
    audience.order(clients * burst);
    await ready;
    const done = said(audience.lines, 'done');
    const before = process.cpuUsage();
    const start = performance.now();
    side.send(burst);
    await done;
    ms += performance.now() - start;
    const used = process.cpuUsage(before);
    cpu += used.user + used.system;
  }
  const deliveries = EVENTS * clients;
  return { perSecond: (deliveries / ms) * 1_000, cpu: cpu / deliveries };
}
