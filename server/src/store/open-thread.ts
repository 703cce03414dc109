// Opens the store with its writer in a thread of its own: the lock of the data folder, the thread, the reading connection; and closes them in reverse.
import { join } from 'node:path';
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import { CodedError } from '@pulseline/protocol';
import { lockDataDir } from './lock.ts';
import { assemble, Commits, type Measured, warn } from './open.ts';
import type { CommandMap, Store } from './port.ts';
import { failure } from './sqlite.ts';
import { SqliteQueries } from './sqlite-queries.ts';
import { keyOfFile } from './sqlite-sealing.ts';
import type { VaultKeys } from './vault.ts';
import type { Fault } from './writer-loop.ts';
import { Client, type News, type Order } from './writer-port.ts';
import type { WriterData } from './writer-thread.ts';

export interface OpenOptions extends Omit<WriterData, 'file' | 'keys'> {
  /** The data folder: made if need be, and owned by this process until the store is closed. */
  readonly dir: string;
  /** What credentials and keys are sealed with. Asked once the folder is ours, with the id of the key that its file lies under, if it lies under one. */
  readonly keys: (sealedBy: string | undefined) => VaultKeys;
  /** Told once if values of logins had to be sealed anew: how many. */
  readonly onResealed?: (values: number) => void;
  /** A fault of a decision, to be logged. Without it: a process warning. */
  readonly onFault?: (fault: Fault) => void;
  /** The writer thread ended unasked. Every call is refused from then on; only a new process helps. */
  readonly onLost?: (error: CodedError) => void;
  /** Starts the writer's thread: `serveWriter` with this data and the handlers of the same commands. */
  readonly spawn: (data: WriterData) => Worker;
  /** A closing writer that says nothing for so long is given up. */
  readonly closeTimeoutMs?: number;
  /** Ends the process when the writer is given up: a thread inside SQLite must never be terminated, a killed process loses nothing. */
  readonly giveUp?: () => void;
}

export interface ThreadStore<C extends CommandMap> extends Store<C>, Measured {
  /** A port for an account worker's `connectWriter`; transfer it. */
  connect(): MessagePort;
}

/** The name of the database in the data folder. */
export const DATABASE = 'pulseline.db';
const CLOSE_TIMEOUT_MS = 10_000;

/** Errors: DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, SCHEMA_NEWER, KEY_WRONG, STORE_FAILED, those of `keys`. */
export async function openStore<C extends CommandMap>(options: OpenOptions): Promise<ThreadStore<C>> {
  const { dir, keys: keysFor, onFault = warn, onLost, onResealed, spawn, closeTimeoutMs, giveUp, ...rest } = options;
  const lock = lockDataDir(dir);
  const file = join(dir, DATABASE);
  const commits = new Commits(onFault);
  let thread: WriterThread | undefined;
  try {
    const keys = keysFor(keyOfFile(file));
    thread = new WriterThread(spawn({ ...rest, file, keys }), {
      commits,
      onFault,
      ...(onLost === undefined ? {} : { onLost }),
      closeTimeoutMs: closeTimeoutMs ?? CLOSE_TIMEOUT_MS,
      giveUp: giveUp ?? (() => process.kill(process.pid, 'SIGKILL')),
    });
    const resealed = await thread.ready;
    if (resealed > 0) onResealed?.(resealed);
    const queries = new SqliteQueries(file, keys);
    const open = thread;
    const close = async (): Promise<void> => {
      await open.close();
      queries.close();
      lock.release();
    };
    let closed: Promise<void> | undefined;
    const store = assemble<C>({
      submit: open.client.submit,
      queries,
      commits,
      close: () => {
        closed ??= close();
        return closed;
      },
    });
    return { ...store, connect: () => open.connect() };
  } catch (error) {
    await thread?.close();
    lock.release();
    throw failure(error);
  }
}

interface ThreadOptions extends Pick<OpenOptions, 'onLost'> {
  readonly commits: Commits;
  readonly onFault: (fault: Fault) => void;
  readonly closeTimeoutMs: number;
  readonly giveUp: () => void;
}

/** The writer thread, as its opener sees it. */
class WriterThread {
  readonly client: Client;
  /** Settles when the database is open, with the number of values that were sealed anew, or when it cannot be opened. */
  readonly ready: Promise<number>;
  readonly #worker: Worker;
  readonly #options: ThreadOptions;
  readonly #exited: Promise<void>;
  #state: 'opening' | 'open' | 'closing' | 'gone' = 'opening';
  #watchdog: NodeJS.Timeout | undefined;

  constructor(worker: Worker, options: ThreadOptions) {
    this.#worker = worker;
    this.#options = options;
    this.client = new Client((asked) => this.#order({ order: 'ask', asked }));
    let cause: unknown;
    worker.on('error', (error) => {
      cause = error;
    });
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (news: News) => this.#hear(news, resolve, reject));
      worker.once('exit', () => reject(failure(cause ?? 'the writer thread has ended')));
    });
    // Whoever opens the store awaits it; a writer lost later must not also count as an unhandled rejection.
    this.ready.catch(() => {});
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#ended(cause);
        resolve();
      });
    });
  }

  connect(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#order({ order: 'connect', port: port1 }, [port1]);
    return port2;
  }

  async close(): Promise<void> {
    if (this.#state === 'opening' || this.#state === 'open') {
      this.#state = 'closing';
      this.client.flush();
      this.#order({ order: 'close' });
      this.#watch();
    }
    await this.#exited;
  }

  #order(order: Order, transfer: MessagePort[] = []): void {
    this.#worker.postMessage(order, transfer);
  }

  #hear(news: News, ready: (resealed: number) => void, failed: (error: CodedError) => void): void {
    if (this.#state === 'closing') this.#watch();
    switch (news.news) {
      case 'ready':
        this.#state = 'open';
        ready(news.resealed);
        return;
      case 'failed':
        this.#state = 'closing';
        failed(new CodedError(news.code, news.params));
        return;
      case 'told':
        if (news.told.commit !== undefined) this.#options.commits.tell(news.told.commit);
        this.client.hear(news.told);
        return;
      case 'fault':
        this.#options.onFault(news.fault);
        return;
      default:
        news satisfies never;
    }
  }

  /** Every sign of life gives the closing writer as long again. */
  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(this.#options.giveUp, this.#options.closeTimeoutMs);
  }

  #ended(cause: unknown): void {
    clearTimeout(this.#watchdog);
    const asked = this.#state === 'closing';
    const wasOpen = this.#state === 'open';
    this.#state = 'gone';
    const error = failure(cause ?? (asked ? 'the store is closed' : 'the writer thread has ended'));
    this.client.lose(error);
    if (wasOpen) this.#options.onLost?.(error);
  }
}
