// The log over HTTP: pages of events after a position, and a live connection as a server-sent stream, to which its client speaks by POST. The live connection itself is the hub's.
import {
  CodedError,
  EVERY_OTHER_STREAM,
  encodeDurable,
  encodeEphemeral,
  formatPositions,
  type Heads,
  MAX_CLIENT_FRAME_BYTES,
  type Position,
  parsePositions,
  shape,
  WORKSPACE_STREAM,
} from '@pulseline/protocol';
import { adoptResponse, type EventStream } from '../live/event-stream.ts';
import type { Queries, StoredEvent } from '../store/port.ts';
import { words } from './live.ts';
import { measureStreams } from './metrics.ts';
import type { Api, Parts } from './parts.ts';
import { bodyOf, idOf, limit, pageSize, queryOf } from './shapes.ts';

export const asked = shape.object({
  after: shape.optional(shape.string(16_384)),
  limit,
  /** Of a stream, as for /ws. */
  cursor: shape.optional(shape.string(16_384)),
  streams: shape.optional(shape.string(131_072)),
  types: shape.optional(shape.string(4_096)),
});
/** A frame of the client on a stream: as text it may be as long as one on /ws. */
export const said = shape.object({ type: shape.string(64, 1), data: shape.optional(shape.anything()) });

/** Server-sent streams at a time. A dashboard needs none: it has /ws. */
const MAX_STREAMS = 1_000;
/** A page of the log: frames as JSON text, and where it ends. */
interface LogPage {
  readonly frames: readonly { readonly text: string; readonly next: string }[];
  readonly next: string;
  readonly more: boolean;
}

export function eventRoutes(app: Api, parts: Parts): void {
  const { store, live } = parts;
  /** Connection id -> its stream. */
  const streams = new Map<string, EventStream>();
  let open = 0;
  measureStreams(parts.metrics, () => open);

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
    const resumed = after ?? positionsOf(query.cursor);
    if (open >= MAX_STREAMS) throw new CodedError('BUSY');
    reply.hijack();
    open += 1;
    const headers = {
      ...reply.getHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    };
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) reply.raw.setHeader(name, value);
    // A stream has no end that a timeout could wait for.
    request.raw.socket.setTimeout(0);
    reply.raw.writeHead(200);
    let name: string | undefined;
    const stream = adoptResponse(reply.raw, resumed ?? [], (connectionId) => {
      name = connectionId;
      streams.set(connectionId, stream);
    });
    reply.raw.once('close', () => {
      open -= 1;
      if (name !== undefined) streams.delete(name);
    });
    live.accept(stream, {
      ...(resumed !== undefined && { cursor: formatPositions(after === undefined ? resumed : followed(after)) }),
      types: words(query.types),
      streams: words(query.streams) ?? (after === undefined ? undefined : namedBy(after)),
      remote: `${request.socket.remoteAddress}:${request.socket.remotePort}`,
    });
    return reply;
  });

  app.post('/api/events/:id', async (request, reply) => {
    const stream = streams.get(idOf(request));
    const frame = bodyOf(said, request);
    if (stream === undefined) throw new CodedError('NOT_FOUND');
    const text = JSON.stringify(frame);
    if (Buffer.byteLength(text) > MAX_CLIENT_FRAME_BYTES)
      throw new CodedError('BODY_TOO_LARGE', { limit: String(MAX_CLIENT_FRAME_BYTES) });
    stream.say(text);
    return reply.code(204).send();
  });
  app.addHook('preClose', async () => {
    for (const stream of streams.values()) stream.close(1012, '');
  });
}

/** A position that names the workspace also follows accounts that it does not know, from their beginning. */
function followed(after: readonly Position[]): readonly Position[] {
  const named = after.map(({ stream }) => stream);
  if (!named.includes(WORKSPACE_STREAM) || named.includes(EVERY_OTHER_STREAM)) return after;
  return [...after, { stream: EVERY_OTHER_STREAM, seq: 0 }];
}

/** Its streams; undefined = all, also those to come. */
function namedBy(after: readonly Position[]): readonly string[] | undefined {
  const named = after.map(({ stream }) => stream);
  return named.length === 0 || named.includes(WORKSPACE_STREAM) || named.includes(EVERY_OTHER_STREAM)
    ? undefined
    : named;
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
  if (named.size > 0 && !named.has(WORKSPACE_STREAM)) return after;
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

function epochOf(heads: Heads, stream: string): { epoch?: string } {
  const epoch = heads[stream]?.epoch;
  return epoch === undefined ? {} : { epoch };
}
