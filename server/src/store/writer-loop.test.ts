// Tests the group commit loop on a database of a few lines whose commits fail when told to.
import { CodedError } from '@pulseline/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { Change, Commit, Handlers, Rows } from './port.ts';
import {
  type Fault,
  type LoopOptions,
  type Transactions,
  WriterLoop,
  type WriterStats,
  writerOver,
} from './writer-loop.ts';

type Commands = {
  note: { input: string; output: string };
  refuse: { input: null; output: null };
};

const noRows: Rows = {
  accounts: new Map(),
  conversations: new Map(),
  aliases: new Map(),
  messages: [],
  jobs: [],
  early: [],
  media: new Map(),
  members: new Map(),
  queued: new Map(),
  recipients: new Map(),
  contacts: new Map(),
  heads: {},
  lastOrd: new Map(),
  unread: new Map(),
  notes: new Map(),
  team: [],
};

const event = (text: string): Change => ({
  put: 'event',
  event: { stream: 's', epoch: 'e', seq: 1, type: 'note', data: text, at: 1 },
});

const handlers: Handlers<Commands> = {
  note: { reads: () => ({}), decide: (_, text) => ({ changes: [event(text)], output: text }) },
  refuse: {
    reads: () => ({}),
    decide: () => {
      throw new CodedError('BAD_ADDRESS');
    },
  },
};

function diskFull(): Error {
  return Object.assign(new Error('database or disk is full'), { errcode: 13 });
}

/** Remembers what happened, in order. `fail` names the next step that the disk refuses. */
class Remembering implements Transactions {
  readonly steps: string[] = [];
  fail: 'begin' | 'apply' | 'commit' | undefined;
  #step(name: string): void {
    this.steps.push(name);
    if (this.fail === name.split(' ')[0]) {
      this.fail = undefined;
      throw diskFull();
    }
  }
  begin(writing: boolean): void {
    this.#step(writing ? 'begin' : 'begin reading');
  }
  commit(): void {
    this.#step('commit');
  }
  rollback(): void {
    this.#step('rollback');
  }
  isolated<T>(work: () => T): T {
    return work();
  }
  load(): Rows {
    return noRows;
  }
  apply(changes: readonly Change[]): void {
    for (const change of changes)
      this.#step(`apply ${'put' in change && change.put === 'event' ? change.event.data : ''}`);
  }
  keys(): readonly undefined[] {
    return [undefined];
  }
  credentials(): undefined {
    return undefined;
  }
  seen(): ReadonlyMap<string, Uint8Array> {
    return new Map();
  }
  openJobs(): readonly [] {
    return [];
  }
  openMedia(): [] {
    return [];
  }
  jobByWaId(): undefined {
    return undefined;
  }
  probe(): void {
    this.#step('probe');
  }
  checkpoint(): void {
    this.#step('checkpoint');
  }
  tidy(): boolean {
    this.#step('tidy');
    return false;
  }
  follow(): boolean {
    return false;
  }
  close(): void {
    this.#step('close');
  }
}

function scene(options: Partial<LoopOptions<Commands>> = {}) {
  const database = new Remembering();
  const commits: Commit[] = [];
  const faults: Fault[] = [];
  const turns: (() => void)[] = [];
  const loop = new WriterLoop<Commands>(database, {
    handlers,
    onCommit: (commit) => commits.push(commit),
    onFault: (fault) => faults.push(fault),
    defer: (turn) => turns.push(turn),
    ...options,
  });
  const writer = writerOver<Commands>((request, answer) => loop.submit(request, answer));
  const fate = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      (value) => value,
      (error: unknown) => (error instanceof CodedError ? error.code : error),
    );
  /** Runs the next turn of the loop. */
  const turn = (): void => turns.shift()?.();
  return { database, commits, faults, turns, loop, writer, fate, turn };
}

