// Which frames go to one client, and from where: positions, filters and order; nothing here knows about time, sockets or back-pressure.
import type { EphemeralData, Heads } from './events.ts';
import { type Cursor, EVERY_OTHER_STREAM, type Position } from './positions.ts';

/** One frame that many connections share; the driver keeps its bytes beside it. */
export interface Item {
  readonly type: string;
  /** Of a durable event: its stream. Of a frame of the moment: the account that it speaks of, if any. */
  readonly stream?: string | undefined;
  /** Only durable events have these two. */
  readonly seq?: number | undefined;
  readonly epoch?: string | undefined;
  readonly size: number;
}

/** What was published in one turn of the event loop. `from` and `to` are the heads before and after. */
export interface Turn<I extends Item> {
  readonly from: Cursor;
  readonly to: Cursor;
  readonly items: readonly I[];
  readonly size: number;
  /** Streams that ended in this turn, with their accounts. */
  readonly gone: readonly string[];
}

export interface Filter {
  readonly streams: ReadonlySet<string> | undefined;
  readonly types: ReadonlySet<string> | undefined;
}

/** Words of a query -> a filter. Types that cannot be chosen are left out; without a word everything is chosen. */
export function filterOf(streams: readonly string[] | undefined, types: readonly string[] | undefined): Filter {
  return {
    streams: streams === undefined ? undefined : new Set(streams),
    types: types === undefined ? undefined : new Set(types),
  };
}

export function chosen(heads: Cursor, { streams }: Filter): Cursor {
  return streams === undefined ? heads : new Map([...heads].filter(([stream]) => streams.has(stream)));
}

/** Protocol frames go to everybody; events and frames of the moment obey the client's choice. */
export function mayGo(item: Item, { streams, types }: Filter): boolean {
  if (streams !== undefined && item.stream !== undefined && !streams.has(item.stream)) return false;
  return types === undefined || types.has(item.type);
}

export function record(cursor: Cursor): Heads {
  return Object.fromEntries([...cursor].map(([stream, { epoch, seq }]) => [stream, { epoch: epoch ?? '', seq }]));
}

export interface Places {
  readonly sent: Cursor;
  readonly moved: boolean;
  readonly replayed: number;
  readonly resyncs: readonly EphemeralData['resync'][];
}

/** Where each stream begins for this client; what cannot be resumed begins at the head and is told so. */
export function startAt(wanted: readonly Position[], from: Cursor, filter: Filter, replayLimit: number): Places {
  const named = new Map(wanted.map((position) => [position.stream, position]));
  const others = named.get(EVERY_OTHER_STREAM);
  const sent = new Map(from);
  const resyncs: EphemeralData['resync'][] = [];
  let replayed = 0;
  for (const [stream, head] of from) {
    const position = named.get(stream) ?? (others && { seq: others.seq, epoch: undefined });
    if (position === undefined) continue;
    const epoch = head.epoch ?? '';
    const otherLog = position.epoch !== undefined && position.epoch !== epoch;
    if (otherLog || position.seq > head.seq || head.seq - position.seq > replayLimit) {
      resyncs.push({ stream, reason: otherLog ? 'epoch' : 'too_far', head: head.seq, epoch });
    } else if (position.seq < head.seq) {
      sent.set(stream, { epoch, seq: position.seq });
      replayed += head.seq - position.seq;
    }
  }
  for (const { stream, seq } of wanted) {
    const gone = seq > 0 && !from.has(stream) && stream !== EVERY_OTHER_STREAM;
    if (gone && filter.streams?.has(stream) !== false) resyncs.push({ stream, reason: 'expired', head: 0, epoch: '' });
  }
  return { sent, moved: replayed > 0, replayed, resyncs };
}

/** What to do, in order. */
export type Order<I extends Item> =
  | { readonly write: readonly I[] }
  | { readonly skip: EphemeralData['skip'] }
  | { readonly resync: EphemeralData['resync'] };

export interface Fed<I extends Item> {
  readonly sent: Cursor;
  readonly skipped: ReadonlyMap<string, number>;
  /** An event was not the next one: it and what follows of its stream has to come from the log. */
  readonly gap: boolean;
  /** Frames of the moment that were left out. */
  readonly dropped: number;
  readonly orders: readonly Order<I>[];
}

/** Events in order: the next one is written, a lower one was sent already, a higher one ends the list. */
export function feed<I extends Item>(
  {
    filter,
    ...session
  }: { readonly filter: Filter; readonly sent: Cursor; readonly skipped: ReadonlyMap<string, number> },
  items: readonly I[],
  ephemeral: boolean,
): Fed<I> {
  const orders: Order<I>[] = [];
  const sent = new Map(session.sent);
  const skipped = new Map(session.skipped);
  let ready: I[] = [];
  let dropped = 0;
  let gap = false;
  const flush = () => {
    if (ready.length > 0) orders.push({ write: ready });
    ready = [];
  };
  for (const item of items) {
    const { stream, seq, epoch } = item;
    if (stream === undefined || seq === undefined) {
      if (!mayGo(item, filter)) continue;
      if (ephemeral) ready.push(item);
      else dropped += 1;
      continue;
    }
    if (filter.streams?.has(stream) === false) continue;
    const last = sent.get(stream);
    if (last?.epoch !== undefined && epoch !== undefined && last.epoch !== epoch) {
      flush();
      orders.push({ resync: { stream, reason: 'epoch', head: seq - 1, epoch } });
    } else if (seq <= (last?.seq ?? 0)) {
      continue;
    } else if (seq > (last?.seq ?? 0) + 1) {
      gap = true;
      continue;
    }
    sent.set(stream, epoch === undefined ? { seq } : { epoch, seq });
    if (!mayGo(item, filter)) {
      skipped.set(stream, seq);
      continue;
    }
    const left = skipped.get(stream);
    if (left !== undefined) {
      flush();
      orders.push({ skip: { stream, seq: left } });
      skipped.delete(stream);
    }
    ready.push(item);
  }
  flush();
  return { sent, skipped, gap, dropped, orders };
}

/** The hub's own object if it says the same: the next turn is then the common case again. */
export function sameAs(mine: Cursor, heads: Cursor): Cursor {
  if (mine.size !== heads.size) return mine;
  for (const [stream, { seq, epoch }] of heads) {
    const position = mine.get(stream);
    if (position?.seq !== seq || position.epoch !== epoch) return mine;
  }
  return heads;
}

export function without(cursor: Cursor, streams: readonly string[]): Cursor {
  return streams.length === 0 ? cursor : new Map([...cursor].filter(([stream]) => !streams.includes(stream)));
}
