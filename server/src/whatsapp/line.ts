// One account's line: everything that moves its keys or becomes a fact passes here one after the other, and leaves only after the commit that holds it.
import { CodedError } from '@pulseline/protocol';
import type { Keyring } from './keyring.ts';
import type { Batch, Fact, Heard, Keeper, SeenCiphertext } from './port.ts';

/** A step puts here what its commit has to hold; if the step throws it is forgotten. */
export interface Sink {
  fact(fact: Fact): void;
  seen(ciphertext: SeenCiphertext): void;
  count(kind: keyof Heard): void;
}

export interface LineParts {
  readonly account: string;
  readonly keeper: Pick<Keeper, 'commit'>;
  readonly keyring: Keyring;
  /** Monotonic ms. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** The credentials as they are now, if they must be written. Called once per commit. */
  readonly credentials: () => Uint8Array | undefined;
  /** A fact that the keeper does not take whatever one does, and that must not cost the others their way. */
  readonly onRefused: (fact: Fact, error: Error) => void;
  /** Nothing leaves the line any more: end the socket. Called once. */
  readonly onDead: (error: Error) => void;
  readonly limits?: Partial<LineLimits>;
}

export interface LineLimits {
  /** Steps of one commit. */
  readonly steps: number;
  /** Ms of computing before what is done is committed. */
  readonly ms: number;
  /** Ms for which a failing commit is tried again. */
  readonly patience: number;
  /** Steps that may wait; more and the line is dead, since nothing that waits has been acknowledged. */
  readonly waiting: number;
}

const LIMITS: LineLimits = { steps: 64, ms: 8, patience: 5_000, waiting: 20_000 };

interface Step {
  /** Runs the step inside the keyring; afterwards `settle` tells its caller. */
  readonly run: () => Promise<void>;
  readonly settle: () => void;
  readonly refuse: (error: Error) => void;
}

/** One commit, for those who wait for it without having a step of their own in it. */
class Ticket {
  readonly durable: Promise<void>;
  resolve = (): void => {};
  reject: (error: Error) => void = () => {};

  constructor() {
    this.durable = new Promise<void>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Nobody may be waiting.
    this.durable.catch(() => {});
  }
}

/** The line ended before the step was committed. Whoever gets this must not answer WhatsApp. */
export class LineDead extends Error {
  constructor(cause?: Error) {
    super('The line of this account is dead', { cause });
    this.name = 'LineDead';
  }
}

/**
 * Read-ahead and group commit: steps run in the order of their coming, as many as wait (at most `steps`, or `ms`), then ONE commit
 * holds all their facts, keys and ciphertexts, then they are settled in order. While it is under way the next ones run. A commit
 * that keeps failing kills the line: no step of it is settled, so nothing is acknowledged and WhatsApp hands everything out again.
 */
export class Line {
  readonly #parts: LineParts;
  readonly #limits: LineLimits;
  #waiting: Step[] = [];
  #facts: Fact[] = [];
  #seen: SeenCiphertext[] = [];
  #heard: Heard = NOTHING_HEARD;
  #kicked = false;
  #running = false;
  #arrived = (): void => {};
  /** The commit of the steps before, until they are told. */
  #underWay: Promise<void> | undefined;
  #dead: Error | undefined;
  #commitUnderWay: Promise<unknown> = Promise.resolve();
  /** Of the early steps that are not durable yet: those of the next commit, and before them those of the one under way. */
  #next: Ticket | undefined;
  #current: Ticket | undefined;

  constructor(parts: LineParts) {
    this.#parts = parts;
    this.#limits = { ...LIMITS, ...parts.limits };
  }

  get alive(): boolean {
    return this.#dead === undefined;
  }

  /** Steps that wait, for back-pressure and metrics. */
  get depth(): number {
    return this.#waiting.length;
  }

  /** Resolves when no commit is under way. After `kill` none begins: only then may another line of the account read its keys. */
  async settled(): Promise<void> {
    await this.#commitUnderWay.catch(() => {});
  }

  /** Resolves with the step's result after the commit. Rejects with the step's error, or with LineDead. Never call it from within a step. */
  run<T>(step: (sink: Sink) => Promise<T>): Promise<T> {
    return this.#enter(step, false);
  }

