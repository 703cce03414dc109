// Tells on the disk what a look from outside must know of this process: where it listens while it runs, and why the last start failed. Nothing of the server reads it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Running {
  readonly pid: number;
  readonly instanceId: string;
  readonly version: string;
  readonly port: number;
  /** Absent where the pages are somebody else's to serve. */
  readonly webPort?: number;
  /** Ms since epoch. */
  readonly startedAt: number;
}

const RUNNING = 'running.json';
const FAILED = 'failed-start.json';

/** Call what comes back when it runs no longer. What cannot be written is no reason not to run. */
export function tellRunning(dataDir: string, running: Running): () => void {
  const file = join(dataDir, RUNNING);
  tell(dataDir, RUNNING, running);
  rmSync(join(dataDir, FAILED), { force: true });
  return () => rmSync(file, { force: true });
}

/** `code` of the error table, if there is one. */
export function tellFailedStart(
  dataDir: string,
  failed: { readonly code?: string; readonly text: string; readonly at: number },
): void {
  tell(dataDir, FAILED, failed);
}

function tell(dataDir: string, name: string, what: object): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, name), `${JSON.stringify(what)}\n`);
  } catch {
    // A full disk or a folder without rights has its own words elsewhere.
  }
}
