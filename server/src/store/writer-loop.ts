// The group commit loop: runs write commands and the worker's reads one after another, many in one transaction. It knows neither SQL nor threads.
import { randomUUID } from 'node:crypto';
import { CodedError, type Heads } from '@pulseline/protocol';
import type {
  Change,
  CommandMap,
  Commit,
  Handler,
  Handlers,
  JobRow,
  OpenMedia,
  Reads,
  Rows,
  StoredEvent,
  Writer,
} from './port.ts';
import { failure, isStorageError } from './sqlite.ts';

/** What the loop needs of a database; all of it is synchronous. Errors: as the database throws them. */
export interface Transactions {
  begin(writing: boolean): void;
  commit(): void;
  rollback(): void;
  isolated<T>(work: () => T): T;
  load(reads: Reads): Rows;
  apply(changes: readonly Change[], heads: Heads): void;
  keys(account: string, wanted: readonly KeyName[]): readonly (Uint8Array | undefined)[];
  credentials(account: string): Uint8Array | undefined;
  seen(account: string, hashes: readonly string[]): ReadonlyMap<string, Uint8Array>;
  openJobs(account: string, limit: number, errands: boolean): readonly JobRow[];
  jobByWaId(account: string, waId: string): JobRow | undefined;
  openMedia(account: string, limit: number): readonly OpenMedia[];
  /** Writes something that nobody reads. */
  probe(at: number): void;
  /** Brings what is committed from the write-ahead log into the file, as far as nobody is in the way. */
  checkpoint(): void;
  /** One short step of what follows the commits (the search index), until `enough`; true if there is more to do. */
  follow(enough: () => boolean): boolean;
  /** Upkeep in a quiet moment; true if there is more to do. */
  tidy(now: number): boolean;
  close(): void;
}

interface KeyName {
  readonly type: string;
  readonly id: string;
}

/** One request to the writer: plain data, so that it can cross threads. */
export type Request =
  | { readonly kind: 'run'; readonly name: string; readonly input: unknown }
  | { readonly kind: 'keys'; readonly account: string; readonly wanted: readonly KeyName[] }
  | { readonly kind: 'credentials'; readonly account: string }
  | { readonly kind: 'seen'; readonly account: string; readonly hashes: readonly string[] }
  | { readonly kind: 'openJobs'; readonly account: string; readonly limit: number; readonly errands: boolean }
  | { readonly kind: 'jobByWaId'; readonly account: string; readonly waId: string }
  | { readonly kind: 'openMedia'; readonly account: string; readonly limit: number }
  | { readonly kind: 'probe' }
  | { readonly kind: 'stats' };

/** Where the answer goes. As methods, so that a promise of the expected type fits: the request decides what `value` is. */
export interface Answer {
  resolve(value: unknown): void;
  reject(error: CodedError): void;
}

/** A decision that failed in a way that is no CodedError: a fault of ours, to be logged under the id that its caller got. */
export interface Fault {
  readonly id: string;
  readonly command: string;
  readonly text: string;
}

export function faultOf(command: string, error: unknown): Fault {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { id: randomUUID(), command, text };
}

export interface Clock {
  /** Ms since epoch, whole: for what is kept. */
  now(): number;
  /** Ms since epoch with fractions, never falling: for stage stamps. */
  stamp(): number;
}

const systemClock: Clock = {
  now: () => Date.now(),
  stamp: () => performance.timeOrigin + performance.now(),
};

export interface WriterStats {
  /** Requests that wait now, and the most that ever waited. */
  readonly queued: number;
  readonly mostQueued: number;
  /** Requests refused because the queue was full. */
  readonly refused: number;
  /** Transactions committed, and the requests that they bore. */
  readonly groups: number;
  readonly requests: number;
  /** Transactions that the storage failed. */
  readonly failed: number;
}

export interface LoopOptions<C extends CommandMap> {
  readonly handlers: Handlers<C>;
  readonly clock?: Clock;
  /** Told after COMMIT and before the answers of its group. Must not throw. */
  readonly onCommit: (commit: Commit) => void;
  readonly onFault: (fault: Fault) => void;
  /** Runs the loop's next turn when what has arrived meanwhile is in the queue. */
  readonly defer?: (turn: () => void) => void;
  readonly queueLimit?: number;
  /** After so long without a request the write-ahead log is emptied. */
  readonly idleMs?: number;
  /** After so many commits the next pause is used for a checkpoint. */
  readonly checkpointAfter?: number;
}