  /**
   * The same, but resolves as soon as the step has run. Whatever its result leads to must not leave this process before
   * `durable`.
   */
  runEarly<T>(step: (sink: Sink) => Promise<T>): Promise<T> {
    return this.#enter(step, true);
  }

  /** Resolves when all that came early is durable, rejects with LineDead if it never will be; undefined if it is. */
  durable(): Promise<void> | undefined {
    if (this.#next !== undefined) this.kick();
    return (this.#next ?? this.#current)?.durable;
  }

  #enter<T>(step: (sink: Sink) => Promise<T>, early: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#dead !== undefined) return reject(new LineDead(this.#dead));
      if (this.#waiting.length >= this.#limits.waiting) {
        reject(new LineDead());
        return this.kill(new Error(`more than ${this.#limits.waiting} steps wait`));
      }
      let settle = (): void => {};
      const run = async (): Promise<void> => {
        const facts: Fact[] = [];
        const seen: SeenCiphertext[] = [];
        const heard = { ...NOTHING_HEARD };
        try {
          const sink: Sink = {
            fact: (fact) => facts.push(fact),
            seen: (ciphertext) => seen.push(ciphertext),
            count: (kind) => {
              heard[kind] += 1;
            },
          };
          const result = await this.#parts.keyring.attempt(() => step(sink));
          this.#facts.push(...facts);
          this.#seen.push(...seen);
          if (heard.wire > 0) this.#heard = sumOf(this.#heard, heard);
          settle = () => resolve(result);
        } catch (error) {
          settle = () => reject(error);
        }
        if (!early) return;
        this.#next ??= new Ticket();
        // What a failed read led to must not even be computed further.
        if (this.#parts.keyring.failure === undefined) settle();
      };
      this.#waiting.push({ run, settle: () => settle(), refuse: reject });
      this.#start();
    });
  }

  /** A fact from outside a step: it is in the next commit. */
  note(fact: Fact): void {
    this.#facts.push(fact);
    this.kick();
  }

  /** The same, without a hurry: it is in the commit of the next step, or in one of its own when `durable` is asked for. */
  noteEarly(fact: Fact): void {
    this.#facts.push(fact);
    this.#next ??= new Ticket();
  }

