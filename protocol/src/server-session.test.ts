// The server's half, step by step: greeting, replay, the shared turn, filters, back-pressure, heartbeat and closing; time and bytes are numbers in the test.
import { describe, expect, it } from 'vitest';
import { NO_DRAIN_MS, PROBE_EVERY_BYTES, STUCK_MS, UNREAD_LIMIT_BYTES, UNSENT_LIMIT_BYTES } from './back-pressure.ts';
import { filterOf, type Item, type Turn } from './delivery.ts';
import { parseClientFrame } from './frames.ts';
import type { Cursor } from './positions.ts';
import {
  type Greeting,
  greetClient,
  PING_EVERY_MS,
  type ServerEffect,
  type ServerInput,
  type ServerSession,
  stepServer,
} from './server-session.ts';

const cursor = (seqs: Readonly<Record<string, number>>): Cursor =>
  new Map(Object.entries(seqs).map(([stream, seq]) => [stream, { epoch: 'e1', seq }]));
const item = (seq: number, stream = 'a', size = 10): Item => ({ type: 'note', stream, epoch: 'e1', seq, size });
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** A session with its own clock and a count of what it wrote; the hub's heads are given by the test. */
function session(seqs: Readonly<Record<string, number>>, more: Partial<Greeting<Item>> = {}) {
  let heads = cursor(seqs);
  const gauge = { now: 0, unsent: 0, written: 0 };
  let state: ServerSession;
  const took = (effects: readonly ServerEffect<Item>[]) => {
    for (const effect of effects) {
      if (effect.do === 'write') for (const { size } of effect.items) gauge.written += size;
    }
    return effects;
  };
  const [first, greeting] = greetClient<Item>(
    {
      connected: { message: 'hi', connectionId: 'c', version: 1 },
      language: 'en',
      cursor: undefined,
      filter: filterOf(undefined, undefined),
      heads,
      kept: [],
      replayLimit: 1_000,
      firstPingMs: 5_000,
      ...more,
    },
    gauge,
  );
  state = first;
  took(greeting);
  const does = (input: ServerInput<Item>) => {
    const [next, effects] = stepServer(state, input, gauge);
    state = next;
    return took(effects);
  };
  return {
    greeting,
    gauge,
    does,
    get state() {
      return state;
    },
    turn(...items: readonly Item[]) {
      const from = heads;
      const to = new Map(heads);
      for (const { stream, seq } of items) if (stream && seq) to.set(stream, { epoch: 'e1', seq });
      heads = to;
      const turn: Turn<Item> = { from, to, items, size: items.reduce((sum, { size }) => sum + size, 0), gone: [] };
      return does({ type: 'turn', turn });
    },
    page: (stream: string, after: number, items: readonly Item[]) =>
      does({ type: 'page', stream, after, items, heads }),
    says: (text: string) => does({ type: 'frame', result: parseClientFrame(text), heads }),
    tick: (ms = 1_000) => {
      gauge.now += ms;
      return does({ type: 'tick', heads, fed: heads });
    },
    pong: (id: string) => does({ type: 'pong', id, heads }),
    drained: () => does({ type: 'drained', heads }),
  };
}
const sent = (effects: readonly ServerEffect<Item>[]) =>
  effects.flatMap((effect) =>
    effect.do === 'write'
      ? effect.items.map(({ type, seq }) => seq ?? type)
      : effect.do === 'send'
        ? [effect.frame.type]
        : effect.do === 'close'
          ? [effect.code]
          : [],
  );

describe('a turn', () => {
  it('[G8] is the very same list for every connection at the head, so that its bytes are made once', () => {
    const one = session({ a: 5 });
    const items = [item(6), item(7)];
    const heads = cursor({ a: 5 });
    const [first] = greetClient<Item>(
      {
        connected: { message: '', connectionId: '', version: 1 },
        language: 'en',
        cursor: undefined,
        filter: filterOf(undefined, undefined),
        heads,
        kept: [],
        replayLimit: 1,
        firstPingMs: 1,
      },
      one.gauge,
    );
    const to = cursor({ a: 7 });
    const [after, effects] = stepServer(
      first,
      { type: 'turn', turn: { from: heads, to, items, size: 20, gone: [] } },
      one.gauge,
    );
    expect(effects).toEqual([{ do: 'write', items }]);
    expect(effects[0]?.do === 'write' && effects[0].items === items).toBe(true);
    expect(after.sent).toBe(to);
  });

  it('[G3] is written from the next seq on: what a replay has sent already is dropped, what is missing is read from the log', () => {
    const client = session({ a: 5 });
    // It came while the turn was being gathered: its place is not the one from which the turn begins.
    const items = [item(5), item(6)];
    const gathered = { from: cursor({ a: 4 }), to: cursor({ a: 6 }), items, size: 20, gone: [] };
    expect(sent(client.does({ type: 'turn', turn: gathered }))).toEqual([6]);
    client.turn(item(7));
    const turn = { from: cursor({ a: 8 }), to: cursor({ a: 9 }), items: [item(9)], size: 10, gone: [] };
    expect(client.does({ type: 'turn', turn })).toContainEqual({ do: 'load', stream: 'a', after: 7 });
    expect(client.state.phase).toBe('replaying');
    expect(sent(client.turn(item(10)))).toEqual([]);
    const missed = range(8, 10).map((seq) => item(seq));
    expect(sent(client.page('a', 7, missed))).toEqual([8, 9, 10]);
    expect(client.state.phase).toBe('live');
  });

  it('[G3] of another log is told by resync before its first event', () => {
    const client = session({ a: 5 });
    const other = { ...item(1), epoch: 'e2' };
    const turn = { from: new Map(), to: new Map([['a', { epoch: 'e2', seq: 1 }]]), items: [other], size: 1, gone: [] };
    expect(sent(client.does({ type: 'turn', turn }))).toEqual(['resync', 1]);
  });
});

