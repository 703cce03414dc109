// Opens the store in this thread: writer loop, read-only connection, commit listeners. For tests and tools; the server's is in open-thread.ts.
import { CANARY_STREAM } from '@pulseline/protocol';
import type { CommandMap, Commit, Queries, Store } from './port.ts';
import { failure, type WriteOptions } from './sqlite.ts';
import { SqliteQueries } from './sqlite-queries.ts';
import { SqliteWrite } from './sqlite-write.ts';
import {
  type Answer,
  type Fault,
  faultOf,
  type LoopOptions,
  type Request,
  WriterLoop,
  type WriterStats,
  writerOver,
} from './writer-loop.ts';

export interface OpenInProcess<C extends CommandMap>
  extends Pick<LoopOptions<C>, 'handlers' | 'clock' | 'defer' | 'queueLimit' | 'idleMs'>,
    Partial<Pick<LoopOptions<C>, 'onFault'>>,
    WriteOptions {
  readonly file: string;
}

/** What the store tells about its writer, for metrics. */
export interface Measured {
  stats(): Promise<WriterStats>;
  /** Commits of test messages, of which `onCommit` never hears. Returns the function that ends it. */
  onCanary(listener: (commit: Commit) => void): () => void;
}

/** Errors: SCHEMA_NEWER, KEY_WRONG, STORE_FAILED. */
export async function openStoreInProcess<C extends CommandMap>(
  options: OpenInProcess<C>,
): Promise<Store<C> & Measured> {
  const onFault = options.onFault ?? warn;
  const commits = new Commits(onFault);
  try {
    const database = new SqliteWrite(options.file, {
      ...(options.maxPages !== undefined && { maxPages: options.maxPages }),
      ...(options.keys !== undefined && { keys: options.keys }),
    });
    const loop = new WriterLoop<C>(database, { ...options, onFault, onCommit: (commit) => commits.tell(commit) });
    const queries = new SqliteQueries(options.file, options.keys);
    return assemble<C>({
      submit: (request, answer) => loop.submit(request, answer),
      queries,
      commits,
      close: async () => {
        queries.close();
        await loop.close();
      },
    });
  } catch (error) {
    throw failure(error);
  }
}

/** The listeners of commits. One that fails is reported, and costs neither the others nor the callers anything. */
export class Commits {
  readonly #listeners = new Set<(commit: Commit) => void>();
  readonly #canaries = new Set<(commit: Commit) => void>();
  readonly #onFault: (fault: Fault) => void;

  constructor(onFault: (fault: Fault) => void) {
    this.#onFault = onFault;
  }

  listen(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  listenToCanaries(listener: (commit: Commit) => void): () => void {
    this.#canaries.add(listener);
    return () => this.#canaries.delete(listener);
  }

  /** Here the ways part: what is on the canary's stream is told to nobody else. */
  tell(commit: Commit): void {
    const { events, at } = commit;
    if (!events.some(({ stream }) => stream === CANARY_STREAM)) return this.#tell(this.#listeners, commit);
    const rest = events.filter(({ stream }) => stream !== CANARY_STREAM);
    if (rest.length > 0) this.#tell(this.#listeners, { events: rest, at });
    this.#tell(this.#canaries, { events: events.filter(({ stream }) => stream === CANARY_STREAM), at });
  }

  #tell(listeners: ReadonlySet<(commit: Commit) => void>, commit: Commit): void {
    for (const listener of listeners) {
      try {
        listener(commit);
      } catch (error) {
        this.#onFault(faultOf('onCommit', error));
      }
    }
  }
}

/** Puts a store together from a way to the writer and a way to read. */
export function assemble<C extends CommandMap>(parts: {
  readonly submit: (request: Request, answer: Answer) => void;
  readonly queries: Queries;
  readonly commits: Commits;
  readonly close: () => Promise<void>;
}): Store<C> & Measured {
  const ask = <T>(request: Request): Promise<T> =>
    new Promise<T>((resolve, reject) => parts.submit(request, { resolve, reject }));
  return {
    kind: 'sqlite',
    writer: writerOver<C>(parts.submit),
    queries: parts.queries,
    onCommit: (listener) => parts.commits.listen(listener),
    probe: async () => {
      try {
        await ask({ kind: 'probe' });
        return true;
      } catch {
        return false;
      }
    },
    stats: () => ask({ kind: 'stats' }),
    onCanary: (listener) => parts.commits.listenToCanaries(listener),
    close: parts.close,
  };
}

/** Where faults go if nobody asked for them: never into silence. */
export function warn(fault: Fault): void {
  process.emitWarning(`${fault.command}: ${fault.text}`, { code: 'PULSELINE_STORE_FAULT', detail: fault.id });
}
