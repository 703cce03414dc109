// The contract of store/port.ts as tests, for any adapter that is given; it names no database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Commit, Store, StoredEvent } from '../port.ts';
import { loadsContract } from './contract-loads.ts';
import { queriesContract } from './contract-queries.ts';
import { searchContract } from './contract-search.ts';
import { accountRow, conversationRow, message, messageRow, type Receive, type Toy } from './toy.ts';

/** One fresh, empty database with the toy commands. */
export interface Subject {
  /** Opens it; after a close, the same data again. */
  open(): Promise<Store<Toy>>;
  /** Takes the data away. The store has been closed. */
  dispose(): Promise<void>;
}

/** What each part of the contract works with. */
export interface Bench {
  readonly store: Store<Toy>;
  reopen(): Promise<Store<Toy>>;
  /** Code of the error, or `kept` if there is none. */
  fate(work: Promise<unknown>): Promise<string>;
}

export function storeContract(name: string, make: () => Promise<Subject>): void {
  describe(`${name}: the store contract`, () => {
    let subject: Subject;
    let store: Store<Toy>;
    beforeEach(async () => {
      subject = await make();
      store = await subject.open();
    });
    afterEach(async () => {
      await store.close();
      await subject.dispose();
    });
    const bench: Bench = {
      get store() {
        return store;
      },
      reopen: async () => {
        await store.close();
        store = await subject.open();
        return store;
      },
      fate: (work) => work.then(() => 'kept', codeOf),
    };
    logContract(bench);
    commitContract(bench);
    loadsContract(bench);
    queriesContract(bench);
    searchContract(bench);
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}

const receipt = (account: string, name: string, n = 1): Receive => ({
  account,
  conversation: `c-${account}`,
  name: `${account}-${name}`,
  n,
});

async function allEvents(store: Store<Toy>, stream: string): Promise<readonly StoredEvent[]> {
  const found: StoredEvent[] = [];
  for (;;) {
    const page = await store.queries.events(stream, found.at(-1)?.seq ?? 0, 100);
    if (page.length === 0) return found;
    found.push(...page);
  }
}

const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);

function logContract(bench: Bench): void {
  describe('the log', () => {
    it('[G1] gives each stream gapless seqs, whoever writes at the same time', async () => {
      const { store } = bench;
      const accounts = ['a1', 'a2', 'a3'];
      const answers = await Promise.all(
        Array.from({ length: 300 }, (_, i) => {
          const account = accounts[i % 3] ?? '';
          return store.writer.run('receive', receipt(account, `m${i}`, 1 + (i % 4)));
        }),
      );
      const heads = await store.queries.heads();
      for (const [index, account] of accounts.entries()) {
        const seqs = (await allEvents(store, account)).map((event) => event.seq);
        expect(seqs).toEqual(upTo(seqs.length));
        expect(seqs).toEqual(answers.filter((_, i) => i % 3 === index).flat());
        expect(heads[account]?.seq).toBe(seqs.length);
      }
    });

    it('[G1] tells commits in the order of the log, each event once, before its writer hears of it', async () => {
      const { store } = bench;
      const told: StoredEvent[] = [];
      const ats: number[] = [];
      const end = store.onCommit(({ events, at }: Commit) => {
        told.push(...events);
        ats.push(at);
      });
      await Promise.all(
        Array.from({ length: 200 }, async (_, i) => {
          const seqs = await store.writer.run('receive', receipt('a1', `m${i}`));
          expect(told.map((event) => event.seq)).toEqual(expect.arrayContaining([...seqs]));
        }),
      );
      expect(told.map((event) => event.seq)).toEqual(upTo(200));
      expect(told).toEqual(await allEvents(store, 'a1'));
      expect(ats).toEqual([...ats].sort((a, b) => a - b));
      end();
      await store.writer.run('receive', receipt('a1', 'unheard'));
      expect(told).toHaveLength(200);
    });

    it('keeps the epoch of a stream over a restart, and gives each stream its own', async () => {
      await bench.store.writer.run('receive', receipt('a1', 'm'));
      await bench.store.writer.run('receive', receipt('a2', 'm'));
      const before = await bench.store.queries.heads();
      const after = await (await bench.reopen()).queries.heads();
      expect(after).toEqual(before);
      expect(new Set(Object.values(after).map((head) => head.epoch)).size).toBe(3);
      await bench.store.writer.run('receive', receipt('a1', 'n'));
      expect((await allEvents(bench.store, 'a1')).map(({ seq, epoch }) => `${epoch}:${seq}`)).toEqual([
        `${before['a1']?.epoch}:1`,
        `${before['a1']?.epoch}:2`,
      ]);
    });

    it('has a head for an account before its first event, and for the workspace', async () => {
      await bench.store.writer.run('change', [{ put: 'account', row: accountRow('a1') }]);
      const heads = await bench.store.queries.heads();
      expect(heads['workspace']?.seq).toBe(0);
      const rows = await bench.store.writer.run('look', { account: 'a1' });
      expect(rows.heads).toMatchObject({ workspace: heads['workspace'], a1: { seq: 0 } });
    });

    it('refuses an event that would leave a gap, and keeps nothing of its decision', async () => {
      const { store } = bench;
      await store.writer.run('receive', receipt('a1', 'first'));
      expect(await bench.fate(store.writer.run('leave_gap', receipt('a1', 'torn', 2)))).toBe('INTERNAL');
      expect(await allEvents(store, 'a1')).toHaveLength(1);
      expect(await store.queries.message('a1-torn.0')).toBeUndefined();
      await store.writer.run('receive', receipt('a1', 'second'));
      expect((await store.queries.heads())['a1']?.seq).toBe(2);
    });

    it('refuses an event of a log that is not the present one', async () => {
      const event = {
        stream: 'workspace',
        epoch: 'other',
        seq: 1,
        type: 'account_removed',
        data: '{}',
        at: 1,
      } as const;
      expect(await bench.fate(bench.store.writer.run('change', [{ put: 'event', event }]))).toBe('INTERNAL');
      expect(await allEvents(bench.store, 'workspace')).toEqual([]);
    });
  });
}

function commitContract(bench: Bench): void {
  describe('a commit', () => {
    it('lets a failing decision fail alone among those that share its commit', async () => {
      const { store } = bench;
      await store.writer.run('receive', receipt('a1', 'first'));
      const fates = await Promise.all(
        Array.from({ length: 60 }, (_, i) => {
          if (i % 10 === 3) return bench.fate(store.writer.run('refuse', null));
          if (i % 10 === 5) return bench.fate(store.writer.run('crash', null));
          if (i % 10 === 7) return bench.fate(store.writer.run('leave_gap', receipt('a1', `torn${i}`, 3)));
          return bench.fate(store.writer.run('receive', receipt('a1', `m${i}`)));
        }),
      );
      const expected = fates.map((_, i) => ({ 3: 'BAD_ADDRESS', 5: 'INTERNAL', 7: 'INTERNAL' })[i % 10] ?? 'kept');
      expect(fates).toEqual(expected);
      const kept = fates.filter((fate) => fate === 'kept').length;
      expect((await allEvents(store, 'a1')).map((event) => event.seq)).toEqual(upTo(kept + 1));
      expect((await store.queries.counts()).messages).toBe(kept + 1);
    });

    it('brings an error of the table to its caller, with its parameters', async () => {
      await expect(bench.store.writer.run('refuse', null)).rejects.toMatchObject({
        code: 'BAD_ADDRESS',
        params: { to: '零' },
      });
    });

    it('is there for whoever asks once it is answered, and after a restart', async () => {
      for (const name of ['m1', 'm2', 'm3']) {
        await bench.store.writer.run('receive', receipt('a1', name));
        expect((await bench.store.queries.message(`a1-${name}.0`))?.id).toBe(`a1-${name}.0`);
      }
      const reopened = await bench.reopen();
      expect((await reopened.queries.messages({ conversation: 'c-a1', limit: 10 })).items).toHaveLength(3);
    });

    it("shows a worker's reads every write that was asked before them", async () => {
      const { writer } = bench.store;
      const value = Uint8Array.of(1, 2, 3);
      const key = { put: 'key', account: 'a1', type: 'session', id: 'x', value } as const;
      const written = writer.run('change', [
        { put: 'account', row: accountRow('a1') },
        key,
        { put: 'credentials', account: 'a1', value },
        { put: 'seen', account: 'a1', hash: 'h', plaintext: value, at: 1 },
      ]);
      const [keys, credentials, seen] = await Promise.all([
        writer.keys('a1', [
          { type: 'session', id: 'y' },
          { type: 'session', id: 'x' },
        ]),
        writer.credentials('a1'),
        writer.seen('a1', ['h', 'other']),
        written,
      ]);
      expect(keys).toEqual([undefined, value]);
      expect(credentials).toEqual(value);
      expect(seen).toEqual(new Map([['h', value]]));
    });

    it('is tried by the probe', async () => {
      expect(await bench.store.probe()).toBe(true);
    });

    it('is answered before the store closes, and refused afterwards', async () => {
      const { store } = bench;
      const under = Array.from({ length: 700 }, (_, i) => store.writer.run('receive', receipt('a1', `m${i}`)));
      await store.close();
      expect((await Promise.all(under)).flat()).toEqual(upTo(700));
      expect(await bench.fate(store.writer.run('refuse', null))).toBe('STORE_FAILED');
      expect(await store.probe()).toBe(false);
      const reopened = await bench.reopen();
      expect((await reopened.queries.heads())['a1']?.seq).toBe(700);
    });

    it('takes rows in whatever order a decision names them', async () => {
      const { store } = bench;
      const of = message('a1', 'c1', 'm1');
      await store.writer.run('change', [
        { put: 'message', row: messageRow(of, 1) },
        { put: 'key', account: 'a1', type: 't', id: 'i', value: Uint8Array.of(1) },
        { put: 'conversation', row: conversationRow('a1', 'c1', { lastMessage: of, lastAt: 1 }) },
        { put: 'account', row: accountRow('a1') },
      ]);
      expect((await store.queries.conversation('c1'))?.conversation.lastMessage).toEqual(of);
    });
  });
}
