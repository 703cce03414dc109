// The process's own pulse: how late the event loop runs and whether the wall clock jumped, over the last minute. It counts lateness and judges nothing.

/** Ms between beats. */
const BEAT_MS = 100;
/** Beats that are remembered: the last minute. */
const BEATS = 600;
/** The wall clock may drift so much against the monotonic one within one beat. */
const JUMP_MS = 2_000;
const MAX_JUMPS = 20;

export interface PulseClock {
  /** Monotonic ms. */
  readonly now: () => number;
  /** Ms since epoch. */
  readonly wall: () => number;
  /** Ms that this thread has waited for a processor since it began; absent where the system does not tell. */
  readonly waited?: (() => number) | undefined;
}

export interface Jump {
  readonly where: string;
  readonly ms: number;
  readonly at: number;
}

/** `beat` is to be called every {@link BEAT_MS}; how much later it is called is what is measured. */
export class Pulse {
  readonly #clock: PulseClock;
  /** By its own doing, and by others' who had the processor. */
  readonly #late: number[] = [];
  readonly #starved: number[] = [];
  readonly #jumps: Jump[] = [];
  #place = 0;
  #last: number;
  #offset: number;
  #waited: number;

  constructor(clock: PulseClock) {
    this.#clock = clock;
    this.#last = clock.now();
    this.#waited = clock.waited?.() ?? 0;
    this.#offset = clock.wall() - this.#last;
  }

  beat(): void {
    const now = this.#clock.now();
    const wall = this.#clock.wall();
    const waited = this.#clock.waited?.() ?? 0;
    const starved = waited - this.#waited;
    this.#waited = waited;
    this.#late[this.#place] = Math.max(0, now - this.#last - BEAT_MS - starved);
    this.#starved[this.#place] = starved;
    this.#place = (this.#place + 1) % BEATS;
    this.#last = now;
    const moved = wall - now - this.#offset;
    this.#offset = wall - now;
    if (Math.abs(moved) < JUMP_MS) return;
    this.#jumps.push({ where: 'server', ms: moved, at: wall });
    if (this.#jumps.length > MAX_JUMPS) this.#jumps.shift();
  }

  /** Beats every {@link BEAT_MS} until the answer is called. */
  run(): () => void {
    const timer = setInterval(() => this.beat(), BEAT_MS).unref();
    return () => clearInterval(timer);
  }

  get jumps(): readonly Jump[] {
    return this.#jumps;
  }

  /**
   * Ms by which the loop was late over the last minute through its own work; a block that goes on now counts as far as it
   * has come. `starvedMs`: how long it waited for a processor that others had.
   */
  read(): { readonly p99: number; readonly max: number; readonly starvedMs: number } {
    const starvedNow = (this.#clock.waited?.() ?? 0) - this.#waited;
    const running = Math.max(0, this.#clock.now() - this.#last - BEAT_MS - starvedNow);
    const sorted = [...this.#late, running].sort((a, b) => a - b);
    return {
      p99: sorted[Math.floor((sorted.length - 1) * 0.99)] ?? 0,
      max: sorted.at(-1) ?? 0,
      starvedMs: this.#starved.reduce((sum, ms) => sum + ms, starvedNow),
    };
  }
}
