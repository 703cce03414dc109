// Goes over what earlier versions left behind: words of messages that were taken away before the log, the outbox and quotes lost them in the same commit. It runs once, in a migration.
import { type Message, unquoted } from '@pulseline/protocol';
import type { Connection } from './sqlite.ts';
import { text, whole } from './sqlite.ts';
import { Eraser } from './sqlite-erase.ts';

/** Dashboards that stay open over the update keep what they have; whoever fetches or replays gets it without. */
export function eraseAgain(connection: Connection): void {
  const eraser = new Eraser(connection);
  const gone = connection.prepare(`SELECT m.id, a.stream, m.data ->> 'seq' AS seq
    FROM message m JOIN account a ON a.id = m.account WHERE m.data ->> 'deleted' = 1`);
  const quoting = connection.prepare(`SELECT m.id, m.data, a.stream, m.data ->> 'seq' AS seq
    FROM message m JOIN account a ON a.id = m.account WHERE m.quotes = ?`);
  const say = connection.prepare('UPDATE message SET data = ? WHERE id = ?');
  for (const row of gone.all()) {
    const id = text(row, 'id');
    eraser.erase({ id, stream: text(row, 'stream'), seq: whole(row, 'seq') });
    for (const answer of quoting.all(id)) {
      // Written from a Message, by this adapter alone.
      const message: Message = JSON.parse(text(answer, 'data'));
      say.run(JSON.stringify(unquoted(message)), message.id);
      const isSent = message.status === 'delivered' || message.status === 'read' || message.status === 'played';
      eraser.unquote({ id: message.id, stream: text(answer, 'stream'), seq: whole(answer, 'seq') }, isSent);
    }
  }
}
