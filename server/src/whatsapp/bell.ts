// A bell for whoever works a queue off: rung as often as one likes, it has the work done once more after the last ring, one run at a time. It knows no queue.
export class Bell {
  readonly #work: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #rung = false;
  #running = false;
  #closed = false;

  constructor(work: () => Promise<void>, failed: (error: unknown) => void) {
    this.#work = work;
    this.#failed = failed;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** There may be work. */
  ring(): void {
    this.#rung = true;
    if (this.#running || this.#closed) return;
    this.#running = true;
    void this.#answer()
      .catch(this.#failed)
      .finally(() => {
        this.#running = false;
        if (this.#rung) this.ring();
      });
  }

  /** No run begins from here on; one that is under way sees `closed`. */
  close(): void {
    this.#closed = true;
  }

  async #answer(): Promise<void> {
    while (this.#rung && !this.#closed) {
      this.#rung = false;
      await this.#work();
    }
  }
}
