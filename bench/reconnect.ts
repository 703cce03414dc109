// bench reconnect: 10,000 connections lost in the middle of a stream, 1,000 clients back at once, and a client process that stands still for three real minutes; what each costs, and that nothing is missed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createLiveClient, type LiveClient, type SocketConstructor } from '@pulseline/client';
import { WebSocket, WebSocketServer } from 'ws';
import { createHub } from '../server/src/live/hub.ts';
import { adoptSocket } from '../server/src/live/socket.ts';
import { createMemoryLog } from '../test/live/memory-log.ts';
import { ms, type Report } from './report.ts';

const DASHBOARDS = 100;
const ROUNDS = 100;
const EACH = 5;
const AT_ONCE = 1_000;
const STANDING_MS = 180_000;

interface Kept {
  readonly client: LiveClient;
  count: number;
  broken: number;
  cut(): void;
}

export async function reconnect(): Promise<Report> {
  const log = createMemoryLog();
  const hub = createHub({ queries: log, log: { info() {}, warn() {} }, language: 'en' });
  await hub.open();
  const http = createServer();
  const door = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const cursor = new URL(request.url ?? '/', 'http://localhost').searchParams.get('cursor') ?? undefined;
    door.handleUpgrade(request, socket, head, (ws) => hub.accept(adoptSocket(ws, socket), { cursor, remote: 'bench' }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const url = `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/ws`;
  let written = 0;
  const write = (count: number) => {
    for (let n = 0; n < count; n++) {
      written += 1;
      hub.publish(log.append('acc_1', 'note', { id: 'n', conversation: 'c', body: 'x', author: 'a', at: 1 }));
    }
  };
  const kept = (): Kept => {
    const sockets: WebSocket[] = [];
    const Socket = class extends WebSocket {
      constructor(href: string) {
        super(href);
        sockets.splice(0, sockets.length, this);
      }
    };
    const client = createLiveClient(url, {
      WebSocket: Socket satisfies SocketConstructor,
      environment: { random: () => 0 },
    });
    const from = written;
    const one: Kept = { client, count: 0, broken: 0, cut: () => sockets[0]?.terminate() };
    client.onEvent(({ seq }) => {
      one.count += 1;
      if (seq !== from + one.count) one.broken += 1;
    });
    client.start(hub.heads());
    return one;
  };
  const all = (of: readonly Kept[], holds: (one: Kept) => boolean) => waitFor(() => of.every(holds));
  const isLive = ({ client }: Kept) => client.snapshot().phase === 'live';

  const dashboards = Array.from({ length: DASHBOARDS }, kept);
  const began = performance.now();
  for (let round = 1; round <= ROUNDS; round++) {
    await all(dashboards, isLive);
    write(EACH);
    for (const { cut } of dashboards) cut();
    await all(dashboards, ({ client }) => client.snapshot().counters.reconnects >= round);
  }
  await all(dashboards, ({ count }) => count === ROUNDS * EACH);
  const seconds = (performance.now() - began) / 1_000;
  const broken = dashboards.reduce((sum, one) => sum + one.broken + one.client.snapshot().counters.gaps, 0);
  for (const { client } of dashboards) client.stop();

  const crowd = Array.from({ length: AT_ONCE }, kept);
  await all(crowd, isLive);
  for (const { cut } of crowd) cut();
  write(20);
  const lostAt = performance.now();
  await all(crowd, (one) => isLive(one) && one.count === 20);
  const backMs = performance.now() - lostAt;
  const crowdBroken = crowd.reduce((sum, one) => sum + one.broken, 0);
  for (const { client } of crowd) client.stop();

  const caughtUp = await standStill(url, write, () => written);
  await hub.close();
  http.closeAllConnections();
  http.close();
  const rows = [
    ['what', 'result'],
    [
      `${(DASHBOARDS * ROUNDS).toLocaleString('en')} reconnects, ${EACH} events in each gap`,
      `${seconds.toFixed(1)} s, ${broken} missed or repeated`,
    ],
    [
      `${AT_ONCE.toLocaleString('en')} clients back at once, 20 events each`,
      `${(backMs / 1_000).toFixed(2)} s, ${crowdBroken} missed or repeated`,
    ],
    [`a process stopped for ${STANDING_MS / 60_000} minutes`, `caught up ${ms(caughtUp)} ms after it went on`],
  ];
  return {
    bench: 'reconnect',
    about: 'Real sockets on loopback, server and clients in one process; the stopped client is a process of its own.',
    command: 'npm run bench -- reconnect',
    tables: [rows],
    figures: { reconnects_s: seconds, broken, back_s: backMs / 1_000, caught_up_ms: caughtUp },
    aims: [
      { text: 'events missed or repeated over 10,000 reconnects', value: broken, most: 0 },
      { text: 'events missed or repeated by 1,000 clients back at once', value: crowdBroken, most: 0 },
      { text: 'ms until a process that stood still for 3 minutes has caught up', value: caughtUp, most: 5_000 },
    ],
    notes: [],
  };
}

/** Ms from SIGCONT to the last missed event. */
async function standStill(url: string, write: (count: number) => void, head: () => number): Promise<number> {
  const file = fileURLToPath(new URL('../test/live/standing-still.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file, url, String(head())], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  let seen = 0;
  lines.on('line', (line) => {
    seen = Number(line);
  });
  await once(lines, 'line');
  child.kill('SIGSTOP');
  const until = performance.now() + STANDING_MS;
  while (performance.now() < until) {
    write(10);
    await pause(1_000);
  }
  child.kill('SIGCONT');
  const began = performance.now();
  await waitFor(() => seen === head());
  child.kill('SIGKILL');
  return performance.now() - began;
}

async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(1);
}
