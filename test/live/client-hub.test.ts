// The real client against the real hub over loopback: joining, losing the connection and resuming, with a log in memory.
import {
  createLiveClient,
  type LiveClientOptions,
  type LiveObservation,
  type SocketConstructor,
} from '@pulseline/client';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { atEnd, closeAll, range, serve } from './loopback.ts';

afterEach(closeAll);

const Socket: SocketConstructor = WebSocket;

function join(url: string, options: LiveClientOptions = {}) {
  const sockets: WebSocket[] = [];
  const Kept = class extends WebSocket {
    constructor(href: string) {
      super(href);
      sockets.push(this);
    }
  };
  const client = createLiveClient(url, { WebSocket: Kept satisfies SocketConstructor, ...options });
  atEnd(() => client.stop());
  const seqs: number[] = [];
  const seen: LiveObservation[] = [];
  const waiters = new Set<() => void>();
  const wake = () => {
    for (const waiter of waiters) waiter();
  };
  client.onEvent((frame) => {
    seqs.push(frame.seq);
    wake();
  });
  client.observe((observation) => void seen.push(observation));
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
  return { client, seqs, seen, until, cut: () => sockets.at(-1)?.terminate() };
}

describe('client and hub', () => {
  it('goes live and gets each event once', async () => {
    const { url, write } = await serve();
    write(1);
    const { client, seqs, seen, until } = join(url);
    client.start();
    await until(() => client.snapshot().phase === 'live');
    write(2);
    await until(() => seqs.length === 2 && client.snapshot().latency !== undefined);
    expect(seqs).toEqual([2, 3]);
    expect(client.snapshot()).toMatchObject({ cursor: 'acc_1:e1:3', counters: { duplicates: 0, gaps: 0 } });
    expect(seen.map(({ type }) => type).slice(0, 3)).toEqual(['connecting', 'open', 'frame']);
    expect(Math.abs(client.snapshot().clockOffset ?? 1e9)).toBeLessThan(1_000);
  });

  it('[G4] resumes where it was after each of many lost connections and a restart, and misses and repeats nothing', async () => {
    const loopback = await serve({ limits: { ringEvents: 50 } });
    const { client, seqs, until, cut } = join(loopback.url, { environment: { random: () => 0.01 } });
    client.start({});
    await until(() => client.snapshot().phase === 'live');
    for (const round of range(0, 9)) {
      loopback.write(100);
      await until(() => seqs.length > round * 100 + 10);
      const { reconnects } = client.snapshot().counters;
      if (round === 5) await loopback.restart();
      else cut();
      await until(() => client.snapshot().counters.reconnects > reconnects);
    }
    await until(() => seqs.length === 1_000);
    expect(seqs).toEqual(range(1, 1_000));
    expect(client.snapshot().counters).toMatchObject({ duplicates: 0, gaps: 0, reconnects: 10 });
  });

  it('[G6] joins by a snapshot and what came since, and joins anew when it cannot be resumed', async () => {
    const { url, write, log } = await serve({ limits: { ringEvents: 1, replayLimit: 10 } });
    write(30);
    const known: number[] = [];
    const reasons: string[] = [];
    const { client, seqs, until, cut } = join(url, {
      async onResync(reason) {
        reasons.push(reason);
        const heads = await log.heads();
        known.push(heads['acc_1']?.seq ?? 0);
        // Comes after the snapshot and before the socket: the replay has to bring it.
        write(2);
        return heads;
      },
    });
    client.start();
    await until(() => seqs.length === 2);
    cut();
    write(20);
    await until(() => seqs.length === 4);
    write(1);
    await until(() => seqs.length === 5);
    expect(reasons).toEqual(['start', 'resync']);
    expect(known).toEqual([30, 52]);
    expect(seqs).toEqual([31, 32, 53, 54, 55]);
    expect(client.snapshot().counters).toMatchObject({ resyncs: 1, gaps: 0, duplicates: 0 });
  });

  it('sends frames, shows what it sent, and says false when there is no connection', async () => {
    const { url } = await serve();
    const { client, seen, until } = join(url);
    expect(client.send('test', { n: 1 })).toBe(false);
    const echoes: unknown[] = [];
    client.on('test_echo', ({ data }) => void echoes.push(data));
    client.on('error', ({ data }) => void echoes.push(data.code));
    client.start();
    await until(() => client.snapshot().phase === 'live');
    expect(client.send('test', { n: 1 })).toBe(true);
    expect(client.sendText('what?')).toBe(true);
    await until(() => echoes.length === 2);
    expect(echoes).toEqual([{ n: 1 }, 'BAD_FRAME']);
    expect(seen).toContainEqual({ type: 'sent', text: 'what?' });
  });

  it('tells when a server is not there: which close code, what to do, and when it tries again', async () => {
    const { client, seen, until } = join('ws://127.0.0.1:9/ws', { WebSocket: Socket });
    client.start();
    await until(() => seen.some(({ type }) => type === 'failed'));
    const failed = seen.find(({ type }) => type === 'failed');
    expect(failed).toMatchObject({ url: 'ws://127.0.0.1:9/ws', failure: { code: 1006, opened: false, final: false } });
    expect(failed?.type === 'failed' && failed.failure.fix.zh).toContain('后端');
    expect(failed?.type === 'failed' && failed.nextTryAt).toBeGreaterThan(Date.now() - 10_000);
  });
});
