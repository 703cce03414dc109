// Everything that may be asked of the SQLite store, on a connection that cannot write; each answer is read in one transaction.
import {
  CANARY_STREAM,
  CodedError,
  type Conversation,
  type Heads,
  type Message,
  type SearchHit,
} from '@pulseline/protocol';
import type {
  AccountRow,
  ContactQuery,
  ConversationQuery,
  ConversationRow,
  MessageQuery,
  NoteQuery,
  Page,
  Queries,
  SearchQuery,
  SharedQuery,
  StoredEvent,
  TeamRow,
} from './port.ts';
import { Connection, failure, type Row, type Statement, text, whole } from './sqlite.ts';
import { MediaReader } from './sqlite-media.ts';
import { PeopleReader } from './sqlite-people.ts';
import {
  accountRow,
  conversationOf,
  conversationRow,
  digitsOf,
  folded,
  messageOf,
  noteOf,
  recipientRow,
  storedEvent,
  teamRow,
} from './sqlite-rows.ts';
import { SearchReader } from './sqlite-search.ts';
import { SharedReader } from './sqlite-shared.ts';
import { StateReader } from './sqlite-states.ts';
import { openlyKnown, Vault, type VaultKeys } from './vault.ts';

/** No page is longer, whatever is asked. */
const PAGE_LIMIT = 1_000;
/** Conversations that are looked at for old messages at a time. */
const EXPIRED_PAGE = 200;

const CONVERSATION = `SELECT c.id, c.last_at, c.data, c.addresses, m.data AS last
  FROM conversation c LEFT JOIN message m ON m.id = c.last_message`;

interface Team {
  readonly assignee: boolean;
  readonly label: boolean;
}

/** One statement for each kind of page, so that each has its own plan. The values come in the order of these arguments. */
function pageOf(account: boolean, filter: string, place: boolean, search: boolean, team: Team): string {
  const page = `WHERE ${filter}
      ${account ? `AND ${search ? '+' : ''}c.account = ?` : ''}
      ${team.assignee ? 'AND c.assignee = ?' : ''}
      ${team.label ? 'AND instr(c.labels, ?) > 0' : ''}
      ${place ? 'AND (c.last_at, c.id) < (?, ?)' : ''}
      ${search ? 'AND (instr(c.folded_name, ?) > 0 OR instr(c.digits, ?) > 0)' : ''}
    ORDER BY c.last_at DESC, c.id DESC LIMIT ?`;
  // A name may be anywhere: looked for in the index `conversation_names` alone (the `+` keeps it from another one), so that
  // only rows that are shown are read.
  return search
    ? `${CONVERSATION} WHERE c.n IN (SELECT c.n FROM conversation c ${page})
      ORDER BY c.last_at DESC, c.id DESC`
    : `${CONVERSATION} ${page}`;
}

const filters = {
  all: 'TRUE',
  unread: 'c.unread > 0',
  archived: 'c.archived = 1',
  pinned: 'c.pinned = 1',
  unassigned: 'c.assignee IS NULL',
  // A snooze that is over is one no more.
  snoozed: "c.state = 'snoozed' AND c.snoozed_until > strftime('%s', 'now') * 1000",
  closed: "c.state = 'closed'",
} as const;

