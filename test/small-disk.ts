// A file system in memory, of a size that can be filled, where this process may mount one; it touches no other disk.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Can this process make a disk that is full? */
export const canFillDisk = process.platform === 'linux' && process.getuid?.() === 0 && triesToMount();

/** A disk of so many bytes. Call what comes back to take it away again. */
export function mountDisk(folder: string, bytes: number): () => void {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  return () => execFileSync('umount', ['--lazy', folder]);
}

/** Leaves no byte free. */
export function fillDisk(folder: string): void {
  const file = openSync(join(folder, 'full'), 'w');
  for (const size of [1_048_576, 4_096, 1]) {
    try {
      for (;;) if (writeSync(file, Buffer.alloc(size)) < size) break;
    } catch {
      // ENOSPC: as wanted.
    }
  }
  closeSync(file);
}

function triesToMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'pulseline-disk-'));
  try {
    mountDisk(folder, 65_536)();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
