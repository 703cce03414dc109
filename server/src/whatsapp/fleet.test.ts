// The fleet's placing, asking and healing, over threads that only exist here; real ones are in server/test/workers.test.ts.
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { ACCOUNTS_PER_WORKER } from './crew.ts';
import { openFleet, type WorkerThread } from './fleet.ts';
import { type Order, parseOrder } from './orders.ts';
import type { AccountSetup, Batch, Whisper } from './port.ts';

class FakeThread implements WorkerThread {
  readonly settings: object;
  readonly orders: Order[] = [];
  readonly #listeners = new Map<string, ((value: unknown) => void)[]>();
  /** What it answers; a thrown value is a refusal. */
  answer: (order: Order) => unknown = () => ({
    accounts: 1,
    waiting: 2,
    cachedBytes: 3,
    fetching: 4,
    unfetched: 5,
    hearing: [{ account: 'a', socket: 2, listener: 2, silentMs: 7 }],
  });
  ended = false;
  /** It takes orders and says nothing. */
  hangs = false;

  constructor(settings: object) {
    this.settings = settings;
  }
  postMessage(message: unknown): void {
    const order = parseOrder(structuredClone(message));
    if (order.order !== 'alive') this.orders.push(order);
    if (!('ask' in order) || this.hangs) return;
    const news = (() => {
      try {
        return { news: 'answer', ask: order.ask, value: this.answer(order) };
      } catch (code) {
        return { news: 'refusal', ask: order.ask, code, params: { state: 'QR' } };
      }
    })();
    queueMicrotask(() => this.emit('message', structuredClone(news)));
  }
  on(event: string, listener: (value: unknown) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }
  emit(event: string, value: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(value);
  }
  async terminate(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.emit('exit', 1);
  }
  /** Accounts that it was told to start, in order. */
  started(): readonly string[] {
    return this.orders.flatMap((order) => (order.order === 'start' ? [order.setup.id] : []));
  }
}

const media = { dir: '/nowhere', unasked: 1_000_000, wanted: 1_000_000 };

function rig(commit: (batch: Batch) => Promise<void> = async () => {}, pace?: { burst: number; every: number }) {
  const threads: FakeThread[] = [];
  const batches: Batch[] = [];
  const whispers: Whisper[] = [];
  const silent = { debug: () => {}, warn: () => {}, error: () => {} };
  const fleet = openFleet({
    spawn: ({ port, ...settings }) => {
      port.close();
      const thread = new FakeThread(settings);
      threads.push(thread);
      return thread;
    },
    connect: () => new MessageChannel().port1,
    commit: async (batch) => {
      batches.push(batch);
      await commit(batch);
    },
    whisper: (whisper) => whispers.push(whisper),
    language: 'en',
    media,
    log: silent,
    previews: true,
    ...(pace && { pace }),
  });
  return { fleet, threads, batches, whispers };
}

const real = (id: string): AccountSetup => ({ id, label: id, kind: 'phone' });
const root = 'ab'.repeat(32);
const emulated = (id: string): AccountSetup => ({ id, label: id, kind: 'sandbox', url: 'ws://127.0.0.1:1', root });