function statements(connection: Connection) {
  const sql = (source: string): Statement => connection.prepare(source);
  const MESSAGE = 'SELECT ord, data FROM message WHERE conversation = ?';
  return {
    heads: sql(`SELECT name, epoch, seq FROM stream WHERE name <> '${CANARY_STREAM}'`),
    accounts: sql('SELECT data, proxy, created_at FROM account ORDER BY n'),
    conversation: sql(`${CONVERSATION} WHERE c.id = ?`),
    alias: sql('SELECT conversation FROM alias WHERE account = ? AND address = ?'),
    messagesBefore: sql(`${MESSAGE} AND ord < ? ORDER BY ord DESC LIMIT ?`),
    messagesAfter: sql(`${MESSAGE} AND ord > ? ORDER BY ord LIMIT ?`),
    place: sql('SELECT ord FROM message WHERE id = ? AND conversation = ?'),
    message: sql('SELECT data FROM message WHERE id = ?'),
    events: sql(`SELECT e.stream, s.epoch, e.seq, e.type, e.data, e.at
      FROM event e JOIN stream s ON s.name = e.stream WHERE e.stream = ? AND e.seq > ? ORDER BY e.seq LIMIT ?`),
    firstSeq: sql('SELECT min(seq) AS seq FROM event WHERE stream = ?'),
    head: sql('SELECT seq FROM stream WHERE name = ?'),
    canary: sql(`SELECT e.stream, s.epoch, e.seq, e.type, e.data, e.at
      FROM event e JOIN stream s ON s.name = e.stream WHERE e.stream = '${CANARY_STREAM}' AND e.seq = ?`),
    expired: sql(`SELECT c.id, EXISTS (SELECT 1 FROM message m WHERE m.conversation = c.id AND m.ord < ?) AS old
      FROM conversation c WHERE c.id > ? AND c.account = ? ORDER BY c.id LIMIT ?`),
    due: sql(`SELECT id, account, data ->> 'expiresAt' AS at FROM message
      WHERE data ->> 'expiresAt' IS NOT NULL AND data ->> 'kept' IS NULL ORDER BY data ->> 'expiresAt' LIMIT ?`),
    counts:
      sql(`SELECT (SELECT count(*) FROM message) AS messages, (SELECT count(*) FROM event WHERE stream <> '${CANARY_STREAM}') AS events,
      (SELECT count(*) FROM conversation) AS conversations,
      (SELECT count(*) FROM job WHERE state IN ('queued', 'sending')) AS jobs,
      (SELECT count(*) FROM early) AS early`),
    notes: sql(`SELECT n, data FROM note WHERE n < ?1 AND (?2 IS NULL OR conversation = ?2)
      AND (?3 = '' OR instr(folded, ?3) > 0) ORDER BY n DESC LIMIT ?4`),
    notesOf: sql('SELECT n, data FROM note WHERE n < ?1 AND conversation = ?2 ORDER BY n DESC LIMIT ?3'),
    team: sql('SELECT kind, id, data FROM team WHERE kind = ? ORDER BY n'),
    merged: sql('SELECT conversation FROM merged WHERE id = ?'),
    recipients: sql('SELECT address, pn, status, at FROM recipient WHERE message = ? ORDER BY address'),
    tallies: sql('SELECT account, name, value FROM tally'),
  };
}

/** Errors of every query: STORE_FAILED; of pages also BAD_REQUEST for a cursor that is none of ours, MESSAGE_NOT_FOUND. */
export class SqliteQueries implements Queries {
  readonly #connection: Connection;
  readonly #sql: ReturnType<typeof statements>;
  readonly #pages = new Map<string, Statement>();
  readonly #search: SearchReader;
  readonly #media: MediaReader;
  readonly #states: StateReader;

  readonly #vault: Vault;
  readonly #people: PeopleReader;
  readonly #shared: SharedReader;

  /** The file must be there, with its schema. Errors: the driver's. */
  constructor(file: string, keys: VaultKeys = openlyKnown) {
    this.#vault = new Vault(keys);
    this.#connection = new Connection(file, { readOnly: true });
    this.#sql = statements(this.#connection);
    this.#search = new SearchReader(this.#connection);
    this.#media = new MediaReader(this.#connection);
    this.#states = new StateReader(this.#connection);
    this.#people = new PeopleReader(this.#connection);
    this.#shared = new SharedReader(this.#connection);
  }

  async heads(): Promise<Heads> {
    return this.#moment(() => this.#heads());
  }

  async accounts(): Promise<readonly AccountRow[]> {
    return this.#moment(() => this.#sql.accounts.all().map((row) => accountRow(row, this.#vault)));
  }