describe('a replay', () => {
  it('[G4] goes page by page and stream by stream, and is live in the step that reaches the head', () => {
    const client = session({ a: 5, b: 2 }, { cursor: 'a:e1:2,b:1' });
    expect(client.greeting[0]).toMatchObject({ frame: { data: { resumed: true, replayed: 4 } } });
    expect(client.greeting).toContainEqual({ do: 'load', stream: 'a', after: 2 });
    expect(client.page('a', 2, [item(3), item(4)])).toContainEqual({ do: 'load', stream: 'a', after: 4 });
    expect(client.page('a', 4, [item(5)])).toContainEqual({ do: 'load', stream: 'b', after: 1 });
    client.page('b', 1, [item(2, 'b')]);
    expect(client.state.phase).toBe('live');
  });

  it('[G5] from before the first event that is kept is told by resync, and goes on', () => {
    const client = session({ a: 50 }, { cursor: 'a:2' });
    const effects = client.page('a', 2, [item(40)]);
    expect(effects[0]).toEqual({
      do: 'send',
      frame: { type: 'resync', data: { stream: 'a', reason: 'expired', head: 50, epoch: 'e1' } },
    });
    expect(sent(client.turn(item(51)))).toEqual([51]);
  });

  it('passes over the answer to a question that hello has overtaken', () => {
    const client = session({ a: 50 }, { cursor: 'a:2' });
    client.says('{"type":"hello","data":{"cursor":"a:40"}}');
    expect(
      client.page(
        'a',
        2,
        range(3, 50).map((seq) => item(seq)),
      ),
    ).toEqual([]);
    expect(
      sent(
        client.page(
          'a',
          40,
          range(41, 50).map((seq) => item(seq)),
        ),
      ),
    ).toEqual(range(41, 50));
  });

  it('is tried again after a second when the log cannot be read', () => {
    const client = session({ a: 5 }, { cursor: 'a:2' });
    client.does({ type: 'page_failed' });
    expect(client.tick(500)).toEqual([]);
    expect(client.tick(500)).toEqual([{ do: 'load', stream: 'a', after: 2 }]);
  });

  it('with the star begins streams that the cursor does not name at their start', () => {
    const client = session({ a: 5, b: 2 }, { cursor: 'a:5,*:0' });
    expect(client.greeting).toContainEqual({ do: 'load', stream: 'b', after: 0 });
  });
});

describe('a type filter', () => {
  it('[G10] is told by one skip before the next event, and with the heartbeat', () => {
    const client = session({ a: 0 }, { filter: filterOf(undefined, ['note']) });
    const call = (seq: number): Item => ({ ...item(seq), type: 'call' });
    const typing: Item = { type: 'typing', size: 1 };
    expect(sent(client.turn(call(1), call(2), typing))).toEqual([]);
    const effects = client.turn(item(3), call(4));
    expect(effects[0]).toEqual({ do: 'send', frame: { type: 'skip', data: { stream: 'a', seq: 2 } } });
    expect(sent(effects)).toEqual(['skip', 3]);
    expect(sent(client.tick(5_000))).toEqual(['skip']);
    client.pong('1');
    expect(sent(client.tick(PING_EVERY_MS))).toEqual([]);
  });
});

