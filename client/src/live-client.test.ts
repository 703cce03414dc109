// The drive of the live client by a socket, clock and chance of our own: what it opens, keeps, batches and survives.
import { describe, expect, it } from 'vitest';
import type { MachineSignal, SocketLike } from './environment.ts';
import { createLiveClient, type LiveClientOptions } from './live-client.ts';
import type { LiveObservation } from './status.ts';

/** Sockets that a test drives by hand, and a clock that it moves. */
function world(options: Partial<LiveClientOptions> = {}) {
  let now = 0;
  let wallAhead = 1_000_000;
  let timers: { at: number; run: () => void }[] = [];
  const signals = new Set<(signal: MachineSignal) => void>();
  const sockets: FakeSocket[] = [];
  class FakeSocket implements SocketLike {
    readyState = 0;
    onopen: ((event: never) => void) | null = null;
    onmessage: ((event: never) => void) | null = null;
    onclose: ((event: never) => void) | null = null;
    onerror: ((event: never) => void) | null = null;
    readonly sent: { type: string; data: unknown }[] = [];
    closedWith: number | undefined;
    readonly url: URL;
    constructor(url: string) {
      this.url = new URL(url);
      sockets.push(this);
    }
    send(text: string): void {
      this.sent.push(JSON.parse(text));
    }
    close(code?: number): void {
      this.closedWith = code;
      this.readyState = 3;
    }
    opens(): void {
      this.readyState = 1;
      if (this.onopen !== null) Reflect.apply(this.onopen, undefined, [{}]);
    }
    says(type: string, data: object, place: object = {}): void {
      const text = JSON.stringify({ type, data, timestamp: 5, ...place });
      if (this.onmessage !== null) Reflect.apply(this.onmessage, undefined, [{ data: text }]);
    }
    ends(code: number): void {
      this.readyState = 3;
      if (this.onclose !== null) Reflect.apply(this.onclose, undefined, [{ code }]);
    }
    greets(seq: number): void {
      this.opens();
      const heads = { acc_1: { epoch: 'e1', seq } };
      this.says('connected', { message: 'hi', connectionId: 'c_1', version: 1, heads, resumed: true, replayed: 0 });
    }
  }
  const client = createLiveClient('ws://host:4000/ws', {
    WebSocket: FakeSocket,
    environment: {
      now: () => now,
      wall: () => wallAhead + now,
      random: () => 1,
      timer(ms, run) {
        const mine = { at: now + ms, run };
        timers.push(mine);
        return () => {
          timers = timers.filter((one) => one !== mine);
        };
      },
      signals(listener) {
        signals.add(listener);
        return () => signals.delete(listener);
      },
    },
    ...options,
  });
  const seen: LiveObservation[] = [];
  client.observe((observation) => void seen.push(observation));
  return {
    client,
    sockets,
    seen,
    get last() {
      const socket = sockets.at(-1);
      if (socket === undefined) throw new Error('no socket was opened');
      return socket;
    },
    signal: (signal: MachineSignal) => signals.forEach((listener) => listener(signal)),
    listening: () => signals.size,
    timers: () => timers.length,
    /** The machine slept: the wall clock went on, timers and the monotonic clock did not. */
    sleep: (ms: number) => {
      wallAhead += ms;
    },
    pass(ms: number) {
      const end = now + ms;
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((one) => one !== due);
        now = Math.max(now, due.at);
        due.run();
      }
      now = end;
    },
  };
}

const note = (seq: number) =>
  ['note', { id: 'n', conversation: 'c', body: `${seq}`, author: 'a', at: 1 }, { stream: 'acc_1', seq }] as const;
const heads = { acc_1: { epoch: 'e1', seq: 4 } };

