// The data folder belongs to one process: takes and releases that ownership. It never breaks another's lock, and needs to break none after a crash.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@pulseline/protocol';
import { Connection, resultCode } from './sqlite.ts';

export interface DataDirLock {
  release(): void;
}

const SQLITE_BUSY = 5;

/** A connection that is garbage is closed, and its lock with it: what is owned must stay reachable. */
const owned = new Set<Connection>();

/**
 * Makes the folder if it is not there and owns it until `release` or the end of the process, however it ends: the lock is
 * the operating system's, on a tiny database that is kept open. The process id beside it is only told to people.
 * Errors: DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE.
 */
export function lockDataDir(dir: string): DataDirLock {
  const pidFile = join(dir, 'owner.pid');
  let connection: Connection | undefined;
  try {
    mkdirSync(dir, { recursive: true });
    connection = new Connection(join(dir, 'owner.db'));
    connection.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    connection?.close();
    if (resultCode(error) === SQLITE_BUSY)
      throw new CodedError('DATA_DIR_LOCKED', { dir, pid: ownerOf(pidFile) }, error);
    const detail = error instanceof Error ? error.message : String(error);
    throw new CodedError('DATA_DIR_UNWRITABLE', { dir, error: detail }, error);
  }
  const mine = connection;
  owned.add(mine);
  return {
    release: () => {
      if (!owned.delete(mine)) return;
      rmSync(pidFile, { force: true });
      mine.close();
    },
  };
}

function ownerOf(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8').trim() || '?';
  } catch {
    return '?';
  }
}
