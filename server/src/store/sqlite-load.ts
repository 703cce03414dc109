// Loads what a decision asked to see, inside the writer's transaction. It changes nothing.
import { type Note, WORKSPACE_STREAM } from '@pulseline/protocol';
import {
  type AccountRow,
  type ContactRow,
  type ConversationRow,
  type EarlyRow,
  type JobRow,
  MAX_QUOTING,
  MAX_UNREAD,
  type MediaRow,
  type MemberRow,
  type MessageRow,
  type OpenMedia,
  type Reads,
  type RecipientRow,
  type Rows,
} from './port.ts';
import { type Connection, type Row, type Statement, text, whole } from './sqlite.ts';
import { MediaTable } from './sqlite-media.ts';
import {
  accountRow,
  contactRow,
  conversationRow,
  earlyRow,
  jobRow,
  memberRow,
  messageRow,
  noteOf,
  recipientRow,
  teamRow,
} from './sqlite-rows.ts';
import type { Vault } from './vault.ts';

const MESSAGE = 'SELECT id, account, conversation, wa_id, author, ord, data, secret FROM message';
const JOB = 'SELECT id, account, type, state, body, command_id, message_id, wa_id, content, created_at FROM job';

function statements(connection: Connection) {
  const sql = (source: string): Statement => connection.prepare(source);
  return {
    account: sql('SELECT stream, data, proxy, created_at FROM account WHERE id = ?'),
    head: sql('SELECT epoch, seq FROM stream WHERE name = ?'),
    conversation: sql(`SELECT c.account, c.data, c.addresses, m.data AS last
      FROM conversation c LEFT JOIN message m ON m.id = c.last_message WHERE c.id = ?`),
    alias: sql('SELECT conversation FROM alias WHERE account = ? AND address = ?'),
    lastOrd: sql('SELECT max(ord) AS ord FROM message WHERE conversation = ?'),
    message: sql(`${MESSAGE} WHERE id = ?`),
    messagesOfWaId: sql(`${MESSAGE} WHERE wa_id = ? AND account = ?`),
    quoting: sql(`${MESSAGE} WHERE quotes = ? ORDER BY n DESC LIMIT ?`),
    unread: sql(`${MESSAGE} WHERE conversation = ? AND from_me = 0 ORDER BY ord DESC LIMIT ?`),
    job: sql(`${JOB} WHERE id = ?`),
    jobOfCommand: sql(`${JOB} WHERE command_id = ?`),
    jobsOfMessage: sql(`${JOB} WHERE message_id = ? ORDER BY n`),
    jobsOfWaId: sql(`${JOB} WHERE account = ? AND wa_id = ? ORDER BY n`),
    // In the order of their coming and not by their time: a clock that is set back must let no reply overtake another.
    openJobs: sql(`${JOB} WHERE n IN (SELECT n FROM job
      WHERE account = ? AND state IN ('queued', 'sending') AND (type = 'errand') = ? ORDER BY n LIMIT ?) ORDER BY n`),
    early: sql('SELECT account, wa_id, slot, data, at FROM early WHERE account = ? AND wa_id = ?'),
    contact: sql(`SELECT data, is_profile FROM contact WHERE account = ?1 AND address = ?2
      UNION ALL SELECT data, is_profile FROM contact WHERE account = ?1 AND lid = ?2`),
    blocked: sql('SELECT data, is_profile FROM contact WHERE account = ? AND blocked = 1'),
    merged: sql('SELECT conversation FROM merged WHERE id = ?'),
    recipients: sql('SELECT address, pn, status, at FROM recipient WHERE message = ? ORDER BY address'),
    queueLength: sql(`SELECT count(*) AS n FROM job
      WHERE account = ? AND state IN ('queued', 'sending') AND (type = 'errand') = 0 AND type = 'send'`),
    note: sql('SELECT data FROM note WHERE id = ?'),
    team: sql('SELECT kind, id, data FROM team WHERE kind = ? ORDER BY n'),
    members: sql('SELECT address, pn, role FROM member WHERE account = ? AND chat = ?'),
  };
}

