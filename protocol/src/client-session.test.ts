// The client's half, step by step: joining, gaps, heartbeats, dead links, back-off; time and chance are numbers in the test.
import { describe, expect, it } from 'vitest';
import {
  BACK_OFF_MOST_MS,
  type ClientEffect,
  type ClientInput,
  type ClientSession,
  DEAD_AFTER_MS,
  dueAt,
  newClientSession,
  PROBE_WAIT_MS,
  stepClient,
} from './client-session.ts';
import type { Heads } from './events.ts';
import type { ServerFrame, ServerFrameResult } from './frames.ts';
import { cursorOf } from './positions.ts';

/** A session with its own clock, and what it did last. */
function session(start: Extract<ClientInput, { type: 'start' }> = { type: 'start', cursor: undefined, joins: false }) {
  let state: ClientSession = newClientSession;
  let now = 1_000;
  const does = (input: ClientInput, random = 1): readonly ClientEffect[] => {
    const [next, effects] = stepClient(state, input, { now, random });
    state = next;
    return effects;
  };
  const first = does(start);
  return {
    first,
    does,
    get state() {
      return state;
    },
    get cursor() {
      return Object.fromEntries([...state.memory.cursor].map(([stream, { seq }]) => [stream, seq]));
    },
    wait: (ms: number) => {
      now += ms;
    },
    get now() {
      return now;
    },
    hears: (frame: ServerFrame) => does({ type: 'frame', result: { ok: true, frame } }),
  };
}

const heads = (seqs: Readonly<Record<string, number>>): Heads =>
  Object.fromEntries(Object.entries(seqs).map(([stream, seq]) => [stream, { epoch: 'e1', seq }]));
const connected = (seqs: Readonly<Record<string, number>>): ServerFrame => ({
  type: 'connected',
  timestamp: 1,
  data: { message: 'hi', connectionId: 'c', version: 1, heads: heads(seqs), resumed: false, replayed: 0 },
});
const event = (seq: number, stream = 'acc_1'): ServerFrame => ({
  type: 'account_removed',
  timestamp: 1,
  stream,
  seq,
  data: { id: 'x' },
});
const ping = (seqs: Readonly<Record<string, number>>): ServerFrame => ({
  type: 'ping',
  timestamp: 1,
  data: { heads: heads(seqs) },
});
const from = (seqs: Readonly<Record<string, number>>, joins = false) =>
  ({ type: 'start', cursor: cursorOf(heads(seqs)), joins }) as const;
const dos = (effects: readonly ClientEffect[]) => effects.map((effect) => effect.do);

describe('joining', () => {
  it('[G6] asks for everything after its cursor, and for streams that began since from their start', () => {
    const client = session(from({ acc_1: 5 }));
    expect(client.first).toEqual([{ do: 'open', cursor: 'acc_1:e1:5,*:0' }]);
    client.hears(connected({ acc_1: 7, acc_2: 1 }));
    expect(client.state.phase).toBe('replaying');
    for (const frame of [event(6), event(1, 'acc_2'), event(7)]) expect(dos(client.hears(frame))).toContain('deliver');
    expect(client.state.phase).toBe('live');
  });

  it('without a cursor begins at the heads that it is told', () => {
    const client = session();
    expect(client.first).toEqual([{ do: 'open', cursor: '' }]);
    const effects = client.hears(connected({ acc_1: 7 }));
    expect(client.state.phase).toBe('live');
    expect(dos(client.hears(event(8)))).toEqual(['deliver']);
    expect(effects).toContainEqual({ do: 'send', frame: { type: 'hello', data: {} } });
  });

  it('fetches a snapshot first if the app can, and again with back-off when that fails', () => {
    const client = session({ type: 'start', cursor: undefined, joins: true });
    expect(client.first).toEqual([{ do: 'join', reason: 'start' }]);
    client.does({ type: 'join_failed' });
    client.wait((dueAt(client.state) ?? 0) - client.now);
    expect(dos(client.does({ type: 'tick' }))).toEqual(['join']);
    expect(client.does({ type: 'joined', cursor: cursorOf(heads({ acc_1: 3 })) })).toEqual([
      { do: 'open', cursor: 'acc_1:e1:3,*:0' },
    ]);
  });

  it('[G5] fetches a snapshot when it cannot be resumed', () => {
    const client = session(from({ acc_1: 5 }, true));
    client.hears(connected({ acc_1: 900 }));
    const resync: ServerFrame = {
      type: 'resync',
      timestamp: 1,
      data: { stream: 'acc_1', reason: 'expired', head: 900, epoch: 'e1' },
    };
    expect(dos(client.hears(resync))).toEqual(['note', 'deliver', 'close', 'join']);
    expect(client.state.phase).toBe('joining');
  });

  it('[G5] goes on at the head after resync if it has no snapshots', () => {
    const client = session(from({ acc_1: 5 }));
    client.hears(connected({ acc_1: 900 }));
    client.hears({ type: 'resync', timestamp: 1, data: { stream: 'acc_1', reason: 'epoch', head: 2, epoch: 'e2' } });
    expect([client.state.phase, client.cursor]).toEqual(['live', { acc_1: 2 }]);
    expect(dos(client.hears(event(3)))).toEqual(['deliver']);
  });

  it('forgets a stream that ended with its account', () => {
    const client = session(from({ acc_1: 5, acc_2: 2 }, true));
    client.hears(connected({ acc_2: 2 }));
    client.hears({ type: 'resync', timestamp: 1, data: { stream: 'acc_1', reason: 'expired', head: 0, epoch: '' } });
    expect([client.state.phase, client.cursor]).toEqual(['live', { acc_2: 2 }]);
  });
});

