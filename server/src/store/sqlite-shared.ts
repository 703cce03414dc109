// What a conversation has to show for itself (pictures, files, links, pinned messages), found by looking back through a bounded number of messages. It changes nothing.
import type { Message } from '@pulseline/protocol';
import type { SharedQuery } from './port.ts';
import { type Connection, type Statement, whole } from './sqlite.ts';
import { messageOf } from './sqlite-rows.ts';

/**
 * Messages that one answer looks at. No index serves this: every message would pay for it when it comes, and what is wanted
 * is nearly always among the newest.
 */
const LOOKED_AT = 5_000;

const IS_THERE = "data ->> 'deleted' IS NULL";
const which = {
  media: `data ->> 'kind' IN ('image', 'video', 'gif') AND data ->> 'media' IS NOT NULL AND ${IS_THERE}`,
  files: `data ->> 'kind' IN ('document', 'audio', 'voice') AND data ->> 'media' IS NOT NULL AND ${IS_THERE}`,
  links: `(instr(data ->> 'body', 'https://') > 0 OR instr(data ->> 'body', 'http://') > 0) AND ${IS_THERE}`,
  pinned: `data ->> 'pinnedUntil' > ?4 AND ${IS_THERE}`,
} as const satisfies Record<SharedQuery['what'], string>;

export interface Found {
  readonly items: readonly Message[];
  /** The `ord` from which to look on; undefined = there is no more. */
  readonly next: number | undefined;
}

export class SharedReader {
  readonly #find: Readonly<Record<SharedQuery['what'], Statement>>;
  readonly #edge: Statement;

  constructor(connection: Connection) {
    const find = (condition: string): Statement =>
      connection.prepare(`SELECT ord, data FROM message WHERE conversation = ?1 AND ord < ?2 AND ord >= ?3
        AND ${condition.includes('?4') ? condition : `?4 IS NOT NULL AND ${condition}`} ORDER BY ord DESC LIMIT ?5`);
    this.#find = {
      media: find(which.media),
      files: find(which.files),
      links: find(which.links),
      pinned: find(which.pinned),
    };
    this.#edge = connection.prepare(
      'SELECT ord FROM message WHERE conversation = ? AND ord < ? ORDER BY ord DESC LIMIT 1 OFFSET ?',
    );
  }

  /** `before` is an `ord`. The newest first. */
  find({ conversation, what, now, limit }: SharedQuery, before: number): Found {
    const edge = this.#edge.get(conversation, before, LOOKED_AT);
    // One before the last that is looked at, if there is so much.
    const from = edge === undefined ? Number.MIN_SAFE_INTEGER : whole(edge, 'ord') + 1;
    const rows = this.#find[what].all(conversation, before, from, now, limit + 1);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map(messageOf),
      next: last !== undefined ? whole(last, 'ord') : edge === undefined ? undefined : from,
    };
  }
}
