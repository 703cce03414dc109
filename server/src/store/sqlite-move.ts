// Conversations that end in SQLite: one becomes part of another, or goes with all that the log told of it. It decides neither.
import { joinedOrder } from './joined-order.ts';
import { type Connection, type Statement, text, whole } from './sqlite.ts';

function statements(connection: Connection) {
  const sql = (source: string): Statement => connection.prepare(source);
  return {
    messages: sql(`SELECT n, conversation, ord, data ->> 'seq' AS seq FROM message
      WHERE conversation IN (?1, ?2) ORDER BY ord, conversation = ?1`),
    // Out of everybody's way first: two messages must not meet at one place on their way to others.
    lift: sql('UPDATE message SET ord = -n WHERE n = ?'),
    // The same message may have come to both before they were known to be one: it stays twice rather than be lost.
    put: sql(`UPDATE message SET conversation = ?1, ord = ?2, data = json_set(data, '$.conversation', ?1),
      author = CASE WHEN EXISTS (SELECT 1 FROM message o WHERE o.wa_id = message.wa_id AND o.conversation = ?1
        AND o.author = message.author) THEN message.author || ' ' || message.conversation ELSE message.author END
      WHERE n = ?3`),
    place: sql('UPDATE message SET ord = ? WHERE n = ?'),
    notes: sql(
      `UPDATE note SET conversation = ?2, data = json_set(data, '$.conversation', ?2) WHERE conversation = ?1`,
    ),
    redirect: sql('UPDATE merged SET conversation = ?2 WHERE conversation = ?1'),
    remember: sql(`INSERT INTO merged (id, conversation) VALUES (?, ?)
      ON CONFLICT (id) DO UPDATE SET conversation = excluded.conversation`),
    remove: sql('DELETE FROM conversation WHERE id = ?'),
    forget: sql(`UPDATE event SET type = 'conversation_removed', data = json_object('account', ?1, 'id', ?2)
      WHERE stream = ?3 AND seq >= ?4 AND seq < ?5 AND instr(data, ?2) > 0 AND type <> 'conversation_removed'
        AND (data ->> 'conversation' = ?2 OR (type = 'conversation_update' AND data ->> 'id' = ?2))`),
  };
}

export class Mover {
  readonly #sql: ReturnType<typeof statements>;

  constructor(connection: Connection) {
    this.#sql = statements(connection);
  }

  /** Takes a conversation away; its messages go with it, or to `into`, where those that are live stand in the order of their events. */
  remove(id: string, into: string | undefined): void {
    if (into !== undefined) {
      this.#move(id, into);
      this.#sql.notes.run(id, into);
      this.#sql.redirect.run(id, into);
    }
    this.#sql.remove.run(id);
    if (into !== undefined) this.#sql.remember.run(id, into);
  }

  /** What the log says of a conversation between two seqs says no more than that it is gone: a gap would stop everybody. */
  forget(account: string, stream: string, conversation: string, from: number, to: number): void {
    this.#sql.forget.run(account, conversation, stream, from, to);
  }

  #move(id: string, into: string): void {
    const rows = this.#sql.messages.all(into, id).map((row) => ({
      n: whole(row, 'n'),
      home: text(row, 'conversation'),
      ord: whole(row, 'ord'),
      seq: whole(row, 'seq'),
    }));
    const placed = joinedOrder(rows).map(({ row, place }) => ({ ...row, place }));
    const changed = placed.filter(({ home, ord, place }) => home !== into || ord !== place);
    for (const { n } of changed) this.#sql.lift.run(n);
    for (const { n, home, place } of changed) {
      if (home === into) this.#sql.place.run(place, n);
      else this.#sql.put.run(into, place, n);
    }
  }
}
