// The log as it is: pages of events after a position, and the same as a server-sent stream that goes on live. It reads the log only; commits are its doorbell.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import {
  CodedError,
  encodeDurable,
  encodeEphemeral,
  formatPositions,
  type Heads,
  type Position,
  parsePositions,
  shape,
} from '@pulseline/protocol';
import type { Queries, StoredEvent } from '../store/port.ts';
import type { Api, Parts } from './parts.ts';
import { measureStreams } from './metrics.ts';
import { limit, pageSize, queryOf } from './shapes.ts';

export const asked = shape.object({ after: shape.optional(shape.string(16_384)), limit });

/** Server-sent streams at a time. A dashboard needs none: it has /ws. */
const MAX_STREAMS = 1_000;
/** Ms between comments that keep proxies from closing a silent stream. */
const COMMENT_EVERY = 15_000;

/** A page of the log: frames as JSON text, and where it ends. */
interface LogPage {
  readonly frames: readonly { readonly text: string; readonly next: string }[];
  readonly next: string;
  readonly more: boolean;
}

export function eventRoutes(app: Api, parts: Parts): void {
  const { store } = parts;
  const streams = new Set<AbortController>();
  measureStreams(parts.metrics, () => streams.size);

  app.get('/api/events', async (request, reply) => {
    const query = queryOf(asked, request);
    const lastId = request.headers['last-event-id'];
    const after = positionsOf(typeof lastId === 'string' ? lastId : query.after);
    if (!/\btext\/event-stream\b/i.test(request.headers.accept ?? '')) {
      const page = await readLog(store.queries, after ?? [], pageSize(query.limit), parts.now());
      reply.type('application/json; charset=utf-8');
      const items = page.frames.map(({ text }) => text).join(',');
      return `{"items":[${items}],"next":${JSON.stringify(page.next)},"more":${page.more}}`;
    }
    if (streams.size >= MAX_STREAMS) throw new CodedError('BUSY');
    const start = after ?? atHeads(await store.queries.heads());
    reply.hijack();
    const ended = new AbortController();
    streams.add(ended);
    request.raw.socket.once('close', () => ended.abort());
    const headers = {
      ...reply.getHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    };
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) reply.raw.setHeader(name, value);
    reply.raw.writeHead(200);
    try {
      await follow(reply.raw, parts, start, ended.signal);
    } catch (error) {
      if (!ended.signal.aborted) parts.log.error({ err: error }, 'an event stream broke');
    } finally {
      streams.delete(ended);
      reply.raw.end();
    }
    return reply;
  });
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.abort();
  });
}

/** Writes what is in the log, then waits for the next commit, until the reader goes. */
async function follow(
  response: ServerResponse,
  parts: Parts,
  start: readonly Position[],
  ended: AbortSignal,
): Promise<void> {
  let place = start;
  let ring: () => void = () => undefined;
  let rung = false;
  const bell = (): void => {
    rung = true;
    ring();
  };
  const stopListening = parts.store.onCommit(bell);
  const comments = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': \n\n');
  }, COMMENT_EVERY);
  ended.addEventListener('abort', bell);
  response.write('retry: 1000\n\n');
  try {
    while (!ended.aborted) {
      rung = false;
      const page = await readLog(parts.store.queries, place, 200, parts.now());
      for (const { text, next } of page.frames) response.write(`id: ${next}\ndata: ${text}\n\n`);
      place = parsePositions(page.next) ?? place;
      if (response.writableNeedDrain) await once(response, 'drain', { signal: ended });
      if (page.more || rung) continue;
      await new Promise<void>((resolve) => {
        ring = resolve;
      });
    }
  } finally {
    clearInterval(comments);
    stopListening();
  }
}

/**
 * The next events after `after`, of all its streams, by time and at most `limit`. A position that names no stream at all
 * begins with the oldest event of every stream; one that names `workspace` also follows accounts that it does not know.
 * A place that is no longer in the log gives a `resync` frame and goes on at the head.
 */
async function readLog(queries: Queries, after: readonly Position[], limit: number, now: number): Promise<LogPage> {
  const heads = await queries.heads();
  const places = new Map<string, number>();
  const lost: string[] = [];
  for (const { stream, epoch, seq } of follows(after, heads)) {
    const head = heads[stream];
    const reason =
      head === undefined || (seq < head.seq && (await queries.firstSeq(stream)) > seq + 1)
        ? 'expired'
        : (epoch !== undefined && epoch !== head.epoch) || seq > head.seq
          ? 'epoch'
          : undefined;
    if (reason === undefined) {
      places.set(stream, seq);
      continue;
    }
    const data = { stream, reason, head: head?.seq ?? 0, epoch: head?.epoch ?? '' } as const;
    lost.push(encodeEphemeral('resync', data, now));
    if (head !== undefined) places.set(stream, head.seq);
  }
  const behind = [...places].filter(([stream, seq]) => seq < (heads[stream]?.seq ?? 0));
  const found = await Promise.all(behind.map(([stream, seq]) => queries.events(stream, seq, limit)));
  const events = merge(found, limit);
  const position = (): string =>
    formatPositions([...places].map(([stream, seq]) => ({ stream, seq, ...epochOf(heads, stream) })));
  const frames = lost.map((text) => ({ text, next: position() }));
  for (const event of events) {
    places.set(event.stream, event.seq);
    frames.push({ text: encodeDurable(event), next: position() });
  }
  const more = [...places].some(([stream, seq]) => seq < (heads[stream]?.seq ?? 0));
  return { frames, next: position(), more };
}

function follows(after: readonly Position[], heads: Heads): readonly Position[] {
  const named = new Set(after.map(({ stream }) => stream));
  if (named.size > 0 && !named.has('workspace')) return after;
  const others = Object.keys(heads).filter((stream) => !named.has(stream));
  return [...after, ...others.map((stream) => ({ stream, seq: 0 }))];
}

/** Merged by time; the order within a stream is kept whatever the clock did. At most `limit`. */
function merge(streams: readonly (readonly StoredEvent[])[], limit: number): readonly StoredEvent[] {
  const queues = streams.map((events) => ({ events, at: 0 }));
  const merged: StoredEvent[] = [];
  while (merged.length < limit) {
    let first: StoredEvent | undefined;
    let from: { at: number } | undefined;
    for (const queue of queues) {
      const event = queue.events[queue.at];
      if (event === undefined || (first !== undefined && event.at >= first.at)) continue;
      first = event;
      from = queue;
    }
    if (first === undefined || from === undefined) break;
    merged.push(first);
    from.at += 1;
  }
  return merged;
}

function positionsOf(text: string | undefined): readonly Position[] | undefined {
  if (text === undefined) return undefined;
  const positions = parsePositions(text.trim());
  if (positions === undefined) throw new CodedError('BAD_CURSOR', { cursor: text.slice(0, 200) });
  return positions;
}

function atHeads(heads: Heads): readonly Position[] {
  return Object.entries(heads).map(([stream, { epoch, seq }]) => ({ stream, epoch, seq }));
}

function epochOf(heads: Heads, stream: string): { epoch?: string } {
  const epoch = heads[stream]?.epoch;
  return epoch === undefined ? {} : { epoch };
}
