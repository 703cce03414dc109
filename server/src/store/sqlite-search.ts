// The full-text index of messages in SQLite: what must follow is marked in the message's own transaction, the index follows in short steps of its own, and queries read it. It changes no message.
import { CodedError, type Message, type SearchHit } from '@pulseline/protocol';
import type { SearchQuery } from './port.ts';
import { type Connection, maybeText, type Row, type Statement, text, whole } from './sqlite.ts';
import { messageOf } from './sqlite-rows.ts';
import { matchOf, rangesOf, TERMS_VERSION, termsOf, wantedBy } from './terms.ts';

/**
 * `place` orders hits: `ord` of the message (µs) times {@link SLOTS}, and within one moment by the row of the message, so
 * that the order is the same whenever the index was made. It is a whole number of 64 bits, beyond what JavaScript counts
 * exactly: here it is text. The triggers mark in the same
 * transaction what the index must follow, whoever changes a message; a removed account takes its marks along. OR IGNORE
 * would not do there: the policy of the statement that fires a trigger overrides it.
 */
export const SEARCH_TABLES = `
  CREATE INDEX conversation_names ON conversation
    (last_at, id, account, folded_name, digits, unread, archived, pinned);
  CREATE VIRTUAL TABLE search USING fts5
    (words, starts, scope, content = '', contentless_delete = 1, tokenize = 'ascii');
  CREATE TABLE search_place (place INTEGER PRIMARY KEY, message INTEGER NOT NULL UNIQUE) STRICT;
  CREATE TABLE search_waiting (message INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE search_gone (place INTEGER PRIMARY KEY) STRICT;
  CREATE TRIGGER search_new AFTER INSERT ON message BEGIN
    INSERT INTO search_waiting SELECT new.n WHERE NOT EXISTS (SELECT 1 FROM search_waiting WHERE message = new.n);
  END;
  CREATE TRIGGER search_changed AFTER UPDATE OF data, conversation ON message
    WHEN old.conversation <> new.conversation OR old.data ->> 'body' IS NOT new.data ->> 'body' BEGIN
    INSERT INTO search_waiting SELECT new.n WHERE NOT EXISTS (SELECT 1 FROM search_waiting WHERE message = new.n);
  END;
  CREATE TRIGGER search_removed AFTER DELETE ON message BEGIN
    INSERT INTO search_gone SELECT place FROM search_place WHERE message = old.n;
    DELETE FROM search_place WHERE message = old.n;
    DELETE FROM search_waiting WHERE message = old.n;
  END;
`;

/** What a message is found by: its text, and the names in what it bears. */
function searched({ body, location, contacts = [], poll, preview }: Message): string {
  const names = [
    location?.name,
    location?.address,
    ...contacts.flatMap(({ name, phones, organisation, emails = [] }) => [
      name,
      organisation,
      ...phones.map(({ number }) => number),
      ...emails,
    ]),
    poll?.name,
    ...(poll?.options ?? []).map(({ name }) => name),
    preview?.title,
    preview?.description,
  ];
  const more = names.filter((name) => name !== undefined && name !== '' && !body.includes(name));
  return [body, ...more].join('\n');
}

/** Rows read at a time: a step is ended by its time, not by them. */
const BATCH = 32;
/** Places within one µs. 2 ** 63 / 2048 µs end in the year 2112. */
const SLOTS = 2_048;
/** A place as it lies in the tables, out of its text. */
const PLACE = 'CAST(? AS INTEGER)';

