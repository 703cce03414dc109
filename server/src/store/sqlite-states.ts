// In which states accounts were seen, stretch by stretch, in SQLite; what a sighting makes of them is the protocol's function, and what is old goes by itself.
import { accountStates, MAX_STRETCHES, STRETCHES_KEPT, type Stretch, shape, withSighting } from '@pulseline/protocol';
import { type Connection, type Row, type Statement, text, whole } from './sqlite.ts';

const known = shape.oneOf(accountStates);

function stretchOf(row: Row): Stretch {
  return { state: known.parse(text(row, 'state')), from: whole(row, 'since'), to: whole(row, 'until') };
}

/** The writer's side. */
export class StateTable {
  readonly #sql: Readonly<Record<'last' | 'put' | 'old' | 'many', Statement>>;

  constructor(connection: Connection) {
    this.#sql = {
      last: connection.prepare('SELECT * FROM account_state WHERE account = ? ORDER BY since DESC LIMIT 1'),
      put: connection.prepare(`INSERT INTO account_state (account, since, until, state) VALUES (?, ?, ?, ?)
        ON CONFLICT (account, since) DO UPDATE SET until = excluded.until, state = excluded.state`),
      old: connection.prepare('DELETE FROM account_state WHERE account = ? AND until < ?'),
      many: connection.prepare(`DELETE FROM account_state WHERE account = ?1 AND since <
        (SELECT since FROM account_state WHERE account = ?1 ORDER BY since DESC LIMIT 1 OFFSET ?2)`),
    };
  }

  see(account: string, state: Stretch['state'], at: number): void {
    const row = this.#sql.last.get(account);
    const before = row === undefined ? [] : [stretchOf(row)];
    const after = withSighting(before, state, at);
    for (const { state: was, from, to } of after) this.#sql.put.run(account, from, to, was);
    if (after.length === before.length) return;
    this.#sql.old.run(account, at - STRETCHES_KEPT);
    this.#sql.many.run(account, MAX_STRETCHES - 1);
  }
}

/** The reader's side: call it inside a transaction. */
export class StateReader {
  readonly #after: Statement;

  constructor(connection: Connection) {
    this.#after = connection.prepare('SELECT * FROM account_state WHERE until > ? ORDER BY account, since');
  }

  after(moment: number): ReadonlyMap<string, readonly Stretch[]> {
    const found = new Map<string, Stretch[]>();
    for (const row of this.#after.all(moment)) {
      const account = text(row, 'account');
      const of = found.get(account) ?? [];
      of.push(stretchOf(row));
      found.set(account, of);
    }
    return found;
  }
}