describe('createLiveClient', () => {
  it('does nothing before start, then opens one socket with its cursor and choices', () => {
    const live = world({ streams: ['acc_1'], types: ['note', 'call'] });
    expect([live.client.snapshot().phase, live.sockets.length]).toEqual(['idle', 0]);
    live.client.start(heads);
    const { client, sockets, last } = live;
    expect(sockets.length).toBe(1);
    expect(last.url.pathname).toBe('/ws');
    expect(Object.fromEntries(last.url.searchParams)).toEqual({
      cursor: 'acc_1:e1:4,*:0',
      streams: 'acc_1',
      types: 'note,call',
    });
    expect(client.snapshot()).toMatchObject({ phase: 'connecting', url: 'ws://host:4000/ws' });
  });

  it('[G3] gives each event once to listeners of its type and to those of all', () => {
    const { client, last, seen } = started();
    const got: number[] = [];
    const end = client.on('note', ({ seq }) => void got.push(seq));
    client.onEvent(({ seq }) => void got.push(-seq));
    for (const seq of [5, 5, 6]) last.says(...note(seq));
    end();
    last.says(...note(7));
    expect(got).toEqual([-5, 5, -6, 6, -7]);
    expect(seen.filter(({ type }) => type === 'duplicate').length).toBe(1);
    expect(client.snapshot()).toMatchObject({ cursor: 'acc_1:e1:7', counters: { received: 5, duplicates: 1 } });
  });

  it('[G3] comes back with its cursor when an event is missing', () => {
    const live = started();
    live.last.says(...note(6));
    expect(live.last.closedWith).toBe(4001);
    live.pass(1_000);
    expect(live.sockets.length).toBe(2);
    expect(live.last.url.searchParams.get('cursor')).toBe('acc_1:e1:4,*:0');
  });

  it('hears nothing more of a socket that it has left', () => {
    const live = started();
    const [old] = live.sockets;
    live.last.says(...note(9));
    live.pass(1_000);
    live.last.greets(4);
    const { counters } = live.client.snapshot();
    old?.says(...note(5));
    old?.ends(4500);
    expect(live.client.snapshot()).toMatchObject({ phase: 'live', counters });
  });

  it('[G9] leaves a server that is silent for 25 s', () => {
    const live = started();
    live.pass(25_100);
    expect(live.sockets[0]?.closedWith).toBe(4000);
  });

  it('[G9] notices that the machine slept, and asks whether the link still lives', () => {
    const live = started();
    live.last.sent.length = 0;
    live.sleep(3_600_000);
    live.pass(5_000);
    expect(live.last.sent.map(({ type }) => type)).toContain('test');
    live.pass(3_100);
    expect(live.sockets[0]?.closedWith).toBe(4000);
  });

  it('says in both languages why it failed, and when it tries again', () => {
    const live = world();
    live.client.start();
    live.last.ends(1006);
    expect(live.client.snapshot()).toMatchObject({
      phase: 'waiting',
      attempts: 1,
      nextTryAt: 1_000_250,
      failure: { code: 1006, opened: false, final: false },
    });
    expect(live.seen.map(({ type }) => type)).toEqual(['connecting', 'failed']);
    live.signal('online');
    live.last.greets(0);
    expect(live.client.snapshot()).toMatchObject({ phase: 'live', failure: undefined, nextTryAt: undefined });
  });

  it('[G14] gives up on a final code and says so', () => {
    const live = started();
    live.last.ends(4503);
    expect(live.client.snapshot()).toMatchObject({ phase: 'failed', failure: { code: 4503, final: true } });
    live.pass(100_000);
    expect(live.sockets.length).toBe(1);
  });

  it('sends its stamps once a second in one frame', () => {
    const live = started();
    live.last.sent.length = 0;
    live.client.trace('m1', 'shown');
    live.client.trace('m1', 'shown');
    live.pass(100);
    live.client.trace('m2', 'applied');
    live.pass(1_000);
    expect(live.last.sent).toEqual([
      {
        type: 'trace',
        data: {
          items: [
            { id: 'm1', shown: 1_000_000 },
            { id: 'm2', applied: 1_000_100 },
          ],
        },
      },
    ]);
  });

  it('stamps by the server’s clock once it has compared the two', () => {
    const live = started();
    live.client.retry();
    const probe = live.last.sent.findLast(({ type }) => type === 'test');
    live.last.says('test_echo', Object(probe?.data));
    expect(live.client.snapshot()).toMatchObject({ latency: 0, clockOffset: 5 - 1_000_000 });
    live.last.sent.length = 0;
    live.client.trace('m1', 'shown');
    live.pass(1_000);
    expect(live.last.sent).toContainEqual({ type: 'trace', data: { items: [{ id: 'm1', shown: 5 }] } });
  });

  it('keeps its cursor in the storage it was given, and starts from there', () => {
    let kept: string | null = null;
    const storage = { get: () => kept, set: (cursor: string) => void (kept = cursor) };
    const first = started({ storage });
    first.last.says(...note(5));
    first.client.stop();
    expect(kept).toBe('acc_1:e1:5');
    const second = world({ storage });
    second.client.start();
    expect(second.last.url.searchParams.get('cursor')).toBe('acc_1:e1:5,*:0');
  });

  it('fetches a snapshot first, and passes over the answer if it was stopped meanwhile', async () => {
    const answers: ((value: typeof heads) => void)[] = [];
    const live = world({ onResync: () => new Promise((resolve) => answers.push(resolve)) });
    live.client.start();
    expect([live.client.snapshot().phase, live.sockets.length]).toEqual(['joining', 0]);
    live.client.stop();
    live.client.start();
    answers[0]?.({ acc_1: { epoch: 'e1', seq: 1 } });
    answers[1]?.(heads);
    await new Promise((resolve) => setImmediate(resolve));
    expect(live.sockets.map(({ url }) => url.searchParams.get('cursor'))).toEqual(['acc_1:e1:4,*:0']);
  });

  it('answers the same snapshot object until something in it changes, and tells changes of phase at once', () => {
    const live = started();
    const before = live.client.snapshot();
    expect(live.client.snapshot()).toBe(before);
    let told = 0;
    live.client.subscribe(() => (told += 1));
    live.last.says(...note(5));
    live.last.says(...note(6));
    expect(told).toBe(0);
    live.pass(100);
    expect(told).toBe(1);
    expect(live.client.snapshot()).not.toBe(before);
    live.last.ends(1006);
    expect(told).toBeGreaterThan(1);
  });

  it('leaves nothing behind when it is stopped', () => {
    const live = started();
    live.client.trace('m1', 'shown');
    live.client.stop();
    expect([live.last.closedWith, live.timers(), live.listening()]).toEqual([1000, 0, 0]);
  });

  it('counts a socket that cannot even be made as a failed attempt', async () => {
    class Forbidden implements SocketLike {
      readyState = 3;
      onopen = null;
      onmessage = null;
      onclose = null;
      onerror = null;
      constructor() {
        throw new Error('the policy of this page forbids it');
      }
      send(): void {}
      close(): void {}
    }
    const live = world({ WebSocket: Forbidden });
    live.client.start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(live.client.snapshot()).toMatchObject({ phase: 'waiting', failure: { code: 1006 } });
  });
});

/** Live, at seq 4. */
function started(options: Partial<LiveClientOptions> = {}) {
  const live = world(options);
  live.client.start(heads);
  live.last.greets(4);
  return live;
}
