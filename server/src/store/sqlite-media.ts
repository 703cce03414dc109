// The files of messages as SQLite keeps track of them: what is written and what is asked. The bytes themselves lie elsewhere.
import type { MediaRow, OpenMedia } from './port.ts';
import { type Connection, type Statement, text, whole } from './sqlite.ts';
import { conversationRow, mediaRow, messageRow } from './sqlite-rows.ts';

const COLUMNS = 'id, account, message, kind, file, source, is_wanted, data, created_at';
const MEDIA = `SELECT ${COLUMNS} FROM media`;

/** Writes. */
export class MediaTable {
  readonly #put: Statement;
  readonly #remove: Statement;
  readonly #find: Statement;
  readonly #open: Statement;
  readonly #message: Statement;
  readonly #conversation: Statement;

  constructor(connection: Connection) {
    const sql = (source: string): Statement => connection.prepare(source);
    this.#put =
      sql(`INSERT INTO media (id, account, message, kind, state, size, file, source, is_wanted, data, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET account = excluded.account, message = excluded.message, kind = excluded.kind,
        state = excluded.state, size = excluded.size, file = excluded.file, source = excluded.source,
        is_wanted = excluded.is_wanted, data = excluded.data, created_at = excluded.created_at`);
    this.#remove = sql('DELETE FROM media WHERE id = ?');
    this.#find = sql(`${MEDIA} WHERE id = ?`);
    this.#open = sql(`${MEDIA} WHERE account = ? AND state = 'pending' ORDER BY is_wanted DESC, n DESC LIMIT ?`);
    this.#message = sql('SELECT id, account, conversation, wa_id, author, ord, secret, data FROM message WHERE id = ?');
    this.#conversation = sql('SELECT account, data, addresses, NULL AS last FROM conversation WHERE id = ?');
  }

  put({ id, account, message, kind, media, file, source, isWanted, createdAt }: MediaRow): void {
    // What only a picture of it needs lies in the message alone.
    const { thumbnail: _, waveform: __, ...kept } = media;
    const data = JSON.stringify(message === undefined ? media : kept);
    this.#put.run(id, account, message, kind, media.state, media.size, file, source, isWanted, data, createdAt);
  }

  remove(id: string): void {
    this.#remove.run(id);
  }

  find(id: string): MediaRow | undefined {
    const row = this.#find.get(id);
    return row === undefined ? undefined : mediaRow(row);
  }

  open(account: string, limit: number): readonly OpenMedia[] {
    return this.#open.all(account, limit).flatMap((each) => {
      const row = mediaRow(each);
      const message = row.message === undefined ? undefined : this.#message.get(row.message);
      const home = message && this.#conversation.get(text(message, 'conversation'));
      return message && home ? [{ row, message: messageRow(message), conversation: conversationRow(home) }] : [];
    });
  }
}

/** Questions, inside the moment of whoever asks. */
export class MediaReader {
  readonly #connection: Connection;
  readonly #find: Statement;
  readonly #used: Statement;
  readonly #ofAccount: Statement;
  readonly #use: Statement;
  readonly #useOf: Statement;
  readonly #oldest: Statement;
  readonly #oldestOf: Statement;
  readonly #before: Statement;
  readonly #uploads: Statement;

  constructor(connection: Connection) {
    this.#connection = connection;
    const sql = (source: string): Statement => this.#connection.prepare(source);
    this.#find = sql(`${MEDIA} WHERE id = ?`);
    this.#used = sql('SELECT 1 FROM media WHERE file = ? LIMIT 1');
    this.#ofAccount = sql(`SELECT DISTINCT file FROM media m WHERE account = ?1 AND file IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM media o WHERE o.file = m.file AND o.account IS NOT ?1)`);
    const use = (of: string): Statement =>
      sql(`SELECT (SELECT count(*) FROM media WHERE state = 'pending' AND message IS NOT NULL ${of}) AS pending,
      count(*) AS files, ifnull(sum(size), 0) AS bytes
      FROM (SELECT file, max(size) AS size FROM media WHERE file IS NOT NULL ${of} GROUP BY file)`);
    this.#use = use('');
    this.#useOf = use('AND account = ?1');
    this.#oldest = sql(`${MEDIA} WHERE file IS NOT NULL AND source IS NOT NULL ORDER BY n LIMIT ?`);
    this.#oldestOf = sql(`${MEDIA} WHERE account = ? AND file IS NOT NULL AND source IS NOT NULL ORDER BY n LIMIT ?`);
    this.#before = sql(`${MEDIA} WHERE account = ? AND file IS NOT NULL AND message IS NOT NULL AND created_at < ?
      ORDER BY n LIMIT ?`);
    this.#uploads = sql('SELECT id FROM media WHERE message IS NULL AND created_at < ? ORDER BY created_at LIMIT ?');
  }

  find(id: string): MediaRow | undefined {
    const row = this.#find.get(id);
    return row === undefined ? undefined : mediaRow(row);
  }

  inUse(files: readonly string[]): ReadonlySet<string> {
    return new Set(files.filter((file) => this.#used.get(file) !== undefined));
  }

  ofAccount(account: string): readonly string[] {
    return this.#ofAccount.all(account).map((row) => text(row, 'file'));
  }

  /** Of one account, or of all together. */
  use(account?: string): { readonly files: number; readonly bytes: number; readonly pending: number } {
    const row = (account === undefined ? this.#use.get() : this.#useOf.get(account)) ?? {};
    return { files: whole(row, 'files'), bytes: whole(row, 'bytes'), pending: whole(row, 'pending') };
  }

  oldest(limit: number, account?: string): readonly MediaRow[] {
    return (account === undefined ? this.#oldest.all(limit) : this.#oldestOf.all(account, limit)).map(mediaRow);
  }

  before(account: string, before: number, limit: number): readonly MediaRow[] {
    return this.#before.all(account, before, limit).map(mediaRow);
  }

  uploadsBefore(before: number, limit: number): readonly string[] {
    return this.#uploads.all(before, limit).map((row) => text(row, 'id'));
  }
}