describe('the fleet', () => {
  it('never puts a real account and an emulated one into the same worker', () => {
    const { fleet, threads } = rig();
    for (const setup of [real('r1'), emulated('e1'), real('r2'), emulated('e2')]) fleet.start(setup);
    fleet.start({ ...emulated('e3'), root: 'cd'.repeat(32) });
    expect(threads.map((thread) => thread.started())).toEqual([['r1', 'r2'], ['e1', 'e2'], ['e3']]);
    expect(threads.map(({ settings }) => settings)).toEqual([
      { emulated: false, previews: true, language: 'en', media, pace: { burst: 20, every: 1_000 } },
      // A sandbox never fetches anything.
      { emulated: true, previews: false, language: 'en', media, root },
      { emulated: true, previews: false, language: 'en', media, root: 'cd'.repeat(32) },
    ]);
  });

  it('gives a pace that was set to every account, and otherwise one to real accounts alone', () => {
    const { fleet, threads } = rig(undefined, { burst: 5, every: 300 });
    for (const setup of [real('r1'), emulated('e1')]) fleet.start(setup);
    expect(threads.map(({ settings }) => 'pace' in settings && settings.pace)).toEqual([
      { burst: 5, every: 300 },
      { burst: 5, every: 300 },
    ]);
  });

  it('fills a worker up to its bound, and frees the place of an account that stops', async () => {
    const { fleet, threads } = rig();
    for (let n = 0; n <= ACCOUNTS_PER_WORKER; n++) fleet.start(real(`r${n}`));
    expect(threads.map((thread) => thread.started().length)).toEqual([ACCOUNTS_PER_WORKER, 1]);
    await fleet.stop('r3');
    fleet.start(real('next'));
    expect(threads[0]?.started().at(-1)).toBe('next');
    await fleet.stop(`r${ACCOUNTS_PER_WORKER}`);
    expect(threads.map(({ ended }) => ended)).toEqual([false, true]);
  });

  it('starts an account anew in place, and moves it if it changes its kind, after it has stopped', async () => {
    const { fleet, threads } = rig();
    fleet.start(real('a'));
    fleet.start({ ...real('a'), proxy: 'http://p:1' });
    expect(threads[0]?.started()).toEqual(['a', 'a']);
    fleet.start(emulated('a'));
    await vi.waitFor(() => expect(threads[1]?.started()).toEqual(['a']));
    expect(threads[0]?.orders.at(-2)?.order).toBe('stop');
  });

  it('hands questions and answers, refusals and whispers through', async () => {
    const { fleet, threads, whispers } = rig();
    fleet.start(emulated('a'));
    const [thread] = threads;
    if (thread === undefined) throw new Error('no thread');
    thread.answer = ({ order }) => (order === 'pairing-code' ? 'ABCD1234' : { pn: '49@s.whatsapp.net' });
    expect(await fleet.pairingCode('a', '+49')).toBe('ABCD1234');
    expect(await fleet.lookUp('a', '+49')).toEqual({ pn: '49@s.whatsapp.net' });
    thread.answer = () => undefined;
    expect(await fleet.lookUp('a', '+49')).toBeUndefined();
    thread.answer = () => {
      throw 'ACCOUNT_NOT_IN_QR';
    };
    await expect(fleet.pairingCode('a', '+49')).rejects.toMatchObject({
      code: 'ACCOUNT_NOT_IN_QR',
      params: { state: 'QR' },
    });
    await expect(fleet.lookUp('nobody', '+49')).rejects.toMatchObject({ code: 'ACCOUNT_NOT_FOUND' });
    const qr = { type: 'qr', account: 'a', qr: 'text', expiresAt: 5 } as const;
    thread.emit('message', { news: 'whisper', whisper: qr });
    expect(whispers).toEqual([qr]);
    fleet.ring('a');
    fleet.restart('a');
    fleet.typing('a', { kind: 'group', address: '1@g.us' }, 'composing');
    expect(thread.orders.slice(-3).map(({ order }) => order)).toEqual(['ring', 'restart', 'typing']);
  });

  it('says that a dead worker’s accounts are disconnected, and brings them back; the others notice nothing', async () => {
    const { fleet, threads, batches } = rig();
    for (const setup of [emulated('a'), emulated('b'), real('c')]) fleet.start(setup);
    const pending = fleet.pairingCode('a', '1').catch((error: unknown) => error);
    threads[0]?.emit('error', new Error('heap out of memory'));
    await threads[0]?.terminate();
    expect(await pending).toBeDefined();
    await vi.waitFor(() => expect(threads[2]?.started()).toEqual(['a', 'b']));
    expect(batches.map(({ account, facts }) => [account, facts[0]])).toEqual([
      [
        'a',
        expect.objectContaining({ state: 'DISCONNECTED', reason: expect.objectContaining({ code: 'WORKER_DIED' }) }),
      ],
      [
        'b',
        expect.objectContaining({ state: 'DISCONNECTED', reason: expect.objectContaining({ code: 'WORKER_DIED' }) }),
      ],
    ]);
    expect(threads[1]?.started()).toEqual(['c']);
  });

  it('gives each account a worker to itself after a second death, so that the one at fault costs the others nothing more', async () => {
    vi.useFakeTimers();
    try {
      const { fleet, threads } = rig();
      for (const id of ['poison', 'a', 'b']) fleet.start(emulated(id));
      await threads[0]?.terminate();
      await vi.advanceTimersByTimeAsync(1);
      expect(threads[1]?.started()).toEqual(['poison', 'a', 'b']);
      await threads[1]?.terminate();
      await vi.advanceTimersByTimeAsync(2_001);
      expect(threads.slice(2).map((thread) => thread.started())).toEqual([['poison'], ['a'], ['b']]);
      // From here on its deaths are its own, further and further apart.
      const pauses: number[] = [];
      for (let death = 0; death < 8; death++) {
        const before = Date.now();
        const count = threads.length;
        await threads.findLast((thread) => thread.started().includes('poison'))?.terminate();
        for (let ms = 0; ms < 61_000 && threads.length === count; ms += 500) await vi.advanceTimersByTimeAsync(500);
        expect(threads.at(-1)?.started()).toEqual(['poison']);
        pauses.push(Math.round((Date.now() - before) / 1_000));
      }
      expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
      expect(threads.filter((thread) => thread.started().includes('a'))).toHaveLength(3);
      await fleet.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends a worker that hangs, and tells what the others hold', async () => {
    vi.useFakeTimers();
    try {
      const { fleet, threads } = rig();
      fleet.start(emulated('a'));
      fleet.start(real('b'));
      await vi.advanceTimersByTimeAsync(5_000);
      expect(fleet.measure()).toEqual({
        workers: 2,
        accounts: 2,
        waiting: 4,
        cachedBytes: 6,
        fetching: 8,
        unfetched: 10,
      });
      expect(fleet.hearing()).toHaveLength(2);
      const [hanging] = threads;
      if (hanging !== undefined) hanging.hangs = true;
      await vi.advanceTimersByTimeAsync(14_000);
      expect(hanging?.ended).toBe(false);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(threads.map(({ ended }) => ended)).toEqual([true, false, false]);
      expect(threads[2]?.started()).toEqual(['a']);
      await fleet.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('brings them back even if their death could not be written down', async () => {
    const { fleet, threads } = rig(async () => Promise.reject(new Error('disk full')));
    fleet.start(emulated('a'));
    await threads[0]?.terminate();
    await vi.waitFor(() => expect(threads[1]?.started()).toEqual(['a']));
  });

  it('closes by asking, and brings nothing back afterwards', async () => {
    const { fleet, threads } = rig();
    fleet.start(emulated('a'));
    await fleet.close();
    expect(threads.map(({ ended, orders }) => [ended, orders.at(-1)?.order])).toEqual([[true, 'close']]);
    fleet.start(emulated('b'));
    expect(threads).toHaveLength(1);
  });
});
