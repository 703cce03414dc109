// Drives one connection by the protocol's server step: measures, writes, reads the log, closes; it decides nothing itself.
import {
  atPlace,
  EPHEMERAL_LIMIT_BYTES,
  type ClientData,
  type Cursor,
  type EphemeralData,
  encodeEphemeral,
  type Filter,
  formatCursor,
  type Gauge,
  greetClient,
  type Language,
  parseClientFrame,
  type ServerCount,
  type ServerEffect,
  type ServerInput,
  type ServerSession,
  straightUntil,
  stepServer,
  type Turn,
} from '@pulseline/protocol';
import type { HubClock, LiveSocket, SessionInfo } from './port.ts';
import type { LiveItem } from './ring.ts';
import { frameText } from './socket.ts';

/** What a session needs of its hub. */
export interface SessionWorld {
  readonly clock: HubClock;
  /** Up to which events are published, and up to which live connections have been served. */
  heads(): Cursor;
  fed(): Cursor;
  /** A page of events: at once from the ring, else from the log. Rejects if the log cannot be read. */
  read(stream: string, after: number): readonly LiveItem[] | Promise<readonly LiveItem[]>;
  /** The bytes of these frames one after another; the same list gives the same bytes. */
  join(items: readonly LiveItem[]): Uint8Array;
  count(what: ServerCount, n: number): void;
  /** These frames, so many bytes, are about to be written to one socket. */
  writing(items: readonly LiveItem[], bytes: number): void;
  trace(items: ClientData['trace']['items']): void;
  typing(typing: ClientData['typing']): void;
  team(session: LiveSession, team: ClientData['team']): void;
  /** We close it, with this code. */
  closing(code: number): void;
  gone(session: LiveSession): void;
}

export interface SessionStart {
  readonly id: string;
  readonly remote: string;
  readonly language: Language;
  readonly message: string;
  readonly build: string | undefined;
  readonly version: number;
  readonly cursor: string | undefined;
  readonly filter: Filter;
  readonly kept: readonly LiveItem[];
  readonly replayLimit: number;
  readonly firstPingMs: number;
}

export interface LiveSession {
  readonly id: string;
  /** The same input object serves every session, and `now` is read once for all. */
  turn(input: { readonly type: 'turn'; readonly turn: Turn<LiveItem> }, now: number): void;
  tick(): void;
  drain(retryAfterMs: number): void;
  close(code: number): void;
  terminate(): void;
  /** Has all that was written gone to the kernel, with nothing left to catch up? */
  readonly settled: boolean;
  readonly bufferedBytes: number;
  info(): SessionInfo;
}

/** A close reason is at most 123 bytes; the code says enough. */
const NO_REASON = '';