/** One commit then takes 10 to 15 ms at most; larger groups bring little. */
const GROUP_LIMIT = 256;
export const QUEUE_LIMIT = 10_000;
const IDLE_MS = 5_000;
/** Without a request for so many ms, the next one is probably not just coming. */
const PAUSE_MS = 20;
/** A checkpoint takes some ms: seldom enough that few requests meet one, often enough that SQLite's own, within a commit, stays an exception. */
const CHECKPOINT_AFTER = 50;
/** What follows the commits begins so long after one, so that it takes in many; its steps leave room for requests. */
const FOLLOW_MS = 200;
/** It waits for a pause, so that no request meets a step of it, but no longer than so many ms. */
const FOLLOW_LATEST_MS = 1_000;
const STEP_MS = 3;
const STEPS_APART_MS = 6;
/** After a failure, a full disk perhaps. */
const FOLLOW_AGAIN_MS = 10_000;

interface Item {
  readonly request: Request;
  readonly answer: Answer;
}

export class WriterLoop<C extends CommandMap> {
  readonly #database: Transactions;
  readonly #handlers: Readonly<Record<string, Handler<unknown, unknown>>>;
  readonly #clock: Clock;
  readonly #options: LoopOptions<C>;
  readonly #defer: (turn: () => void) => void;
  readonly #queueLimit: number;
  #queue: Item[] = [];
  #scheduled = false;
  #closed: Promise<void> | undefined;
  #drained: (() => void) | undefined;
  #idle: NodeJS.Timeout | undefined;
  #pause: NodeJS.Timeout | undefined;
  #commits = 0;
  /** Something was asked since the idle time began that was no probe: those come at a beat for ever, and must not keep the tidying off. */
  #stirred = true;
  #following: NodeJS.Timeout | undefined;
  /** When what follows was first wanted, and when a request was last carried out; of the clock's stamps. */
  #wantedAt: number | undefined;
  #busyAt = 0;
  #stats = { mostQueued: 0, refused: 0, groups: 0, requests: 0, failed: 0 };

  /** The database is closed with the loop. */
  constructor(database: Transactions, options: LoopOptions<C>) {
    this.#database = database;
    this.#handlers = options.handlers;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#defer = options.defer ?? setImmediate;
    this.#queueLimit = options.queueLimit ?? QUEUE_LIMIT;
    this.#rest();
    this.#follow(FOLLOW_MS);
  }

  /** Answers after COMMIT. Errors: CodedError of the decision, INTERNAL, STORE_FAILED, BUSY. */
  submit(request: Request, answer: Answer): void {
    if (this.#closed !== undefined) return answer.reject(new CodedError('STORE_FAILED', { detail: 'closing' }));
    if (request.kind === 'stats') return answer.resolve(this.stats());
    if (this.#queue.length >= this.#queueLimit) {
      this.#stats.refused++;
      return answer.reject(new CodedError('BUSY'));
    }
    this.#queue.push({ request, answer });
    this.#stats.mostQueued = Math.max(this.#stats.mostQueued, this.#queue.length);
    this.#schedule();
  }

  stats(): WriterStats {
    return { queued: this.#queue.length, ...this.#stats };
  }

  /** Answers what is queued, then closes the database. */
  close(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    if (this.#scheduled) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    clearTimeout(this.#idle);
    clearTimeout(this.#pause);
    clearTimeout(this.#following);
    this.#database.close();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    clearTimeout(this.#pause);
    this.#defer(() => {
      this.#scheduled = false;
      // What arrives from here on shares the next commit.
      const group = this.#queue.slice(0, GROUP_LIMIT);
      this.#queue = this.#queue.slice(GROUP_LIMIT);
      this.#run(group);
      if (this.#queue.length > 0) this.#schedule();
      else if (this.#closed === undefined) this.#rest();
      else this.#drained?.();
    });
  }

  #run(group: readonly Item[]): void {
    const settled: (() => void)[] = [];
    const events: StoredEvent[] = [];
    const writing = group.some(({ request }) => request.kind === 'run' || request.kind === 'probe');
    try {
      this.#database.begin(writing);
      for (const { request, answer } of group) {
        try {
          const value = this.#perform(request, events);
          settled.push(() => answer.resolve(value));
        } catch (error) {
          if (isStorageError(error)) throw error;
          const told = this.#explain(request, error);
          settled.push(() => answer.reject(told));
        }
      }
      this.#database.commit();
    } catch (error) {
      this.#fail(group, error);
      return;
    }
    const at = this.#clock.stamp();
    this.#busyAt = at;
    if (writing) this.#commits++;
    this.#stirred ||= group.some(({ request }) => request.kind !== 'probe');
    this.#stats.groups++;
    this.#stats.requests += group.length;
    if (events.length > 0) this.#options.onCommit({ events, at });
    for (const settle of settled) settle();
    if (writing) this.#follow(FOLLOW_MS);
  }

  /** Nothing of the group was kept, and each of its callers may try again. */
  #fail(group: readonly Item[], error: unknown): void {
    this.#stats.failed++;
    let told = failure(error);
    try {
      this.#database.rollback();
    } catch (second) {
      told = failure(new AggregateError([error, second], `${told.message}; ${failure(second).message}`));
    }
    for (const { answer } of group) answer.reject(told);
  }

  #explain(request: Request, error: unknown): CodedError {
    if (error instanceof CodedError) return error;
    return this.#fault(request.kind === 'run' ? request.name : request.kind, error);
  }

  #fault(command: string, error: unknown): CodedError {
    const fault = faultOf(command, error);
    this.#options.onFault(fault);
    return new CodedError('INTERNAL', { id: fault.id }, error);
  }

  #perform(request: Request, events: StoredEvent[]): unknown {
    switch (request.kind) {
      case 'run':
        return this.#decide(request.name, request.input, events);
      case 'keys':
        return this.#database.keys(request.account, request.wanted);
      case 'credentials':
        return this.#database.credentials(request.account);
      case 'seen':
        return this.#database.seen(request.account, request.hashes);
      case 'openJobs':
        return this.#database.openJobs(request.account, request.limit, request.errands);
      case 'jobByWaId':
        return this.#database.jobByWaId(request.account, request.waId);
      case 'openMedia':
        return this.#database.openMedia(request.account, request.limit);
      case 'probe':
        return this.#database.probe(this.#clock.now());
      case 'stats':
        return this.stats();
      default:
        throw new TypeError(`no such request: ${JSON.stringify(request satisfies never)}`);
    }
  }

