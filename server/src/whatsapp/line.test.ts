// The line's promises: order, one commit for what waits, nothing settled without it, and death that leaves nothing half done.
import { CodedError } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { Keyring } from './keyring.ts';
import { Line, LineDead, type LineLimits } from './line.ts';
import type { Batch, Fact } from './port.ts';

const fact = (waId: string): Fact => ({ type: 'acked', waId, at: 0 });
const idsOf = ({ facts }: Batch): readonly string[] =>
  facts.flatMap((each) => (each.type === 'acked' ? [each.waId] : []));

function rig(limits: Partial<LineLimits> = {}) {
  const batches: Batch[] = [];
  const deaths: Error[] = [];
  const refused: Fact[] = [];
  let time = 0;
  const gate: { commit: (batch: Batch) => Promise<void> } = { commit: async () => {} };
  const stored = new Map<string, Uint8Array>();
  const keyring = new Keyring('a', {
    keys: async (_, wanted) => wanted.map(({ type, id }) => stored.get(`${type} ${id}`)),
  });
  const line = new Line({
    account: 'a',
    keeper: {
      commit: async (batch) => {
        await gate.commit(batch);
        batches.push(batch);
        for (const { type, id, value } of batch.keys) if (value) stored.set(`${type} ${id}`, value);
      },
    },
    keyring,
    now: () => time,
    sleep: async (ms) => {
      time += ms;
    },
    credentials: () => undefined,
    onRefused: (fact) => refused.push(fact),
    onDead: (error) => deaths.push(error),
    limits,
  });
  return { line, keyring, batches, deaths, refused, gate, stored, pass: (ms: number) => (time += ms) };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

describe('the line', () => {
  it('runs the next steps while a commit is under way, and settles none of them before their own', async () => {
    const { line, batches, gate } = rig({ steps: 3 });
    const releases: (() => void)[] = [];
    gate.commit = () => new Promise((resolve) => releases.push(resolve));
    const ran: string[] = [];
    const settled: string[] = [];
    const run = (id: string): Promise<unknown> =>
      line
        .run(async (sink) => {
          ran.push(id);
          sink.fact(fact(id));
        })
        .then(() => settled.push(id));
    const all = [run('1')];
    await until(() => releases.length === 1);
    all.push(...['2', '3', '4', '5'].map(run));
    // One commit at a time, and no more computed ahead than it may hold.
    await until(() => ran.length === 4);
    await new Promise(setImmediate);
    expect([ran, settled, batches]).toEqual([['1', '2', '3', '4'], [], []]);
    releases[0]?.();
    await until(() => releases.length === 2);
    expect([settled, batches.map(idsOf)]).toEqual([['1'], [['1']]]);
    releases[1]?.();
    await until(() => releases.length === 3);
    expect(batches.map(idsOf)).toEqual([['1'], ['2', '3', '4']]);
    releases[2]?.();
    await Promise.all(all);
    expect(settled).toEqual(['1', '2', '3', '4', '5']);
  });

  it('refuses what it has computed ahead when the commit before fails for good', async () => {
    const { line, batches, gate, deaths } = rig({ patience: 100 });
    let refuse: (error: Error) => void = () => {};
    gate.commit = () => new Promise((_, reject) => (refuse = reject));
    const ran: string[] = [];
    const first = line.run(async (sink) => sink.fact(fact('1')));
    const second = line.run(async () => ran.push('2'));
    const fates = Promise.allSettled([first, second]);
    await until(() => ran.length === 1);
    gate.commit = async () => {
      throw new Error('disk full');
    };
    refuse(new Error('disk full'));
    expect((await fates).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect([deaths.length, batches]).toEqual([1, []]);
  });

  it('tells an early step its result at once, and what it leads to when it is durable', async () => {
    const { line, batches, gate } = rig();
    let release = (): void => {};
    gate.commit = () => new Promise((resolve) => (release = resolve));
    line.noteEarly(fact('with it'));
    const computed = await line.runEarly(async (sink) => {
      sink.fact(fact('first'));
      return 'computed';
    });
    expect(computed).toBe('computed');
    const order: string[] = [];
    const first = line.durable()?.then(() => order.push('first'));
    await new Promise(setImmediate);
    // The next one runs only after this commit, and has a ticket of its own.
    const second = line.runEarly(async () => 'computed').then(() => line.durable()?.then(() => order.push('second')));
    await new Promise(setImmediate);
    expect([batches, order]).toEqual([[], []]);
    gate.commit = async () => {};
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    expect(batches.map(idsOf)).toEqual([['with it', 'first']]);
    expect(line.durable()).toBeUndefined();
  });

  it('commits what was noted early when somebody wants it durable, though no step comes', async () => {
    const { line, batches } = rig();
    line.noteEarly(fact('alone'));
    await new Promise(setImmediate);
    expect(batches).toEqual([]);
    await line.durable();
    expect(batches.map(idsOf)).toEqual([['alone']]);
  });

  it('never calls an early step durable whose commit failed', async () => {
    const { line, gate } = rig({ patience: 100 });
    gate.commit = async () => {
      throw new Error('disk full');
    };
    await line.runEarly(async (sink) => sink.fact(fact('lost')));
    await expect(line.durable()).rejects.toBeInstanceOf(LineDead);
    await expect(line.durable()).rejects.toBeInstanceOf(LineDead);
    await expect(line.runEarly(async () => 'late')).rejects.toBeInstanceOf(LineDead);
  });

  it('commits alone what comes alone, and together what waits meanwhile, in order', async () => {
    const { line, batches, gate } = rig();
    let release = (): void => {};
    gate.commit = () => new Promise((resolve) => (release = resolve));
    const order: number[] = [];
    const steps = [1, 2, 3, 4].map((n) =>
      line.run(async (sink) => sink.fact(fact(String(n)))).then(() => order.push(n)),
    );
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    gate.commit = async () => {};
    release();
    await Promise.all(steps);
    expect(order).toEqual([1, 2, 3, 4]);
    expect(batches.flatMap(idsOf)).toEqual(['1', '2', '3', '4']);
    expect(batches.length).toBeLessThan(4);
  });

  it('ends a batch at its number of steps and at its time', async () => {
    const few = rig({ steps: 3 });
    await Promise.all(Array.from({ length: 7 }, (_, n) => few.line.run(async (sink) => sink.fact(fact(String(n))))));
    expect(few.batches.map((batch) => batch.facts.length)).toEqual([3, 3, 1]);
    const slow = rig({ ms: 8 });
    await Promise.all(
      Array.from({ length: 4 }, (_, n) =>
        slow.line.run(async (sink) => {
          slow.pass(5);
          sink.fact(fact(String(n)));
        }),
      ),
    );
    expect(slow.batches.map((batch) => batch.facts.length)).toEqual([2, 2]);
  });

  it('forgets the facts and keys of a step that throws, and keeps those of its neighbours', async () => {
    const { line, keyring, batches } = rig();
    const set = (id: string): void => keyring.set({ 'device-list': { [id]: ['0'] } });
    const results = await Promise.allSettled([
      line.run(async (sink) => (set('one'), sink.fact(fact('one')))),
      line.run(async (sink) => {
        set('two');
        sink.fact(fact('two'));
        throw new Error('unreadable');
      }),
      line.run(async (sink) => (set('three'), sink.fact(fact('three')))),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(batches.flatMap(idsOf)).toEqual(['one', 'three']);
    expect(batches.flatMap(({ keys }) => keys.map(({ id }) => id))).toEqual(['one', 'three']);
  });

  it('keeps an address pair that was told while a failing step ran', async () => {
    const { line, keyring, batches } = rig();
    await line
      .run(async () => {
        keyring.setAside({ 'lid-mapping': { '49': '22' } });
        line.note({ type: 'same-person', pn: '49', lid: '22' });
        throw new Error('unreadable');
      })
      .catch(() => {});
    await line.run(async () => {});
    expect(batches.flatMap(({ facts }) => facts.map(({ type }) => type))).toEqual(['same-person']);
    expect(batches.flatMap(({ keys }) => keys.map(({ id }) => id))).toEqual(['49']);
  });

  it('tries a failing commit again with the same batch, then dies and settles nothing', async () => {
    const { line, batches, deaths, gate } = rig({ patience: 1_000 });
    let tries = 0;
    gate.commit = async () => {
      tries += 1;
      if (tries < 4) throw new Error('busy');
    };
    await line.run(async (sink) => sink.fact(fact('held')));
    expect([tries, batches.flatMap(idsOf)]).toEqual([4, ['held']]);
    gate.commit = async () => {
      throw new Error('disk full');
    };
    const refused = [1, 2].map((n) => line.run(async (sink) => sink.fact(fact(String(n)))));
    for (const each of refused) await expect(each).rejects.toBeInstanceOf(LineDead);
    expect(deaths.map(({ message }) => message)).toEqual(['disk full']);
    expect(line.alive).toBe(false);
    await expect(line.run(async () => 1)).rejects.toBeInstanceOf(LineDead);
  });

  it('does not let one fact that the keeper cannot take cost the others their way', async () => {
    const { line, keyring, batches, gate, refused, deaths } = rig();
    const message = (waId: string): Fact => ({
      type: 'message',
      key: { chat: { kind: 'group', address: '1@g.us' }, waId },
      fromMe: false,
      kind: 'text',
      body: waId,
      timestamp: 1,
      offline: false,
      stamps: { heard: 1, normalised: 1 },
    });
    gate.commit = async ({ facts }) => {
      if (facts.some((each) => each.type === 'message' && each.body === 'poison')) throw new CodedError('INTERNAL');
    };
    const steps = ['one', 'poison', 'two'].map((waId) =>
      line.run(async (sink) => {
        keyring.set({ 'device-list': { [waId]: ['0'] } });
        sink.fact(message(waId));
      }),
    );
    await Promise.all(steps);
    expect(
      batches.flatMap(({ facts }) => facts.map((each) => (each.type === 'message' ? [each.key.waId, each.kind] : []))),
    ).toEqual([
      ['one', 'text'],
      ['poison', 'unknown'],
      ['two', 'text'],
    ]);
    expect(batches.flatMap(({ keys }) => keys.map(({ id }) => id))).toEqual(['one', 'poison', 'two']);
    expect([refused.length, deaths.length]).toEqual([1, 0]);
  });

  it('dies of a failed read, since the library takes it for an absent key', async () => {
    const failing = new Keyring('a', { keys: async () => Promise.reject(new Error('store gone')) });
    const deaths: string[] = [];
    const batches: Batch[] = [];
    const line = new Line({
      account: 'a',
      keeper: { commit: async (batch) => void batches.push(batch) },
      keyring: failing,
      now: () => 0,
      sleep: async () => {},
      credentials: () => undefined,
      onRefused: () => {},
      onDead: (error) => deaths.push(error.message),
    });
    const step = line.run(async (sink) => {
      await failing.get('session', ['x']).catch(() => undefined);
      sink.fact(fact('wrong'));
    });
    await expect(step).rejects.toBeInstanceOf(LineDead);
    expect([deaths, batches]).toEqual([['store gone'], []]);
  });

  it('has a bound', async () => {
    const { line, deaths } = rig({ waiting: 2 });
    const steps = Array.from({ length: 5 }, () => line.run(async () => {}));
    const results = await Promise.allSettled(steps);
    expect(deaths).toHaveLength(1);
    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  });

  it('is settled only after the commit under way, and begins none afterwards', async () => {
    const { line, batches, gate } = rig();
    let release = (): void => {};
    gate.commit = () => new Promise((resolve) => (release = resolve));
    const first = line.run(async (sink) => sink.fact(fact('1'))).catch(() => 'dead');
    await new Promise(setImmediate);
    line.kill(new Error('the link has ended'));
    let settled = false;
    const after = line.settled().then(() => (settled = true));
    await new Promise(setImmediate);
    expect(settled).toBe(false);
    release();
    await after;
    await first;
    line.note(fact('late'));
    await new Promise(setImmediate);
    expect(batches.flatMap(idsOf)).toEqual(['1']);
  });
});

describe('the keyring', () => {
  it('reads from the innermost layer outwards, and asks the keeper once', async () => {
    const { line, keyring, stored } = rig();
    await line.run(async () => keyring.set({ 'device-list': { x: ['stored'] } }));
    expect(stored.size).toBe(1);
    await line.run(async () => {
      keyring.set({ 'device-list': { x: ['outer'] } });
      await keyring
        .attempt(async () => {
          keyring.set({ 'device-list': { x: ['inner'] } });
          expect(await keyring.get('device-list', ['x'])).toEqual({ x: ['inner'] });
          throw new Error('back');
        })
        .catch(() => {});
      expect(await keyring.get('device-list', ['x'])).toEqual({ x: ['outer'] });
    });
    expect(await keyring.get('device-list', ['x', 'absent'])).toEqual({ x: ['outer'] });
  });

  it('gives back what it stored, whatever its type', async () => {
    const { line, keyring, stored } = rig();
    const bytes = Buffer.from([1, 2, 3]);
    const keys = { public: bytes, private: Buffer.from([4]) };
    await line.run(async () =>
      keyring.set({
        'pre-key': { '1': keys },
        'identity-key': { i: bytes },
        'sender-key-memory': { g: { a: true } },
        'lid-mapping': { '49': '22' },
        tctoken: { t: { token: bytes, timestamp: '5' } },
      }),
    );
    const fresh = new Keyring('a', {
      keys: async (_, wanted) => wanted.map(({ type, id }) => stored.get(`${type} ${id}`)),
    });
    expect(await fresh.get('pre-key', ['1'])).toEqual({ '1': keys });
    expect(await fresh.get('identity-key', ['i'])).toEqual({ i: bytes });
    expect(await fresh.get('sender-key-memory', ['g'])).toEqual({ g: { a: true } });
    expect(await fresh.get('lid-mapping', ['49'])).toEqual({ '49': '22' });
    expect(await fresh.get('tctoken', ['t'])).toEqual({ t: { token: bytes, timestamp: '5' } });
  });

  it('does not keep pre-keys in memory, and knows a new one all the same', async () => {
    const { line, keyring } = rig();
    const pair = { public: Buffer.from([1]), private: Buffer.from([2]) };
    expect(await keyring.get('pre-key', ['1'])).toEqual({});
    const before = keyring.cachedBytes;
    await line.run(async () => keyring.set({ 'pre-key': { '1': pair, '2': pair, '3': pair } }));
    expect(keyring.cachedBytes).toBeLessThan(before);
    expect(await keyring.get('pre-key', ['1', '3'])).toEqual({ '1': pair, '3': pair });
    await line.run(async () => keyring.set({ 'pre-key': { '1': null } }));
    expect(await keyring.get('pre-key', ['1'])).toEqual({});
  });

  it('keeps a bounded number of bytes in memory', async () => {
    const { line, keyring } = rig();
    for (let n = 0; n < 60; n++) {
      await line.run(async () => keyring.set({ 'sender-key': { [`k${n}`]: Buffer.alloc(100_000) } }));
    }
    expect(keyring.cachedBytes).toBeLessThanOrEqual(4_000_000);
    expect((await keyring.get('sender-key', ['k0']))['k0']).toHaveLength(100_000);
  });
});
