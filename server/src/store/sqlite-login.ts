// What belongs to an account's login: Signal keys, credentials, ciphertexts already decrypted. Each value is sealed as it goes in and opened as it comes out; nothing here looks into one.
import { blob, type Connection, maybeText, type Row, type Statement, text, whole } from './sqlite.ts';
import { type Place, sealerOf, type Vault } from './vault.ts';

/** The tables of sealed values, with the columns that make a row's place. */
const tables = {
  login_key: { value: 'value', type: 'type', id: 'id' },
  credentials: { value: 'value', type: "''", id: "''" },
  seen: { value: 'plaintext', type: "''", id: 'hash' },
} as const;
type Table = keyof typeof tables;

function statements(connection: Connection) {
  const sql = (source: string): Statement => connection.prepare(source);
  return {
    key: sql('SELECT value, sealed_by FROM login_key WHERE account = ? AND type = ? AND id = ?'),
    putKey: sql(`INSERT INTO login_key (account, type, id, value, sealed_by) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (account, type, id) DO UPDATE SET value = excluded.value, sealed_by = excluded.sealed_by`),
    removeKey: sql('DELETE FROM login_key WHERE account = ? AND type = ? AND id = ?'),
    removeKeys: sql('DELETE FROM login_key WHERE account = ?'),
    credentials: sql('SELECT value, sealed_by FROM credentials WHERE account = ?'),
    putCredentials: sql(`INSERT INTO credentials (account, value, sealed_by) VALUES (?, ?, ?)
      ON CONFLICT (account) DO UPDATE SET value = excluded.value, sealed_by = excluded.sealed_by`),
    removeCredentials: sql('DELETE FROM credentials WHERE account = ?'),
    seen: sql('SELECT plaintext AS value, sealed_by FROM seen WHERE account = ? AND hash = ?'),
    putSeen: sql(`INSERT INTO seen (account, hash, plaintext, at, sealed_by) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (account, hash) DO NOTHING`),
    removeSeen: sql('DELETE FROM seen WHERE account = ?'),
    forgetSeen: sql('DELETE FROM seen WHERE n IN (SELECT n FROM seen ORDER BY n LIMIT ?) AND at < ?'),
  };
}

export class Login {
  readonly #sql: ReturnType<typeof statements>;
  readonly #connection: Connection;
  readonly #vault: Vault;

  constructor(connection: Connection, vault: Vault) {
    this.#sql = statements(connection);
    this.#connection = connection;
    this.#vault = vault;
  }

  /** In the order asked; undefined where there is none. Errors: CREDENTIALS_UNREADABLE. */
  keys(
    account: string,
    wanted: readonly { readonly type: string; readonly id: string }[],
  ): readonly (Uint8Array | undefined)[] {
    return wanted.map(({ type, id }) =>
      this.#open({ table: 'login_key', account, type, id }, this.#sql.key.get(account, type, id)),
    );
  }

  putKey(account: string, type: string, id: string, key: Uint8Array | null): void {
    if (key === null) this.#sql.removeKey.run(account, type, id);
    else {
      const sealed = this.#vault.seal({ table: 'login_key', account, type, id }, key);
      this.#sql.putKey.run(account, type, id, sealed, this.#vault.id);
    }
  }

  /** Errors: CREDENTIALS_UNREADABLE. */
  credentials(account: string): Uint8Array | undefined {
    return this.#open(ofCredentials(account), this.#sql.credentials.get(account));
  }

  putCredentials(account: string, credentials: Uint8Array | null): void {
    if (credentials === null) this.#sql.removeCredentials.run(account);
    else {
      const sealed = this.#vault.seal(ofCredentials(account), credentials);
      this.#sql.putCredentials.run(account, sealed, this.#vault.id);
    }
  }

