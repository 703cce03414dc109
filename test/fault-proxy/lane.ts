// One direction of a proxied connection: bytes and endings wait here as the faults say, in a bounded queue; it never reorders them, and alters only the head of a request, if asked to.
import type { Socket } from 'node:net';
import { withoutUpgrade } from './strip.ts';

/** What is done to the bytes of one direction. */
export interface LaneFaults {
  /** Each chunk is held back for so long. */
  readonly delayMs: number;
  /** 0 = no limit. */
  readonly bytesPerSecond: number;
  /** So many bytes a write; 0 = as they came. */
  readonly fragmentBytes: number;
  /** Nothing goes on; what fits is kept, then the sender feels back-pressure. Lifting it loses nothing. */
  readonly stalled: boolean;
  /**
   * Everything is read and swallowed, endings too. A lane that has swallowed anything goes on swallowing when the fault is
   * lifted: TCP never shows a stream with a hole in it.
   */
  readonly blackhole: boolean;
  /** The first HTTP head of each connection loses what asks for a WebSocket, as with a proxy that knows none. */
  readonly stripUpgrade: boolean;
}

export const noLaneFaults: LaneFaults = {
  delayMs: 0,
  bytesPerSecond: 0,
  fragmentBytes: 0,
  stalled: false,
  blackhole: false,
  stripUpgrade: false,
};

/** Bytes of one direction, over all connections. */
export interface LaneCounters {
  received: number;
  forwarded: number;
  swallowed: number;
  /** Kept in the proxy now. */
  buffered: number;
  writes: number;
}

export function newLaneCounters(): LaneCounters {
  return { received: 0, forwarded: 0, swallowed: 0, buffered: 0, writes: 0 };
}

type Item =
  | { readonly kind: 'bytes'; bytes: Buffer; readonly dueAt: number }
  | { readonly kind: 'fin' | 'rst'; readonly dueAt: number };

export class Lane {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #counters: LaneCounters;
  readonly #bufferBytes: number;
  readonly #onBytes: () => void;
  readonly #queue: Item[] = [];
  #faults: LaneFaults;
  #buffered = 0;
  /** When the limited bandwidth lets the next bytes go. */
  #freeAt = 0;
  #swallowing = false;
  /** The first head as far as it has come; undefined once it is through. */
  #head: Buffer | undefined = Buffer.alloc(0);
  /** A write or a timer is under way; the pump goes on when it ends. */
  #busy = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    source: Socket,
    sink: Socket,
    faults: LaneFaults,
    counters: LaneCounters,
    bufferBytes: number,
    onBytes: () => void,
  ) {
    this.#source = source;
    this.#sink = sink;
    this.#faults = faults;
    this.#counters = counters;
    this.#bufferBytes = bufferBytes;
    this.#onBytes = onBytes;
    source.on('data', (bytes) => this.#take(typeof bytes === 'string' ? Buffer.from(bytes) : bytes));
    source.on('end', () => this.#push({ kind: 'fin', dueAt: this.#due() }));
    source.on('error', () => this.#push({ kind: 'rst', dueAt: this.#due() }));
    sink.on('close', () => this.#discard());
  }

  set(faults: LaneFaults): void {
    this.#faults = faults;
    // What waits for its time is looked at again: a lifted delay holds nothing back.
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#busy = false;
    }
    this.#freeAt = 0;
    this.#pump();
  }

  /** From now on nothing comes out of this lane any more, whatever the faults are. */
  swallow(): void {
    this.#swallowing = true;
    clearTimeout(this.#timer);
    this.#discard();
  }

  /** Ends this direction towards the sink at once; what still comes is swallowed. */
  finish(): void {
    this.swallow();
    this.#sink.end();
  }

  #take(received: Buffer): void {
    this.#counters.received += received.length;
    this.#onBytes();
    const bytes = this.#edited(received);
    if (bytes.length === 0) return;
    if (this.#swallows()) {
      this.#counters.swallowed += bytes.length;
      return;
    }
    this.#buffered += bytes.length;
    this.#counters.buffered += bytes.length;
    if (this.#buffered >= this.#bufferBytes) this.#source.pause();
    this.#push({ kind: 'bytes', bytes, dueAt: this.#due() });
  }

  #edited(bytes: Buffer): Buffer {
    if (this.#head === undefined) return bytes;
    if (!this.#faults.stripUpgrade) {
      this.#head = undefined;
      return bytes;
    }
    this.#head = Buffer.concat([this.#head, bytes]);
    const edited = withoutUpgrade(this.#head);
    if (edited === undefined) return Buffer.alloc(0);
    this.#head = undefined;
    return edited;
  }

  #push(item: Item): void {
    if (this.#swallows()) return;
    this.#queue.push(item);
    this.#pump();
  }

  #swallows(): boolean {
    if (this.#faults.blackhole) this.#swallowing = true;
    return this.#swallowing || this.#sink.destroyed;
  }

  #due(): number {
    return performance.now() + this.#faults.delayMs;
  }

  #pump(): void {
    if (this.#busy) return;
    if (this.#swallows()) return this.#discard();
    const item = this.#queue[0];
    if (item === undefined || this.#faults.stalled) return;
    const { bytesPerSecond, delayMs } = this.#faults;
    const wait = Math.max(delayMs === 0 ? 0 : item.dueAt, bytesPerSecond === 0 ? 0 : this.#freeAt) - performance.now();
    if (wait > 0) {
      this.#busy = true;
      this.#timer = setTimeout(() => this.#resume(), Math.ceil(wait));
      return;
    }
    if (item.kind === 'bytes') return this.#write(item);
    this.#queue.shift();
    if (item.kind === 'fin') this.#sink.end();
    else this.#sink.resetAndDestroy();
  }

  #write(item: Extract<Item, { kind: 'bytes' }>): void {
    const { bytesPerSecond, fragmentBytes } = this.#faults;
    // A hundredth of a second's bytes at a time: a slow line is even, not a burst a second.
    const most = Math.min(
      fragmentBytes === 0 ? Number.POSITIVE_INFINITY : fragmentBytes,
      bytesPerSecond === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(bytesPerSecond / 100)),
    );
    const part = item.bytes.length <= most ? item.bytes : item.bytes.subarray(0, most);
    if (part.length === item.bytes.length) this.#queue.shift();
    else item.bytes = item.bytes.subarray(most);
    if (bytesPerSecond > 0) {
      this.#freeAt = Math.max(performance.now(), this.#freeAt) + (part.length / bytesPerSecond) * 1000;
    }
    this.#busy = true;
    this.#counters.writes += 1;
    this.#sink.write(part, (error) => {
      if (error) this.#counters.swallowed += part.length;
      else this.#counters.forwarded += part.length;
      this.#drop(part.length);
      // A turn of the event loop between two fragments, so that the kernel sends each as a segment of its own.
      if (fragmentBytes > 0) setImmediate(() => this.#resume());
      else this.#resume();
    });
  }

  #resume(): void {
    this.#timer = undefined;
    this.#busy = false;
    this.#pump();
  }

  #drop(bytes: number): void {
    this.#buffered -= bytes;
    this.#counters.buffered -= bytes;
    if (this.#buffered < this.#bufferBytes && this.#source.isPaused()) this.#source.resume();
  }

  #discard(): void {
    for (const item of this.#queue.splice(0)) {
      if (item.kind !== 'bytes') continue;
      this.#counters.swallowed += item.bytes.length;
      this.#drop(item.bytes.length);
    }
  }
}