/** What one load has found so far. */
class Found {
  readonly accounts = new Map<string, AccountRow>();
  readonly conversations = new Map<string, ConversationRow>();
  readonly aliases = new Map<string, string>();
  readonly messages = new Map<string, MessageRow>();
  readonly jobs = new Map<string, JobRow>();
  readonly early: EarlyRow[] = [];
  readonly media = new Map<string, MediaRow>();
  readonly members = new Map<string, readonly MemberRow[]>();
  readonly queued = new Map<string, number>();
  readonly recipients = new Map<string, readonly RecipientRow[]>();
  readonly contacts = new Map<string, ContactRow>();
  readonly lastOrd = new Map<string, number>();
  readonly unread = new Map<string, readonly MessageRow[]>();
  readonly notes = new Map<string, Note>();
  readonly heads: Record<string, { readonly epoch: string; readonly seq: number }> = {};
  /** Accounts that what was found belongs to. */
  readonly owners = new Set<string>();
}

export class Loader {
  readonly #sql: ReturnType<typeof statements>;
  readonly #media: MediaTable;
  readonly #newEpoch: () => string;
  readonly #vault: Vault;

  /** `newEpoch` names the log of a stream that is not there yet. */
  constructor(connection: Connection, vault: Vault, newEpoch: () => string) {
    this.#sql = statements(connection);
    this.#media = new MediaTable(connection);
    this.#vault = vault;
    this.#newEpoch = newEpoch;
  }

