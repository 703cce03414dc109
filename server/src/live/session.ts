// Drives one connection by the protocol's server step: measures, writes, reads the log, closes; it decides nothing itself.
import {
  atPlace,
  type ClientData,
  type Cursor,
  EPHEMERAL_LIMIT_BYTES,
  type EphemeralData,
  type EphemeralType,
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
  stepServer,
  straightUntil,
  type Turn,
} from '@pulseline/protocol';
import type { HubClock, LiveSocket, LiveSocketEvents, SessionInfo } from './port.ts';
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
  /** A frame of the moment for this connection alone; false if it cannot take it now. */
  tell<K extends EphemeralType>(type: K, data: EphemeralData[K]): boolean;
  announceEnd(retryAfterMs: number): void;
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
  const session = new Session(socket, start, world);
  session.greet(start);
  return session;
}

/** A class, so that what a turn touches lies together and ten thousand connections have no closures of their own. */
class Session implements LiveSession, LiveSocketEvents {
  readonly #socket: LiveSocket;
  readonly #world: SessionWorld;
  /** What has been sent; newer than the state's after turns that went straight. */
  #place: Cursor = new Map();
  /** As {@link straightUntil} says of the present state. */
  #until = 0;
  #written = 0;
  #busy: 'ended' | 'stepping' | undefined;
  #state: ServerSession = { phase: 'closing', code: 1006, since: 0, sent: new Map() };
  #out: LiveItem[] = [];
  #inputs: ServerInput<LiveItem>[] = [];
  readonly id: string;
  readonly #remote: string;
  readonly #since: number;

  constructor(socket: LiveSocket, { id, remote }: SessionStart, world: SessionWorld) {
    this.#socket = socket;
    this.#world = world;
    this.id = id;
    this.#remote = remote;
    this.#since = world.clock.wall();
  }