describe('each event', () => {
  it('[G3] is applied if it is the next, dropped if it came before, and asked for if one is missing', () => {
    const client = session(from({ acc_1: 5 }));
    client.hears(connected({ acc_1: 5 }));
    expect(dos(client.hears(event(6)))).toEqual(['deliver']);
    expect(client.hears(event(6))).toEqual([{ do: 'note', note: { type: 'duplicate', stream: 'acc_1', seq: 6 } }]);
    const effects = client.hears(event(8));
    expect(effects[0]).toEqual({ do: 'note', note: { type: 'gap', stream: 'acc_1', expected: 7, got: 8 } });
    expect(effects[1]).toEqual({ do: 'close', code: 4001 });
    client.wait(60_000);
    expect(client.does({ type: 'tick' })).toEqual([{ do: 'open', cursor: 'acc_1:e1:6,*:0' }]);
  });

  it('[G3] of a stream that begins while we are live begins at 1', () => {
    const client = session(from({}));
    client.hears(connected({}));
    expect(dos(client.hears(event(1, 'acc_9')))).toEqual(['deliver']);
    expect(client.hears(event(3, 'acc_9'))[1]).toEqual({ do: 'close', code: 4001 });
  });

  it('[G3] that was lost as the last of all is noticed by the heartbeat', () => {
    const client = session(from({ acc_1: 5 }));
    client.hears(connected({ acc_1: 5 }));
    expect(dos(client.hears(ping({ acc_1: 5 })))).toContain('send');
    expect(client.hears(ping({ acc_1: 6 }))[1]).toEqual({ do: 'close', code: 4001 });
  });

  it('[G10] that our filter left out is passed over by skip', () => {
    const client = session(from({ acc_1: 5 }));
    client.hears(connected({ acc_1: 8 }));
    client.hears({ type: 'skip', timestamp: 1, data: { stream: 'acc_1', seq: 8 } });
    expect(client.state.phase).toBe('live');
    expect(dos(client.hears(event(9)))).toEqual(['deliver']);
  });

  it('[G12] that we do not understand counts, and is not asked for again', () => {
    const client = session(from({ acc_1: 5 }));
    client.hears(connected({ acc_1: 5 }));
    const problem = { code: 'UNKNOWN_FRAME', detail: 'type "later"' } as const;
    const result: ServerFrameResult = { ok: false, problem, position: { stream: 'acc_1', seq: 6 } };
    expect(dos(client.does({ type: 'frame', result }))).toEqual(['note']);
    expect(dos(client.hears(event(7)))).toEqual(['deliver']);
  });
});

