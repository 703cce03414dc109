// How far files are on their way, told a few times a second each, and the means to break one off. It moves no byte.
import { CodedError } from '@pulseline/protocol';

type Direction = 'up' | 'down';
/** Bytes of the sealed file; `total` 0 = not known. */
type Told = (media: string, direction: Direction, done: number, total: number) => void;

/** Ms between two words on one file. */
const EVERY = 250;

export class Transfers {
  readonly #tell: Told;
  /** Ms on a clock that never jumps. */
  readonly #now: () => number;
  /** As many as are on their way: a few per account. */
  readonly #open = new Map<string, AbortController>();

  constructor(tell: Told, now: () => number) {
    this.#tell = tell;
    this.#now = now;
  }

  /** Runs one that can be broken off by {@link cancel}, which makes it reject with SEND_CANCELLED; `outer` ends it too. */
  async run<T>(
    media: string,
    direction: Direction,
    outer: AbortSignal,
    work: (signal: AbortSignal, passed: (done: number, total: number) => void) => Promise<T>,
  ): Promise<T> {
    const own = new AbortController();
    this.#open.set(media, own);
    let last = Number.NEGATIVE_INFINITY;
    const passed = (done: number, total: number): void => {
      const now = this.#now();
      if (now - last < EVERY && done !== total) return;
      last = now;
      this.#tell(media, direction, done, total);
    };
    try {
      return await work(AbortSignal.any([outer, own.signal]), passed);
    } catch (error) {
      throw own.signal.aborted && !outer.aborted ? new CodedError('SEND_CANCELLED', {}, error) : error;
    } finally {
      if (this.#open.get(media) === own) this.#open.delete(media);
    }
  }

  /** Breaks off the transfer of this file, if there is one. */
  cancel(media: string): void {
    this.#open.get(media)?.abort();
  }
}
