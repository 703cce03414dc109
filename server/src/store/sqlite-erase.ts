// Takes the words of messages that are gone out of the log and the outbox, in the transaction in which they went. It removes no event, since a gap would stop everybody.
import { erasedEvent, erasedJob, unquotedEvent, unquotedJob } from './erased.ts';
import { type Connection, type Statement, text, whole } from './sqlite.ts';

/** A message by its id and the place of its `new_message`; 0 = it made none. */
export interface Erased {
  readonly id: string;
  readonly stream: string;
  readonly seq: number;
}

function statements(connection: Connection) {
  const sql = (source: string): Statement => connection.prepare(source);
  return {
    first: sql('SELECT stream, seq, type, data FROM event WHERE stream = ? AND seq = ?'),
    further: sql('SELECT stream, seq, type, data FROM event WHERE about = ?'),
    say: sql('UPDATE event SET data = ? WHERE stream = ? AND seq = ?'),
    jobs: sql("SELECT id, body FROM job WHERE message_id = ? AND type = 'send' AND state IN ('done', 'refused')"),
    empty: sql('UPDATE job SET body = ?, content = NULL WHERE id = ?'),
    old: sql(`SELECT m.id, a.stream, m.data ->> 'seq' AS seq FROM message m JOIN account a ON a.id = m.account
      WHERE m.conversation = ? AND m.ord < ? ORDER BY m.ord LIMIT ?`),
    forget: sql("DELETE FROM job WHERE message_id = ? AND state IN ('done', 'refused')"),
    forgetAll: sql(`DELETE FROM job WHERE state IN ('done', 'refused')
      AND message_id IN (SELECT id FROM message WHERE conversation = ?)`),
  };
}

export class Eraser {
  readonly #sql: ReturnType<typeof statements>;

  constructor(connection: Connection) {
    this.#sql = statements(connection);
  }

  /** Its content is gone, it stays. What has not been sent yet keeps its words until it has. */
  erase(message: Erased): void {
    this.#log(message, erasedEvent);
    for (const row of this.#sql.jobs.all(message.id)) {
      const body = erasedJob(text(row, 'body'));
      if (body !== undefined) this.#sql.empty.run(body, text(row, 'id'));
    }
  }

  /** What it quotes is gone, it stays. Its job keeps the words until nobody can ask for them again. */
  unquote(message: Erased, isSent: boolean): void {
    this.#log(message, unquotedEvent);
    for (const row of isSent ? this.#sql.jobs.all(message.id) : []) {
      const body = unquotedJob(text(row, 'body'));
      if (body !== undefined) this.#sql.empty.run(body, text(row, 'id'));
    }
  }

  /** Messages that are about to be removed: the oldest of a conversation before a place, at most so many. */
  eraseOld(conversation: string, before: number, most: number): void {
    for (const row of this.#sql.old.all(conversation, before, most)) {
      const message = { id: text(row, 'id'), stream: text(row, 'stream'), seq: whole(row, 'seq') };
      this.#log(message, erasedEvent);
      this.#sql.forget.run(message.id);
    }
  }

  /** The outbox of a conversation that is about to be removed; what the log tells of it is forgotten step by step. */
  eraseJobs(conversation: string): void {
    this.#sql.forgetAll.run(conversation);
  }

  #log({ id, stream, seq }: Erased, anew: typeof erasedEvent): void {
    const first = seq > 0 ? this.#sql.first.all(stream, seq) : [];
    for (const row of [...first, ...this.#sql.further.all(id)]) {
      const said = anew(text(row, 'type'), text(row, 'data'), id);
      if (said !== undefined) this.#sql.say.run(said, text(row, 'stream'), whole(row, 'seq'));
    }
  }
}
