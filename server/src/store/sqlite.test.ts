// Runs the store's contract over SQLite in this thread and over its writer thread, and tests what is SQLite's own.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundled } from '../../../test/bundled.ts';
import { spawnFile } from '../threads.ts';
import { openStoreInProcess } from './open.ts';
import { openStore } from './open-thread.ts';
import { bindable, Connection, openForWriting } from './sqlite.ts';
import { SCHEMA } from './sqlite-schema.ts';
import { storeContract } from './test/contract.ts';
import { accountRow, type Toy, toyHandlers } from './test/toy.ts';
import { openlyKnown } from './vault.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'pulseline-store 店-'));

storeContract('sqlite in this thread', async () => {
  const dir = folder();
  return {
    open: () => openStoreInProcess<Toy>({ file: join(dir, 'store.db'), handlers: toyHandlers, onFault: () => {} }),
    dispose: async () => rmSync(dir, { recursive: true }),
  };
});

const TOY = 'server/src/store/test/toy-writer.ts';
const toyWriter = (await bundled(TOY))(TOY);

storeContract('sqlite in a writer thread', async () => {
  const dir = folder();
  return {
    open: () =>
      openStore<Toy>({
        dir,
        keys: () => openlyKnown,
        onFault: () => {},
        spawn: (workerData) => spawnFile(toyWriter, { workerData }),
      }),
    dispose: async () => rmSync(dir, { recursive: true }),
  };
});

describe('a SQLite file', () => {
  let dir: string;
  beforeEach(() => {
    dir = folder();
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const open = (file: string) => openStoreInProcess<Toy>({ file, handlers: toyHandlers, onFault: () => {} });

  it('of a newer schema is refused and left as it is', async () => {
    const file = join(dir, 'store.db');
    await (await open(file)).close();
    const connection = new Connection(file);
    connection.exec(`UPDATE meta SET value = '${SCHEMA + 1}' WHERE key = 'schema'`);
    connection.close();
    await expect(open(file)).rejects.toMatchObject({
      code: 'SCHEMA_NEWER',
      params: { found: SCHEMA + 1, known: SCHEMA },
    });
    const again = new Connection(file);
    expect(again.prepare("SELECT value FROM meta WHERE key = 'schema'").get()?.['value']).toBe(String(SCHEMA + 1));
    again.close();
  });

  it('that is no database is refused', async () => {
    const file = join(dir, 'store.db');
    writeFileSync(file, 'this is a text, not a database\n'.repeat(100));
    await expect(open(file)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('is emptied of its write-ahead log when nobody has written for a while', async () => {
    const file = join(dir, 'store.db');
    const store = await openStoreInProcess<Toy>({ file, handlers: toyHandlers, idleMs: 5 });
    const size = (): number => statSync(`${file}-wal`).size;
    await store.writer.run('receive', { account: 'a1', conversation: 'c1', name: 'm', n: 50 });
    await expect.poll(size).toBe(0);
    await store.writer.run('receive', { account: 'a1', conversation: 'c1', name: 'n', n: 50 });
    await expect.poll(size).toBe(0);
    expect((await store.queries.counts()).messages).toBe(100);
    await store.close();
  });

  it('forgets in a quiet moment what can never be asked again, and the oldest part of the log', async () => {
    const file = join(dir, 'store.db');
    const day = 86_400_000;
    let now = 1_000 * day;
    const store = await openStoreInProcess<Toy>({
      file,
      handlers: toyHandlers,
      idleMs: 5,
      clock: { now: () => now, stamp: () => now },
    });
    const put = (name: string): Promise<unknown> =>
      store.writer.run('change', [
        { put: 'account', row: accountRow('a1') },
        { put: 'seen', account: 'a1', hash: name, plaintext: Uint8Array.of(1), at: now },
        { put: 'early', row: { account: 'a1', waId: name, slot: 'status', data: 'read', at: now } },
      ]);
    const receive = (name: string, account = 'a1'): Promise<unknown> =>
      store.writer.run('receive', { account, conversation: `c-${account}`, name, n: 2 });
    await put('old');
    await receive('old');
    now += 60 * day;
    await put('new');
    await receive('later');
    // The clock was behind for a moment: that must not take these out of the middle.
    now -= 50 * day;
    await receive('behind');
    now += 95 * day;
    await receive('other', 'a2');
    await expect.poll(() => store.queries.firstSeq('a1')).toBe(3);
    expect((await store.queries.events('a1', 0, 10)).map((event) => event.seq)).toEqual([3, 4, 5, 6]);
    expect((await store.queries.heads())['a1']?.seq).toBe(6);
    expect((await store.queries.counts()).messages).toBe(8);
    expect([...(await store.writer.seen('a1', ['old', 'new'])).keys()]).toEqual(['new']);
    const rows = await store.writer.run('look', { account: 'a1', waIds: ['old', 'new'] });
    expect(rows.early.map((row) => row.waId)).toEqual(['new']);
    await store.close();
  });

  it('of an older Pulseline is searched by and by, the newest messages first', async () => {
    const file = join(dir, 'store.db');
    const first = await open(file);
    for (const name of ['old', 'new']) {
      await first.writer.run('receive', { account: 'a1', conversation: 'c1', name, n: 500, body: `${name} 退款` });
    }
    await first.close();
    const connection = new Connection(file);
    // As it was before there was an index, and as it is with one of another making.
    connection.exec("DELETE FROM search_waiting; DELETE FROM meta WHERE key = 'search'");
    connection.close();
    const store = await open(file);
    const waiting = async () => (await store.queries.counts()).unindexed;
    await expect.poll(waiting, { timeout: 15_000 }).toBe(0);
    const { items, indexing } = await store.queries.search({ q: 'old', limit: 1_000 });
    expect([items.length, indexing]).toEqual([500, false]);
    expect((await store.queries.search({ q: 'new 退款', limit: 1_000 })).items).toHaveLength(500);
    await store.close();
  });

  it('is durable over power loss and checks references', async () => {
    const file = join(dir, 'store.db');
    const store = await open(file);
    const connection = openForWriting(file);
    const pragma = (name: string): unknown => Object.values(connection.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    const FULL = 2;
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('fullfsync')]).toEqual(['wal', FULL, 1]);
    connection.close();
    await expect(
      store.writer.run('change', [{ put: 'credentials', account: 'nobody', value: Uint8Array.of(1) }]),
    ).rejects.toMatchObject({ code: 'INTERNAL' });
    await store.close();
  });
});

describe('a bound value', () => {
  it.each([
    ['text', 'x', 'x'],
    ['a number', 1.5, 1.5],
    ['true', true, 1],
    ['false', false, 0],
    ['null', null, null],
    ['undefined', undefined, null],
  ])('%s is taken', (_, given, bound) => {
    expect(bindable(given)).toBe(bound);
  });

  it.each([
    ['a date', new Date(0)],
    ['a plain object', { a: 1 }],
    ['a list', [1]],
    ['a function', () => 1],
    ['not a number', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['an integer beyond 2^53', 2 ** 53],
  ])('%s is refused', (_, given) => {
    expect(() => bindable(given)).toThrow(TypeError);
  });
});
