// Applies what a decision decided, inside the writer's transaction. It decides nothing itself, and refuses an event that would leave a gap.
import { countsAsUnread, type Heads, type Note, WORKSPACE_STREAM } from '@pulseline/protocol';
import {
  type AccountRow,
  type Change,
  type ContactRow,
  type ConversationRow,
  type EarlyRow,
  type JobRow,
  MAX_EARLY,
  type MediaRow,
  type MessageRow,
  type StoredEvent,
} from './port.ts';
import { type Connection, maybeText, type Statement, text, whole } from './sqlite.ts';
import { Eraser } from './sqlite-erase.ts';
import { type Login, ofProxy } from './sqlite-login.ts';
import { MediaTable } from './sqlite-media.ts';
import { Mover } from './sqlite-move.ts';
import { digitsOf, folded, UNREADABLE_PROXY } from './sqlite-rows.ts';
import { StateTable } from './sqlite-states.ts';
import type { Vault } from './vault.ts';

function statements(connection: Connection) {
  const sql = (source: string): Statement => connection.prepare(source);
  return {
    putAccount: sql(`INSERT INTO account (id, stream, data, proxy, created_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET stream = excluded.stream, data = excluded.data, proxy = excluded.proxy,
        created_at = excluded.created_at`),
    proxy: sql('SELECT proxy FROM account WHERE id = ?'),
    streamOfAccount: sql('SELECT stream FROM account WHERE id = ?'),
    removeAccount: sql('DELETE FROM account WHERE id = ?'),
    // A gap in the log would stop everybody: what told of the account tells that it is gone, and no more.
    forgetUpdates: sql(`UPDATE event SET type = 'account_removed', data = json_object('id', ?)
      WHERE stream = '${WORKSPACE_STREAM}' AND (type = 'account_update' AND json_extract(data, '$.id') = ?
        OR type IN ('assignment', 'note')
          AND json_extract(data, '$.conversation') IN (SELECT id FROM conversation WHERE account = ?))`),
    removeStream: sql('DELETE FROM stream WHERE name = ?'),
    putConversation: sql(`INSERT INTO conversation
      (id, account, last_at, last_message, unread, archived, pinned, folded_name, digits, addresses, data,
        assignee, state, snoozed_until, labels)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at, last_message = excluded.last_message,
        unread = excluded.unread, archived = excluded.archived, pinned = excluded.pinned,
        folded_name = excluded.folded_name, digits = excluded.digits, addresses = excluded.addresses, data = excluded.data,
        assignee = excluded.assignee, state = excluded.state, snoozed_until = excluded.snoozed_until,
        labels = excluded.labels`),
    addresses: sql('SELECT addresses FROM conversation WHERE id = ?'),
    removeAliases: sql('DELETE FROM alias WHERE conversation = ?'),
    putAlias: sql(`INSERT INTO alias (account, address, conversation) VALUES (?, ?, ?)
      ON CONFLICT (account, address) DO UPDATE SET conversation = excluded.conversation`),
    // What an update names is moved in every index that has it, changed or not: most updates are of the content alone.
    putMessage: sql(`INSERT INTO message (id, account, conversation, ord, from_me, wa_id, author, quotes, data, secret)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET data = excluded.data, secret = excluded.secret
        WHERE conversation = excluded.conversation AND from_me = excluded.from_me
          AND wa_id = excluded.wa_id AND author = excluded.author AND quotes IS excluded.quotes
      ON CONFLICT (conversation, ord) DO NOTHING`),
    // In another conversation its place may be taken: then nothing is done, and it is asked again with a free one.
    moveMessage: sql(`UPDATE OR IGNORE message SET ord = CASE WHEN conversation = ?1 THEN ord ELSE ?2 END,
      conversation = ?1, from_me = ?3, wa_id = ?4, author = ?5, quotes = ?6, data = ?7, secret = ?8
      WHERE id = ?9`),
    freeOrd: sql(`SELECT a.ord + 1 AS ord FROM message a WHERE a.conversation = ? AND a.ord >= ?
      AND NOT EXISTS (SELECT 1 FROM message b WHERE b.conversation = a.conversation AND b.ord = a.ord + 1)
      ORDER BY a.ord LIMIT 1`),
    putJob: sql(`INSERT INTO job (id, account, type, state, body, command_id, message_id, wa_id, content, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body, content = excluded.content
        WHERE type = excluded.type AND command_id IS excluded.command_id AND message_id IS excluded.message_id
          AND wa_id IS excluded.wa_id AND created_at = excluded.created_at`),
    changeJob:
      sql(`UPDATE job SET type = ?, state = ?, body = ?, command_id = ?, message_id = ?, wa_id = ?, content = ?,
      created_at = ? WHERE id = ?`),
    putEarly: sql(`INSERT INTO early (account, wa_id, slot, data, at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (account, wa_id, slot) DO UPDATE SET data = excluded.data, at = excluded.at`),
    boundEarly: sql('DELETE FROM early WHERE n <= (SELECT max(n) FROM early) - ?'),
    removeEarly: sql('DELETE FROM early WHERE account = ? AND wa_id = ? AND slot = ?'),
    removeContact: sql('DELETE FROM contact WHERE account = ? AND (address = ? OR lid = ?)'),
    putContact: sql(`INSERT INTO contact (account, address, lid, is_profile, folded_name, digits, blocked, data)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    putRecipient: sql(`INSERT INTO recipient (message, address, pn, status, at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (message, address) DO UPDATE SET pn = excluded.pn, status = excluded.status, at = excluded.at
      WHERE status IS NOT excluded.status OR pn IS NOT excluded.pn`),
    addTally: sql(`INSERT INTO tally (account, name, value) VALUES (?, ?, ?)
      ON CONFLICT (account, name) DO UPDATE SET value = value + excluded.value`),
    putNote: sql(`INSERT INTO note (id, conversation, folded, data, at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (id) DO NOTHING`),
    removeNotes: sql('DELETE FROM note WHERE conversation = ? AND at < ?'),
    putTeam: sql(`INSERT INTO team (kind, id, data) VALUES (?, ?, ?)
      ON CONFLICT (kind, id) DO UPDATE SET data = excluded.data`),
    removeTeam: sql('DELETE FROM team WHERE kind = ? AND id = ?'),
    removeMembers: sql('DELETE FROM member WHERE account = ? AND chat = ?'),
    putMember: sql(
      'INSERT INTO member (account, chat, address, pn, role) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    removeMessages: sql(`DELETE FROM message WHERE n IN
      (SELECT n FROM message WHERE conversation = ? AND ord < ? ORDER BY ord LIMIT ?)`),
    // From the front alone: an event in between that bears an older time must not leave a gap.
    removeEvents: sql(`DELETE FROM event WHERE stream = ?
      AND seq < (SELECT min(seq) + ? FROM event WHERE stream = ?)
      AND seq < ifnull((SELECT seq FROM event WHERE stream = ? AND at >= ? ORDER BY seq LIMIT 1), 9e18)`),
    newStream: sql('INSERT INTO stream (name, epoch, seq) VALUES (?, ?, 0) ON CONFLICT (name) DO NOTHING'),
    setHead: sql('UPDATE stream SET seq = ? WHERE name = ? AND epoch = ? AND seq = ?'),
    putEvent: sql('INSERT INTO event (stream, seq, type, data, at, about) VALUES (?, ?, ?, ?, ?, ?)'),
  };
}

type Put = Extract<Change, { readonly put: string }>;
type Remove = Extract<Change, { readonly remove: string }>;

export class Applier {
  readonly #sql: ReturnType<typeof statements>;
  readonly #login: Login;
  readonly #media: MediaTable;
  readonly #vault: Vault;
  readonly #mover: Mover;
  readonly #states: StateTable;
  readonly #eraser: Eraser;

  constructor(connection: Connection, login: Login, vault: Vault) {
    this.#sql = statements(connection);
    this.#mover = new Mover(connection);
    this.#states = new StateTable(connection);
    this.#eraser = new Eraser(connection);
    this.#login = login;
    this.#media = new MediaTable(connection);
    this.#vault = vault;
  }

  /** `heads` are those that the decision saw: they name the epoch of a stream that is new. */
  apply(changes: readonly Change[], heads: Heads): void {
    const log = new Log(heads);
    let puts: Put[] = [];
    for (const change of changes) {
      if ('put' in change) {
        puts.push(change);
        continue;
      }
      this.#put(puts, log);
      puts = [];
      this.#remove(change, log);
    }
    this.#put(puts, log);
    for (const [stream, from, to] of log.moved()) {
      // Also if the head that the decision saw was not the true one.
      const moved = this.#sql.setHead.run(to.seq, stream, from.epoch, from.seq);
      if (moved !== 1) throw new Error(`the head of ${stream} is not ${from.epoch}:${from.seq}`);
    }
  }

  /** A batch touches each row once, and parents come before what refers to them, in whatever order they were named. */
  #put(puts: readonly Put[], log: Log): void {
    const accounts = new Map<string, AccountRow>();
    const conversations = new Map<string, ConversationRow>();
    const messages = new Map<string, MessageRow>();
    const jobs = new Map<string, JobRow>();
    const media: MediaRow[] = [];
    const early: EarlyRow[] = [];
    const events: StoredEvent[] = [];
    for (const change of puts) {
      switch (change.put) {
        case 'account':
          accounts.set(change.row.account.id, change.row);
          break;
        case 'conversation':
          conversations.set(change.row.conversation.id, change.row);
          break;
        case 'message':
          messages.set(change.row.message.id, change.row);
          break;
        case 'job':
          jobs.set(change.row.id, change.row);
          break;
        case 'early':
          early.push(change.row);
          break;
        case 'media':
          media.push(change.row);
          break;
        case 'event':
          events.push(change.event);
          break;
        case 'key':
        case 'credentials':
        case 'seen':
        case 'members':
        case 'tally':
        case 'recipients':
        case 'contact':
        case 'note':
        case 'team':
        case 'sighting':
          break;
        default:
          throw new TypeError(`no such change: ${JSON.stringify(change satisfies never)}`);
      }
    }
    for (const row of accounts.values()) this.#account(row, log);
    for (const row of conversations.values()) this.#conversation(row);
    for (const row of messages.values()) this.#message(row);
    for (const row of media) this.#media.put(row);
    for (const row of jobs.values()) this.#job(row);
    for (const row of early) this.#sql.putEarly.run(row.account, row.waId, row.slot, row.data, row.at);
    if (early.length > 0) this.#sql.boundEarly.run(MAX_EARLY);
    for (const change of puts) {
      if (change.put === 'key') this.#login.putKey(change.account, change.type, change.id, change.value);
      if (change.put === 'members') this.#members(change);
      if (change.put === 'contact') this.#contact(change.row);
      if (change.put === 'note') this.#note(change.row);
      if (change.put === 'team') this.#sql.putTeam.run(change.row.kind, change.row.id, change.row.data);
      if (change.put === 'recipients') {
        for (const { address, pn, status, at } of change.rows)
          this.#sql.putRecipient.run(change.message, address, pn, status, at);
      }
      if (change.put === 'tally') this.#tally(change);
      if (change.put === 'sighting') this.#states.see(change.account, change.state, change.at);
      if (change.put === 'credentials') this.#login.putCredentials(change.account, change.value);
      if (change.put === 'seen') this.#login.putSeen(change.account, change.hash, change.plaintext, change.at);
    }
    for (const event of events) this.#event(event, log);
  }

  #remove(change: Remove, log: Log): void {
    switch (change.remove) {
      case 'account': {
        const row = this.#sql.streamOfAccount.get(change.id);
        if (row === undefined) return;
        this.#sql.forgetUpdates.run(change.id, change.id, change.id);
        this.#sql.removeAccount.run(change.id);

        const stream = text(row, 'stream');
        if (stream === WORKSPACE_STREAM) return;
        this.#sql.removeStream.run(stream);
        log.forget(stream);
        return;
      }
      case 'early':
        this.#sql.removeEarly.run(change.account, change.waId, change.slot);
        return;
      case 'team':
        this.#sql.removeTeam.run(change.kind, change.id);
        return;
      case 'media':
        this.#media.remove(change.id);
        return;
      case 'words':
        this.#eraser.erase({ ...change, id: change.message });
        return;
      case 'quote':
        this.#eraser.unquote({ ...change, id: change.message }, change.isSent);
        return;
      case 'messages':
        this.#eraser.eraseOld(change.conversation, change.before, change.most);
        this.#sql.removeMessages.run(change.conversation, change.before, change.most);
        // What colleagues wrote about them goes at the same age; `before` is in µs.
        this.#sql.removeNotes.run(change.conversation, Math.floor(change.before / 1_000));
        return;
      case 'conversation':
        if (change.into === undefined) this.#eraser.eraseJobs(change.id);
        this.#mover.remove(change.id, change.into);
        return;
      case 'texts':
        this.#mover.forget(change.account, change.stream, change.conversation, change.from, change.to);
        return;
      case 'events':
        this.#sql.removeEvents.run(change.stream, change.most, change.stream, change.stream, change.before);
        return;
      case 'login':
        this.#login.remove(change.account);
        return;
      default:
        throw new TypeError(`no such change: ${JSON.stringify(change satisfies never)}`);
    }
  }

  #account({ account, proxy, createdAt }: AccountRow, log: Log): void {
    this.#sql.putAccount.run(
      account.id,
      account.stream,
      JSON.stringify(account),
      this.#proxy(account.id, proxy),
      createdAt,
    );
    const head = log.seen(account.stream);
    if (head?.seq === 0) this.#sql.newStream.run(account.stream, head.epoch);
  }

  /** As it is stored. One that could not be opened stays as it lies there: its key may come back. */
  #proxy(account: string, proxy: string | undefined): string | undefined {
    if (proxy === UNREADABLE_PROXY) return maybeText(this.#sql.proxy.get(account) ?? { proxy: null }, 'proxy');
    return proxy === undefined ? undefined : this.#vault.sealText(ofProxy(account), proxy);
  }

  #conversation({ conversation, addresses }: ConversationRow): void {
    const { lastMessage, ...kept } = conversation;
    const claimed = JSON.stringify(addresses);
    const before = this.#sql.addresses.get(conversation.id)?.['addresses'];
    this.#sql.putConversation.run(
      conversation.id,
      conversation.account,
      conversation.lastAt,
      lastMessage?.id,
      Math.max(conversation.unread, Number(conversation.markedUnread === true)),
      conversation.archived,
      conversation.pinned,
      folded(conversation.name),
      digitsOf(conversation.phone ?? ''),
      claimed,
      JSON.stringify(kept),
      conversation.assignee,
      conversation.state,
      conversation.snoozedUntil,
      (conversation.labels ?? []).map((label) => ` ${label} `).join(''),
    );
    if (claimed === before) return;
    this.#sql.removeAliases.run(conversation.id);
    for (const address of addresses) this.#sql.putAlias.run(conversation.account, address, conversation.id);
  }

  #message({ message, waId, author, ord, secret }: MessageRow): void {
    const data = JSON.stringify(message);
    const { id, account, conversation, quote } = message;
    const named = [!countsAsUnread(message), waId, author, quote?.id, data, secret] as const;
    const put = (place: number): boolean => this.#sql.putMessage.run(id, account, conversation, place, ...named) > 0;
    const move = (place: number): boolean => this.#sql.moveMessage.run(conversation, place, ...named, id) > 0;
    if (put(ord) || move(ord)) return;
    const free = this.#sql.freeOrd.get(conversation, ord);
    const place = free && whole(free, 'ord');
    if (place === undefined || !(put(place) || move(place))) throw new Error(`no place for the message ${id}`);
  }

  /** One row for a person, whichever of the addresses he was known by. */
  #contact({ contact, isProfile }: ContactRow): void {
    const { account, address, lid } = contact;
    for (const known of [address, lid]) if (known !== undefined) this.#sql.removeContact.run(account, known, known);
    const found = [folded(contact.name), digitsOf(contact.phone ?? ''), contact.blocked === true] as const;
    this.#sql.putContact.run(account, address, lid, isProfile, ...found, JSON.stringify(contact));
  }

  #note(note: Note): void {
    this.#sql.putNote.run(note.id, note.conversation, folded(note.body), JSON.stringify(note), note.at);
  }

  #tally({ account, sums }: Extract<Put, { readonly put: 'tally' }>): void {
    for (const [name, value] of Object.entries(sums)) if (value !== 0) this.#sql.addTally.run(account, name, value);
  }

  #members({ account, group, members }: Extract<Put, { readonly put: 'members' }>): void {
    this.#sql.removeMembers.run(account, group);
    for (const { address, pn, role } of members) this.#sql.putMember.run(account, group, address, pn, role);
  }

  #job({ id, account, type, state, body, commandId, messageId, waId, content, createdAt }: JobRow): void {
    const named = [commandId, messageId, waId] as const;
    if (this.#sql.putJob.run(id, account, type, state, body, ...named, content, createdAt) > 0) return;
    this.#sql.changeJob.run(type, state, body, ...named, content, createdAt, id);
  }

  #event(event: StoredEvent, log: Log): void {
    if (log.append(event)) this.#sql.newStream.run(event.stream, event.epoch);
    this.#sql.putEvent.run(event.stream, event.seq, event.type, event.data, event.at, event.about);
  }
}

type Head = Heads[string];

/** How far one decision's events have brought each stream. */
class Log {
  readonly #seen: Heads;
  readonly #reached = new Map<string, Head>();

  constructor(seen: Heads) {
    this.#seen = seen;
  }

  seen(stream: string): Head | undefined {
    return this.#seen[stream];
  }

  /** True for the first event of a stream. Errors: if the event does not follow the last one. */
  append({ stream, epoch, seq }: StoredEvent): boolean {
    const head = this.#reached.get(stream) ?? this.#seen[stream];
    if (head === undefined) throw new Error(`the decision did not read the stream ${stream}`);
    if (epoch !== head.epoch || seq !== head.seq + 1) {
      throw new Error(`the event ${stream}:${epoch}:${seq} does not follow ${head.epoch}:${head.seq}`);
    }
    this.#reached.set(stream, { epoch, seq });
    return head.seq === 0;
  }

  forget(stream: string): void {
    this.#reached.delete(stream);
  }

  /** Stream, its head before, its head now. */
  moved(): readonly (readonly [stream: string, from: Head, to: Head])[] {
    return [...this.#reached].flatMap(([stream, to]) => {
      const from = this.#seen[stream];
      return from === undefined ? [] : [[stream, from, to] as const];
    });
  }
}
