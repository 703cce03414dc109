// bench replay: how long a client that missed 1,000 events waits for them, from memory and from SQLite; and what 100 dashboards see of a steady stream of durable commits.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket, WebSocketServer } from 'ws';
import type { Commands } from '../server/src/inbox/commands.ts';
import { ready, text } from '../server/src/inbox/test/scene.ts';
import { createHub } from '../server/src/live/hub.ts';
import { adoptSocket } from '../server/src/live/socket.ts';
import { openStore } from '../server/src/store/open-thread.ts';
import { openlyKnown } from '../server/src/store/vault.ts';
import { spawnThread } from '../server/src/threads.ts';
import { ms, percentile, type Report } from './report.ts';

const MISSED = 1_000;
const DASHBOARDS = 100;
const RATE = 200;
const SECONDS = 10;
const ACCOUNT = 'acc_aaaaaaaaaa';

export async function replay({ rounds }: { readonly rounds: number }): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'pulseline-bench-'));
  const store = await openStore<Commands>({
    dir: folder,
    language: 'en',
    keys: () => openlyKnown,
    spawn: (data) => spawnThread('writer', { workerData: data }),
    onFault: ({ text: told }) => console.error(told),
    onLost: (error) => console.error(error),
  });
  const quiet = { info() {}, warn() {} };
  await store.writer.run('create_account', { id: ACCOUNT, label: 'Shop', kind: 'sandbox' });
  await store.writer.run('ingest', { account: ACCOUNT, facts: [ready], keys: [], seen: [] });
  const write = (n: number, body = `message ${n}`) =>
    store.writer.run('ingest', { account: ACCOUNT, facts: [text(`W${n}`, body)], keys: [], seen: [] });
  await Promise.all(Array.from({ length: MISSED }, (_, n) => write(n)));
  const seq = (await store.queries.heads())[ACCOUNT]?.seq ?? 0;
  const cursor = `${ACCOUNT}:${seq - MISSED}`;

  const times: Record<'memory' | 'log', number[]> = { memory: [], log: [] };
  for (const from of ['memory', 'log'] as const) {
    const resumed = createHub({ queries: store.queries, log: quiet, language: 'en' });
    if (from === 'memory') {
      // Heard as it was committed, before the heads were known: all of it is in the ring.
      resumed.publish({ events: await store.queries.events(ACCOUNT, 0, 100_000), at: Date.now() });
    }
    await resumed.open();
    times[from] = await resumes(resumed, cursor, seq, rounds);
    await resumed.close();
  }

  const hub = createHub({ queries: store.queries, log: quiet, language: 'en' });
  await hub.open();
  const stop = store.onCommit((commit) => hub.publish(commit));
  const delays = await steady(hub, write);
  stop();
  await hub.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });

  const rows = [
    ['what', 'p50, ms', 'p99, ms'],
    ...(['memory', 'log'] as const).map((from) => [
      `${MISSED.toLocaleString('en')} events from ${from === 'log' ? 'SQLite' : from}`,
      ms(percentile(times[from], 0.5)),
      ms(percentile(times[from], 0.99)),
    ]),
    [`commit to ${DASHBOARDS} dashboards, ${RATE} a second`, ms(percentile(delays, 0.5)), ms(percentile(delays, 0.99))],
  ];
  const figures = {
    memory_p50_ms: percentile(times.memory, 0.5),
    log_p50_ms: percentile(times.log, 0.5),
    dashboards_p50_ms: percentile(delays, 0.5),
    dashboards_p99_ms: percentile(delays, 0.99),
  };
  return {
    bench: 'replay',
    about: `A client comes back with a cursor that is ${MISSED.toLocaleString('en')} events old: from opening the socket to its last missed event, ${rounds * 5} times. Then ${RATE} messages a second for ${SECONDS} s, each committed with fsync: from the moment it was due to the frame in each of ${DASHBOARDS} WebSocket clients.`,
    command: 'npm run bench -- replay',
    tables: [rows],
    figures,
    aims: [
      { text: `${MISSED} missed events from memory, p50 ms`, value: figures.memory_p50_ms, most: 50 },
      { text: `${MISSED} missed events from SQLite, p50 ms`, value: figures.log_p50_ms, most: 50 },
      { text: `commit to ${DASHBOARDS} dashboards, p50 ms`, value: figures.dashboards_p50_ms, most: 3 },
      { text: `commit to ${DASHBOARDS} dashboards, p99 ms`, value: figures.dashboards_p99_ms, most: 15 },
    ],
    notes: ['The writer has a thread of its own, as in the product; the dashboards are a process of their own.'],
  };
}

type LiveHub = ReturnType<typeof createHub>;

async function door(hub: LiveHub): Promise<{ readonly url: string; close(): void }> {
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const cursor = new URL(request.url ?? '/', 'http://localhost').searchParams.get('cursor') ?? undefined;
    sockets.handleUpgrade(request, socket, head, (ws) =>
      hub.accept(adoptSocket(ws, socket), { cursor, remote: 'bench' }),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `ws://127.0.0.1:${port}/ws`,
    close() {
      http.closeAllConnections();
      http.close();
    },
  };
}

/** Ms of each resume; the first few warm up. */
async function resumes(hub: LiveHub, cursor: string, last: number, rounds: number): Promise<number[]> {
  const { url, close } = await door(hub);
  const end = `"seq":${last}}`;
  const all: number[] = [];
  for (let n = -3; n < rounds * 5; n++) {
    const began = performance.now();
    const ws = new WebSocket(`${url}?cursor=${cursor}`);
    await new Promise<void>((resolve) => {
      ws.on('message', (data: Buffer) => {
        if (data.toString('latin1', data.length - end.length) === end) resolve();
      });
    });
    if (n >= 0) all.push(performance.now() - began);
    ws.terminate();
  }
  close();
  return all;
}

/** Ms from each call of the writer to each dashboard's frame. */
async function steady(hub: LiveHub, write: (n: number, body: string) => Promise<unknown>): Promise<number[]> {
  const { url, close } = await door(hub);
  const file = fileURLToPath(new URL('./replay-clients.ts', import.meta.url));
  const args = ['--import', 'tsx', file, url, String(DASHBOARDS), String(RATE * SECONDS)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  const finished = once(lines, 'line');
  const epoch = performance.timeOrigin;
  const began = performance.now();
  for (let n = 0; n < RATE * SECONDS; n++) {
    // What wakes late is measured from when it was due: otherwise a stall would hide those behind it.
    const due = began + (n / RATE) * 1_000;
    if (due > performance.now()) await pause(due - performance.now());
    void write(MISSED + n, `at ${(epoch + due).toFixed(3)}`);
  }
  const [text] = await finished;
  child.stdin.end();
  close();
  return delaysIn.parse(JSON.parse(String(text)));
}

const delaysIn = {
  parse(value: unknown): number[] {
    if (!Array.isArray(value)) throw new Error('the clients said no list');
    return value.map(Number);
  },
};
