// What lies on the disk: searches the database and its log for planted keys, before and after a first sealing, a change of keys and a removal.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStoreInProcess } from './open.ts';
import type { Change } from './port.ts';
import { Connection, openForWriting, text } from './sqlite.ts';
import { Login } from './sqlite-login.ts';
import { SqliteQueries } from './sqlite-queries.ts';
import { migrate } from './sqlite-schema.ts';
import { accountRow, type Toy, toyHandlers } from './test/toy.ts';
import { Vault, type VaultKeys } from './vault.ts';

const one: VaultKeys = { current: '11'.repeat(32) };
const two: VaultKeys = { current: '22'.repeat(32) };

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pulseline-sealing-'));
  file = join(dir, 'store.db');
});
afterEach(() => rmSync(dir, { recursive: true }));

const open = (keys: VaultKeys) =>
  openStoreInProcess<Toy>({ file, handlers: toyHandlers, onFault: () => {}, keys, idleMs: 600_000 });

/** Long enough to spill over a page, as a busy session does. */
const planted = (name: string): Buffer => Buffer.from(`PLANTED-${name}-`.repeat(700));

/** Which of the planted values can be found in the database or beside it. */
function found(...names: readonly string[]): readonly string[] {
  const bytes = [file, `${file}-wal`].filter(existsSync).map((path) => readFileSync(path));
  return names.filter((name) => bytes.some((part) => part.includes(`PLANTED-${name}-`)));
}

const secrets: readonly Change[] = [
  { put: 'account', row: { ...accountRow('a1'), proxy: `socks5://user:PLANTED-proxy-@127.0.0.1:1080` } },
  { put: 'credentials', account: 'a1', value: planted('credentials') },
  { put: 'key', account: 'a1', type: 'session', id: 's', value: planted('session') },
  { put: 'seen', account: 'a1', hash: 'h', plaintext: planted('seen'), at: 1 },
];
const names = ['proxy', 'credentials', 'session', 'seen'];

async function holdsAll(keys: VaultKeys): Promise<void> {
  const store = await open(keys);
  expect(await store.writer.credentials('a1')).toEqual(Uint8Array.from(planted('credentials')));
  expect(await store.writer.keys('a1', [{ type: 'session', id: 's' }])).toEqual([Uint8Array.from(planted('session'))]);
  expect(await store.writer.seen('a1', ['h'])).toEqual(new Map([['h', Uint8Array.from(planted('seen'))]]));
  expect((await store.queries.accounts()).map(({ proxy }) => proxy)).toEqual([
    'socks5://user:PLANTED-proxy-@127.0.0.1:1080',
  ]);
  await store.close();
}

/** The file as the program before encryption left it. */
function inTheClear(rows: number): void {
  const connection = openForWriting(file);
  migrate(connection, 1);
  const { account, createdAt } = accountRow('a1');
  connection
    .prepare('INSERT INTO account (id, stream, data, proxy, created_at) VALUES (?, ?, ?, ?, ?)')
    .run('a1', 'a1', JSON.stringify(account), 'socks5://user:PLANTED-proxy-@127.0.0.1:1080', createdAt);
  const put = connection.prepare('INSERT INTO login_key (account, type, id, value) VALUES (?, ?, ?, ?)');
  put.run('a1', 'session', 's', planted('session'));
  connection.prepare('INSERT INTO credentials VALUES (?, ?)').run('a1', planted('credentials'));
  connection
    .prepare('INSERT INTO seen (account, hash, plaintext, at) VALUES (?, ?, ?, ?)')
    .run('a1', 'h', planted('seen'), 1);
  connection.exec('BEGIN');
  for (let i = 0; i < rows; i++) put.run('a1', 'pre-key', String(i), planted('prekey').subarray(0, 200));
  connection.exec('COMMIT');
  connection.close();
}

