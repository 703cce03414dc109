// What may happen to a stanza on its way to a device: it is lost, doubled, late or overtaken, as a test has ordered; without an order it just goes.
import type { Connection } from './connection.ts';
import type { Faults } from './faults.ts';

/** A stanza that was to be overtaken goes all the same when nothing comes after it. */
const OVERTAKEN_AFTER_MS = 500;
const MAX_DELAY_MS = 600_000;
/** Stanzas of one device that are late at a time; past it nothing is made late. */
const MAX_LATE = 10_000;

/** The way to one device. It belongs to a connection: what is late when that ends comes with the next one. */
export class Delivery {
  readonly #connection: Connection;
  readonly #faults: Faults;
  readonly #late = new Set<NodeJS.Timeout>();
  #overtaken: { readonly stanza: Buffer; readonly timer: NodeJS.Timeout } | undefined;

  constructor(connection: Connection, faults: Faults) {
    this.#connection = connection;
    this.#faults = faults;
  }

  /** @param tag of the stanza, which is in its binary form. @param names under which a fault may mean the device. */
  send(tag: string, stanza: Buffer, names: readonly string[]): void {
    if (this.#faults.all().length === 0 && !this.#overtaken) {
      this.#connection.sendEncoded(stanza);
      return;
    }
    // It stays in the queue until it is acknowledged, so that a lost one comes with the next connection.
    if (this.#faults.takeFor('lose', names, tag)) return;
    const delay = this.#late.size < MAX_LATE ? this.#faults.takeFor('delay', names, tag) : undefined;
    if (delay) {
      this.#after(Math.min(MAX_DELAY_MS, Math.max(0, delay.ms ?? 1_000)), () => this.#connection.sendEncoded(stanza));
      return;
    }
    if (!this.#overtaken && this.#faults.takeFor('reorder', names, tag)) {
      this.#overtaken = { stanza, timer: this.#after(OVERTAKEN_AFTER_MS, () => this.#release()) };
      return;
    }
    this.#connection.sendEncoded(stanza);
    if (this.#faults.takeFor('duplicate', names, tag)) this.#connection.sendEncoded(stanza);
    this.#release();
  }

  close(): void {
    for (const timer of this.#late) clearTimeout(timer);
    this.#late.clear();
    this.#overtaken = undefined;
  }

  #release(): void {
    if (!this.#overtaken) return;
    const { stanza, timer } = this.#overtaken;
    this.#overtaken = undefined;
    clearTimeout(timer);
    this.#late.delete(timer);
    this.#connection.sendEncoded(stanza);
  }

  #after(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      act();
    }, ms);
    this.#late.add(timer);
    return timer;
  }
}