  /** A decision is pure, so only what it changes needs undoing when it fails. */
  #decide(name: string, input: unknown, events: StoredEvent[]): unknown {
    const handler = Object.hasOwn(this.#handlers, name) ? this.#handlers[name] : undefined;
    if (handler === undefined) throw new TypeError(`no such command: ${name}`);
    const rows = this.#database.load(handler.reads(input));
    const { changes, output } = handler.decide(rows, input, this.#clock.now());
    if (changes.length === 0) return output;
    this.#database.isolated(() => this.#database.apply(changes, rows.heads));
    for (const change of changes) {
      if ('put' in change && change.put === 'event') events.push(change.event);
    }
    return output;
  }

  #follow(afterMs: number): void {
    if (this.#following !== undefined || this.#closed !== undefined) return;
    const wantedAt = this.#wantedAt ?? this.#clock.stamp();
    this.#wantedAt = wantedAt;
    this.#following = setTimeout(() => {
      this.#following = undefined;
      const now = this.#clock.stamp();
      if (now - this.#busyAt < PAUSE_MS && now - wantedAt < FOLLOW_LATEST_MS) return this.#follow(PAUSE_MS);
      const until = now + STEP_MS;
      try {
        const left = this.#database.follow(() => this.#clock.stamp() >= until);
        if (left) return this.#follow(STEPS_APART_MS);
        this.#wantedAt = undefined;
        this.#rest();
      } catch (error) {
        this.#fault('follow', error);
        this.#follow(FOLLOW_AGAIN_MS);
      }
    }, afterMs);
    this.#following.unref();
  }

  #rest(): void {
    clearTimeout(this.#pause);
    if (this.#commits >= (this.#options.checkpointAfter ?? CHECKPOINT_AFTER)) {
      this.#pause = setTimeout(() => this.#checkpoint(), PAUSE_MS).unref();
    }
    if (this.#idle !== undefined && !this.#stirred) return;
    this.#stirred = false;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#stirred = true;
      try {
        if (this.#database.tidy(this.#clock.now())) this.#rest();
      } catch (error) {
        this.#fault('tidy', error);
      }
    }, this.#options.idleMs ?? IDLE_MS);
    this.#idle.unref();
  }

  #checkpoint(): void {
    this.#commits = 0;
    try {
      this.#database.checkpoint();
    } catch (error) {
      // Nothing is lost by it: what is committed stays in the log.
      this.#fault('checkpoint', error);
    }
  }
}

/** The writer's face over anything that takes requests: the loop itself, or a port that leads to it. */
export function writerOver<C extends CommandMap>(submit: (request: Request, answer: Answer) => void): Writer<C> {
  const ask = <T>(request: Request): Promise<T> =>
    new Promise<T>((resolve, reject) => submit(request, { resolve, reject }));
  return {
    run: (name, input) => ask({ kind: 'run', name, input }),
    keys: (account, wanted) => ask({ kind: 'keys', account, wanted }),
    credentials: (account) => ask({ kind: 'credentials', account }),
    seen: (account, hashes) => ask({ kind: 'seen', account, hashes }),
    openJobs: (account, limit, errands = false) => ask({ kind: 'openJobs', account, limit, errands }),
    jobByWaId: (account, waId) => ask({ kind: 'jobByWaId', account, waId }),
    openMedia: (account, limit) => ask({ kind: 'openMedia', account, limit }),
  };
}
