// Kills processes that write (SIGKILL, no farewell) and looks at what the file still holds.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundled } from '../../../test/bundled.ts';
import { lockDataDir } from './lock.ts';
import { openStoreInProcess } from './open.ts';
import { DATABASE } from './open-thread.ts';
import { Connection } from './sqlite.ts';
import { type Toy, toyHandlers } from './test/toy.ts';

const ROUNDS = 3;
const VICTIM = 'server/src/store/test/killed.ts';
const OWNER = 'server/src/store/test/owner.ts';
const bundle = await bundled(VICTIM, OWNER, 'server/src/store/test/toy-writer.ts');

let dir: string;
let children: ChildProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pulseline crash 数据-'));
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  children = [];
  rmSync(dir, { recursive: true });
});

function start(file: string, ...rest: readonly string[]): ChildProcess {
  const script = fileURLToPath(bundle(file));
  const child = spawn(process.execPath, ['--expose-gc', script, ...rest], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

/** Runs the victim until it has acknowledged so many writes, kills it, and returns the highest seq told of each stream. */
async function killAfter(acks: number, kind: string): Promise<ReadonlyMap<string, number>> {
  const child = start(VICTIM, dir, kind);
  if (child.stdout === null) throw new Error('the victim has no stdout');
  const told = new Map<string, number>();
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [stream = '', seq = ''] = line.split(':');
    told.set(stream, Math.max(told.get(stream) ?? 0, Number(seq)));
    if (++count === acks) child.kill('SIGKILL');
  }
  expect(count).toBeGreaterThanOrEqual(acks);
  return told;
}

describe.each(['in-process', 'thread'])('a process that is killed while it writes (%s)', (kind) => {
  it('[G2] loses no acknowledged commit, leaves no gap and no damage', { timeout: 120_000 }, async () => {
    const told = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const [stream, seq] of await killAfter(60 + 170 * round, kind)) {
        // Each round goes on where the last one was killed.
        expect(seq).toBeGreaterThan(told.get(stream) ?? 0);
        told.set(stream, seq);
      }
      const file = join(dir, DATABASE);
      const connection = new Connection(file);
      expect(connection.prepare('PRAGMA integrity_check').get()?.['integrity_check']).toBe('ok');
      expect(connection.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
      const streams =
        connection.prepare(`SELECT s.name, s.seq, count(e.seq) AS n, min(e.seq) AS first, max(e.seq) AS last,
        (SELECT count(*) FROM message m WHERE m.account = s.name) AS messages,
        (SELECT sum(unread) FROM conversation c WHERE c.account = s.name) AS unread
        FROM stream s JOIN event e ON e.stream = s.name GROUP BY s.name`);
      for (const row of streams.all()) {
        const { seq } = row;
        expect(row).toMatchObject({ n: seq, first: 1, last: seq, messages: seq, unread: seq });
        expect(seq).toBeGreaterThanOrEqual(told.get(String(row['name'])) ?? 0);
      }
      expect(streams.all()).toHaveLength(2);
      connection.close();
    }
    const store = await openStoreInProcess<Toy>({ file: join(dir, DATABASE), handlers: toyHandlers });
    const head = (await store.queries.heads())['a0']?.seq ?? 0;
    const seqs = await store.writer.run('receive', { account: 'a0', conversation: 'c0', name: 'after', n: 1 });
    expect(seqs).toEqual([head + 1]);
    await store.close();
  });
});

describe('the lock of a data folder', () => {
  it('refuses a second owner and names the first, and is free after the release', () => {
    const lock = lockDataDir(dir);
    expect(() => lockDataDir(dir)).toThrow(
      expect.objectContaining({ code: 'DATA_DIR_LOCKED', params: { dir, pid: String(process.pid) } }),
    );
    lock.release();
    lockDataDir(dir).release();
  });

  it('refuses a second process while the first lives, and is free as soon as the first is killed', async () => {
    const owner = start(OWNER, dir);
    if (owner.stdout === null) throw new Error('the owner has no stdout');
    await once(owner.stdout, 'data');
    expect(() => lockDataDir(dir)).toThrow(
      expect.objectContaining({ code: 'DATA_DIR_LOCKED', params: { dir, pid: String(owner.pid) } }),
    );
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    lockDataDir(dir).release();
  });

  it('makes a folder that is not there, also a deep one', () => {
    lockDataDir(join(dir, 'deep', '数据 文件夹')).release();
  });

  it('says why a folder cannot be written', () => {
    const file = join(dir, 'file');
    lockDataDir(dir).release();
    rmSync(join(dir, 'owner.db'));
    new Connection(file).close();
    expect(() => lockDataDir(join(file, 'inside'))).toThrow(expect.objectContaining({ code: 'DATA_DIR_UNWRITABLE' }));
  });
});
