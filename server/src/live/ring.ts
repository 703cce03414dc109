// The last events of all streams, framed once for every socket, within one bound of bytes; it is a cache of the log and never the only copy.
import type { DurableType, Item } from '@pulseline/protocol';

/** A frame that many connections share. */
export interface LiveItem extends Item {
  /** The whole WebSocket frame. */
  readonly bytes: Uint8Array;
  /** Of a durable event. */
  readonly durable?: { readonly type: DurableType; readonly committedAt: number; readonly messageId?: string };
}

export interface EventRing {
  /** The next event of its stream; another one than the next forgets the stream first. */
  append(item: LiveItem): void;
  /** Events after a position, at least one if there is any, else within both limits; undefined if they are not all here. */
  read(stream: string, after: number, maxEvents: number, maxBytes: number): readonly LiveItem[] | undefined;
  forget(stream: string): void;
  readonly events: number;
  readonly bytes: number;
}

interface Lane {
  items: (LiveItem | undefined)[];
  /** Index of the oldest that is kept. */
  start: number;
  firstSeq: number;
}

/** Compacting a list costs its length; waiting until so many are gone makes that cheap. */
const COMPACT_AFTER = 1_024;

export function createRing(maxEvents: number, maxBytes: number): EventRing {
  const lanes = new Map<string, Lane>();
  // The order in which events came, over all streams: the oldest of all is also the oldest of its stream.
  let order: { stream: string; lane: Lane }[] = [];
  let orderStart = 0;
  let events = 0;
  let bytes = 0;

  function evictOne(): void {
    const oldest = order[orderStart];
    orderStart += 1;
    if (orderStart > COMPACT_AFTER && orderStart * 2 > order.length) {
      order = order.slice(orderStart);
      orderStart = 0;
    }
    // A lane that was forgotten has been subtracted already.
    if (oldest === undefined || lanes.get(oldest.stream) !== oldest.lane) return;
    const { lane } = oldest;
    const item = lane.items[lane.start];
    lane.items[lane.start] = undefined;
    lane.start += 1;
    lane.firstSeq += 1;
    events -= 1;
    bytes -= item?.size ?? 0;
    if (lane.start === lane.items.length) lanes.delete(oldest.stream);
    else if (lane.start > COMPACT_AFTER && lane.start * 2 > lane.items.length) {
      lane.items = lane.items.slice(lane.start);
      lane.start = 0;
    }
  }

  function forget(stream: string): void {
    const lane = lanes.get(stream);
    if (lane === undefined) return;
    lanes.delete(stream);
    for (let index = lane.start; index < lane.items.length; index++) {
      events -= 1;
      bytes -= lane.items[index]?.size ?? 0;
    }
  }

  return {
    append(item) {
      const { stream, seq } = item;
      if (stream === undefined || seq === undefined) return;
      const known = lanes.get(stream);
      if (known !== undefined && known.firstSeq + known.items.length - known.start !== seq) forget(stream);
      const lane = lanes.get(stream) ?? { items: [], start: 0, firstSeq: seq };
      lanes.set(stream, lane);
      lane.items.push(item);
      order.push({ stream, lane });
      events += 1;
      bytes += item.size;
      while (events > maxEvents || bytes > maxBytes) evictOne();
    },
    read(stream, after, maxItems, maxSize) {
      const lane = lanes.get(stream);
      if (lane === undefined || after + 1 < lane.firstSeq) return undefined;
      const found: LiveItem[] = [];
      let size = 0;
      for (let index = lane.start + after + 1 - lane.firstSeq; index < lane.items.length; index++) {
        const item = lane.items[index];
        if (item === undefined || found.length >= maxItems || (found.length > 0 && size + item.size > maxSize)) break;
        found.push(item);
        size += item.size;
      }
      return found;
    },
    forget,
    get events() {
      return events;
    },
    get bytes() {
      return bytes;
    },
  };
}
