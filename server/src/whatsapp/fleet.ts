// All accounts' engines as the main thread sees them: places accounts in workers, passes orders on, and brings a dead worker's accounts back. It speaks to WhatsApp in no way.
import type { MessagePort } from 'node:worker_threads';
import { CodedError, explain, type Language, shape } from '@pulseline/protocol';
import { ACCOUNTS_PER_WORKER } from './crew.ts';
import {
  type Hearing,
  type Measures,
  measures,
  type News,
  type Order,
  parseNews,
  party,
  type Question,
  type WorkerSettings,
} from './orders.ts';
import type { AccountSetup, Batch, Chat, Fleet, Party, Whisper } from './port.ts';
import type { TakenIn } from './test-message.ts';

/** What a worker does with a test message. Errors: those of the writer, and WORKER_DIED, BUSY. */
export interface Tester {
  takeIn(text: string): Promise<TakenIn>;
  write(data: string): Promise<void>;
}

const takenIn: shape.Shape<TakenIn> = shape.object({ heard: shape.number(), normalised: shape.number() });

/** A worker thread, as far as the fleet uses it. */
export interface WorkerThread {
  postMessage(message: unknown): void;
  on(event: 'message' | 'error' | 'exit', listener: (value: unknown) => void): unknown;
  terminate(): Promise<unknown>;
}

export interface FleetParts {
  /** Starts `worker.ts` with this data. */
  readonly spawn: (
    data: WorkerSettings & { readonly port: MessagePort },
    transfer: readonly MessagePort[],
  ) => WorkerThread;
  /** A port to the writer, for one worker. */
  readonly connect: () => MessagePort;
  /** Makes facts true when no worker can: that one has died. */
  readonly commit: (batch: Batch) => Promise<unknown>;
  readonly whisper: (whisper: Whisper) => void;
  readonly language: Language;
  readonly log: {
    debug(fields: object, text: string): void;
    warn(fields: object, text: string): void;
    error(fields: object, text: string): void;
  };
  readonly media: WorkerSettings['media'];
  /** How fast each account sends; absent = {@link PACE} for real ones, no limit for emulated ones. */
  readonly pace?: WorkerSettings['pace'];
  /** Is what links show fetched for real accounts? Absent = no. */
  readonly previews?: boolean;
}

interface Placed {
  readonly setup: AccountSetup;
  readonly worker: AccountWorker;
}

/** WhatsApp bans accounts that write like machines: twenty at once, then one a second. */
const PACE = { burst: 20, every: 1_000 };
/** A worker that died is replaced at once; one that dies again soon waits so many ms, doubled each time: the first two deaths cost less than 5 s. */
const NEXT_RESPAWN = 2_000;
const LONGEST_RESPAWN = 60_000;
const SOON = 120_000;
/** A worker that says nothing for so long hangs: it is ended like one that died. */
const ALIVE_EVERY = 5_000;
const ALIVE_WITHIN = 10_000;
const ANSWER_WITHIN = 30_000;
/** Longer than an errand waits for the phone. */
const ERRAND_WITHIN = 45_000;
const CLOSE_WITHIN = 5_000;

/** One live worker thread with the questions that it owes an answer. */
class AccountWorker {
  readonly kind: string;
  readonly accounts = new Set<string>();
  /** As of its last sign of life. */
  measures: Measures = { accounts: 0, waiting: 0, cachedBytes: 0, fetching: 0, unfetched: 0, hearing: [] };
  readonly #thread: WorkerThread;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #next = 1;
  #alive: NodeJS.Timeout;

  constructor(kind: string, thread: WorkerThread, hear: (news: News) => void, ended: (error: unknown) => void) {
    this.kind = kind;
    this.#thread = thread;
    let cause: unknown;
    thread.on('error', (error) => {
      cause = error;
    });
    thread.on('message', (message) => {
      const news = parseNews(message);
      if (news.news === 'answer') this.#waiting.get(news.ask)?.resolve(news.value);
      else if (news.news === 'refusal') this.#waiting.get(news.ask)?.reject(new CodedError(news.code, news.params));
      else hear(news);
    });
    thread.on('exit', (code) => {
      clearInterval(this.#alive);
      for (const each of this.#waiting.values()) each.reject(new CodedError('WORKER_DIED'));
      ended(cause ?? `exit code ${code}`);
    });
    // Twice, since after a sleep of the whole machine the first answer may come after its time.
    let silences = 0;
    this.#alive = setInterval(() => {
      this.ask({ order: 'alive' }, ALIVE_WITHIN).then(
        (answer) => {
          silences = 0;
          this.measures = measures.parse(answer);
        },
        () => {
          silences += 1;
          if (silences === 2) void this.end();
        },
      );
    }, ALIVE_EVERY);
    this.#alive.unref();
  }

