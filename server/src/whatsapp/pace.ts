// How fast an account may send: a bucket of tokens that outlives its links, so that no reconnect makes a burst. It waits for nothing itself.

/** So many messages at once, and after that one every `every` ms; 0 = no limit. */
export interface Pace {
  readonly burst: number;
  readonly every: number;
}

export class Meter {
  readonly #pace: Pace;
  #tokens: number;
  #filledAt: number;

  constructor(pace: Pace, now: number) {
    this.#pace = pace;
    this.#tokens = pace.burst;
    this.#filledAt = now;
  }

  /** Books the next message, and tells how many ms it has to wait. */
  book(now: number): number {
    const { burst, every } = this.#pace;
    if (every === 0) return 0;
    const passed = Math.max(0, now - this.#filledAt);
    this.#tokens = Math.min(burst, this.#tokens + passed / every) - 1;
    this.#filledAt = Math.max(now, this.#filledAt);
    return this.#tokens < 0 ? -this.#tokens * every : 0;
  }
}
