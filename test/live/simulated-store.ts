// The log of a simulated world: the server's real writer loop and real decisions over rows in memory, with seeded reads, refused and half-finished commits, a window, and restored backups. It waits for nothing by itself.
import type { Conversation, Heads } from '@pulseline/protocol';
import { CodedError } from '@pulseline/protocol';
import type { Commands } from '../../server/src/inbox/commands.ts';
import { handlers } from '../../server/src/inbox/handlers.ts';
import { MemoryRows } from '../../server/src/inbox/test/memory-rows.ts';
import type { Change, Commit, Queries, Reads, Rows, StoredEvent, Writer } from '../../server/src/store/port.ts';
import { type Transactions, WriterLoop, writerOver } from '../../server/src/store/writer-loop.ts';

/** What becomes of the next COMMIT: kept, refused by the disk, or kept and the process dead before it can tell anybody. */
export type Fate = 'kept' | 'refused' | 'killed';

export interface Snapshot {
  readonly heads: Heads;
  readonly conversations: readonly Conversation[];
}

export interface SimulatedStore {
  readonly queries: Pick<Queries, 'heads' | 'events'>;
  readonly rows: MemoryRows;
  /** Reads fail while this is true. */
  broken: boolean;
  /** A COMMIT was kept and nobody knows: the process has to be ended. */
  readonly killed: boolean;
  /** The writer of the present process. */
  readonly writer: Writer<Commands>;
  /** Another process: what the old one had not committed is gone. */
  open(onCommit: (commit: Commit) => void): void;
  /** Lets the writer take its turn. */
  turn(): void;
  /** Answers so many reads that are under way. */
  answer(count: number): void;
  readonly reading: number;
  /** As of now, in one moment. */
  snapshot(): Promise<Snapshot>;
  heads(): Heads;
  head(stream: string): number;
  /** Of the events that are still in the log; head + 1 if none is. */
  firstSeq(stream: string): number;
  /** Every event that was ever committed since the log began (or was restored), also what is cut. */
  history(stream: string): readonly StoredEvent[];
  /** The account's conversations as a snapshot said them when its stream stood there; undefined inside a transaction. */
  picture(stream: string, seq: number): readonly Conversation[] | undefined;
  cut(stream: string, firstSeq: number): void;
  /** Forgets events that were committed before this time. */
  expire(before: number): void;
  backup(): void;
  /** The rows are those of the last backup, and the log is another one. */
  restore(): void;
  close(): void;
}

