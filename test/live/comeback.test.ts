// Real sockets at their worst: half-open lines, a thousand clients back at once, connections lost again and again, a process that stands still. Long times pass by faster clocks.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createLiveClient, type SocketConstructor } from '@pulseline/client';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type FaultProxy, openFaultProxy } from '../fault-proxy/proxy.ts';
import { until } from '../until.ts';
import { atEnd, closeAll, fastClock, plain, range, serve } from './loopback.ts';

afterEach(closeAll);

const Socket: SocketConstructor = WebSocket;

async function proxied(url: string) {
  const { hostname: host, port } = new URL(url);
  const proxy = await openFaultProxy({ target: { host, port: Number(port) } });
  atEnd(() => proxy.close());
  return { proxy, through: `ws://${proxy.host}:${proxy.port}/ws` };
}

/** What is dead of a line that still looks open: both ways, or what one side says. */
const halves = [
  { dead: 'both ways', kill: (proxy: FaultProxy) => void proxy.cut('silent'), clientWithinS: 25 },
  {
    dead: 'what the server says',
    kill: (proxy: FaultProxy) => proxy.set({ down: { stalled: true } }),
    clientWithinS: 25,
  },
  // The client hears on; it is the server's close that tells it.
  {
    dead: 'what the client says',
    kill: (proxy: FaultProxy) => proxy.set({ up: { stalled: true } }),
    clientWithinS: 30,
  },
] as const;

describe('a line that is half-open', () => {
  it('[G9] is noticed by the server within 30 s and by the client within 25 s, whichever way is dead, and nothing is missed', async () => {
    const times = 20;
    const all = halves.map(async ({ dead, kill, clientWithinS }) => {
      const { hub, url, write } = await serve({ clock: fastClock(times) });
      const { proxy, through } = await proxied(url);
      const { now, timer } = fastClock(times);
      const client = createLiveClient(through, { WebSocket: Socket, environment: { now, timer, random: () => 0 } });
      atEnd(() => client.stop());
      const seqs: number[] = [];
      client.onEvent(({ seq }) => seqs.push(seq));
      client.start({});
      await until('it is live', () => client.snapshot().phase === 'live');
      const lostAt = new Promise<number>((resolve) => {
        client.observe(({ type }) => type === 'failed' && resolve(performance.now()));
      });
      const began = performance.now();
      kill(proxy);
      write(5);
      const goneAt = until(`${dead}: the server let go of the old one`, () =>
        // By its own finding, or because the client's end reached it.
        Object.keys(hub.stats().closedByCode).length > 0 ? performance.now() : undefined,
      );
      const noticed = (await lostAt) - began;
      // The client comes back by itself, on a line that is whole again; its old connection may still be the server's.
      proxy.clear();
      const gone = (await goneAt) - began;
      expect(noticed * times, dead).toBeLessThan((clientWithinS + 1) * 1_000);
      expect(gone * times, dead).toBeLessThan(31_000);
      await until(`${dead}: all came`, () => seqs.length === 5);
      expect(seqs).toEqual(range(1, 5));
    });
    await Promise.all(all);
  });
});

describe('many connections', () => {
  it('[G4] a thousand clients that lose their connection at once are all back, and each has every event', async () => {
    const { hub, url, write } = await serve();
    const first = Array.from({ length: 1_000 }, () => plain(url));
    await Promise.all(first.map((one) => one.until(() => one.frames.length === 1)));
    write(20);
    await Promise.all(first.map((one) => one.until(() => one.seqs().length === 20)));
    for (const { ws } of first) ws.terminate();
    write(20);
    await until('all are gone', () => hub.clients === 0);
    const began = performance.now();
    const second = first.map(() => plain(`${url}?cursor=acc_1:e1:20`));
    await Promise.all(second.map((one) => one.until(() => one.seqs().length === 20)));
    expect(performance.now() - began).toBeLessThan(10_000);
    for (const one of second) expect(one.seqs()).toEqual(range(21, 40));
    expect(hub.stats().resyncs).toBe(0);
  });

  it('[G4] a thousand reconnects in the middle of a stream lose nothing and repeat nothing', async () => {
    const { url, write } = await serve({ limits: { ringEvents: 200 } });
    const dashboards = range(1, 20).map(() => {
      const sockets: WebSocket[] = [];
      const Kept = class extends WebSocket {
        constructor(href: string) {
          super(href);
          sockets.push(this);
        }
      };
      const client = createLiveClient(url, {
        WebSocket: Kept satisfies SocketConstructor,
        environment: { random: () => 0 },
      });
      atEnd(() => client.stop());
      const seqs: number[] = [];
      client.onEvent(({ seq }) => seqs.push(seq));
      client.start({});
      return { client, seqs, cut: () => sockets.at(-1)?.terminate() };
    });
    for (let round = 1; round <= 50; round++) {
      await until('all are live', () => dashboards.every(({ client }) => client.snapshot().phase === 'live'));
      write(10);
      for (const { cut } of dashboards) cut();
      await until('all have lost it', () =>
        dashboards.every(
          ({ client: { snapshot } }) => snapshot().counters.reconnects >= round || snapshot().phase !== 'live',
        ),
      );
    }
    await until('all came', () => dashboards.every(({ seqs }) => seqs.length === 500));
    for (const { seqs, client } of dashboards) {
      expect(seqs).toEqual(range(1, 500));
      expect(client.snapshot().counters).toMatchObject({ duplicates: 0, gaps: 0, reconnects: 50 });
    }
  });
});

describe('a client whose process stands still', () => {
  it('[G4] [G9] for three minutes has caught up within 5 s of going on', async () => {
    const times = 60;
    const { hub, url, write } = await serve({ clock: fastClock(times) });
    const { proxy, through } = await proxied(url);
    const file = fileURLToPath(new URL('./standing-still.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', file, through], { stdio: ['ignore', 'pipe', 'inherit'] });
    atEnd(() => void child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout });
    let seen = 0;
    lines.on('line', (line) => {
      seen = Number(line);
    });
    await once(lines, 'line');
    write(10);
    await until('it hears', () => seen === 10);
    // Windows knows no SIGSTOP; there the line stands still.
    const stop =
      process.platform === 'win32' ? () => proxy.set({ both: { stalled: true } }) : () => child.kill('SIGSTOP');
    const go = process.platform === 'win32' ? () => proxy.clear() : () => child.kill('SIGCONT');
    stop();
    for (let second = 0; second < 3; second++) {
      write(100);
      const until180 = performance.now() + 1_000;
      await until('a minute goes by', () => performance.now() > until180);
    }
    expect(hub.clients).toBe(0);
    go();
    const began = performance.now();
    await until('it has caught up', () => seen === 310);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