  tell(order: Order): void {
    this.#thread.postMessage(order);
  }

  /** Errors: what the worker refuses, WORKER_DIED, BUSY if it does not answer in time. */
  async ask(question: WithoutAsk<Question>, within = ANSWER_WITHIN): Promise<unknown> {
    const ask = this.#next++;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#waiting.set(ask, { resolve, reject });
        timer = setTimeout(() => reject(new CodedError('BUSY')), within);
        this.tell({ ...question, ask });
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(ask);
    }
  }

  end(): Promise<unknown> {
    return this.#thread.terminate();
  }
}

type WithoutAsk<Q> = Q extends unknown ? Omit<Q, 'ask'> : never;

/** Realms must not be shared: the library holds the certificate root in one place for all of a realm's accounts. */
function kindOf({ url, root }: AccountSetup): string {
  return url === undefined ? 'real' : `emulated ${root ?? ''}`;
}

export function openFleet(parts: FleetParts): Fleet & {
  measure(): Omit<Measures, 'hearing'> & { readonly workers: number };
  hearing(): readonly Hearing[];
  /** A worker for a test message, each in its turn; undefined while there is none. */
  tester(): Tester | undefined;
} {
  const { log } = parts;
  const workers = new Set<AccountWorker>();
  const placed = new Map<string, Placed>();
  /** When a worker of a kind died last, and how often in a row. */
  const deaths = new Map<string, { readonly at: number; readonly inRow: number }>();
  /** Accounts whose worker died twice in a row: each has one to itself from then on, so that the one at fault costs the others nothing more. */
  const alone = new Set<string>();
  const respawns = new Set<NodeJS.Timeout>();
  /** Accounts that are rung in this turn. */
  const rung = new Set<string>();
  let closing = false;
  let tested = 0;

  function place(setup: AccountSetup): AccountWorker {
    const kind = placeOf(setup);
    const room = [...workers].find((worker) => worker.kind === kind && worker.accounts.size < ACCOUNTS_PER_WORKER);
    const worker = room ?? spawn(kind, setup);
    worker.accounts.add(setup.id);
    placed.set(setup.id, { setup, worker });
    worker.tell({ order: 'start', setup });
    return worker;
  }

  /** Accounts of one place may share a worker. */
  function placeOf(setup: AccountSetup): string {
    return alone.has(setup.id) ? `${kindOf(setup)} ${setup.id}` : kindOf(setup);
  }

  function spawn(kind: string, { url, root }: AccountSetup): AccountWorker {
    const port = parts.connect();
    const emulated = url !== undefined;
    const pace = parts.pace ?? (emulated ? undefined : PACE);
    const settings: WorkerSettings = {
      emulated,
      // A sandbox stays on this machine.
      previews: parts.previews === true && !emulated,
      language: parts.language,
      media: parts.media,
      ...(root !== undefined && emulated && { root }),
      ...(pace !== undefined && { pace }),
    };
    const worker: AccountWorker = new AccountWorker(kind, parts.spawn({ ...settings, port }, [port]), hear, (cause) =>
      died(worker, cause),
    );
    workers.add(worker);
    return worker;
  }

  function hear(news: News): void {
    if (news.news === 'whisper') parts.whisper(news.whisper);
    if (news.news === 'log') log[news.level]({ account: news.account, error: news.error }, news.text);
  }

  /** Its accounts say so, and are back soon; nobody else notices. */
  function died(worker: AccountWorker, cause: unknown): void {
    workers.delete(worker);
    const lost = [...placed.values()].filter((each) => each.worker === worker).map(({ setup }) => setup);
    if (closing || lost.length === 0) return;
    const now = performance.now();
    const last = deaths.get(worker.kind);
    const inRow = last !== undefined && now - last.at < SOON ? last.inRow + 1 : 1;
    const pause = inRow === 1 ? 0 : Math.min(LONGEST_RESPAWN, NEXT_RESPAWN * 2 ** Math.min(inRow - 2, 20));
    deaths.set(worker.kind, { at: now, inRow });
    if (inRow > 1 && lost.length > 1) for (const { id } of lost) alone.add(id);
    log.error({ err: cause, accounts: lost.map(({ id }) => id), pause }, 'an account worker died');
    const told = lost.map(({ id }) => tellDeath(id, Date.now() + pause));
    const timer = setTimeout(() => {
      respawns.delete(timer);
      void Promise.allSettled(told).then(() => {
        for (const setup of lost) if (!closing && placed.get(setup.id)?.worker === worker) place(setup);
      });
    }, pause);
    respawns.add(timer);
  }

  async function tellDeath(account: string, nextTryAt: number): Promise<void> {
    const reason = { code: 'WORKER_DIED', ...explain('WORKER_DIED', parts.language) };
    const since = Date.now();
    const fact = { type: 'state', state: 'DISCONNECTED', raw: 'close', reason, since, nextTryAt } as const;
    await parts
      .commit({ account, facts: [fact], keys: [], seen: [] })
      .catch((error: unknown) => log.error({ err: error, account }, 'the death of a worker was not written down'));
  }

  /** Errors: ACCOUNT_NOT_FOUND. */
  function workerOf(account: string): AccountWorker {
    const found = placed.get(account);
    if (found === undefined) throw new CodedError('ACCOUNT_NOT_FOUND');
    return found.worker;
  }

  async function leave(account: string): Promise<void> {
    const found = placed.get(account);
    if (found === undefined) return;
    placed.delete(account);
    deaths.delete(placeOf(found.setup));
    alone.delete(account);
    found.worker.accounts.delete(account);
    if (!workers.has(found.worker)) return;
    await found.worker
      .ask({ order: 'stop', account })
      .catch((error: unknown) => log.warn({ err: error, account }, 'an account did not stop'));
    if (found.worker.accounts.size === 0 && workers.delete(found.worker)) await close(found.worker);
  }

  async function close(worker: AccountWorker): Promise<void> {
    await worker
      .ask({ order: 'close' }, CLOSE_WITHIN)
      .catch((error: unknown) => log.warn({ err: error }, 'a worker did not close'));
    await worker.end();
  }

  return {
    start(setup) {
      if (closing) return;
      const found = placed.get(setup.id);
      if (found === undefined || !workers.has(found.worker)) {
        place(setup);
      } else if (found.worker.kind === placeOf(setup)) {
        placed.set(setup.id, { setup, worker: found.worker });
        found.worker.tell({ order: 'start', setup });
      } else {
        // Two links with one login must never be open at once.
        void leave(setup.id).then(() => {
          if (!closing && !placed.has(setup.id)) place(setup);
        });
      }
    },
    stop: leave,
    restart(account) {
      const found = placed.get(account);
      if (found !== undefined && workers.has(found.worker)) found.worker.tell({ order: 'restart', account });
    },
    async logout(account) {
      await workerOf(account).ask({ order: 'logout', account });
    },
    async pairingCode(account, phone) {
      return shape.string(64, 1).parse(await workerOf(account).ask({ order: 'pairing-code', account, phone }));
    },
    ring(account, queue) {
      if (queue === undefined) placed.get(account)?.worker.tell({ order: 'ring', account });
      if (queue === undefined || rung.has(account)) return;
      // Messages of one commit are told of at once.
      rung.add(account);
      queueMicrotask(() => {
        rung.delete(account);
        placed.get(account)?.worker.tell({ order: 'ring', account, queue });
      });
    },
    async lookUp(account, phone): Promise<Party | undefined> {
      const found = await workerOf(account).ask({ order: 'look-up', account, phone });
      return found === undefined ? undefined : party.parse(found);
    },
    async errand(account, job) {
      await workerOf(account).ask({ order: 'errand', account, job }, ERRAND_WITHIN);
    },
    async ask(account, question) {
      return workerOf(account).ask({ order: 'question', account, question });
    },
    typing(account: string, chat: Chat, state) {
      placed.get(account)?.worker.tell({ order: 'typing', account, chat, state });
    },
    tester() {
      tested += 1;
      const worker = [...workers][tested % Math.max(1, workers.size)];
      return (
        worker && {
          takeIn: async (text) => takenIn.parse(await worker.ask({ order: 'take-in', text })),
          write: async (data) => {
            await worker.ask({ order: 'write-test', data });
          },
        }
      );
    },
    hearing: () => [...workers].flatMap((worker) => worker.measures.hearing),
    measure() {
      const all = [...workers].map((worker) => worker.measures);
      const sum = (of: (each: Measures) => number): number => all.reduce((total, each) => total + of(each), 0);
      return {
        workers: workers.size,
        accounts: placed.size,
        waiting: sum((each) => each.waiting),
        cachedBytes: sum((each) => each.cachedBytes),
        fetching: sum((each) => each.fetching),
        unfetched: sum((each) => each.unfetched),
      };
    },
    async close() {
      closing = true;
      for (const timer of respawns) clearTimeout(timer);
      await Promise.all([...workers].map(close));
    },
  };
}
