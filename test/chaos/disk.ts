// A file system of a gateway's own that can be full and have room again, where this process may mount one; it touches no other disk.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of the image; it takes only what is written to it. */
const SIZE = 4 * 2 ** 30;
/** Bytes that stay free on a "full" disk: too few for what comes next. */
const LEFT = 16 * 1024;
const MOST_LEFT = 2 * 2 ** 20;

export interface Disk {
  /** Where the gateway's data go. */
  readonly dir: string;
  /** Can it be filled? */
  readonly own: boolean;
  fill(): void;
  free(): void;
  /** Gives it back, data and all. */
  leave(): void;
}

/** An image in `folder`, mounted; the same one again if it is there already. Without the right to mount: a plain folder that never fills up. */
export function openDisk(folder: string, wanted: boolean): Disk {
  const dir = join(folder, 'disk');
  mkdirSync(dir, { recursive: true });
  const own = wanted && (isMounted(dir) || mount(join(folder, 'disk.img'), dir));
  const ballast = join(dir, 'ballast');
  return {
    dir,
    own,
    fill() {
      // A disk that is shared belongs to others too.
      if (!own) return;
      const { bavail, bsize } = statfsSync(dir);
      // The file system needs some blocks for itself, how many it does not say.
      for (let spare = LEFT; spare <= MOST_LEFT; spare *= 2) {
        if (run('fallocate', '-l', String(Math.max(bsize, bavail * bsize - spare)), ballast)) return;
      }
      throw new Error(`${dir} could not be filled`);
    },
    free: () => rmSync(ballast, { force: true }),
    leave() {
      if (own) run('umount', '-l', dir);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function mount(image: string, dir: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  if (!existsSync(image)) {
    writeFileSync(image, '');
    truncateSync(image, SIZE);
    // No share is kept back for root, who could write on a full disk.
    if (!run('mkfs.ext4', '-q', '-F', '-m', '0', image)) return false;
  }
  return run('mount', '-o', 'loop', image, dir);
}

function isMounted(dir: string): boolean {
  return run('mountpoint', '-q', dir);
}

function run(command: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
