// Stands between the socket and the library: a stanza that has to be committed first is held, and passed on afterwards or never; so are frames that leave. It reads no stanza.
import { EventEmitter } from 'node:events';
import type { BinaryNode } from 'baileys';

export interface Watch {
  /** A promise = hold the stanza until it resolves; if it rejects, the library never sees it, so nothing is acknowledged, and if it resolves with false neither: then it has been answered. */
  hold(event: string, node: BinaryNode): Promise<unknown> | undefined;
  /** The socket is open for frames. */
  opened(): void;
  /** The handshake was answered by HTTP instead of a WebSocket. The library passes this on, and then waits for ever. */
  turnedAway(status: number): void;
  /** A frame came, of whatever kind. */
  heard(): void;
  /** A frame came that cannot be read. The library leaves this rejection to nobody. */
  unreadable(error: unknown): void;
  /** A listener of the library rejected, and the library leaves that to nobody. */
  rejected(error: unknown): void;
  /** Is the link over? Then nothing is passed on. */
  over(): boolean;
  /** Stanzas that wait. */
  depth(): number;
  /** A promise = a frame of this moment may only leave when it resolves; if it rejects, never. */
  durable(): Promise<void> | undefined;
}

/**
 * Makes the socket so that a rejection in one of its asynchronous listeners is told to that socket and not to the whole thread, where
 * nobody could say whose it was. Emitters take the setting when they are made; others of this realm keep theirs.
 */
export function attributing<T>(make: () => T): T {
  const before = EventEmitter.captureRejections;
  EventEmitter.captureRejections = true;
  try {
    return make();
  } finally {
    EventEmitter.captureRejections = before;
  }
}

/** Frames are no longer read from the socket while so many stanzas wait: they wait in WhatsApp's queue instead. */
const PAUSE_AT = 2_000;
const RESUME_AT = 200;

/**
 * Every stanza is emitted as `CB:<tag>…` on the library's socket, synchronously: overriding `emit` is the one place that sees all
 * and can hold them. Returns whether the gate still stands. Must be called in the same turn in which the socket was made.
 */
export function setGate(ws: EventEmitter, watch: Watch): () => boolean {
  const pass = ws.emit.bind(ws);
  const flow = makeFlow(ws, watch);
  const emit = (event: string | symbol, ...args: readonly unknown[]): boolean => {
    if (event === 'frame') watch.heard();
    if (event === 'open') watch.opened();
    if (event === 'unexpected-response') watch.turnedAway(statusOf(args[1]));
    const [node] = args;
    const held = typeof event === 'string' && isNode(node) ? watch.hold(event, node) : undefined;
    if (held === undefined) return pass(event, ...args);
    held.then(
      (passes) => {
        flow();
        if (passes !== false && !watch.over()) pass(event, ...args);
      },
      () => flow(),
    );
    flow();
    return true;
  };
  ws.emit = emit;
  Reflect.set(ws, Symbol.for('nodejs.rejection'), (error: unknown) => watch.rejected(error));
  closeAtOnce(ws);
  holdFrames(ws, watch);
  const readers = ws.listeners('message');
  ws.removeAllListeners('message');
  for (const read of readers) {
    ws.on('message', (data: unknown) => {
      void (async () => read(data))().catch((error: unknown) => watch.unreadable(error));
    });
  }
  return () => ws.emit === emit;
}

interface Held {
  readonly frame: unknown;
  readonly durable: Promise<void> | undefined;
}

/**
 * Frames leave in their order, each once what it rests on is durable; the library takes a held one for written, and goes on.
 * They are as many as the library makes within one commit; if that fails the link ends, and with it all that is held.
 */
function holdFrames(ws: EventEmitter, watch: Watch): void {
  const raw: unknown = Reflect.get(ws, 'socket');
  if (!hasFunctions(raw, ['send'])) return;
  const write: unknown = raw.send;
  if (typeof write !== 'function') return;
  const held: Held[] = [];
  const join = joined(raw);
  const flush = async (): Promise<void> => {
    for (let first = held[0]; first !== undefined; first = held[0]) {
      await first.durable;
      held.shift();
      join();
      Reflect.apply(write, raw, [first.frame, () => {}]);
    }
  };
  Reflect.set(raw, 'send', (frame: unknown, ...rest: readonly unknown[]) => {
    const durable = watch.durable();
    if (durable === undefined && held.length === 0) {
      join();
      return Reflect.apply(write, raw, [frame, ...rest]);
    }
    held.push({ frame, durable });
    if (held.length === 1) flush().catch(() => {});
    const written = rest.at(-1);
    if (typeof written === 'function') written();
  });
}

/** Called before a frame is written: those of one moment, the receipts of a whole commit for one, leave by one call of the system. */
function joined(raw: object): () => void {
  let isOpen = false;
  return () => {
    const stream: unknown = Reflect.get(raw, '_socket');
    if (isOpen || !hasFunctions(stream, ['cork', 'uncork'])) return;
    isOpen = true;
    stream.cork();
    process.nextTick(() => {
      isOpen = false;
      stream.uncork();
    });
  };
}

function makeFlow(ws: EventEmitter, watch: Watch): () => void {
  let paused = false;
  return () => {
    const raw: unknown = Reflect.get(ws, 'socket');
    if (!isPausable(raw)) return;
    if (!paused && watch.depth() >= PAUSE_AT) {
      paused = true;
      raw.pause();
    } else if (paused && watch.depth() <= RESUME_AT) {
      paused = false;
      raw.resume();
    }
  };
}

/** The library tells that a link has ended only when its closing handshake is over. A dead peer never answers that, and half a minute goes by. */
function closeAtOnce(ws: EventEmitter): void {
  const close: unknown = Reflect.get(ws, 'close');
  if (typeof close !== 'function') return;
  Reflect.set(ws, 'close', () => {
    const closed: unknown = Reflect.apply(close, ws, []);
    cut(ws);
    return closed;
  });
}

/** Cuts the connection without the closing handshake, for which a half-dead one would take half a minute. */
export function cut(ws: EventEmitter): void {
  const raw: unknown = Reflect.get(ws, 'socket');
  if (hasFunctions(raw, ['terminate'])) raw.terminate();
}

function statusOf(answer: unknown): number {
  return typeof answer === 'object' && answer !== null ? Number(Reflect.get(answer, 'statusCode')) : 0;
}

function isNode(value: unknown): value is BinaryNode {
  return typeof value === 'object' && value !== null && 'tag' in value && 'attrs' in value;
}

function isPausable(value: unknown): value is { pause(): void; resume(): void } {
  return hasFunctions(value, ['pause', 'resume']);
}

function hasFunctions<const N extends string>(value: unknown, names: readonly N[]): value is Record<N, () => void> {
  return (
    typeof value === 'object' && value !== null && names.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
