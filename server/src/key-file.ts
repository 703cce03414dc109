// The master key of a start: from the environment or its file, which is made at the first start. It never prints a key and never writes over one.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CodedError } from '@pulseline/protocol';
import type { VaultKeys } from './store/vault.ts';

export interface KeySettings {
  /** 64 hex digits; the file is not looked at then. */
  readonly key: string | undefined;
  readonly keyFile: string | undefined;
  /** The key of before, or the file that holds it. */
  readonly oldKey: string | undefined;
  readonly keyLost: boolean;
  readonly dataDir: string;
}

const KEY = /^[0-9a-f]{64}$/i;

/** Beside the data folder and not in it, so that a copy of the folder alone opens nothing. */
export function keyFileOf({ keyFile, dataDir }: Pick<KeySettings, 'keyFile' | 'dataDir'>): string {
  return keyFile ?? `${dataDir}.key`;
}

/**
 * The keys to open the store with. `sealedBy` is the id of the key under which the data lies: a new key is made only where
 * there is none, or where it is said to be lost. `warn` hears of a key file that others can read.
 * Errors: KEY_MISSING, KEY_UNREADABLE.
 */
export function readKeys(
  settings: KeySettings,
  sealedBy: string | undefined,
  warn: (file: string) => void = () => {},
): VaultKeys {
  const current = (settings.key ?? keyOfFile(keyFileOf(settings), settings.keyLost, sealedBy, warn)).toLowerCase();
  const former = settings.oldKey === undefined ? undefined : formerKey(settings.oldKey).toLowerCase();
  return {
    current,
    ...(former !== undefined && former !== current && { former }),
    ...(settings.keyLost && { lost: true }),
  };
}

function keyOfFile(file: string, lost: boolean, sealedBy: string | undefined, warn: (file: string) => void): string {
  const found = read(file);
  if (found === undefined) {
    if (sealedBy !== undefined && !lost) throw new CodedError('KEY_MISSING', { file, known: sealedBy });
    return makeKey(file);
  }
  if (isReadByOthers(file)) {
    warn(file);
    // A mounted secret may belong to somebody else: then the warning has to do.
    attempt(() => chmodSync(file, 0o600));
  }
  return parseKey(found, file);
}

function formerKey(given: string): string {
  if (KEY.test(given)) return given;
  const found = read(given);
  if (found === undefined) throw new CodedError('KEY_UNREADABLE', { file: given, detail: 'ENOENT' });
  return parseKey(found, given);
}

/** On the disk before anything is sealed by it, and whole or not there at all. */
function makeKey(file: string): string {
  const key = randomBytes(32).toString('hex');
  const draft = `${file}.${process.pid}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const handle = openSync(draft, 'w', 0o600);
    try {
      writeSync(handle, `${key}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    throw unusable(file, error);
  }
  // The name too; Windows opens no folders and needs it not.
  attempt(() => {
    const folder = openSync(dirname(file), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  });
  return key;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(file, error);
  }
}

function parseKey(text: string, file: string): string {
  const key = text.trim();
  if (!KEY.test(key)) throw new CodedError('KEY_UNREADABLE', { file, detail: 'not 64 hex digits' });
  return key;
}

function unusable(file: string, error: unknown): CodedError {
  const detail = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return new CodedError('KEY_UNREADABLE', { file, detail }, error);
}

/** Windows has other rights, which Node does not tell. */
function isReadByOthers(file: string): boolean {
  return process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0;
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // Not everywhere possible, and nothing depends on it.
  }
}