  /** The first step. */
  greet({ id, message, version, build, ...start }: SessionStart): void {
    const world = this.#world;
    const [first, effects] = greetClient<LiveItem>(
      {
        connected: { message, connectionId: id, version, ...(build !== undefined && { build }) },
        language: start.language,
        cursor: start.cursor,
        filter: start.filter,
        heads: world.heads(),
        kept: start.kept,
        replayLimit: start.replayLimit,
        firstPingMs: start.firstPingMs,
      },
      this.#gauge(world.clock.now()),
    );
    this.#take(first);
    this.#socket.listen(this);
    this.#busy = 'stepping';
    this.#act(effects);
    this.#rest();
    for (const input of this.#inputs.splice(0)) this.#step(input);
  }

  turn(input: { readonly type: 'turn'; readonly turn: Turn<LiveItem> }, now: number): void {
    const { from, to, items, size } = input.turn;
    // The hot path: it touches as little memory as it can, since thousands of connections do not fit into a cache.
    const straight =
      this.#place === from &&
      this.#written + size <= this.#until &&
      this.#socket.bufferedBytes <= EPHEMERAL_LIMIT_BYTES;
    if (!straight || size > EPHEMERAL_LIMIT_BYTES || this.#busy !== undefined) return this.#step(input, now);
    this.#place = to;
    this.#write(items);
  }

  tick(): void {
    this.#step({ type: 'tick', heads: this.#world.heads(), fed: this.#world.fed() });
  }

  tell<K extends EphemeralType>(type: K, data: EphemeralData[K]): boolean {
    if (this.#busy !== undefined || this.#state.phase !== 'live') return false;
    if (this.#socket.bufferedBytes > EPHEMERAL_LIMIT_BYTES) return false;
    this.#write([this.#ownFrame(type, data)]);
    return true;
  }

  announceEnd(retryAfterMs: number): void {
    this.#step({ type: 'drain', retryAfterMs });
  }

  close(code: number): void {
    this.#step({ type: 'close', code });
  }

  terminate(): void {
    this.#socket.terminate();
  }

  get settled(): boolean {
    return this.#busy === 'ended' || (this.#socket.bufferedBytes === 0 && this.#state.phase !== 'replaying');
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  info(): SessionInfo {
    const state = this.#state;
    return {
      id: this.id,
      remote: this.#remote,
      client: state.phase === 'closing' ? undefined : state.client,
      phase: state.phase,
      since: this.#since,
      cursor: formatCursor(this.#place),
      acked: state.phase === 'closing' ? '' : formatCursor(state.acked),
      bufferedBytes: this.#socket.bufferedBytes,
    };
  }

  // What the socket says

  message(text: string | undefined): void {
    const result =
      text === undefined
        ? ({ ok: false, problem: { code: 'BAD_FRAME', detail: 'expected text, not bytes' } } as const)
        : parseClientFrame(text);
    this.#step({ type: 'frame', result, heads: this.#world.heads() });
  }

  pong(id: string): void {
    this.#step({ type: 'pong', id, heads: this.#world.heads() });
  }

  drain(): void {
    this.#step({ type: 'drained', heads: this.#world.heads() });
  }

  closed(): void {
    if (this.#busy === 'ended') return;
    this.#busy = 'ended';
    this.#world.gone(this);
  }

  // Steps and their effects

  #step(input: ServerInput<LiveItem>, now = this.#world.clock.now()): void {
    if (this.#busy === 'ended') return;
    // An effect may answer at once (a page from the ring): that is a further input, not a deeper call.
    if (this.#busy === 'stepping') return void this.#inputs.push(input);
    this.#busy = 'stepping';
    this.#state = atPlace(this.#state, this.#place);
    for (let next: ServerInput<LiveItem> | undefined = input; next !== undefined; next = this.#inputs.shift()) {
      const [after, effects] = stepServer<LiveItem>(this.#state, next, this.#gauge(now));
      this.#take(after);
      this.#act(effects);
    }
    this.#rest();
  }

  #take(state: ServerSession): void {
    this.#state = state;
    this.#place = state.sent;
  }

  #rest(): void {
    this.#until = straightUntil(this.#state);
    if (this.#busy === 'stepping') this.#busy = undefined;
  }

  #gauge(now: number): Gauge {
    measures.now = now;
    measures.unsent = this.#socket.bufferedBytes;
    measures.written = this.#written;
    return measures;
  }

  #act(effects: readonly ServerEffect<LiveItem>[]): void {
    // A list that goes to many connections as it is has its bytes joined once for all.
    const only = effects[0];
    if (effects.length === 1 && only?.do === 'write') return this.#write(only.items);
    for (const effect of effects) {
      if (effect.do === 'write') this.#out.push(...effect.items);
      else if (effect.do === 'send') this.#out.push(this.#ownFrame(effect.frame.type, effect.frame.data));
      else {
        this.#flush();
        this.#other(effect);
      }
    }
    this.#flush();
  }

  #flush(): void {
    if (this.#out.length === 0) return;
    const items = this.#out;
    this.#out = [];
    this.#write(items);
  }

  #write(items: readonly LiveItem[]): void {
    const bytes = this.#world.join(items);
    this.#written += bytes.length;
    // Stamped before the write: on a busy machine the peer may have the frame before this thread goes on.
    this.#world.writing(items, bytes.length);
    this.#socket.write(bytes, items);
  }

  #ownFrame<K extends keyof EphemeralData>(type: K, data: EphemeralData[K]): LiveItem {
    const bytes = frameText(encodeEphemeral(type, data, Math.round(this.#world.clock.wall())));
    return { type, size: bytes.length, bytes };
  }

  #other(effect: Exclude<ServerEffect<LiveItem>, { readonly do: 'write' | 'send' }>): void {
    switch (effect.do) {
      case 'load':
        return this.#load(effect.stream, effect.after);
      case 'ping':
        return this.#socket.ping(effect.id);
      case 'trace':
        return this.#world.trace(effect.items);
      case 'typing':
        return this.#world.typing(effect.typing);
      case 'team':
        return this.#world.team(this, effect.team);
      case 'count':
        return this.#world.count(effect.what, effect.n);
      case 'close':
        this.#world.closing(effect.code);
        return this.#socket.close(effect.code, NO_REASON);
      case 'terminate':
        return this.#socket.terminate();
    }
  }

  #load(stream: string, after: number): void {
    const page = (items: readonly LiveItem[]) =>
      this.#step({ type: 'page', stream, after, items, heads: this.#world.heads() });
    const found = this.#world.read(stream, after);
    if (!(found instanceof Promise)) return page(found);
    found.then(page, () => this.#step({ type: 'page_failed' }));
  }
}

/** One object for all steps of all connections, which keep nothing of it: thousands a turn would be garbage. */
const measures = { now: 0, unsent: 0, written: 0 };
