// Account workers as real threads, with the real store and an emulator: a thread that dies costs its accounts some seconds and nobody a message.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { createEmulator, type Emulator } from '@pulseline/emulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundled } from '../../test/bundled.ts';
import type { Commands } from '../src/inbox/commands.ts';
import { openStore, type ThreadStore } from '../src/store/open-thread.ts';
import { openlyKnown } from '../src/store/vault.ts';
import { spawnFile } from '../src/threads.ts';
import { openFleet } from '../src/whatsapp/fleet.ts';
import type { Fleet } from '../src/whatsapp/port.ts';

const thread = await bundled();

describe('account workers', () => {
  let dir: string;
  let store: ThreadStore<Commands>;
  let emulator: Emulator;
  let fleet: Fleet;
  const workers: Worker[] = [];
  const states = new Map<string, { state: string; code?: string }[]>();

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'pulseline-workers-'));
    store = await openStore<Commands>({
      dir,
      keys: () => openlyKnown,
      spawn: (data) => spawnFile(thread('server/src/writer.ts'), { workerData: data }),
    });
    emulator = await createEmulator({ fewPreKeys: true });
    workers.length = 0;
    states.clear();
    store.onCommit(({ events }) => {
      for (const event of events) {
        if (event.type !== 'whatsapp_status') continue;
        const data: unknown = JSON.parse(event.data);
        if (typeof data !== 'object' || data === null || !('status' in data)) continue;
        const reason = 'reason' in data ? JSON.stringify(data.reason) : undefined;
        const code = reason && /"code":"(\w+)"/.exec(reason)?.[1];
        const list = states.get(event.stream) ?? [];
        list.push({ state: String(data.status), ...(code && { code }) });
        states.set(event.stream, list);
      }
    });
    fleet = openFleet({
      spawn: (data, transfer) => {
        const worker = spawnFile(thread('server/src/worker.ts'), { workerData: data, transferList: [...transfer] });
        workers.push(worker);
        return worker;
      },
      connect: () => store.connect(),
      commit: (batch) => store.writer.run('ingest', batch),
      whisper: (whisper) => {
        if (whisper.type === 'qr' && whisper.account !== 'acc_phone') emulator.scan(whisper.qr).catch(() => {});
      },
      language: 'en',
      media: { dir: join(dir, 'media'), unasked: 1_000_000, wanted: 1_000_000 },
      log: { debug: () => {}, warn: () => {}, error: () => {} },
    });
  });
  afterEach(async () => {
    await fleet.close();
    await emulator.close();
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function until(holds: () => boolean | Promise<boolean>, within = 20_000): Promise<void> {
    for (const end = performance.now() + within; !(await holds()); ) {
      if (performance.now() > end) throw new Error(`not in time: ${JSON.stringify([...states])}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  const last = (account: string) => states.get(account)?.at(-1);
  async function start(id: string, kind: 'sandbox' | 'phone'): Promise<void> {
    await store.writer.run('create_account', { id, label: id, kind });
    const reach = kind === 'sandbox' && { url: emulator.plainUrl, root: emulator.root.toString('hex') };
    // What is real would dial WhatsApp itself: a dead proxy keeps it on this machine.
    const proxy = kind === 'phone' && { proxy: 'http://user:secret@127.0.0.1:1' };
    fleet.start({ id, label: id, kind, ...reach, ...proxy });
  }
  const bodies = async (account: string): Promise<readonly string[]> => {
    const { items } = await store.queries.conversations({ account, limit: 50 });
    const pages = await Promise.all(items.map(({ id }) => store.queries.messages({ conversation: id, limit: 200 })));
    return pages.flatMap((page) => page.items.map(({ body }) => body));
  };

  it('say of a real account what is in its way to WhatsApp, without the proxy’s password, and when they try again', async () => {
    await start('acc_phone', 'phone');
    await until(() => last('acc_phone')?.state === 'DISCONNECTED');
    const [row] = await store.queries.accounts();
    expect(row?.account).toMatchObject({
      state: 'DISCONNECTED',
      attempts: expect.any(Number),
      nextTryAt: expect.any(Number),
      reason: { code: 'PROXY_FAILED', text: 'The proxy http://127.0.0.1:1 does not work (ECONNREFUSED)' },
    });
  });

  it('are back within 5 seconds after a death, with every message, and other workers notice nothing', async () => {
    await start('acc_a', 'sandbox');
    await start('acc_b', 'sandbox');
    await start('acc_phone', 'phone');
    await until(() => last('acc_a')?.state === 'READY' && last('acc_b')?.state === 'READY');
    await until(() => last('acc_phone') !== undefined);
    expect(workers).toHaveLength(2);
    const ana = emulator.contact({ name: 'Ana' });
    const burst = ana.send({ to: 'acc_a', text: 'n {n}', n: 120, rate: 200 });
    await until(async () => (await bodies('acc_a')).length >= 20);
    const died = performance.now();
    await workers[0]?.terminate();
    await until(() => last('acc_a')?.state === 'READY' && last('acc_b')?.state === 'READY' && workers.length === 3);
    expect(performance.now() - died).toBeLessThan(5_000);
    for (const account of ['acc_a', 'acc_b']) {
      expect(states.get(account)).toContainEqual({ state: 'DISCONNECTED', code: 'WORKER_DIED' });
    }
    expect(states.get('acc_phone')?.some(({ code }) => code === 'WORKER_DIED')).toBe(false);
    await burst;
    await until(async () => (await bodies('acc_a')).length >= 120);
    expect(await bodies('acc_a')).toEqual(Array.from({ length: 120 }, (_, index) => `n ${index + 1}`));
  }, 60_000);
});
