// The one writing connection of the SQLite store: transactions, what happens inside them, and upkeep; when they run is the loop's business.
import { randomBytes } from 'node:crypto';
import type { Heads } from '@pulseline/protocol';
import { copyBeforeUpdate } from './copies.ts';
import type { Change, JobRow, OpenMedia, Reads, Rows } from './port.ts';
import { type Connection, openForWriting, type Statement, type WriteOptions } from './sqlite.ts';
import { Applier } from './sqlite-apply.ts';
import { Loader } from './sqlite-load.ts';
import { Login } from './sqlite-login.ts';
import { migrate } from './sqlite-schema.ts';
import { cleanIfSmall, markUnclean, sealAll } from './sqlite-sealing.ts';
import { SearchIndex } from './sqlite-search.ts';
import { openlyKnown, Vault } from './vault.ts';
import type { Transactions } from './writer-loop.ts';

const DAY_MS = 86_400_000;
/** WhatsApp drops what it could not deliver after 30 days: an older ciphertext or message cannot come any more. */
const SEEN_KEPT_MS = 45 * DAY_MS;
/** Whoever was away for longer is told to fetch afresh. Messages stay for ever; this is the log of their coming. */
const LOG_KEPT_MS = 90 * DAY_MS;
/** A file of this size is rewritten in about half a second. */
const CLEANED_BYTES = 64 * 1024 * 1024;
/** Rows that one call of `tidy` removes at most, so that it takes milliseconds. */
const TIDY_ROWS = 5_000;

function statements(connection: Connection) {
  const sql = (source: string): Statement => connection.prepare(source);
  return {
    begin: sql('BEGIN IMMEDIATE'),
    beginReading: sql('BEGIN'),
    commit: sql('COMMIT'),
    savepoint: sql('SAVEPOINT item'),
    release: sql('RELEASE item'),
    // From the front alone: a row in between that bears an older time must not leave a gap in its stream.
    forgetEvents: sql(`DELETE FROM event WHERE n < (SELECT min(n) + ? FROM event)
      AND n < ifnull((SELECT n FROM event WHERE at >= ? ORDER BY n LIMIT 1), 9e18)`),
    forgetEarly: sql('DELETE FROM early WHERE at < ?'),
    probe: sql(`INSERT INTO meta (key, value) VALUES ('probe', ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value`),
  };
}

/** Opens the file for writing, brings its schema up to date, and keeps it until `close`. */
export class SqliteWrite implements Transactions {
  readonly #connection: Connection;
  readonly #sql: ReturnType<typeof statements>;
  readonly #login: Login;
  readonly #loader: Loader;
  readonly #applier: Applier;
  /** Values of logins that were sealed anew at the opening: they lay in the clear, or under the key of before. */
  readonly resealed: number;
  readonly #search: SearchIndex;

  /** Errors: SCHEMA_NEWER, KEY_WRONG, the driver's. */
  constructor(file: string, options: WriteOptions = {}) {
    const { keys = openlyKnown } = options;
    const vault = new Vault(keys);
    this.#connection = openForWriting(file, options);
    try {
      migrate(this.#connection, undefined, (from) => copyBeforeUpdate(file, from));
      this.#sql = statements(this.#connection);
      this.#login = new Login(this.#connection, vault);
      this.resealed = sealAll(this.#connection, this.#login, vault, keys);
      this.#loader = new Loader(this.#connection, vault, () => randomBytes(6).toString('hex'));
      this.#applier = new Applier(this.#connection, this.#login, vault);
      this.#search = new SearchIndex(this.#connection);
      this.#connection
        .prepare("INSERT INTO stream (name, epoch, seq) VALUES ('workspace', ?, 0) ON CONFLICT (name) DO NOTHING")
        .run(randomBytes(6).toString('hex'));
    } catch (error) {
      this.#connection.close();
      throw error;
    }
  }

  begin(writing: boolean): void {
    (writing ? this.#sql.begin : this.#sql.beginReading).run();
  }

  commit(): void {
    this.#sql.commit.run();
  }

  rollback(): void {
    this.#connection.undo('ROLLBACK');
  }

  /** Runs `work` so that its failure undoes its own changes alone. Errors: those of `work`. */
  isolated<T>(work: () => T): T {
    this.#sql.savepoint.run();
    try {
      const result = work();
      this.#sql.release.run();
      return result;
    } catch (error) {
      this.#connection.undo('ROLLBACK TO item; RELEASE item');
      throw error;
    }
  }

  load(reads: Reads): Rows {
    return this.#loader.load(reads);
  }

  apply(changes: readonly Change[], heads: Heads): void {
    const removes = changes.some((change) => 'remove' in change && change.remove === 'account');
    // Zeroes what it frees. It costs every ordinary commit too much, and there a later rewrite of the file comes anyway.
    if (removes) this.#connection.exec('PRAGMA secure_delete = ON');
    try {
      this.#applier.apply(changes, heads);
      if (removes) markUnclean(this.#connection);
    } finally {
      if (removes) this.#connection.exec('PRAGMA secure_delete = OFF');
    }
  }

  keys(
    account: string,
    wanted: readonly { readonly type: string; readonly id: string }[],
  ): readonly (Uint8Array | undefined)[] {
    return this.#login.keys(account, wanted);
  }

  credentials(account: string): Uint8Array | undefined {
    return this.#login.credentials(account);
  }

  seen(account: string, hashes: readonly string[]): ReadonlyMap<string, Uint8Array> {
    return this.#login.seen(account, hashes);
  }

  openJobs(account: string, limit: number, errands: boolean): readonly JobRow[] {
    return this.#loader.openJobs(account, limit, errands);
  }

  openMedia(account: string, limit: number): readonly OpenMedia[] {
    return this.#loader.openMedia(account, limit);
  }

  jobByWaId(account: string, waId: string): JobRow | undefined {
    return this.#loader.jobByWaId(account, waId);
  }

  probe(at: number): void {
    this.#sql.probe.run(String(at));
  }

  checkpoint(): void {
    this.#connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** What a power cut takes of it is marked as waiting still, and is made again: it need not wait for the disk. */
  follow(enough: () => boolean): boolean {
    this.#connection.exec('PRAGMA synchronous = NORMAL');
    try {
      return this.#search.follow(enough);
    } finally {
      this.#connection.exec('PRAGMA synchronous = FULL');
    }
  }

  tidy(now: number): boolean {
    const seen = this.#login.forgetSeen(now - SEEN_KEPT_MS, TIDY_ROWS);
    const events = this.#sql.forgetEvents.run(TIDY_ROWS, now - LOG_KEPT_MS);
    this.#sql.forgetEarly.run(now - SEEN_KEPT_MS);
    cleanIfSmall(this.#connection, CLEANED_BYTES);
    // Waiting for a reader here would hold up writers: what is busy now is truncated the next time.
    this.#connection.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 5000');
    return seen === TIDY_ROWS || events === TIDY_ROWS;
  }

  close(): void {
    this.rollback();
    try {
      this.tidy(0);
    } finally {
      this.#connection.close();
    }
  }
}