function writing(connection: Connection) {
  const sql = (source: string): Statement => connection.prepare(source);
  const MESSAGE = `SELECT m.n, m.ord, m.data, a.n AS account, c.n AS conversation, CAST(p.place AS TEXT) AS place FROM message m
    JOIN account a ON a.id = m.account JOIN conversation c ON c.id = m.conversation
    LEFT JOIN search_place p ON p.message = m.n`;
  return {
    begin: sql('BEGIN IMMEDIATE'),
    commit: sql('COMMIT'),
    gone: sql('SELECT CAST(place AS TEXT) AS place FROM search_gone LIMIT ?'),
    waiting: sql('SELECT message FROM search_waiting ORDER BY message DESC LIMIT ?'),
    message: sql(`${MESSAGE} WHERE m.n = ?`),
    older: sql(`${MESSAGE} WHERE m.n <= ? ORDER BY m.n DESC LIMIT ?`),
    put: sql(`INSERT OR REPLACE INTO search (rowid, words, starts, scope) VALUES (${PLACE}, ?, ?, ?)`),
    remove: sql(`DELETE FROM search WHERE rowid = ${PLACE}`),
    taken: sql(
      `SELECT 1 FROM search_place WHERE place = ${PLACE} UNION ALL SELECT 1 FROM search_gone WHERE place = ${PLACE}`,
    ),
    place: sql(`INSERT INTO search_place (place, message) VALUES (${PLACE}, ?)`),
    unplace: sql(`DELETE FROM search_place WHERE place = ${PLACE}`),
    done: sql('DELETE FROM search_waiting WHERE message = ?'),
    forget: sql(`DELETE FROM search_gone WHERE place = ${PLACE}`),
    read: sql('SELECT value FROM meta WHERE key = ?'),
    write: sql('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'),
    newest: sql('SELECT ifnull(max(n), 0) AS n FROM message'),
  };
}

/** The writer's side. Every step is one transaction, so that a crash costs at most a step. */
export class SearchIndex {
  readonly #connection: Connection;
  readonly #sql: ReturnType<typeof writing>;
  /** Messages up to and with this one are older than the index, and not in it yet. */
  #older: number;

  /** An index of another making is emptied: the messages follow again from the newest on. */
  constructor(connection: Connection) {
    this.#connection = connection;
    this.#sql = writing(connection);
    if (this.#meta('search') !== TERMS_VERSION) {
      this.#sql.begin.run();
      try {
        connection.exec(`INSERT INTO search (search) VALUES ('delete-all');
          DELETE FROM search_place; DELETE FROM search_gone; DELETE FROM search_waiting`);
        this.#write('search_older', whole(this.#sql.newest.get() ?? {}, 'n'));
        this.#write('search', TERMS_VERSION);
        this.#sql.commit.run();
      } catch (error) {
        connection.undo('ROLLBACK');
        throw error;
      }
    }
    this.#older = this.#meta('search_older') ?? 0;
  }

  /** One step: what was removed, then what is new, then what is older than the index; until `enough`. True if more is left. */
  follow(enough: () => boolean): boolean {
    this.#sql.begin.run();
    const older = this.#older;
    try {
      const left = this.#gone(enough) || this.#waiting(enough) || this.#backwards(enough);
      if (this.#older !== older) this.#write('search_older', this.#older);
      this.#sql.commit.run();
      return left;
    } catch (error) {
      this.#older = older;
      this.#connection.undo('ROLLBACK');
      throw error;
    }
  }

  #gone(enough: () => boolean): boolean {
    for (;;) {
      const rows = this.#sql.gone.all(BATCH);
      for (const row of rows) {
        this.#sql.remove.run(text(row, 'place'));
        this.#sql.forget.run(text(row, 'place'));
      }
      if (rows.length < BATCH) return false;
      if (enough()) return true;
    }
  }

  #waiting(enough: () => boolean): boolean {
    for (;;) {
      const rows = this.#sql.waiting.all(BATCH);
      for (const row of rows) {
        const n = whole(row, 'message');
        const message = this.#sql.message.get(n);
        if (message !== undefined) this.#put(message);
        this.#sql.done.run(n);
        if (enough()) return true;
      }
      if (rows.length < BATCH) return false;
    }
  }

  #backwards(enough: () => boolean): boolean {
    while (this.#older > 0) {
      const rows = this.#sql.older.all(this.#older, BATCH);
      if (rows.length === 0) this.#older = 0;
      for (const row of rows) {
        if (row['place'] === null) this.#put(row);
        this.#older = whole(row, 'n') - 1;
        if (enough()) return true;
      }
    }
    return false;
  }

  #put(row: Row): void {
    const had = maybeText(row, 'place');
    const { words, starts } = termsOf(searched(messageOf(row)));
    if (words === '') {
      if (had === undefined) return;
      this.#sql.remove.run(had);
      this.#sql.unplace.run(had);
      return;
    }
    const place = had ?? this.#free(whole(row, 'ord'), whole(row, 'n'));
    this.#sql.put.run(place, words, starts, scopes(row).join(' '));
  }

  #free(ord: number, n: number): string {
    const moment = BigInt(ord) * BigInt(SLOTS);
    for (let round = 0; ; round++) {
      // Only a moment with two messages whose rows are a multiple of the slots apart needs a second round.
      const place = String(moment + BigInt(((n + round) % SLOTS) + Math.floor(round / SLOTS) * SLOTS));
      if (this.#sql.taken.get(place, place) !== undefined) continue;
      this.#sql.place.run(place, n);
      return place;
    }
  }

  #meta(key: string): number | undefined {
    const row = this.#sql.read.get(key);
    return row === undefined ? undefined : Number(text(row, 'value'));
  }

  #write(key: string, value: number): void {
    this.#sql.write.run(key, String(value));
  }
}