  /** Errors: CREDENTIALS_UNREADABLE. */
  seen(account: string, hashes: readonly string[]): ReadonlyMap<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const hash of hashes) {
      const plaintext = this.#open(ofSeen(account, hash), this.#sql.seen.get(account, hash));
      if (plaintext !== undefined) found.set(hash, plaintext);
    }
    return found;
  }

  /** The first plaintext stays: a ciphertext is decrypted once. It may hold keys (a group's, the app state's), so it is sealed like one. */
  putSeen(account: string, hash: string, plaintext: Uint8Array, at: number): void {
    const sealed = this.#vault.seal(ofSeen(account, hash), plaintext);
    this.#sql.putSeen.run(account, hash, sealed, at, this.#vault.id);
  }

  /** Forgets up to `limit` of the oldest, as far as they are from before that time. Returns how many. */
  forgetSeen(before: number, limit: number): number {
    return this.#sql.forgetSeen.run(limit, before);
  }

  remove(account: string): void {
    this.#sql.removeKeys.run(account);
    this.#sql.removeCredentials.run(account);
    this.#sql.removeSeen.run(account);
  }

  /**
   * Seals anew, by the current key, up to `limit` rows of one table after row `from`: those in the clear and those of another key
   * that is at hand. Returns how many, and the last row looked at; undefined at the end of the table.
   */
  reseal(table: Table, from: number, limit: number): { readonly sealed: number; readonly last: number } | undefined {
    const { value, type, id } = tables[table];
    const rows = this.#connection
      .prepare(
        `SELECT rowid AS n, account, ${type} AS type, ${id} AS id, ${value} AS value, sealed_by FROM ${table}
          WHERE rowid > ? ORDER BY rowid LIMIT ?`,
      )
      .all(from, limit);
    const last = rows.at(-1);
    if (last === undefined) return undefined;
    const put = this.#connection.prepare(`UPDATE ${table} SET ${value} = ?, sealed_by = ? WHERE rowid = ?`);
    let sealed = 0;
    for (const row of rows) {
      const by = maybeText(row, 'sealed_by') ?? null;
      if (by === this.#vault.id || (by !== null && !this.#vault.opens(by))) continue;
      const place = { table, account: text(row, 'account'), type: text(row, 'type'), id: text(row, 'id') };
      // A damaged row stays as it is: its account says so when it reads it.
      const plain = attempt(() => this.#vault.open(place, { value: bytes(row), by }));
      if (plain === undefined) continue;
      put.run(this.#vault.seal(place, plain), this.#vault.id, whole(row, 'n'));
      sealed += 1;
    }
    return { sealed, last: whole(last, 'n') };
  }

  /** The same for the proxies of all accounts. */
  resealProxies(): number {
    const rows = this.#connection.prepare('SELECT id, proxy FROM account WHERE proxy IS NOT NULL').all();
    const put = this.#connection.prepare('UPDATE account SET proxy = ? WHERE id = ?');
    let sealed = 0;
    for (const row of rows) {
      const account = text(row, 'id');
      const stored = text(row, 'proxy');
      if (sealerOf(stored) === this.#vault.id) continue;
      const plain = attempt(() => this.#vault.openText(ofProxy(account), stored));
      if (plain === undefined) continue;
      put.run(this.#vault.sealText(ofProxy(account), plain), account);
      sealed += 1;
    }
    return sealed;
  }

  #open(place: Place, row: Row | undefined): Uint8Array | undefined {
    if (row === undefined) return undefined;
    return this.#vault.open(place, { value: bytes(row), by: maybeText(row, 'sealed_by') ?? null });
  }
}

/** The tables whose rows `reseal` goes through. */
export const sealedTables: readonly Table[] = ['credentials', 'login_key', 'seen'];

function ofCredentials(account: string): Place {
  return { table: 'credentials', account, type: '', id: '' };
}

function ofSeen(account: string, hash: string): Place {
  return { table: 'seen', account, type: '', id: hash };
}

/** An account's proxy with its password. */
export function ofProxy(account: string): Place {
  return { table: 'proxy', account, type: '', id: '' };
}

function bytes(row: Row): Uint8Array {
  const value = blob(row, 'value');
  if (value === undefined) throw new TypeError('a value of a login is NULL');
  return value;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
