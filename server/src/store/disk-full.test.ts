// Fills the disk under the store: what was acknowledged stays, what is refused says so, and writing goes on when there is room again.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStoreInProcess } from './open.ts';
import type { Store } from './port.ts';
import { Connection } from './sqlite.ts';
import { type Toy, toyHandlers } from './test/toy.ts';

const body = '龍'.repeat(20_000);

/** Writes until the store refuses; returns how many were acknowledged. */
async function fill(store: Store<Toy>, limit: number): Promise<number> {
  for (let i = 0; i < limit; i++) {
    try {
      await store.writer.run('receive', { account: 'a1', conversation: 'c1', name: `fill${i}`, n: 1, body });
    } catch (error) {
      expect(error).toMatchObject({ code: 'STORE_FAILED' });
      return i;
    }
  }
  throw new Error('the disk was never full');
}

async function kept(store: Store<Toy>): Promise<readonly [messages: number, events: number, head: number]> {
  const { messages, events } = await store.queries.counts();
  return [messages, events, (await store.queries.heads())['a1']?.seq ?? 0];
}

describe('a full disk', () => {
  it('refuses writes with a code, answers reads, and loses nothing that was acknowledged', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pulseline-full-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const file = join(dir, 'store.db');
    const small = await openStoreInProcess<Toy>({ file, handlers: toyHandlers, maxPages: 400 });
    const acknowledged = await fill(small, 100);
    expect(acknowledged).toBeGreaterThan(0);
    const fates = await Promise.allSettled(
      Array.from({ length: 5 }, (_, i) =>
        small.writer.run('receive', { account: 'a1', conversation: 'c1', name: `more${i}`, n: 1, body }),
      ),
    );
    expect(fates.map((fate) => fate.status)).toEqual(Array(5).fill('rejected'));
    expect(await kept(small)).toEqual([acknowledged, acknowledged, acknowledged]);
    expect((await small.stats()).failed).toBeGreaterThan(0);
    await small.close();

    const roomy = await openStoreInProcess<Toy>({ file, handlers: toyHandlers });
    const seqs = await roomy.writer.run('receive', { account: 'a1', conversation: 'c1', name: 'room', n: 2, body });
    expect(seqs).toEqual([acknowledged + 1, acknowledged + 2]);
    await roomy.close();
  });

  const mount = tinyFileSystem();
  it.runIf(mount !== undefined)(
    'that is real does the same, and the same store goes on once there is room',
    async () => {
      const { dir = '', leave = () => {} } = mount ?? {};
      onTestFinished(leave);
      const ballast = join(dir, 'ballast');
      writeFileSync(ballast, new Uint8Array(3 * 1_048_576));
      const file = join(dir, 'store.db');
      const store = await openStoreInProcess<Toy>({ file, handlers: toyHandlers });
      const acknowledged = await fill(store, 1_000);
      expect(await store.probe()).toBe(false);
      expect(await kept(store)).toEqual([acknowledged, acknowledged, acknowledged]);

      rmSync(ballast);
      expect(await store.probe()).toBe(true);
      const seqs = await store.writer.run('receive', { account: 'a1', conversation: 'c1', name: 'room', n: 2, body });
      expect(seqs).toEqual([acknowledged + 1, acknowledged + 2]);
      await store.close();
      const connection = new Connection(file);
      expect(connection.prepare('PRAGMA integrity_check').get()?.['integrity_check']).toBe('ok');
      connection.close();
    },
  );
});

/** A file system of 8 MiB, where this process may mount one. */
function tinyFileSystem(): { readonly dir: string; readonly leave: () => void } | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'pulseline-tiny-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    rmdirSync(dir);
    return undefined;
  }
  return {
    dir,
    leave: () => {
      // Lazily: the driver of Node 20 lets a file go when its statements are collected, not when it is closed.
      execFileSync('umount', ['-l', dir]);
      rmdirSync(dir);
    },
  };
}
