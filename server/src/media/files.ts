// The folder of files: each lies under the hash of its bytes, and is there whole or not at all. It knows no message, and no name that anybody gave.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '@pulseline/protocol';

/** So much of the disk is left to the messages, which are worth more than files. */
const RESERVE = 256 * 1024 * 1024;
const HASH = /^[0-9a-f]{64}$/;

export class MediaFiles {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Makes the folders, and forgets what was being made when the process before ended; pieces of downloads are kept, they go on. */
  async open(): Promise<void> {
    await rm(join(this.#dir, 'making'), { recursive: true, force: true });
    await mkdir(join(this.#dir, 'making'), { recursive: true });
    await mkdir(join(this.#dir, 'pieces'), { recursive: true });
  }

  /** Where a file lies. `hash` is the sha256 of its bytes, hex: nothing else leads anywhere. */
  path(hash: string): string {
    if (!HASH.test(hash)) throw new Error('no name of a file');
    return join(this.#dir, 'files', hash.slice(0, 2), hash);
  }

  /** A small picture of the file of that hash. */
  thumbnail(hash: string): string {
    if (!HASH.test(hash)) throw new Error('no name of a file');
    return join(this.#dir, 'thumbnails', hash.slice(0, 2), `${hash}.jpg`);
  }

  /** A place for something that is being made. */
  making(): string {
    return join(this.#dir, 'making', randomBytes(12).toString('hex'));
  }

  /** Where the pieces of a download come together; named by the hash of its id, so that no id can lead elsewhere. */
  pieces(id: string): string {
    return join(this.#dir, 'pieces', createHash('sha256').update(id).digest('hex').slice(0, 32));
  }

  /** Bytes of a file, or undefined if it is not there. */
  async size(hash: string): Promise<number | undefined> {
    const found = await stat(this.path(hash)).catch(() => undefined);
    return found?.size;
  }

  /** Takes over what was made, under its hash. When this resolves it is on the disk, whole. Errors: MEDIA_DISK_FULL. */
  async adopt(made: string, hash: string): Promise<void> {
    await this.#place(made, this.path(hash));
  }

  async adoptThumbnail(made: string, hash: string): Promise<void> {
    await this.#place(made, this.thumbnail(hash));
  }

  async #place(made: string, target: string): Promise<void> {
    try {
      const handle = await open(made, 'r+');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
      const folder = join(target, '..');
      await mkdir(folder, { recursive: true });
      await rename(made, target);
      await flushFolder(folder);
    } catch (error) {
      throw diskError(error);
    }
  }

  /** Removes files and their thumbnails. One that is not there is no fault. */
  async remove(hashes: readonly string[]): Promise<void> {
    for (const hash of hashes) {
      await rm(this.path(hash), { force: true });
      await rm(this.thumbnail(hash), { force: true });
    }
  }

  /** Every file, folder by folder, with the time of its coming. */
  async *all(): AsyncGenerator<readonly { readonly hash: string; readonly at: number }[]> {
    const root = join(this.#dir, 'files');
    for (const folder of await names(root)) {
      const found = await Promise.all(
        (await names(join(root, folder)))
          .filter((name) => HASH.test(name))
          .map(async (hash) => ({
            hash,
            at: (await stat(this.path(hash)).catch(() => undefined))?.mtimeMs ?? Infinity,
          })),
      );
      if (found.length > 0) yield found;
    }
  }

  /** Pieces that nobody has added to for so many ms are forgotten. */
  async forgetPieces(olderThan: number, now: number): Promise<void> {
    for (const name of await names(join(this.#dir, 'pieces'))) {
      const path = join(this.#dir, 'pieces', name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && now - found.mtimeMs > olderThan) await rm(path, { force: true });
    }
  }

  /** Errors: MEDIA_DISK_FULL if so many bytes more would leave too little for the messages. */
  async needRoom(bytes: number): Promise<void> {
    const found = await statfs(this.#dir).catch(() => undefined);
    if (found !== undefined && found.bavail * found.bsize < bytes + RESERVE) throw new CodedError('MEDIA_DISK_FULL');
  }
}

/** What the system says of a full disk, in our words. */
export function diskError(error: unknown): unknown {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' ? new CodedError('MEDIA_DISK_FULL', {}, error) : error;
}

async function names(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/** A name is only kept when its folder is. Windows cannot do it, and does not need it. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
