// Tests that a backup is whole and checked, made while others write, that a restore damages nothing, and that an update keeps what was before it.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backUp, restore } from './backup.ts';
import { lockDataDir } from './store/lock.ts';
import { openStoreInProcess } from './store/open.ts';
import { DATABASE } from './store/open-thread.ts';
import { Connection } from './store/sqlite.ts';
import { migrate, SCHEMA } from './store/sqlite-schema.ts';
import { accountRow, type Toy, toyHandlers } from './store/test/toy.ts';

let folder: string;
let data: string;
let backup: string;
const quiet = (): void => {};
const open = (dir: string) =>
  openStoreInProcess<Toy>({ file: join(dir, DATABASE), handlers: toyHandlers, onFault: () => {} });
const receive = (name: string, n: number) => ({ account: 'a1', conversation: 'c1', name, n });
const fate = (work: () => unknown): string => {
  try {
    work();
    return 'done';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pulseline-backup 备份-'));
  data = join(folder, 'data');
  backup = join(folder, 'backups', 'one');
  mkdirSync(join(data, 'media', 'ab'), { recursive: true });
  writeFileSync(join(data, 'media', 'ab', 'abcd'), 'a picture');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a backup', () => {
  it('is one moment of a store that is written to, and goes on from there elsewhere', async () => {
    const store = await open(data);
    await store.writer.run('change', [
      { put: 'account', row: accountRow('a1') },
      { put: 'key', account: 'a1', type: 'session', id: 's', value: Uint8Array.of(1) },
      { put: 'key', account: 'a1', type: 'pre-key', id: '1', value: Uint8Array.of(2) },
    ]);
    for (let i = 0; i < 20; i++) await store.writer.run('receive', receive(`m${i}`, 5));
    const written = Array.from({ length: 50 }, (_, i) => store.writer.run('receive', receive(`later${i}`, 5)));
    backUp(data, backup, quiet);
    await Promise.all(written);
    const before = (await store.queries.heads())['a1'];
    await store.close();

    const elsewhere = join(folder, 'elsewhere');
    expect(restore(backup, elsewhere, false, quiet)).toBeUndefined();
    expect(readFileSync(join(elsewhere, 'media', 'ab', 'abcd'), 'utf8')).toBe('a picture');
    const again = await open(elsewhere);
    const head = (await again.queries.heads())['a1'];
    const counts = await again.queries.counts();
    expect(counts.messages).toBe(head?.seq);
    expect(counts.messages).toBeGreaterThanOrEqual(100);
    // Who heard what came after the backup is told to fetch afresh.
    expect(head?.epoch).not.toBe(before?.epoch);
    const wanted = [
      { type: 'session', id: 's' },
      { type: 'pre-key', id: '1' },
    ];
    expect(await again.writer.keys('a1', wanted)).toEqual([undefined, Uint8Array.of(2)]);
    expect(await again.writer.run('receive', receive('new', 1))).toEqual([(head?.seq ?? 0) + 1]);
    await again.close();
  });

  it('writes over nothing, and is not made of nothing', async () => {
    expect(fate(() => backUp(data, backup, quiet))).toBe('NOTHING_TO_BACK_UP');
    await (await open(data)).close();
    mkdirSync(backup, { recursive: true });
    expect(fate(() => backUp(data, backup, quiet))).toBe('BACKUP_EXISTS');
    expect(readdirSync(backup)).toEqual([]);
  });
});

describe('a restore', () => {
  beforeEach(async () => {
    const store = await open(data);
    await store.writer.run('receive', receive('m', 3));
    await store.close();
    backUp(data, backup, quiet);
  });

  it('refuses a folder that a process holds or that has data, and puts those aside if told to', async () => {
    const lock = lockDataDir(data);
    expect(fate(() => restore(backup, data, true, quiet))).toBe('DATA_DIR_LOCKED');
    lock.release();
    expect(fate(() => restore(backup, data, false, quiet))).toBe('RESTORE_OCCUPIED');
    const aside = restore(backup, data, true, quiet) ?? '';
    for (const dir of [aside, data]) {
      const store = await open(dir);
      expect((await store.queries.counts()).messages).toBe(3);
      await store.close();
    }
    expect(readdirSync(folder).filter((name) => name.includes('restoring'))).toEqual([]);
  });

  it.each<[string, () => void]>([
    ['a shortened database', () => truncateSync(join(backup, DATABASE), 4_096)],
    ['a changed file', () => writeFileSync(join(backup, 'media', 'ab', 'abcd'), 'b picture')],
    ['a missing file', () => rmSync(join(backup, 'media', 'ab', 'abcd'))],
    ['no manifest', () => rmSync(join(backup, 'backup.json'))],
    ['a path that leads out', () => renamed('media/ab/abcd', '../abcd')],
    ['a path that leads out on Windows', () => renamed('media/ab/abcd', 'media\\\\..\\\\..\\\\abcd')],
    ['an absolute path', () => renamed('media/ab/abcd', '/etc/hostname')],
  ])('refuses %s and touches nothing', (_, damage) => {
    damage();
    expect(fate(() => restore(backup, join(folder, 'new'), false, quiet))).toBe('BACKUP_BAD');
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });

  it('refuses a backup of a newer Pulseline', () => {
    const file = join(backup, 'backup.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(`"schema": ${SCHEMA}`, `"schema": ${SCHEMA + 1}`));
    expect(fate(() => restore(backup, join(folder, 'new'), false, quiet))).toBe('SCHEMA_NEWER');
  });

  function renamed(path: string, to: string): void {
    const file = join(backup, 'backup.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(path, to));
  }
});

describe('an update of the tables', () => {
  it('keeps a copy of before, the two newest of them, and no login that lay in the clear', async () => {
    const file = join(data, DATABASE);
    const older = (schema: number): void => {
      rmSync(file, { force: true });
      const connection = new Connection(file);
      migrate(connection, schema);
      connection.exec(
        `INSERT INTO account VALUES (1, 'a1', 'a1', '{}', 'socks5://SECRET@h', 1);
        INSERT INTO credentials (account, value) VALUES ('a1', 'SECRET')`.replace(/'SECRET'/, "CAST('SECRET' AS BLOB)"),
      );
      connection.close();
    };
    for (const schema of [3, 2, 1]) {
      older(schema);
      await (await open(data)).close();
    }
    expect(
      readdirSync(data)
        .filter((name) => name.includes('schema'))
        .sort(),
    ).toEqual([`${DATABASE}.schema-1`, `${DATABASE}.schema-2`]);
    expect(readFileSync(`${file}.schema-1`).includes('SECRET')).toBe(false);
    const copy = new Connection(`${file}.schema-2`, { readOnly: true });
    expect(copy.prepare('SELECT id FROM account').get()?.['id']).toBe('a1');
    copy.close();
    // A store that is up to date makes none.
    await (await open(data)).close();
    expect(readdirSync(data).filter((name) => name.includes('schema'))).toHaveLength(2);
  });
});
