// Brings a whole file under the current key when it is opened: the first time, when its values lie in the clear, and after a change of keys. It decides no value.
import { existsSync } from 'node:fs';
import { CodedError } from '@pulseline/protocol';
import { Connection, text, whole } from './sqlite.ts';
import { type Login, sealedTables } from './sqlite-login.ts';
import type { Vault, VaultKeys } from './vault.ts';

/** Rows of one transaction: a kill costs at most so many, and the next start goes on behind them. */
const BATCH = 500;

/** The id of the key under which everything lies; absent before the first sealing has ended. */
const SEALED_BY = 'sealed_by';
/** There until the pages that held values in the clear, or under a key that was given up, have been written over. */
const UNCLEAN = 'unclean';

/**
 * Goes on where a killed start has left off: which row is sealed by which key stands in the row. Returns how many values it sealed.
 * Errors: KEY_WRONG if the file lies under another key than those at hand, unless that one is said to be lost.
 */
export function sealAll(connection: Connection, login: Login, vault: Vault, keys: VaultKeys): number {
  const before = metaOf(connection, SEALED_BY);
  const known = before === undefined || vault.opens(before);
  if (!known && keys.lost !== true) throw new CodedError('KEY_WRONG', { found: vault.id, known: before });
  let sealed = 0;
  if (before !== vault.id || keys.former !== undefined) {
    for (const table of sealedTables) {
      for (let from = 0; ; ) {
        const done = transaction(connection, () => {
          const found = login.reseal(table, from, BATCH);
          if (found !== undefined && found.sealed > 0) setMeta(connection, UNCLEAN, 'yes');
          return found;
        });
        if (done === undefined) break;
        from = done.last;
        sealed += done.sealed;
      }
    }
    sealed += transaction(connection, () => {
      const proxies = login.resealProxies();
      if (proxies > 0) setMeta(connection, UNCLEAN, 'yes');
      setMeta(connection, SEALED_BY, vault.id);
      return proxies;
    });
  }
  if (metaOf(connection, UNCLEAN) !== undefined) clean(connection);
  return sealed;
}

/** In the transaction that removed an account: its rows are gone, older copies of them may lie in free parts of the file. */
export function markUnclean(connection: Connection): void {
  setMeta(connection, UNCLEAN, 'yes');
}

/** Cleans a file of up to so many bytes if it needs it; a larger one waits for the next start, since nothing else can be written meanwhile. */
export function cleanIfSmall(connection: Connection, bytes: number): void {
  if (metaOf(connection, UNCLEAN) === undefined) return;
  const size = (name: string): number => whole(connection.prepare(`PRAGMA ${name}`).get() ?? {}, name);
  if (size('page_count') * size('page_size') <= bytes) clean(connection);
}

/** Rewrites the file and empties its log, so that what was replaced is nowhere in them. */
function clean(connection: Connection): void {
  connection.exec('VACUUM');
  connection.exec(`DELETE FROM meta WHERE key = '${UNCLEAN}'`);
  connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

/** The id of the key that a file lies under, without changing it; undefined if it is new or was never sealed. */
export function keyOfFile(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const connection = new Connection(file, { readOnly: true });
  try {
    const isThere = connection.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'").get();
    return isThere === undefined ? undefined : metaOf(connection, SEALED_BY);
  } finally {
    connection.close();
  }
}

function metaOf(connection: Connection, key: string): string | undefined {
  const row = connection.prepare('SELECT value FROM meta WHERE key = ?').get(key);
  return row === undefined ? undefined : text(row, 'value');
}

function setMeta(connection: Connection, key: string, value: string): void {
  connection
    .prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
    .run(key, value);
}

function transaction<T>(connection: Connection, work: () => T): T {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    connection.undo('ROLLBACK');
    throw error;
  }
}