  load(reads: Reads): Rows {
    const found = new Found();
    const { account } = reads;
    if (account !== undefined) {
      found.owners.add(account);
      for (const address of reads.addresses ?? []) this.#address(found, account, address);
      for (const waId of reads.waIds ?? []) this.#waId(found, account, waId);
      for (const address of reads.contacts ?? []) this.#contact(found, account, address);
      if (reads.blocked === true) for (const row of this.#sql.blocked.all(account)) this.#keepContact(found, row);
      const queue = reads.queueLength === true ? this.#sql.queueLength.get(account) : undefined;
      if (queue) found.queued.set(account, whole(queue, 'n'));
      for (const group of reads.membersOf ?? []) {
        const members = this.#sql.members.all(account, group).map(memberRow);
        if (members.length > 0) found.members.set(group, members);
      }
    }
    for (const id of reads.conversations ?? []) this.#conversation(found, id);
    for (const name of reads.unreadOf ?? []) {
      this.#unread(found, (account !== undefined && this.#address(found, account, name)) || name);
    }
    for (const id of reads.messages ?? []) {
      if (this.#message(found, id)) this.#jobs(found, this.#sql.jobsOfMessage.all(id));
    }
    for (const id of reads.media ?? []) {
      const row = this.#media.find(id);
      if (row !== undefined) found.media.set(id, row);
      if (row?.message !== undefined) this.#message(found, row.message);
    }
    const named = [
      ...(reads.jobs ?? []).flatMap((id) => this.#jobs(found, this.#sql.job.all(id))),
      ...(reads.commands ?? []).flatMap((id) => this.#jobs(found, this.#sql.jobOfCommand.all(id))),
    ];
    for (const { messageId } of named) if (messageId !== undefined) this.#message(found, messageId);
    for (const id of reads.notes ?? []) {
      const row = this.#sql.note.get(id);
      if (row !== undefined) found.notes.set(id, noteOf(row));
    }
    if (reads.quoting === true) {
      const rows = [...found.messages.keys()].flatMap((id) => this.#sql.quoting.all(id, MAX_QUOTING));
      for (const row of rows) this.#messageOf(found, row);
    }
    if (reads.recipients === true) {
      for (const id of found.messages.keys()) {
        const rows = this.#sql.recipients.all(id).map(recipientRow);
        if (rows.length > 0) found.recipients.set(id, rows);
      }
    }
    for (const owner of found.owners) this.#account(found, owner);
    this.#head(found, WORKSPACE_STREAM);
    const { owners: _, ...rest } = found;
    return {
      ...rest,
      messages: [...found.messages.values()],
      jobs: [...found.jobs.values()],
      team: reads.team === undefined ? [] : this.#sql.team.all(reads.team).map(teamRow),
    };
  }

  openJobs(account: string, limit: number, errands: boolean): readonly JobRow[] {
    return this.#sql.openJobs.all(account, errands, limit).map(jobRow);
  }

  openMedia(account: string, limit: number): readonly OpenMedia[] {
    return this.#media.open(account, limit);
  }

  /** The newest one, if WhatsApp's id was ever used twice. */
  jobByWaId(account: string, waId: string): JobRow | undefined {
    return this.#sql.jobsOfWaId.all(account, waId).map(jobRow).at(-1);
  }

  #account(found: Found, id: string): void {
    const row = this.#sql.account.get(id);
    if (row !== undefined) found.accounts.set(id, accountRow(row, this.#vault));
    // The stream of an account that is about to be created bears its id.
    this.#head(found, row === undefined ? id : text(row, 'stream'));
  }

  #head(found: Found, stream: string): void {
    const row = this.#sql.head.get(stream);
    found.heads[stream] =
      row === undefined ? { epoch: this.#newEpoch(), seq: 0 } : { epoch: text(row, 'epoch'), seq: whole(row, 'seq') };
  }

  /** The id of the conversation that the address leads to. */
  #address(found: Found, account: string, address: string): string | undefined {
    const known = found.aliases.get(address);
    if (known !== undefined) return known;
    const row = this.#sql.alias.get(account, address);
    if (row === undefined) {
      this.#contact(found, account, address);
      return undefined;
    }
    const conversation = text(row, 'conversation');
    found.aliases.set(address, conversation);
    this.#conversation(found, conversation);
    return conversation;
  }

  #conversation(found: Found, id: string): ConversationRow | undefined {
    const known = found.conversations.get(id);
    if (known !== undefined) return known;
    const row = this.#sql.conversation.get(id);
    if (row === undefined) {
      // It has become part of another one: whoever still has its id means that.
      const into = this.#sql.merged.get(id);
      const home = into && this.#conversation(found, text(into, 'conversation'));
      if (home !== undefined) found.conversations.set(id, home);
      return home;
    }
    const loaded = conversationRow(row);
    found.conversations.set(id, loaded);
    found.owners.add(text(row, 'account'));
    const ord = this.#sql.lastOrd.get(id)?.['ord'];
    if (typeof ord === 'number') found.lastOrd.set(id, ord);
    return loaded;
  }

  #contact(found: Found, account: string, address: string): void {
    if (found.contacts.has(address)) return;
    const row = this.#sql.contact.get(account, address);
    if (row !== undefined) found.contacts.set(address, contactRow(row));
  }

  #keepContact(found: Found, row: Row): void {
    const known = contactRow(row);
    const { address, lid } = known.contact;
    for (const form of [address, lid]) if (form !== undefined) found.contacts.set(form, known);
  }

  #unread(found: Found, id: string): void {
    const row = this.#conversation(found, id);
    if (row === undefined || found.unread.has(id)) return;
    const limit = Math.min(row.conversation.unread, MAX_UNREAD);
    found.unread.set(id, limit === 0 ? [] : this.#sql.unread.all(id, limit).map(messageRow));
  }

  #waId(found: Found, account: string, waId: string): void {
    for (const row of this.#sql.messagesOfWaId.all(waId, account)) this.#messageOf(found, row);
    for (const { messageId } of this.#jobs(found, this.#sql.jobsOfWaId.all(account, waId))) {
      if (messageId !== undefined && !found.messages.has(messageId)) this.#message(found, messageId);
    }
    for (const row of this.#sql.early.all(account, waId)) found.early.push(earlyRow(row));
  }

  #message(found: Found, id: string): boolean {
    const row = this.#sql.message.get(id);
    if (row !== undefined) this.#messageOf(found, row);
    return row !== undefined;
  }

  #messageOf(found: Found, row: Row): void {
    found.messages.set(text(row, 'id'), messageRow(row));
    found.owners.add(text(row, 'account'));
  }

  #jobs(found: Found, rows: readonly Row[]): readonly JobRow[] {
    const jobs = rows.map(jobRow);
    for (const job of jobs) {
      found.jobs.set(job.id, job);
      found.owners.add(job.account);
    }
    return jobs;
  }
}
