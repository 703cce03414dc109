// The gate's word on closing, over a socket that only exists here: what the library closes is cut at once. What it holds back is tested with a real one, in account-messages.test.ts.
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { setGate } from './gate.ts';

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

describe('the gate', () => {
  it('lets the library wait for no closing handshake: a dead peer would hold up the news for half a minute', async () => {
    const socket = new Socket();
    setGate(socket, {
      hold: () => undefined,
      opened: () => {},
      heard: () => {},
      unreadable: () => {},
      over: () => false,
      depth: () => 0,
    });
    await socket.close();
    expect(socket.said).toEqual(['closing', 'terminated', 'closed']);
  });
});