  async conversations(query: ConversationQuery): Promise<Page<Conversation> & { readonly heads: Heads }> {
    const limit = bounded(query.limit);
    const place = query.cursor === undefined ? undefined : parsePlace(query.cursor);
    const name = query.q === undefined ? '' : folded(query.q.trim());
    // A trunk or exit prefix is no part of the number that we know. No digits: '' would be found in every number.
    const digits = /[\p{L}]/u.test(name) ? '' : digitsOf(name).replace(/^0+/, '');
    const searched = name === '' ? [] : [name, digits === '' ? undefined : digits];
    const team = [
      ...(query.assignee === undefined ? [] : [query.assignee]),
      ...(query.label === undefined ? [] : [` ${query.label} `]),
    ];
    const account = query.account === undefined ? [] : [query.account];
    const values = [...account, ...team, ...(place ?? []), ...searched, limit + 1];
    const sql = pageOf(
      query.account !== undefined,
      filters[query.filter ?? 'all'],
      place !== undefined,
      searched.length > 0,
      { assignee: query.assignee !== undefined, label: query.label !== undefined },
    );
    return this.#moment(() => {
      const found = this.#pageStatement(sql).all(...values);
      const last = found.length > limit ? found[limit - 1] : undefined;
      return {
        items: found.slice(0, limit).map(conversationOf),
        next: last === undefined ? null : `${whole(last, 'last_at')}~${text(last, 'id')}`,
        heads: this.#heads(),
      };
    });
  }

  async conversation(id: string): Promise<ConversationRow | undefined> {
    return this.#moment(() => this.#conversation(id));
  }

  async conversationByAddress(account: string, address: string): Promise<ConversationRow | undefined> {
    return this.#moment(() => {
      const row = this.#sql.alias.get(account, address);
      return row === undefined ? undefined : this.#conversation(text(row, 'conversation'));
    });
  }

  async messages(query: MessageQuery): Promise<Page<Message> & { readonly heads: Heads }> {
    const { conversation } = query;
    const limit = bounded(query.limit);
    return this.#moment(() => {
      if (query.after !== undefined) {
        const found = this.#sql.messagesAfter.all(conversation, this.#place(conversation, query.after), limit + 1);
        return this.#page(found.slice(0, limit), found.length > limit ? found[limit - 1] : undefined);
      }
      if (query.around !== undefined) {
        const place = this.#place(conversation, query.around);
        const half = Math.floor(limit / 2);
        const older = this.#sql.messagesBefore.all(conversation, place, half + 1);
        const newer = this.#sql.messagesAfter.all(conversation, place - 1, limit - Math.min(half, older.length));
        const shown = older.slice(0, half).reverse().concat(newer);
        return this.#page(shown, older.length > half ? shown[0] : undefined);
      }
      const before = query.before === undefined ? Number.MAX_SAFE_INTEGER : this.#place(conversation, query.before);
      const found = this.#sql.messagesBefore.all(conversation, before, limit + 1);
      const shown = found.slice(0, limit).reverse();
      return this.#page(shown, found.length > limit ? shown[0] : undefined);
    });
  }

  async message(id: string): Promise<Message | undefined> {
    return this.#moment(() => {
      const row = this.#sql.message.get(id);
      return row === undefined ? undefined : messageOf(row);
    });
  }

  async shared(query: SharedQuery): ReturnType<Queries['shared']> {
    return this.#moment(() => {
      const before =
        query.before === undefined ? Number.MAX_SAFE_INTEGER : this.#place(query.conversation, query.before);
      const { items, next } = this.#shared.find({ ...query, limit: bounded(query.limit) }, before);
      return { items, next: next === undefined ? null : `~${next}`, heads: this.#heads() };
    });
  }

  async notes({ conversation, q = '', cursor, limit: wanted }: NoteQuery): ReturnType<Queries['notes']> {
    const limit = bounded(wanted);
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
      throw new CodedError('BAD_REQUEST', { detail: `cursor=${cursor}` });
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
    const words = folded(q.trim());
    return this.#moment(() => {
      const rows =
        words === '' && conversation !== undefined
          ? this.#sql.notesOf.all(before, conversation, limit + 1)
          : this.#sql.notes.all(before, conversation, words, limit + 1);
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      return {
        items: rows.slice(0, limit).map(noteOf),
        next: last === undefined ? null : String(whole(last, 'n')),
        heads: this.#heads(),
      };
    });
  }

  async team(kind: TeamRow['kind']): Promise<readonly TeamRow[]> {
    return this.#moment(() => this.#sql.team.all(kind).map(teamRow));
  }

  async search(query: SearchQuery): Promise<Page<SearchHit> & { readonly indexing: boolean; readonly heads: Heads }> {
    return this.#moment(() => ({
      ...this.#search.hits({ ...query, limit: bounded(query.limit) }),
      indexing: this.#search.isBehind(),
      heads: this.#heads(),
    }));
  }

  async events(stream: string, after: number, limit: number): Promise<readonly StoredEvent[]> {
    if (stream === CANARY_STREAM) return [];
    return this.#moment(() => this.#sql.events.all(stream, after, limit).map(storedEvent));
  }

  async expired(account: string, before: number, after: string): ReturnType<Queries['expired']> {
    return this.#moment(() => {
      const rows = this.#sql.expired.all(before, after, account, EXPIRED_PAGE);
      const last = rows.length === EXPIRED_PAGE ? rows.at(-1) : undefined;
      const old = rows.filter((row) => whole(row, 'old') === 1).map((row) => text(row, 'id'));
      return { conversations: old, next: last && text(last, 'id') };
    });
  }

  async due(now: number, limit: number): ReturnType<Queries['due']> {
    return this.#moment(() => {
      const rows = this.#sql.due.all(limit);
      const isDue = (row: Row): boolean => whole(row, 'at') <= now;
      const next = rows.find((row) => !isDue(row));
      const messages = rows.filter(isDue).map((row) => ({ id: text(row, 'id'), account: text(row, 'account') }));
      return { messages, next: next && whole(next, 'at') };
    });
  }

  async canary(seq: number): Promise<StoredEvent | undefined> {
    return this.#moment(() => this.#sql.canary.all(seq).map(storedEvent)[0]);
  }

  async firstSeq(stream: string): Promise<number> {
    return this.#moment(() => {
      const first = this.#sql.firstSeq.get(stream)?.['seq'];
      if (typeof first === 'number') return first;
      const head = this.#sql.head.get(stream);
      return (head === undefined ? 0 : whole(head, 'seq')) + 1;
    });
  }

  async members(account: string, group: string): ReturnType<Queries['members']> {
    return this.#moment(() => this.#people.members(account, group));
  }

  async contacts(query: ContactQuery): ReturnType<Queries['contacts']> {
    return this.#moment(() => this.#people.contacts({ ...query, limit: bounded(query.limit) }));
  }

  async contact(account: string, address: string): ReturnType<Queries['contact']> {
    return this.#moment(() => this.#people.contact(account, address));
  }

  async jobOfCommand(commandId: string): ReturnType<Queries['jobOfCommand']> {
    return this.#moment(() => this.#people.jobOfCommand(commandId));
  }

  async edges(conversation: string): ReturnType<Queries['edges']> {
    return this.#moment(() => this.#people.edges(conversation));
  }

  async recipients(message: string): ReturnType<Queries['recipients']> {
    return this.#moment(() => this.#sql.recipients.all(message).map(recipientRow));
  }

  async media(id: string): ReturnType<Queries['media']> {
    return this.#moment(() => this.#media.find(id));
  }

  async filesInUse(files: readonly string[]): ReturnType<Queries['filesInUse']> {
    return this.#moment(() => this.#media.inUse(files));
  }

  async filesOfAccount(account: string): ReturnType<Queries['filesOfAccount']> {
    return this.#moment(() => this.#media.ofAccount(account));
  }

  async mediaUse(account?: string): ReturnType<Queries['mediaUse']> {
    return this.#moment(() => this.#media.use(account));
  }

  async oldestMedia(limit: number, account?: string): ReturnType<Queries['oldestMedia']> {
    return this.#moment(() => this.#media.oldest(limit, account));
  }

  async mediaBefore(account: string, before: number, limit: number): ReturnType<Queries['mediaBefore']> {
    return this.#moment(() => this.#media.before(account, before, limit));
  }

  async oldUploads(before: number, limit: number): ReturnType<Queries['oldUploads']> {
    return this.#moment(() => this.#media.uploadsBefore(before, limit));
  }

  async stretches(after: number): ReturnType<Queries['stretches']> {
    return this.#moment(() => this.#states.after(after));
  }

  async tallies(): ReturnType<Queries['tallies']> {
    return this.#moment(() => {
      const sums = new Map<string, Record<string, number>>();
      for (const row of this.#sql.tallies.all()) {
        const account = text(row, 'account');
        const of = sums.get(account) ?? {};
        of[text(row, 'name')] = whole(row, 'value');
        sums.set(account, of);
      }
      return sums;
    });
  }

  async counts(): ReturnType<Queries['counts']> {
    return this.#moment(() => {
      const row = this.#sql.counts.get() ?? {};
      return {
        messages: whole(row, 'messages'),
        events: whole(row, 'events'),
        conversations: whole(row, 'conversations'),
        jobs: whole(row, 'jobs'),
        early: whole(row, 'early'),
        unindexed: this.#search.left(),
      };
    });
  }

  close(): void {
    this.#connection.close();
  }

  /** There are some hundred of them, most of them never asked for. */
  #pageStatement(sql: string): Statement {
    const known = this.#pages.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#connection.prepare(sql);
    this.#pages.set(sql, prepared);
    return prepared;
  }

  /** Everything inside is read from the state after one commit. */
  #moment<T>(read: () => T): T {
    try {
      this.#connection.exec('BEGIN');
      try {
        return read();
      } finally {
        this.#connection.exec('COMMIT');
      }
    } catch (error) {
      throw failure(error);
    }
  }

  #heads(): Heads {
    const rows = this.#sql.heads.all();
    return Object.fromEntries(
      rows.map((row) => [text(row, 'name'), { epoch: text(row, 'epoch'), seq: whole(row, 'seq') }]),
    );
  }

  #conversation(id: string): ConversationRow | undefined {
    const row = this.#sql.conversation.get(id);
    if (row !== undefined) return conversationRow(row);
    const into = this.#sql.merged.get(id);
    return into && this.#conversation(text(into, 'conversation'));
  }

  #page(rows: readonly Row[], edge: Row | undefined): Page<Message> & { readonly heads: Heads } {
    return {
      items: rows.map(messageOf),
      next: edge === undefined ? null : `~${whole(edge, 'ord')}`,
      heads: this.#heads(),
    };
  }

  /** The order of a message of this conversation, or that which a `next` names. */
  #place(conversation: string, from: string): number {
    const place = /^~(\d{1,16})$/.exec(from)?.[1];
    if (place !== undefined) return Number(place);
    const row = this.#sql.place.get(from, conversation);
    if (row === undefined) throw new CodedError('MESSAGE_NOT_FOUND', { message: from });
    return whole(row, 'ord');
  }
}

function bounded(limit: number): number {
  return Math.min(Math.max(Math.floor(limit), 1), PAGE_LIMIT);
}

function parsePlace(cursor: string): readonly [lastAt: number, id: string] {
  const [, lastAt, id] = /^(\d{1,16})~(.{1,128})$/.exec(cursor) ?? [];
  if (lastAt === undefined || id === undefined) throw new CodedError('BAD_REQUEST', { detail: `cursor=${cursor}` });
  return [Number(lastAt), id];
}
