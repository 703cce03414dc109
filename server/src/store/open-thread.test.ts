// Tests the life of the writer thread as its opener and its other clients see it: opening, ports, closing, being lost.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '@pulseline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundled } from '../../../test/bundled.ts';
import { spawnFile } from '../threads.ts';
import { openStoreInProcess } from './open.ts';
import { DATABASE, type OpenOptions, openStore } from './open-thread.ts';
import { Connection } from './sqlite.ts';
import { type Toy, toyHandlers } from './test/toy.ts';
import { openlyKnown } from './vault.ts';
import { connectWriter } from './writer-port.ts';

const TOY = 'server/src/store/test/toy-writer.ts';
const thread = await bundled(TOY);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pulseline-thread-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const open = (options: Partial<OpenOptions> = {}) =>
  openStore<Toy>({
    dir,
    keys: () => openlyKnown,
    spawn: (workerData) => spawnFile(thread(TOY), { workerData }),
    ...options,
  });

const fate = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'kept',
    (error: unknown) => (error instanceof CodedError ? error.code : error),
  );

const receipt = (account: string, name: string) => ({ account, conversation: `c-${account}`, name, n: 1 });

describe('the writer thread', () => {
  it('serves any number of ports, each in its own order, and tells the opener every commit', async () => {
    const store = await open();
    const told: string[] = [];
    store.onCommit(({ events }) => told.push(...events.map((event) => `${event.stream}:${event.seq}`)));
    const clients = ['a1', 'a2', 'a3'].map((account) => ({ account, writer: connectWriter<Toy>(store.connect()) }));
    const answers = await Promise.all(
      clients.map(({ account, writer }) =>
        Promise.all(Array.from({ length: 50 }, (_, i) => writer.run('receive', receipt(account, `${account}.${i}`)))),
      ),
    );
    for (const seqs of answers) expect(seqs.flat()).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    // The opener's own port: when this is answered, every commit before it has been told.
    await store.writer.openJobs('a1', 1);
    expect(told).toHaveLength(150);
    expect(await clients[0]?.writer.jobByWaId('a1', 'none')).toBeUndefined();
    await store.close();
    expect(await fate(clients[0]?.writer.credentials('a1') ?? Promise.resolve())).toBe('STORE_FAILED');
  });

  it('outlives a client that leaves with requests under way', async () => {
    const store = await open();
    const leaving = connectWriter<Toy>(store.connect());
    const fates = Promise.all(
      Array.from({ length: 20 }, (_, i) => fate(leaving.run('receive', receipt('a1', `${i}`)))),
    );
    leaving.close();
    expect(new Set(await fates)).toEqual(new Set(['STORE_FAILED']));
    expect(await store.probe()).toBe(true);
    await store.close();
  });

  it('refuses an input that cannot cross threads, and takes the others of its batch', async () => {
    const store = await open();
    const strange = { ...receipt('a1', 'x'), body: Object.assign(() => '', {}) };
    // @ts-expect-error: a function is no text; this is what the test is about.
    const fates = [fate(store.writer.run('receive', strange)), fate(store.writer.run('receive', receipt('a1', 'y')))];
    expect(await Promise.all(fates)).toEqual(['STORE_FAILED', 'kept']);
    await store.close();
  });

  it('brings faults to the log', async () => {
    const faults: string[] = [];
    const store = await open({ onFault: ({ command, text }) => faults.push(`${command} ${text}`) });
    store.onCommit(() => {
      throw new Error('a listener that fails');
    });
    expect(await fate(store.writer.run('crash', null))).toBe('INTERNAL');
    expect(await fate(store.writer.run('receive', receipt('a1', 'm')))).toBe('kept');
    expect(faults).toEqual([
      expect.stringMatching(/^crash RangeError: a fault in a decision/),
      expect.stringMatching(/^onCommit Error: a listener that fails/),
    ]);
    await store.close();
  });

  it('owns the data folder until it is closed', async () => {
    const store = await open();
    await expect(open()).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
    await Promise.all([store.close(), store.close()]);
    const again = await open();
    await again.close();
  });

  it('that cannot open the database says why, and leaves the folder free', async () => {
    await (await openStoreInProcess<Toy>({ file: join(dir, DATABASE), handlers: toyHandlers })).close();
    const connection = new Connection(join(dir, DATABASE));
    connection.exec("UPDATE meta SET value = '99' WHERE key = 'schema'");
    connection.close();
    for (let i = 0; i < 2; i++) await expect(open()).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
  });

  it('that ends unasked rejects whoever waits and whoever comes, and is reported', async () => {
    const lost: CodedError[] = [];
    const store = await open({ onLost: (error) => lost.push(error) });
    const client = connectWriter<Toy>(store.connect());
    await client.credentials('a1');
    const waiting = [fate(store.writer.run('leave', null)), fate(store.writer.run('receive', receipt('a1', 'm')))];
    expect(await Promise.all(waiting)).toEqual(['STORE_FAILED', 'STORE_FAILED']);
    expect(await fate(store.writer.credentials('a1'))).toBe('STORE_FAILED');
    expect(await store.probe()).toBe(false);
    expect(lost.map((error) => error.code)).toEqual(['STORE_FAILED']);
    await expect.poll(() => fate(client.credentials('a1'))).toBe('STORE_FAILED');
    await store.close();
    const again = await open();
    expect((await again.queries.counts()).messages).toBe(0);
    await again.close();
  });

  it('that is silent while it should close is given up, and never terminated', async () => {
    const gate = new SharedArrayBuffer(4);
    let given = 0;
    const giveUp = (): void => {
      given++;
      Atomics.store(new Int32Array(gate), 0, 1);
      Atomics.notify(new Int32Array(gate), 0);
    };
    const store = await open({ closeTimeoutMs: 20, giveUp });
    const held = store.writer.run('hold', gate);
    await store.close();
    expect(await held).toBeNull();
    expect(given).toBeGreaterThan(0);
  });

  it("runs the inbox's decisions when it is the server's own", async () => {
    const store = await openStore<import('../inbox/commands.ts').Commands>({
      dir,
      keys: () => openlyKnown,
      language: 'en',
      spawn: (workerData) => spawnFile(thread('server/src/writer.ts'), { workerData }),
    });
    const account = await store.writer.run('create_account', { id: 'acc_0123456789', label: '销售', kind: 'sandbox' });
    expect(account).toMatchObject({ id: 'acc_0123456789', label: '销售' });
    expect((await store.queries.accounts()).map((row) => row.account)).toEqual([account]);
    await store.close();
  });
});