export function simulatedStore(
  accounts: readonly string[],
  wall: () => number,
  chance: (share: number) => boolean,
  fate: () => Fate,
): SimulatedStore {
  const rows = new MemoryRows();
  const lanes = new Map<string, { all: StoredEvent[]; firstSeq: number }>();
  const pictures = new Map<string, Map<number, readonly Conversation[]>>();
  const waiting: { readonly answer: () => void; readonly drop: () => void }[] = [];
  let loop: WriterLoop<Commands> | undefined;
  let due: (() => void) | undefined;
  let before: { readonly putBack: () => void; readonly events: number } | undefined;
  let saved: (() => void) | undefined;
  let killed = false;
  let epochs = 1;

  function lane(stream: string) {
    const known = lanes.get(stream) ?? { all: [], firstSeq: 1 };
    lanes.set(stream, known);
    return known;
  }

  function pictureOf(account: string): readonly Conversation[] {
    const ids = [...rows.conversations.values()].flatMap(({ conversation: { id, account: of } }) =>
      of === account ? [id] : [],
    );
    return ids.map((id) => rows.conversation(id));
  }

  /** What was committed can be read, and is what snapshots say from now on. */
  function keep(from: number): void {
    const touched = new Set<string>();
    for (const event of rows.events.slice(from)) {
      lane(event.stream).all.push(event);
      touched.add(event.stream);
    }
    for (const stream of touched) {
      if (!accounts.includes(stream)) continue;
      const seen = pictures.get(stream) ?? new Map();
      pictures.set(stream, seen.set(lane(stream).all.length, pictureOf(stream)));
    }
  }

  const database: Transactions = {
    begin: () => {
      before = { putBack: rows.remember(), events: rows.events.length };
      rows.now = Math.floor(wall());
    },
    commit: () => {
      const what = fate();
      if (what === 'refused') throw Object.assign(new Error('disk full'), { errcode: 13 });
      keep(before?.events ?? 0);
      before = undefined;
      if (what === 'killed') {
        killed = true;
        throw new Error('killed');
      }
    },
    rollback: () => {
      before?.putBack();
      before = undefined;
    },
    isolated: (work) => work(),
    load: (reads: Reads): Rows => rows.load(reads),
    apply: (changes: readonly Change[]) => {
      for (const change of changes) rows.apply(change);
    },
    keys: (_, wanted) => wanted.map(() => undefined),
    credentials: () => undefined,
    seen: () => new Map(),
    openJobs: () => [],
    jobByWaId: () => undefined,
    openMedia: () => [],
    probe: () => undefined,
    checkpoint: () => undefined,
    follow: () => false,
    tidy: () => false,
    close: () => undefined,
  };

  /** An answer now or later, and as of the question or of the answer: both may happen. */
  function read<T>(make: () => T): Promise<T> {
    const answer = (): T => {
      if (store.broken) throw new Error('the log cannot be read');
      return make();
    };
    if (chance(0.6)) return new Promise((resolve) => resolve(answer()));
    const asOfNow = chance(0.5) ? undefined : attempt(answer);
    return new Promise((resolve, reject) => {
      const tell = () => {
        const told = asOfNow ?? attempt(answer);
        if ('value' in told) resolve(told.value);
        else reject(told.error);
      };
      waiting.push({ answer: tell, drop: () => reject(new Error('the connection to the log broke')) });
    });
  }

  const heads = (): Heads =>
    Object.fromEntries([...rows.seqs].map(([stream, seq]) => [stream, { epoch: rows.epoch, seq }]));

  const store: SimulatedStore = {
    broken: false,
    rows,
    queries: {
      heads: () => read(heads),
      events: (stream, after, limit) =>
        read(() => {
          const { all, firstSeq } = lane(stream);
          const from = Math.max(after, firstSeq - 1);
          return all.slice(from, from + limit);
        }),
    },
    get killed() {
      return killed;
    },
    get writer() {
      return writerOver<Commands>((request, answer) => {
        if (loop === undefined) answer.reject(new CodedError('STORE_FAILED', { detail: 'not open' }));
        else loop.submit(request, answer);
      });
    },
    open(onCommit) {
      killed = false;
      due = undefined;
      for (const { drop } of waiting.splice(0)) drop();
      void loop?.close();
      loop = new WriterLoop<Commands>(database, {
        handlers,
        clock: { now: () => Math.floor(wall()), stamp: wall },
        onCommit,
        onFault: ({ text }) => {
          throw new Error(`a decision failed: ${text}`);
        },
        defer: (turn) => {
          due = turn;
        },
        idleMs: 1e9,
      });
    },
    turn() {
      const run = due;
      due = undefined;
      run?.();
    },
    answer(count) {
      for (const { answer } of waiting.splice(0, count)) answer();
    },
    get reading() {
      return waiting.length;
    },
    snapshot: () => read(() => ({ heads: heads(), conversations: accounts.flatMap(pictureOf) })),
    heads,
    head: (stream) => lane(stream).all.length,
    firstSeq: (stream) => lane(stream).firstSeq,
    history: (stream) => lane(stream).all,
    picture: (stream, seq) => pictures.get(stream)?.get(seq),
    cut(stream, firstSeq) {
      const known = lane(stream);
      known.firstSeq = Math.max(known.firstSeq, firstSeq);
    },
    expire(time) {
      for (const known of lanes.values()) {
        const index = known.all.findIndex(({ at }) => at >= time);
        known.firstSeq = Math.max(known.firstSeq, index < 0 ? known.all.length + 1 : index + 1);
      }
    },
    backup() {
      saved = rows.remember();
    },
    restore() {
      if (saved === undefined) return;
      saved();
      epochs += 1;
      rows.epoch = `e${epochs}`;
      for (const [stream, known] of lanes) {
        known.all.splice(rows.seqs.get(stream) ?? 0);
        known.firstSeq = Math.min(known.firstSeq, known.all.length + 1);
        for (const seq of pictures.get(stream)?.keys() ?? []) {
          if (seq > known.all.length) pictures.get(stream)?.delete(seq);
        }
      }
      saved = undefined;
    },
    close: () => void loop?.close(),
  };
  for (const id of accounts) rows.run('create_account', { id, label: 'Shop', kind: 'sandbox' });
  keep(0);
  return store;
}

function attempt<T>(make: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: make() };
  } catch (error) {
    return { error };
  }
}