/** The words by which a query keeps to one account or conversation. */
function scopes(row: Row): readonly string[] {
  return [`a${whole(row, 'account')}`, `c${whole(row, 'conversation')}`];
}

/** No place comes after it. */
const END = '9223372036854775807';
/** Fewer waiting messages are those of the last moments. */
const BEHIND = 500;

/** The reader's side: call it inside a transaction. */
export class SearchReader {
  readonly #sql: Readonly<Record<'hits' | 'account' | 'conversation' | 'waiting' | 'older', Statement>>;

  constructor(connection: Connection) {
    this.#sql = {
      hits: connection.prepare(`SELECT CAST(s.rowid AS TEXT) AS place, m.data, c.data AS conversation FROM search s
        CROSS JOIN search_place p ON p.place = s.rowid CROSS JOIN message m ON m.n = p.message
        CROSS JOIN conversation c ON c.id = m.conversation
        WHERE s.search MATCH ? AND s.rowid < ${PLACE} ORDER BY s.rowid DESC LIMIT ?`),
      account: connection.prepare('SELECT n FROM account WHERE id = ?'),
      conversation: connection.prepare('SELECT n FROM conversation WHERE id = ?'),
      waiting: connection.prepare('SELECT count(*) AS n FROM (SELECT 1 FROM search_waiting LIMIT ?)'),
      older: connection.prepare("SELECT value FROM meta WHERE key = 'search_older'"),
    };
  }

  /** Messages with everything that is asked for, the newest first. Errors: BAD_REQUEST for a cursor that is none of ours. */
  hits(query: SearchQuery): { readonly items: readonly SearchHit[]; readonly next: string | null } {
    const wanted = wantedBy(query.q);
    const scope = this.#scope(query);
    const before = query.cursor === undefined ? END : parsePlace(query.cursor);
    if (wanted.length === 0 || scope === undefined) return { items: [], next: null };
    const rows = this.#sql.hits.all([...scope, matchOf(wanted)].join(' AND '), before, query.limit + 1);
    const shown = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? shown.at(-1) : undefined;
    const items = shown.flatMap((row) => {
      const message = messageOf(row);
      const ranges = rangesOf(searched(message), wanted);
      // Edited a moment ago: the index will follow.
      if (ranges.length === 0) return [];
      const conversation: SearchHit['conversation'] = JSON.parse(text(row, 'conversation'));
      const { id, account, name, kind } = conversation;
      return [{ message, conversation: { id, account, name, kind }, ranges }];
    });
    return { items, next: last === undefined ? null : text(last, 'place') };
  }

  /** Does the index miss more than the last moments? */
  isBehind(): boolean {
    return this.#older() > 0 || this.#waiting(BEHIND) === BEHIND;
  }

  /** Messages that are not in the index yet, at most. */
  left(): number {
    return this.#older() + this.#waiting(Number.MAX_SAFE_INTEGER);
  }

  #older(): number {
    const row = this.#sql.older.get();
    return row === undefined ? 0 : Number(text(row, 'value'));
  }

  #waiting(most: number): number {
    return whole(this.#sql.waiting.get(most) ?? {}, 'n');
  }

  /** Undefined if what the query keeps to is not there. */
  #scope({ account, conversation }: SearchQuery): readonly string[] | undefined {
    const words: string[] = [];
    if (account !== undefined) {
      const row = this.#sql.account.get(account);
      if (row === undefined) return undefined;
      words.push(`scope : "a${whole(row, 'n')}"`);
    }
    if (conversation !== undefined) {
      const row = this.#sql.conversation.get(conversation);
      if (row === undefined) return undefined;
      words.push(`scope : "c${whole(row, 'n')}"`);
    }
    return words;
  }
}

function parsePlace(cursor: string): string {
  if (!/^-?\d{1,19}$/.test(cursor)) throw new CodedError('BAD_REQUEST', { detail: `cursor=${cursor}` });
  return cursor;
}
