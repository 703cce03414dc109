// One SQLite connection by the node:sqlite API: opening, statements, values in and out. It knows no table.
import { createRequire } from 'node:module';
import { CodedError } from '@pulseline/protocol';
import type { VaultKeys } from './vault.ts';

type Sqlite = typeof import('@photostructure/sqlite');
type RawStatement = import('@photostructure/sqlite').StatementSyncInstance;

function isSqlite(value: unknown): value is Sqlite {
  return typeof value === 'object' && value !== null && 'DatabaseSync' in value;
}

/**
 * The built-in module where Node has it, else the package with the same API. Exactly one of the two is ever loaded in a
 * process: two SQLite libraries on one file would break each other's POSIX locks.
 */
function sqlite(): Sqlite {
  const builtIn: unknown = withoutWarnings(() => process.getBuiltinModule?.('node:sqlite'));
  const found: unknown = isSqlite(builtIn) ? builtIn : createRequire(import.meta.url)('@photostructure/sqlite');
  if (!isSqlite(found)) throw new CodedError('STORE_FAILED', { detail: 'no SQLite in this Node' });
  return found;
}

/** Node 22 and 24 print at the first use, in every thread, that their SQLite is experimental: whether it serves is our tests' business. */
function withoutWarnings<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** What may be bound to a statement. */
export type Value = string | number | boolean | Uint8Array | null | undefined;

/** No bytes, but somewhere in memory: Node 22.13 takes a blob without an address for NULL. */
const NO_BYTES = new Uint8Array(1).subarray(0, 0);

/**
 * The one place where a value meets the driver. Both drivers take a Date or a plain object as the first parameter for a
 * bag of named parameters and move the others by one place, so nothing but plain values may pass.
 */
export function bindable(value: unknown): string | number | Uint8Array | null {
  if (typeof value === 'string' || value === null) return value;
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') {
    if (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)) return value;
    throw new TypeError(`the number ${value} cannot be stored exactly`);
  }
  if (value instanceof Uint8Array) return value.length === 0 ? NO_BYTES : value;
  throw new TypeError(`a value of type ${typeof value} cannot be stored`);
}

/** One row as the driver gives it; the functions below read its columns. */
export type Row = Readonly<Record<string, unknown>>;

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

/** A text column that is not NULL. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} is no text`);
  return value;
}

/** A text column that may be NULL. */
export function maybeText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

/** An integer column that is not NULL. */
export function whole(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} is no number`);
  return value;
}

/** A blob column that may be NULL. */
export function blob(row: Row, column: string): Uint8Array | undefined {
  const value = row[column];
  if (value === null) return undefined;
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is no blob`);
  return value;
}

/** A prepared statement. */
export class Statement {
  readonly #raw: RawStatement;

  constructor(raw: RawStatement) {
    this.#raw = raw;
  }

  /** Returns how many rows it changed. */
  run(...values: readonly Value[]): number {
    return Number(this.#raw.run(...values.map(bindable)).changes);
  }

  get(...values: readonly Value[]): Row | undefined {
    const row: unknown = this.#raw.get(...values.map(bindable));
    return isRow(row) ? row : undefined;
  }

  all(...values: readonly Value[]): readonly Row[] {
    const rows: readonly unknown[] = this.#raw.all(...values.map(bindable));
    return rows.filter(isRow);
  }
}

/**
 * One connection to one file. Whoever opened it closes it, in the same thread. The package's driver lets go of the file
 * when its statements are collected or its thread ends, not when it is closed; no lock is held until then.
 */
export class Connection {
  // Only what every Node since 22.13 and the package have in common is used of it.
  readonly #database: import('@photostructure/sqlite').DatabaseSyncInstance;
  #open = true;

  /** Errors: the driver's, as they are; {@link failure} explains them. */
  constructor(file: string, options: { readonly readOnly?: boolean } = {}) {
    const { DatabaseSync } = sqlite();
    this.#database = new DatabaseSync(file, { readOnly: options.readOnly ?? false });
    this.exec('PRAGMA busy_timeout = 5000');
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** Parameters are plain `?`: with `?1` Node 22.13 takes no values by position. */
  prepare(sql: string): Statement {
    return new Statement(this.#database.prepare(sql));
  }

  /** Ends a transaction or savepoint that SQLite may have ended by itself, as it does after some failures. */
  undo(sql: string): void {
    try {
      this.#database.exec(sql);
    } catch (error) {
      if (resultCode(error) !== SQLITE_ERROR) throw error;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#database.close();
  }
}

export interface WriteOptions {
  /** What credentials and keys are sealed with; without it a key that everybody knows, for tests and tools. */
  readonly keys?: VaultKeys;
  /** The file never grows beyond this many pages of 4 KiB; then writes fail as on a full disk. */
  readonly maxPages?: number;
}

/** The one connection that writes: durable over power loss, with a write-ahead log. */
export function openForWriting(file: string, options: WriteOptions = {}): Connection {
  const connection = new Connection(file);
  try {
    const mode = connection.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (mode !== 'wal') throw new Error(`no write-ahead log on this file system (journal_mode ${String(mode)})`);
    // fullfsync matters on macOS alone, where fsync does not reach the platter.
    connection.exec(`PRAGMA synchronous = FULL; PRAGMA fullfsync = 1; PRAGMA checkpoint_fullfsync = 1;
      PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 67108864;
      PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536`);
    if (options.maxPages !== undefined) connection.exec(`PRAGMA max_page_count = ${Math.floor(options.maxPages)}`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** "No transaction is active" and "no such savepoint" are of this kind. */
const SQLITE_ERROR = 1;

/** SQLite's primary result codes that speak of the disk, the file or a lock, not of a statement. */
const storageCodes: ReadonlySet<number> = new Set([
  5, // BUSY
  6, // LOCKED
  7, // NOMEM
  8, // READONLY
  10, // IOERR
  11, // CORRUPT
  13, // FULL
  14, // CANTOPEN
  15, // PROTOCOL
  26, // NOTADB
]);

/** SQLite's primary result code, or undefined if the error is not SQLite's. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** Does the error mean that the storage itself fails, so that the whole transaction is in doubt? */
export function isStorageError(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && storageCodes.has(code);
}

/** Any error of the store in the words of the error table. */
export function failure(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new CodedError('STORE_FAILED', { detail }, error);
}
