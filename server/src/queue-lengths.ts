// Keeps `Account.queued` up to date: asks for a count soon after something was put into an outbox, and again while something waits. It looks into no outbox itself.
import type { Commit } from './store/port.ts';

/** Ms after which a change is told: a burst is one number. */
const SOON = 250;
/** Ms between looks while something waits and nothing else happens. */
const AGAIN = 2_000;

export interface QueueParts {
  /** Counts, tells it if it is another number than before, and answers it. */
  readonly count: (account: string) => Promise<number>;
  /** Calls back after so many ms; the answer takes it back. */
  readonly after: (ms: number, call: () => void) => () => void;
  readonly onError: (error: unknown) => void;
}

export class QueueLengths {
  readonly #parts: QueueParts;
  readonly #timers = new Map<string, () => void>();
  readonly #waiting = new Set<string>();
  #closed = false;

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  /** There may be new jobs. */
  mark(account: string): void {
    if (this.#waiting.has(account) || this.#closed) return;
    this.#waiting.add(account);
    this.#plan(account, SOON);
  }

  /** Statuses of what waited move with the queue. */
  committed({ events }: Commit): void {
    for (const { type, stream } of events) if (type === 'message_status' && this.#timers.has(stream)) this.mark(stream);
  }

  forget(account: string): void {
    this.#timers.get(account)?.();
    this.#timers.delete(account);
    this.#waiting.delete(account);
  }

  close(): void {
    this.#closed = true;
    for (const account of this.#timers.keys()) this.forget(account);
  }

  #plan(account: string, ms: number): void {
    this.#timers.get(account)?.();
    this.#timers.set(
      account,
      this.#parts.after(ms, () => void this.#look(account)),
    );
  }

  async #look(account: string): Promise<void> {
    this.#waiting.delete(account);
    try {
      const queued = await this.#parts.count(account);
      if (this.#closed || this.#waiting.has(account)) return;
      if (queued > 0) this.#plan(account, AGAIN);
      else this.forget(account);
    } catch (error) {
      this.forget(account);
      if (!this.#closed) this.#parts.onError(error);
    }
  }
}