export function startSession(socket: LiveSocket, start: SessionStart, world: SessionWorld): LiveSession {
  const { clock } = world;
  const since = clock.wall();
  let written = 0;
  let ended = false;
  let out: LiveItem[] = [];
  const inputs: ServerInput<LiveItem>[] = [];
  let stepping = false;

  // One object for all steps of this connection, which keep nothing of it: thousands a turn would be garbage.
  const measures = { now: 0, unsent: 0, written: 0 };
  function gauge(now: number): Gauge {
    measures.now = now;
    measures.unsent = socket.bufferedBytes;
    measures.written = written;
    return measures;
  }

  let state: ServerSession;
  /** What has been sent; newer than `state.sent` after turns that went straight. */
  let place: Cursor;
  /** As {@link straightUntil} says of the present state. */
  let until = 0;

  function step(input: ServerInput<LiveItem>, now = clock.now()): void {
    if (ended) return;
    // An effect may answer at once (a page from the ring): that is a further input, not a deeper call.
    if (stepping) return void inputs.push(input);
    stepping = true;
    state = atPlace(state, place);
    for (let next: ServerInput<LiveItem> | undefined = input; next !== undefined; next = inputs.shift()) {
      const [after, effects] = stepServer<LiveItem>(state, next, gauge(now));
      state = after;
      place = after.sent;
      act(effects);
    }
    until = straightUntil(state);
    stepping = false;
  }

  function act(effects: readonly ServerEffect<LiveItem>[]): void {
    const only = effects[0];
    if (effects.length === 1 && only?.do === 'write') return write(only.items);
    for (const effect of effects) {
      if (effect.do === 'write') out.push(...effect.items);
      else if (effect.do === 'send') out.push(ownFrame(effect.frame.type, effect.frame.data));
      else {
        flush();
        other(effect);
      }
    }
    flush();
  }

  function flush(): void {
    if (out.length === 0) return;
    const items = out;
    out = [];
    write(items);
  }

  function write(items: readonly LiveItem[]): void {
    const bytes = world.join(items);
    written += bytes.length;
    // Stamped before the write: on a busy machine the peer may have the frame before this thread goes on.
    world.writing(items, bytes.length);
    socket.write(bytes, items);
  }

  function ownFrame<K extends keyof EphemeralData>(type: K, data: EphemeralData[K]): LiveItem {
    const bytes = frameText(encodeEphemeral(type, data, Math.round(clock.wall())));
    return { type, size: bytes.length, bytes };
  }

  function other(effect: Exclude<ServerEffect<LiveItem>, { readonly do: 'write' | 'send' }>): void {
    switch (effect.do) {
      case 'load':
        return load(effect.stream, effect.after);
      case 'ping':
        return socket.ping(effect.id);
      case 'trace':
        return world.trace(effect.items);
      case 'typing':
        return world.typing(effect.typing);
      case 'team':
        return world.team(session, effect.team);
      case 'count':
        return world.count(effect.what, effect.n);
      case 'close':
        world.closing(effect.code);
        return socket.close(effect.code, NO_REASON);
      case 'terminate':
        return socket.terminate();
    }
  }

  function load(stream: string, after: number): void {
    const page = (items: readonly LiveItem[]) => step({ type: 'page', stream, after, items, heads: world.heads() });
    const found = world.read(stream, after);
    if (!(found instanceof Promise)) return page(found);
    found.then(page, () => step({ type: 'page_failed' }));
  }

  const [first, effects] = greetClient<LiveItem>(
    {
      connected: {
        message: start.message,
        connectionId: start.id,
        version: start.version,
        ...(start.build !== undefined && { build: start.build }),
      },
      language: start.language,
      cursor: start.cursor,
      filter: start.filter,
      heads: world.heads(),
      kept: start.kept,
      replayLimit: start.replayLimit,
      firstPingMs: start.firstPingMs,
    },
    gauge(clock.now()),
  );
  state = first;
  place = first.sent;
  until = straightUntil(first);

  const session: LiveSession = {
    id: start.id,
    turn(input, now) {
      const { from, to, items, size } = input.turn;
      // The hot path: it touches as little memory as it can, since thousands of connections do not fit into a cache.
      const straight = place === from && written + size <= until && socket.bufferedBytes <= EPHEMERAL_LIMIT_BYTES;
      if (!straight || size > EPHEMERAL_LIMIT_BYTES || ended || stepping) return step(input, now);
      place = to;
      write(items);
    },
    tick: () => step({ type: 'tick', heads: world.heads(), fed: world.fed() }),
    drain: (retryAfterMs) => step({ type: 'drain', retryAfterMs }),
    close: (code) => step({ type: 'close', code }),
    terminate: () => socket.terminate(),
    get settled() {
      return ended || (socket.bufferedBytes === 0 && state.phase !== 'replaying');
    },
    get bufferedBytes() {
      return socket.bufferedBytes;
    },
    info: () => ({
      id: start.id,
      remote: start.remote,
      client: state.phase === 'closing' ? undefined : state.client,
      phase: state.phase,
      since,
      cursor: formatCursor(place),
      acked: state.phase === 'closing' ? '' : formatCursor(state.acked),
      bufferedBytes: socket.bufferedBytes,
    }),
  };

  socket.listen({
    message(text) {
      const result =
        text === undefined
          ? ({ ok: false, problem: { code: 'BAD_FRAME', detail: 'expected text, not bytes' } } as const)
          : parseClientFrame(text);
      step({ type: 'frame', result, heads: world.heads() });
    },
    pong: (id) => step({ type: 'pong', id, heads: world.heads() }),
    drain: () => step({ type: 'drained', heads: world.heads() }),
    closed() {
      if (ended) return;
      ended = true;
      world.gone(session);
    },
  });
  stepping = true;
  act(effects);
  stepping = false;
  for (const input of inputs.splice(0)) step(input);
  return session;
}
