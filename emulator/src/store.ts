// What the emulator must not forget: named tables of texts and bytes in one SQLite file; it never lets an effect out before what it rests on is stored.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

type Value = string | Uint8Array;

interface Statement {
  run(...values: Value[]): unknown;
  all(): Iterable<unknown>;
}
interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}
interface Sqlite {
  readonly DatabaseSync: new (path: string) => Database;
}

/** Node 22.13 and later have SQLite built in; on Node 20 the same API comes from a package. */
function loadSqlite(): Sqlite {
  const require = createRequire(import.meta.url);
  // Node prints at the first use that its SQLite is experimental.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    const builtIn = process.getBuiltinModule?.('node:sqlite') !== undefined;
    return builtIn ? require('node:sqlite') : require('@photostructure/sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

function parseRow(row: unknown): readonly [string, Value] {
  if (typeof row === 'object' && row !== null && 'k' in row && 'v' in row && typeof row.k === 'string') {
    if (typeof row.v === 'string' || row.v instanceof Uint8Array) return [row.k, row.v];
  }
  throw new TypeError('a row of the emulator store is unreadable');
}

/** One named table. Changes are remembered at once and written by the next commit; the value is made only then. */
export class Table {
  readonly #dirty = new Map<string, (() => Value) | undefined>();
  readonly #read: () => Iterable<unknown>;
  readonly #touch: (() => void) | undefined;

  /** @param touch undefined when there is no file that a change could be written to. */
  constructor(read: () => Iterable<unknown>, touch: (() => void) | undefined) {
    this.#read = read;
    this.#touch = touch;
  }

  /** All rows as they are on disk, in the order of their keys. For the start only. */
  *rows(): Iterable<readonly [string, Value]> {
    for (const row of this.#read()) yield parseRow(row);
  }

  put(key: string, value: () => Value): void {
    this.#change(key, value);
  }

  delete(key: string): void {
    this.#change(key, undefined);
  }

  /** Hands over what has changed and forgets it. */
  take(): [string, (() => Value) | undefined][] {
    const changes = [...this.#dirty];
    this.#dirty.clear();
    return changes;
  }

  #change(key: string, value: (() => Value) | undefined): void {
    if (!this.#touch) return;
    this.#dirty.set(key, value);
    this.#touch();
  }
}

/** An open transaction that keeps a second emulator off the directory until this one closes or its process dies. */
function takeLock(lock: Database, dir: string): Database {
  try {
    lock.exec('PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw new Error(`another emulator holds ${dir}`, { cause: error });
  }
}

interface Writer {
  readonly put: Statement;
  readonly delete: Statement;
}

/**
 * One transaction for each turn of the event loop: whatever the turn changed is committed at its end, and only then do the effects
 * of the turn (bytes to a socket, answers to a request) happen. With synchronous=OFF a committed row survives the death of the
 * process at any instruction; it may not survive a power cut, and the emulator does not promise that.
 */
export class Store {
  readonly #lock: Database | undefined;
  readonly #db: Database | undefined;
  readonly #tables = new Map<string, Table>();
  readonly #writers = new Map<string, Writer>();
  #effects: (() => void)[] = [];
  #scheduled = false;
  #closed = false;
  readonly #onFailure: (error: unknown) => void;

  /**
   * @param dir undefined keeps everything in memory alone.
   * @param onFailure called once when a commit fails; nothing is written or let out afterwards.
   * @throws when another process holds the directory, or the file is no database.
   */
  constructor(dir: string | undefined, onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
    if (dir === undefined) return;
    mkdirSync(dir, { recursive: true });
    const { DatabaseSync } = loadSqlite();
    this.#lock = takeLock(new DatabaseSync(join(dir, 'lock.db')), dir);
    this.#db = new DatabaseSync(join(dir, 'emulator.db'));
    this.#db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF');
  }

  table(name: string): Table {
    const known = this.#tables.get(name);
    if (known) return known;
    const db = this.#db;
    const table = new Table(
      () => db?.prepare(`SELECT k, v FROM ${name} ORDER BY k`).all() ?? [],
      db && (() => this.#schedule()),
    );
    if (db) {
      db.exec(`CREATE TABLE IF NOT EXISTS ${name} (k TEXT PRIMARY KEY, v) WITHOUT ROWID`);
      this.#writers.set(name, {
        put: db.prepare(`INSERT INTO ${name} (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v`),
        delete: db.prepare(`DELETE FROM ${name} WHERE k = ?`),
      });
    }
    this.#tables.set(name, table);
    return table;
  }

  /** Runs the effect once everything that has changed until now is stored. Effects run in the order they were given. */
  afterCommit(effect: () => void): void {
    this.#effects.push(effect);
    this.#schedule();
  }

  /** Resolves once everything that has changed until now is stored. */
  stored(): Promise<void> {
    return new Promise((resolve) => this.afterCommit(resolve));
  }

  /** Commits what is left and closes the file. Effects that are still waiting happen. */
  close(): void {
    if (this.#closed) return;
    this.#commit();
    this.#end();
  }

  #end(): void {
    this.#closed = true;
    this.#db?.close();
    this.#lock?.close();
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => this.#commit());
  }

  #commit(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    try {
      this.#write();
    } catch (error) {
      this.#effects = [];
      this.#end();
      this.#onFailure(error);
      return;
    }
    const effects = this.#effects;
    this.#effects = [];
    for (const effect of effects) effect();
  }

  #write(): void {
    const changed = [...this.#tables].map(([name, table]) => [name, table.take()] as const);
    if (!this.#db || changed.every(([, changes]) => changes.length === 0)) return;
    this.#db.exec('BEGIN');
    for (const [name, changes] of changed) {
      const writer = this.#writers.get(name);
      for (const [key, value] of changes) {
        if (value) writer?.put.run(key, value());
        else writer?.delete.run(key);
      }
    }
    this.#db.exec('COMMIT');
  }
}