describe('a link', () => {
  function live() {
    const client = session(from({ acc_1: 5 }));
    client.does({ type: 'opened' });
    client.hears(connected({ acc_1: 5 }));
    return client;
  }

  it('[G9] without any frame for 25 s is dead', () => {
    const client = live();
    client.wait(DEAD_AFTER_MS - 1);
    expect(client.does({ type: 'tick' })).toEqual([]);
    client.hears(event(6));
    expect(dueAt(client.state)).toBe(client.now + DEAD_AFTER_MS);
    client.wait(DEAD_AFTER_MS);
    expect(client.does({ type: 'tick' })[0]).toEqual({ do: 'close', code: 4000 });
    expect(client.state.phase).toBe('waiting');
  });

  it.each(['visible', 'online', 'offline', 'wake'] as const)(
    '[G9] is probed on %s, and dead without an echo in 3 s',
    (signal) => {
      const client = live();
      const sent = client.does({ type: 'signal', signal });
      const probe = sent.find((effect) => effect.do === 'send' && effect.frame.type === 'test');
      expect(probe).toBeDefined();
      // What was under way before we slept proves nothing.
      client.hears(event(6));
      client.wait(PROBE_WAIT_MS);
      expect(client.does({ type: 'tick' })[0]).toEqual({ do: 'close', code: 4000 });
    },
  );

  it('[G9] that answers the probe stays, and tells its round trip', () => {
    const client = live();
    const sent = client.does({ type: 'signal', signal: 'visible' });
    const probe = sent.flatMap((effect) =>
      effect.do === 'send' && effect.frame.type === 'test' ? [effect.frame.data] : [],
    );
    client.wait(40);
    const [note] = client.hears({ type: 'test_echo', timestamp: 77, data: probe[0] });
    expect(note).toEqual({ do: 'note', note: { type: 'latency', ms: 40, serverTime: 77 } });
    client.wait(PROBE_WAIT_MS);
    expect(client.does({ type: 'tick' })).toEqual([]);
  });

  it('that is lost is tried again after a random part of 0.25 s, doubled up to 15 s, and less once it has proved itself', () => {
    const client = live();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      client.does({ type: 'closed', code: 1006 });
      waits.push((dueAt(client.state) ?? 0) - client.now);
      client.wait(BACK_OFF_MOST_MS);
      client.does({ type: 'tick' });
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    client.hears(connected({ acc_1: 5 }));
    client.wait(2_000);
    client.does({ type: 'closed', code: 1006 }, 0.5);
    expect((dueAt(client.state) ?? 0) - client.now).toBe(125);
  });

  it('[G15] that a draining server ends is taken up again when it is back, not before, and spread', () => {
    const waits = [0, 0.5, 1].map((random) => {
      const client = live();
      client.hears({ type: 'draining', timestamp: 1, data: { retryAfterMs: 1_000 } });
      client.does({ type: 'closed', code: 1012 }, random);
      return (dueAt(client.state) ?? 0) - client.now;
    });
    expect(waits).toEqual([1_000, 1_500, 2_000]);
  });

  it('that waits is tried at once when the machine comes online or a person asks', () => {
    for (const input of [{ type: 'signal', signal: 'online' }, { type: 'retry' }] as const) {
      const client = live();
      client.does({ type: 'closed', code: 1006 });
      expect(dos(client.does(input))).toEqual(['open']);
    }
  });

  it('[G14] closed with a final code is not tried again until a person asks', () => {
    const client = live();
    client.does({ type: 'closed', code: 4503 });
    expect(client.state).toMatchObject({ phase: 'failed', failure: { code: 4503, opened: true } });
    expect(dueAt(client.state)).toBeUndefined();
    expect(client.does({ type: 'signal', signal: 'online' })).toEqual([]);
    expect(dos(client.does({ type: 'retry' }))).toEqual(['open']);
  });

  it('that does not open in 15 s is given up', () => {
    const client = session();
    client.wait(15_000);
    expect(client.does({ type: 'tick' })[0]).toEqual({ do: 'close', code: 1006 });
    expect(client.state).toMatchObject({ phase: 'waiting', failure: { opened: false } });
  });

  it('that is stopped is quiet: late answers change nothing', () => {
    const client = live();
    client.does({ type: 'stop' });
    const inputs: ClientInput[] = [
      { type: 'closed', code: 1006 },
      { type: 'joined', cursor: new Map() },
      { type: 'tick' },
      { type: 'signal', signal: 'online' },
      { type: 'frame', result: { ok: true, frame: event(6) } },
    ];
    for (const input of inputs) expect(client.does(input), input.type).toEqual([]);
    expect(client.state.phase).toBe('idle');
  });
});
