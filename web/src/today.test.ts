// The day that a card shows goes on by the events, each of them once.
import type { DurableFrame, Today } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { withEvent } from './today.ts';

const day: Today = {
  timeZone: 'UTC',
  from: 0,
  to: 86_400_000,
  items: [{ account: 'acc_a', received: 4, sent: 2, failed: [], states: [{ state: 'READY', from: 0, to: 60_000 }] }],
  heads: { acc_a: { epoch: 'e', seq: 10 } },
};

function told(seq: number, timestamp = 70_000): DurableFrame {
  const data = {
    id: `m${seq}`,
    account: 'acc_a',
    conversation: 'c',
    stream: 'acc_a',
    seq,
    from: 'a',
    to: 'b',
    fromMe: false,
    kind: 'text' as const,
    body: '',
    timestamp,
  };
  return { type: 'new_message', data, timestamp, stream: 'acc_a', seq };
}

const state = (seq: number, status: 'READY' | 'DISCONNECTED', account = 'acc_a'): DurableFrame => ({
  type: 'whatsapp_status',
  data: { account, status, state: 'close', since: 1 },
  timestamp: 90_000,
  stream: account,
  seq,
});

describe('the day of an account on the screen', () => {
  it('counts what comes after the position of its answer, once', () => {
    const events = [told(9), told(10), told(11), told(11), told(12)];
    expect(events.reduce(withEvent, day).items[0]?.received).toBe(6);
  });

  it('leaves what is told after midnight to the next day', () => {
    expect(withEvent(day, told(11, 86_400_000))).toBe(day);
  });

  it('goes on with its states', () => {
    expect(withEvent(day, state(11, 'DISCONNECTED')).items[0]?.states).toEqual([
      { state: 'READY', from: 0, to: 90_000 },
      { state: 'DISCONNECTED', from: 90_000, to: 90_000 },
    ]);
  });

  it('begins with the first event of an account that is new, and ends with the account', () => {
    const both = withEvent(day, state(1, 'READY', 'acc_b'));
    expect(both.items.map(({ account }) => account)).toEqual(['acc_a', 'acc_b']);
    const removed: DurableFrame = {
      type: 'account_removed',
      data: { id: 'acc_a' },
      timestamp: 1,
      stream: 'workspace',
      seq: 1,
    };
    expect(withEvent(both, removed).items.map(({ account }) => account)).toEqual(['acc_b']);
  });
});