describe('the group commit loop', () => {
  it('commits what arrived before its turn together, and answers after the commit', async () => {
    const { database, commits, writer, turn, fate } = scene();
    const answers = ['a', 'b', 'c'].map((text) => writer.run('note', text));
    const early = await Promise.race([fate(answers[0] ?? Promise.resolve()), Promise.resolve('nothing yet')]);
    expect(early).toBe('nothing yet');
    turn();
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
    expect(database.steps).toEqual(['begin', 'apply a', 'apply b', 'apply c', 'commit']);
    expect(commits.map(({ events }) => events.map(({ data }) => data))).toEqual([['a', 'b', 'c']]);
  });

  it('puts at most 256 requests into one commit', async () => {
    const { database, writer, turns, turn } = scene();
    const answers = Array.from({ length: 600 }, (_, i) => writer.run('note', `${i}`));
    while (turns.length > 0) turn();
    expect(await Promise.all(answers)).toHaveLength(600);
    expect(database.steps.filter((step) => step === 'commit')).toHaveLength(3);
  });

  it('refuses what would make the queue longer than its bound, and takes requests again afterwards', async () => {
    const { writer, turns, turn, fate, loop } = scene({ queueLimit: 10 });
    const answers = Array.from({ length: 12 }, (_, i) => fate(writer.run('note', `${i}`)));
    while (turns.length > 0) turn();
    const told = await Promise.all(answers);
    expect(told.slice(0, 10)).not.toContain('BUSY');
    expect(told.slice(10)).toEqual(['BUSY', 'BUSY']);
    const after = writer.run('note', 'after');
    turn();
    expect(await after).toBe('after');
    expect(loop.stats()).toEqual({
      queued: 0,
      mostQueued: 10,
      refused: 2,
      groups: 2,
      requests: 11,
      failed: 0,
    } satisfies WriterStats);
  });

  it.each(['begin', 'apply', 'commit'] as const)(
    'rejects the whole group when the disk refuses to %s, tells no commit, and goes on',
    async (step) => {
      const { database, commits, writer, turn, fate } = scene();
      const answers = [writer.run('note', 'a'), writer.run('refuse', null), writer.run('note', 'b')].map(fate);
      database.fail = step;
      turn();
      expect(await Promise.all(answers)).toEqual(['STORE_FAILED', 'STORE_FAILED', 'STORE_FAILED']);
      expect(database.steps.at(-1)).toBe('rollback');
      expect(commits).toEqual([]);
      const again = writer.run('note', 'again');
      turn();
      expect(await again).toBe('again');
      expect(commits).toHaveLength(1);
    },
  );

  it('takes no write lock for reads alone', async () => {
    const { database, writer, turn } = scene();
    const answer = Promise.all([writer.keys('a', [{ type: 't', id: 'i' }]), writer.openJobs('a', 1)]);
    turn();
    expect(await answer).toEqual([[undefined], []]);
    expect(database.steps).toEqual(['begin reading', 'commit']);
  });

  it('reports a fault under the id that its caller gets', async () => {
    const { database, faults, writer, turn } = scene();
    database.apply = () => {
      throw new RangeError('a gap');
    };
    const answer = writer.run('note', 'a').catch((error: unknown) => error);
    turn();
    const error = await answer;
    expect(faults).toHaveLength(1);
    expect(faults[0]?.text).toContain('a gap');
    expect(error).toMatchObject({ code: 'INTERNAL', params: { id: faults[0]?.id } });
  });

  it('lets what follows the commits wait for a pause, but not for ever', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let at = 0;
      const { database, writer, turn } = scene({ clock: { now: () => at, stamp: () => at } });
      const pass = async (ms: number): Promise<void> => {
        at += ms;
        await vi.advanceTimersByTimeAsync(ms);
      };
      const write = async (): Promise<void> => {
        const answer = writer.run('note', 'a');
        turn();
        await answer;
      };
      await pass(1_000);
      let steps = 0;
      database.follow = () => {
        steps++;
        return false;
      };
      for (let i = 0; i < 50; i++) {
        await write();
        await pass(10);
      }
      expect(steps).toBe(0);
      await pass(100);
      expect(steps).toBe(1);
      for (let i = 0; i < 120; i++) {
        await write();
        await pass(10);
      }
      expect(steps).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('uses a pause for a checkpoint, after enough commits and not before', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { database, writer, turn, faults } = scene({ checkpointAfter: 3 });
      const write = async (): Promise<void> => {
        const answer = writer.run('note', 'a');
        turn();
        await answer;
      };
      for (let i = 0; i < 2; i++) await write();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(database.steps).not.toContain('checkpoint');
      for (let i = 0; i < 5; i++) {
        await write();
        await vi.advanceTimersByTimeAsync(10);
      }
      expect(database.steps).not.toContain('checkpoint');
      database.checkpoint = () => {
        database.steps.push('checkpoint');
        throw diskFull();
      };
      await vi.advanceTimersByTimeAsync(1_000);
      expect(database.steps.filter((step) => step === 'checkpoint')).toHaveLength(1);
      expect(faults.map(({ command }) => command)).toEqual(['checkpoint']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does its upkeep when it has been quiet for a while', async () => {
    let tidied: () => void = () => {};
    const quiet = new Promise<void>((resolve) => {
      tidied = resolve;
    });
    const { database, loop } = scene({ idleMs: 1 });
    database.tidy = () => {
      tidied();
      return false;
    };
    await quiet;
    await loop.close();
    expect(database.steps).toEqual(['close']);
  });

  it('does its upkeep also while somebody asks at a beat whether it lives', async () => {
    vi.useFakeTimers();
    try {
      const { database, loop } = scene({ idleMs: 5_000, defer: (turn) => turn() });
      let tidied = 0;
      database.tidy = () => {
        tidied++;
        return false;
      };
      for (let second = 0; second < 20; second++) {
        loop.submit({ kind: 'probe' }, { resolve: () => {}, reject: () => {} });
        await vi.advanceTimersByTimeAsync(1_000);
      }
      expect(tidied).toBeGreaterThan(1);
      const before = tidied;
      for (let second = 0; second < 20; second++) {
        loop.submit({ kind: 'run', name: 'note', input: `${second}` }, { resolve: () => {}, reject: () => {} });
        await vi.advanceTimersByTimeAsync(1_000);
      }
      expect(tidied).toBe(before);
    } finally {
      vi.useRealTimers();
    }
  });

  it('answers what it has taken before it closes, and closes once', async () => {
    const { database, writer, turns, turn, loop, fate } = scene();
    const answers = Array.from({ length: 300 }, (_, i) => writer.run('note', `${i}`));
    const closed = Promise.all([loop.close(), loop.close()]);
    const late = fate(writer.run('note', 'late'));
    while (turns.length > 0) turn();
    expect(await Promise.all(answers)).toHaveLength(300);
    await closed;
    expect(await late).toBe('STORE_FAILED');
    expect(database.steps.filter((step) => step === 'close')).toHaveLength(1);
    expect(database.steps.at(-1)).toBe('close');
  });
});
