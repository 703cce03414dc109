// What the machine gives this process: file handles, memory, room on the disk, who else has the database open. It reads; what cannot be read is left out.
import { openSync, readSync } from 'node:fs';
import { readdir, readFile, readlink, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';

export interface Handles {
  readonly fds?: number;
  readonly fdLimit?: number;
  /** Error code of the attempt to count, which itself needs one. */
  readonly refused?: string;
}

/** Linux tells; elsewhere there is nothing. */
export async function handles(): Promise<Handles> {
  if (process.platform !== 'linux') return {};
  try {
    const [open, limits] = await Promise.all([readdir('/proc/self/fd'), readFile('/proc/self/limits', 'utf8')]);
    const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
    return { fds: open.length, ...(Number.isFinite(limit) && { fdLimit: limit }) };
  } catch (error) {
    const code = codeOf(error);
    return code === undefined || !/^(EMFILE|ENFILE|ENOMEM)$/.test(code) ? {} : { refused: code };
  }
}

/** Ms that this thread has waited for a processor, by the scheduler's own count; Linux alone tells. Called in the main thread. */
export function processorWait(): (() => number) | undefined {
  if (process.platform !== 'linux') return undefined;
  const bytes = Buffer.alloc(128);
  try {
    const file = openSync('/proc/self/schedstat', 'r');
    const read = (): number => {
      const length = readSync(file, bytes, 0, bytes.length, 0);
      return Number(bytes.toString('latin1', 0, length).split(' ')[1] ?? 0) / 1e6;
    };
    return Number.isFinite(read()) ? read : undefined;
  } catch {
    return undefined;
  }
}

export function memory(): { readonly heapUsed: number; readonly heapLimit: number; readonly rss: number } {
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return { heapUsed: used_heap_size, heapLimit: heap_size_limit, rss: process.memoryUsage.rss() };
}

/** Bytes that this user may still write, and those of the database's files. */
export async function disk(
  dir: string,
  database: string,
): Promise<{ readonly freeBytes?: number; readonly databaseBytes?: number; readonly walBytes?: number }> {
  const [space, file, wal] = await Promise.all([
    statfs(dir).catch(() => undefined),
    stat(join(dir, database)).catch(() => undefined),
    stat(join(dir, `${database}-wal`)).catch(() => undefined),
  ]);
  return {
    // Some file systems tell no sizes at all.
    ...(space !== undefined && space.blocks > 0 && { freeBytes: space.bavail * space.bsize }),
    ...(file !== undefined && { databaseBytes: file.size }),
    ...(wal !== undefined && { walBytes: wal.size }),
  };
}

/** Tells one file from another of the same name; undefined if there is none. Windows lets nobody take an open file away. */
export async function identityOf(file: string): Promise<string | undefined> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found === undefined ? undefined : process.platform === 'win32' ? 'there' : `${found.dev}:${found.ino}`;
}

/** Processes looked at for an open file; a machine has seldom more of one user. */
const MAX_PROCESSES = 2_000;

/** Which other process has this file open, as `name (pid)`. Linux alone, and only processes of this user. */
export async function holderOf(file: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const pids = (await readdir('/proc').catch(() => [])).filter(
    (name) => /^\d+$/.test(name) && name !== String(process.pid),
  );
  for (const pid of pids.slice(-MAX_PROCESSES)) {
    const folder = `/proc/${pid}/fd`;
    for (const fd of await readdir(folder).catch(() => [])) {
      const target = await readlink(`${folder}/${fd}`).catch(() => '');
      if (target !== file && target !== `${file}-wal` && target !== `${file}-shm`) continue;
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return `${name.trim() || 'process'} (${pid})`;
    }
  }
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