describe('the database file and its log', () => {
  it('hold no key, credential, decrypted ciphertext or proxy password that can be read', async () => {
    const store = await open(one);
    await store.writer.run('change', secrets);
    for (let i = 0; i < 20; i++) await store.writer.run('change', secrets);
    expect(found(...names)).toEqual([]);
    expect(readFileSync(`${file}-wal`).length).toBeGreaterThan(0);
    await store.close();
    expect(found(...names)).toEqual([]);
    await holdsAll(one);
  });

  it('of an older version are sealed at the first start, and nothing of before is left in them', async () => {
    inTheClear(1_200);
    expect(found(...names, 'prekey')).toEqual([...names, 'prekey']);
    await holdsAll(one);
    expect(found(...names, 'prekey')).toEqual([]);
  });

  it('come under a new key when the former one is given; a kill in between costs nothing', async () => {
    const store = await open(one);
    await store.writer.run('change', secrets);
    const keys = Array.from({ length: 1_200 }, (_, i) => planted('prekey').subarray(0, 100 + (i % 50)));
    const put = keys.map((value, i) => ({ put: 'key', account: 'a1', type: 'pre-key', id: String(i), value }) as const);
    await store.writer.run('change', put);
    await store.close();
    // As far as a start gets that is killed between two of its transactions.
    const connection = openForWriting(file);
    new Login(connection, new Vault({ ...two, former: one.current })).reseal('login_key', 0, 700);
    connection.close();

    await expect(open(two)).rejects.toMatchObject({ code: 'KEY_WRONG' });
    await holdsAll({ ...two, former: one.current });
    const after = await open(two);
    const wanted = keys.map((_, i) => ({ type: 'pre-key', id: String(i) }));
    expect(await after.writer.keys('a1', wanted)).toEqual(keys.map((key) => Uint8Array.from(key)));
    await after.close();
    const sealers = new Connection(file).prepare('SELECT DISTINCT sealed_by FROM login_key').all();
    expect(sealers.map((row) => text(row, 'sealed_by'))).toEqual([new Vault(two).id]);
    await expect(open(one)).rejects.toMatchObject({ code: 'KEY_WRONG' });
  });

  it('under a key that is lost are refused, until that is said; then that account alone is unreadable', async () => {
    const store = await open(one);
    await store.writer.run('change', secrets);
    await store.close();
    await expect(open(two)).rejects.toMatchObject({ code: 'KEY_WRONG', params: { known: new Vault(one).id } });

    const anew = await open({ ...two, lost: true });
    await anew.writer.run('change', [
      { put: 'account', row: accountRow('a2') },
      { put: 'credentials', account: 'a2', value: planted('new') },
    ]);
    await expect(anew.writer.credentials('a1')).rejects.toMatchObject({ code: 'CREDENTIALS_UNREADABLE' });
    await expect(anew.writer.keys('a1', [{ type: 'session', id: 's' }])).rejects.toMatchObject({
      code: 'CREDENTIALS_UNREADABLE',
    });
    expect(await anew.writer.credentials('a2')).toEqual(Uint8Array.from(planted('new')));
    // Nobody may dial past a proxy that cannot be read, and a change of the account must not lose it.
    const [a1] = await anew.queries.accounts();
    expect(a1?.proxy).toBe('unreadable:');
    if (a1 !== undefined) await anew.writer.run('change', [{ put: 'account', row: a1 }]);
    await anew.close();
    await (await open(two)).close();
    const queries = new SqliteQueries(file, one);
    expect((await queries.accounts())[0]?.proxy).toContain('PLANTED-proxy-');
    queries.close();
  });

  it('of which one value was damaged stop that account and no other', async () => {
    const store = await open(one);
    await store.writer.run('change', [
      ...secrets,
      { put: 'account', row: accountRow('a2') },
      { put: 'credentials', account: 'a2', value: planted('other') },
    ]);
    await store.close();
    const connection = new Connection(file);
    connection.exec("UPDATE credentials SET value = zeroblob(2000) WHERE account = 'a1'");
    connection.close();
    const again = await open(one);
    await expect(again.writer.credentials('a1')).rejects.toMatchObject({
      code: 'CREDENTIALS_UNREADABLE',
      params: { detail: 'damaged' },
    });
    expect(await again.writer.credentials('a2')).toEqual(Uint8Array.from(planted('other')));
    await again.close();
  });
});
