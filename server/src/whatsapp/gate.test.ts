// The gate's word on closing, over a socket that only exists here: what the library closes is cut at once. What it holds back is tested with a real one, in account-messages.test.ts.
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { attributing, setGate, type Watch } from './gate.ts';

/** As the library's socket: `close` ends when the peer has answered, which a dead one never does. */
class Socket extends EventEmitter {
  readonly said: string[] = [];
  readonly socket = {
    terminate: (): void => {
      this.said.push('terminated');
      this.emit('closed');
    },
  };
  async close(): Promise<void> {
    this.said.push('closing');
    await new Promise((resolve) => this.once('closed', resolve));
    this.said.push('closed');
  }
}

function deferred() {
  let resolve = (): void => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((kept, broken) => {
    resolve = kept;
    reject = broken;
  });
  return { promise, resolve: () => resolve(), reject: (error: Error) => reject(error) };
}

const nothing: Watch = {
  hold: () => undefined,
  opened: () => {},
  heard: () => {},
  unreadable: () => {},
  turnedAway: () => {},
  rejected: () => {},
  over: () => false,
  depth: () => 0,
  durable: () => undefined,
};

describe('the gate', () => {
  it('lets the library wait for no closing handshake: a dead peer would hold up the news for half a minute', async () => {
    const socket = new Socket();
    setGate(socket, nothing);
    await socket.close();
    expect(socket.said).toEqual(['closing', 'terminated', 'closed']);
  });

  it('[G7] lets frames leave in their order, none before what it rests on is durable, and none after that failed', async () => {
    const socket = new Socket();
    const written: unknown[] = [];
    Object.assign(socket.socket, {
      send: (frame: unknown, done: () => void) => {
        written.push(frame);
        done();
      },
    });
    const commits = [deferred(), deferred(), deferred()] as const;
    let durable: Promise<void> | undefined;
    setGate(socket, { ...nothing, durable: () => durable });
    const taken: string[] = [];
    const send = (frame: string): void => {
      const raw: unknown = Reflect.get(socket.socket, 'send');
      if (typeof raw === 'function') raw(frame, () => taken.push(frame));
    };
    send('before');
    durable = commits[0].promise;
    send('first');
    durable = commits[1].promise;
    send('second');
    durable = undefined;
    send('free, but behind');
    await new Promise(setImmediate);
    expect(written).toEqual(['before']);
    commits[0].resolve();
    await new Promise(setImmediate);
    expect(written).toEqual(['before', 'first']);
    commits[1].resolve();
    await new Promise(setImmediate);
    expect(written).toEqual(['before', 'first', 'second', 'free, but behind']);
    durable = commits[2].promise;
    send('lost');
    send('lost too');
    commits[2].reject(new Error('the line is dead'));
    await new Promise(setImmediate);
    expect(written).toHaveLength(4);
    // The library waits for none of them.
    expect(taken).toEqual(['before', 'first', 'second', 'free, but behind', 'lost', 'lost too']);
  });

  it('lets the frames of one moment leave by one call of the system', async () => {
    const socket = new Socket();
    const calls: string[] = [];
    const stream = { cork: () => calls.push('cork'), uncork: () => calls.push('uncork') };
    Object.assign(socket.socket, { _socket: stream, send: (frame: string) => calls.push(frame) });
    setGate(socket, nothing);
    const send: unknown = Reflect.get(socket.socket, 'send');
    if (typeof send !== 'function') throw new Error('the socket has lost its send');
    for (const moment of [['one', 'two'], ['three']]) {
      for (const frame of moment) send(frame);
      await new Promise(setImmediate);
    }
    expect(calls).toEqual(['cork', 'one', 'two', 'uncork', 'cork', 'three', 'uncork']);
  });

  it('tells whose a rejection is that the library leaves to nobody', async () => {
    const rejected: unknown[] = [];
    const made = attributing(() => [new Socket(), new Socket()] as const);
    for (const [index, socket] of made.entries()) {
      setGate(socket, { ...nothing, rejected: (error) => rejected.push([index, error]) });
      socket.on('CB:iq', async () => Promise.reject(new Error(`of ${index}`)));
    }
    made[1].emit('CB:iq', { tag: 'iq', attrs: {} });
    await expect.poll(() => rejected).toEqual([[1, new Error('of 1')]]);
    expect(EventEmitter.captureRejections).toBe(false);
  });
});