  /** Something else from outside a step waits for a commit (credentials, keys set aside). */
  kick(): void {
    if (this.#dead !== undefined) return;
    this.#kicked = true;
    this.#start();
  }

  /** Ends the line; what waits is refused, and late steps of an old socket are too. */
  kill(error: Error): void {
    if (this.#dead !== undefined) return;
    this.#dead = error;
    this.#current?.reject(new LineDead(error));
    this.#next?.reject(new LineDead(error));
    for (const step of this.#waiting.splice(0)) step.refuse(new LineDead(error));
    this.#parts.onDead(error);
  }

  #start(): void {
    this.#arrived();
    if (this.#running) return;
    this.#running = true;
    void this.#loop();
  }

  async #loop(): Promise<void> {
    while (this.#dead === undefined && (this.#waiting.length > 0 || this.#kicked)) {
      this.#kicked = false;
      const done: Step[] = [];
      await this.#compute(done);
      // What comes while the last commit is under way is computed meanwhile, and shares the next one.
      while (this.#underWay !== undefined) {
        const room = done.length < this.#limits.steps;
        await (room && this.#waiting.length === 0 ? Promise.race([this.#underWay, this.#arrival()]) : turn());
        if (room) await this.#compute(done);
        else await this.#underWay;
      }
      if (this.#dead !== undefined) {
        refuse(done, this.#dead);
        return;
      }
      this.#underWay = this.#finish(done);
    }
    // In the same turn as the condition, or a step that comes in between would wait for ever.
    this.#running = false;
  }

  /** Runs what waits, as much as one commit may hold, for a few ms. */
  async #compute(done: Step[]): Promise<void> {
    const started = this.#parts.now();
    for (let count = 0; done.length < this.#limits.steps && this.#dead === undefined; count++) {
      if (count > 0 && this.#parts.now() - started >= this.#limits.ms) return;
      const step = this.#waiting.shift();
      if (step === undefined) return;
      await step.run();
      done.push(step);
      if (this.#parts.keyring.failure !== undefined) this.kill(this.#parts.keyring.failure);
    }
  }

  /** Commits what has been computed, and tells the steps. */
  async #finish(done: readonly Step[]): Promise<void> {
    this.#current = this.#next;
    this.#next = undefined;
    const kept = await this.#commit();
    this.#underWay = undefined;
    if (!kept) return refuse(done, this.#dead);
    this.#current?.resolve();
    this.#current = undefined;
    for (const step of done) step.settle();
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }

  /** True when everything that was to be kept is durable. */
  async #commit(): Promise<boolean> {
    if (this.#dead !== undefined) return false;
    const credentials = this.#parts.credentials();
    const batch: Batch = {
      account: this.#parts.account,
      facts: this.#facts.splice(0),
      keys: this.#parts.keyring.take(),
      seen: this.#seen.splice(0),
      ...(this.#heard.wire > 0 && { heard: this.#heard }),
      ...(credentials !== undefined && { credentials }),
    };
    this.#heard = NOTHING_HEARD;
    const { facts, keys, seen, heard } = batch;
    const nothing = facts.length + keys.length + seen.length === 0 && credentials === undefined && heard === undefined;
    if (!nothing && !(await this.#keep(batch))) return false;
    this.#parts.keyring.committed();
    return this.#dead === undefined;
  }

  /** As a whole, or, if the keeper refuses what is in it, as much of it as it takes. */
  async #keep(batch: Batch): Promise<boolean> {
    const whole = await this.#insist(batch);
    if (!(whole instanceof CodedError)) return whole;
    // Facts may come true before their keys: if we die in between, they come again and are known.
    const empty = { account: batch.account, keys: [], seen: [] };
    for (const fact of batch.facts) {
      const alone = await this.#insist({ ...empty, facts: [fact] });
      if (alone === false) return false;
      if (alone === true) continue;
      this.#parts.onRefused(fact, alone);
      const plain = standIn(fact);
      if (plain !== undefined && (await this.#insist({ ...empty, facts: [plain] })) === false) return false;
    }
    const rest = await this.#insist({ ...batch, facts: [] });
    if (rest instanceof CodedError) this.kill(rest);
    return rest === true;
  }

  /**
   * Tries a commit until it holds or patience ends; what was computed waits in memory meanwhile. The error if the keeper
   * refuses the batch itself; false if the line is dead.
   */
  async #insist(batch: Batch): Promise<boolean | CodedError> {
    const deadline = this.#parts.now() + this.#limits.patience;
    for (let pause = 50; this.#dead === undefined; pause = Math.min(1_000, pause * 2)) {
      try {
        this.#commitUnderWay = this.#parts.keeper.commit(batch);
        await this.#commitUnderWay;
        return true;
      } catch (error) {
        if (error instanceof CodedError && REFUSALS.has(error.code)) return error;
        if (this.#parts.now() + pause > deadline) this.kill(error instanceof Error ? error : new Error(String(error)));
        else await this.#parts.sleep(pause);
      }
    }
    return false;
  }
}

const NOTHING_HEARD: Heard = { wire: 0, redelivered: 0, control: 0, aside: 0 };

function sumOf(one: Heard, other: Heard): Heard {
  return {
    wire: one.wire + other.wire,
    redelivered: one.redelivered + other.redelivered,
    control: one.control + other.control,
    aside: one.aside + other.aside,
  };
}

function refuse(steps: readonly Step[], cause: Error | undefined): void {
  const error = new LineDead(cause);
  for (const step of steps) step.refuse(error);
}

/** One turn of the event loop, in which the answer to a commit can come in. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Codes that say that the batch is at fault and not the store: trying again does not help. */
const REFUSALS: ReadonlySet<string> = new Set(['INTERNAL', 'BAD_REQUEST']);

/** What is certainly true of a message whose fact was refused: that it was there. */
function standIn(fact: Fact): Fact | undefined {
  if (fact.type !== 'message') return undefined;
  const { type, key, fromMe, timestamp, offline, stamps, rawType } = fact;
  return { type, key, fromMe, timestamp, offline, stamps, kind: 'unknown', body: '', rawType: rawType ?? fact.kind };
}
