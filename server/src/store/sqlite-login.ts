// What belongs to an account's login: Signal keys, credentials, ciphertexts already decrypted. It never looks into a value.
import { blob, type Connection, type Row, type Statement } from './sqlite.ts';

function statements(connection: Connection) {
  const sql = (source: string): Statement => connection.prepare(source);
  return {
    key: sql('SELECT value FROM login_key WHERE account = ? AND type = ? AND id = ?'),
    putKey: sql(`INSERT INTO login_key (account, type, id, value) VALUES (?, ?, ?, ?)
      ON CONFLICT (account, type, id) DO UPDATE SET value = excluded.value`),
    removeKey: sql('DELETE FROM login_key WHERE account = ? AND type = ? AND id = ?'),
    removeKeys: sql('DELETE FROM login_key WHERE account = ?'),
    credentials: sql('SELECT value FROM credentials WHERE account = ?'),
    putCredentials: sql(`INSERT INTO credentials (account, value) VALUES (?, ?)
      ON CONFLICT (account) DO UPDATE SET value = excluded.value`),
    removeCredentials: sql('DELETE FROM credentials WHERE account = ?'),
    seen: sql('SELECT plaintext FROM seen WHERE account = ? AND hash = ?'),
    putSeen: sql(`INSERT INTO seen (account, hash, plaintext, at) VALUES (?, ?, ?, ?)
      ON CONFLICT (account, hash) DO NOTHING`),
    removeSeen: sql('DELETE FROM seen WHERE account = ?'),
    forgetSeen: sql('DELETE FROM seen WHERE n IN (SELECT n FROM seen ORDER BY n LIMIT ?) AND at < ?'),
  };
}

export class Login {
  readonly #sql: ReturnType<typeof statements>;

  constructor(connection: Connection) {
    this.#sql = statements(connection);
  }

  /** In the order asked; undefined where there is none. */
  keys(
    account: string,
    wanted: readonly { readonly type: string; readonly id: string }[],
  ): readonly (Uint8Array | undefined)[] {
    return wanted.map(({ type, id }) => value(this.#sql.key.get(account, type, id), 'value'));
  }

  putKey(account: string, type: string, id: string, key: Uint8Array | null): void {
    if (key === null) this.#sql.removeKey.run(account, type, id);
    else this.#sql.putKey.run(account, type, id, key);
  }

  credentials(account: string): Uint8Array | undefined {
    return value(this.#sql.credentials.get(account), 'value');
  }

  putCredentials(account: string, credentials: Uint8Array | null): void {
    if (credentials === null) this.#sql.removeCredentials.run(account);
    else this.#sql.putCredentials.run(account, credentials);
  }

  seen(account: string, hashes: readonly string[]): ReadonlyMap<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const hash of hashes) {
      const plaintext = value(this.#sql.seen.get(account, hash), 'plaintext');
      if (plaintext !== undefined) found.set(hash, plaintext);
    }
    return found;
  }

  /** The first plaintext stays: a ciphertext is decrypted once. */
  putSeen(account: string, hash: string, plaintext: Uint8Array, at: number): void {
    this.#sql.putSeen.run(account, hash, plaintext, at);
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
}

function value(row: Row | undefined, column: string): Uint8Array | undefined {
  return row === undefined ? undefined : blob(row, column);
}