describe('back-pressure', () => {
  it('[G8] leaves frames of the moment out for a connection with unsent bytes', () => {
    const client = session({ a: 0 });
    client.gauge.unsent = 70_000;
    expect(sent(client.turn({ type: 'typing', size: 1 }, item(1)))).toEqual([1]);
    client.gauge.unsent = 0;
    expect(sent(client.turn({ type: 'typing', size: 1 }))).toEqual(['typing']);
  });

  it.each([
    ['unsent', (client: ReturnType<typeof session>) => (client.gauge.unsent = UNSENT_LIMIT_BYTES + 1)],
    ['unread', (client: ReturnType<typeof session>) => client.turn(item(1, 'a', UNREAD_LIMIT_BYTES + 1))],
  ])('[G8] stops at too many %s bytes and goes on from the log when they are gone', (_, clog) => {
    const client = session({ a: 0 });
    clog(client);
    const head = client.state.sent.get('a')?.seq ?? 0;
    expect(sent(client.turn(item(head + 1)))).toEqual([]);
    expect(client.state.phase).toBe('behind');
    expect(sent(client.turn(item(head + 2), { type: 'typing', size: 1 }))).toEqual([]);
    client.gauge.unsent = 0;
    const onward = [...client.pong('1'), ...client.drained()];
    expect(onward).toContainEqual({ do: 'load', stream: 'a', after: head });
  });

  it('[G8] asks by a ping behind many bytes whether they were read', () => {
    const client = session({ a: 0 });
    expect(client.turn(item(1, 'a', PROBE_EVERY_BYTES))).toContainEqual({ do: 'ping', id: '1' });
    expect(client.turn(item(2, 'a', PROBE_EVERY_BYTES))).not.toContainEqual({ do: 'ping', id: '2' });
    expect(client.pong('1')).toContainEqual({ do: 'ping', id: '2' });
  });

  it('[G8] closes 4008 after 30 s without any progress, and drops it in the next second', () => {
    const client = session({ a: 0 });
    client.turn(item(1, 'a', UNREAD_LIMIT_BYTES + 1));
    const codes: unknown[] = [];
    for (let second = 0; second <= STUCK_MS / 1_000 + 1; second++) codes.push(...sent(client.tick()));
    expect(codes).toEqual([4008]);
    expect(client.tick()).toEqual([{ do: 'terminate' }]);
  });

  it('[G8] stops writing when nothing moved for 10 s although bytes wait', () => {
    const client = session({ a: 0 });
    client.turn(item(1, 'a', PROBE_EVERY_BYTES));
    client.gauge.unsent = 100;
    client.tick(NO_DRAIN_MS + 1);
    expect(client.state.phase).toBe('behind');
  });
});

describe('the heartbeat', () => {
  it('[G9] closes 4012 when a ping is not answered, within 30 s of the last answer', () => {
    const client = session({ a: 0 }, { firstPingMs: PING_EVERY_MS });
    let code: unknown;
    for (let second = 1; second <= 30 && code === undefined; second++) {
      [code] = sent(client.tick());
      if (code !== undefined) expect(second).toBeLessThan(29);
    }
    expect(code).toBe(4012);
  });

  it('asks at even times, and bears heads only for a client that said hello', () => {
    const client = session({ a: 7 });
    const asked: number[] = [];
    client.says('{"type":"hello"}');
    for (let second = 1; second <= 40; second++) {
      for (const effect of client.tick()) {
        if (effect.do === 'ping') client.pong(effect.id);
        if (effect.do !== 'send') continue;
        expect(effect.frame).toEqual({ type: 'ping', data: { heads: { a: { epoch: 'e1', seq: 7 } } } });
        asked.push(second);
        client.says('{"type":"pong","data":{"cursor":"a:e1:7"}}');
      }
    }
    expect(asked).toEqual([5, 20, 35]);
  });

  it('[G3] finds by itself that a live connection was not served', () => {
    const client = session({ a: 7 });
    client.gauge.now = 6_000;
    const heads = cursor({ a: 9 });
    expect(client.does({ type: 'tick', heads, fed: heads })).toEqual([{ do: 'load', stream: 'a', after: 7 }]);
  });
});

describe('limits', () => {
  it('[G11] let 40 frames pass at once and 20 a second, and close 4029 beyond', () => {
    const client = session({ a: 0 });
    const say = (n: number) => range(1, n).flatMap(() => sent(client.says('{"type":"test","data":1}')));
    expect(say(40).length).toBe(40);
    client.gauge.now += 1_000;
    expect(say(20)).not.toContain(4029);
    expect(say(1)).toEqual([4029]);
  });

  it('[G11] forgive bad frames when a good one comes between', () => {
    const client = session({ a: 0 });
    for (const text of [...range(1, 9).map(() => 'x'), '{"type":"test"}', ...range(1, 9).map(() => 'x')]) {
      expect(sent(client.says(text))).not.toContain(4500);
    }
    expect(sent(client.says('x'))).toEqual(['error', 4500]);
  });
});
