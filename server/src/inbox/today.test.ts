// Where a day begins, and that what it comes to is counted from there on.
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../store/port.ts';
import { createToday, dayAround } from './today.ts';

describe('a day', () => {
  const at = Date.parse('2026-11-22T18:30:00Z');

  it('begins at midnight of its time zone, also where that is half an hour off', () => {
    const days = ['UTC', 'Asia/Shanghai', 'Asia/Kathmandu', 'America/New_York'].map((zone) => {
      const { from, to } = dayAround(at, zone);
      return [new Date(from).toISOString(), (to - from) / 3_600_000];
    });
    expect(days).toEqual([
      ['2026-11-22T00:00:00.000Z', 24],
      ['2026-11-22T16:00:00.000Z', 24],
      ['2026-11-22T18:15:00.000Z', 24],
      ['2026-11-22T05:00:00.000Z', 24],
    ]);
  });

  it('has 23 or 25 hours where clocks are changed', () => {
    const hours = ['2026-03-08T17:00:00Z', '2026-11-01T17:00:00Z'].map((moment) => {
      const { from, to } = dayAround(Date.parse(moment), 'America/New_York');
      return (to - from) / 3_600_000;
    });
    expect(hours).toEqual([23, 25]);
  });

  it('refuses a time zone that is none', () => {
    expect(() => dayAround(at, 'Mars/Olympus')).toThrow('timeZone=Mars/Olympus');
  });
});

describe('what a day comes to', () => {
  it('is counted from its midnight on, each event once, and goes on from where it was', async () => {
    const midnight = Date.parse('2026-11-22T00:00:00Z');
    const events: StoredEvent[] = [];
    const tell = (type: StoredEvent['type'], at: number, data: object): void => {
      const seq = events.length + 1;
      events.push({ stream: 'acc_a', epoch: 'e1', seq, type, data: JSON.stringify(data), at });
    };
    const asked: number[] = [];
    const today = createToday(
      {
        accounts: async () => [
          {
            account: { id: 'acc_a', label: 'A', kind: 'sandbox', state: 'READY', since: 0, stream: 'acc_a' },
            createdAt: 0,
          },
        ],
        heads: async () => ({ acc_a: { epoch: 'e1', seq: events.length } }),
        firstSeq: async () => 1,
        events: async (_, after, limit) => {
          asked.push(after);
          return events.slice(after, after + limit);
        },
        stretches: async () => new Map([['acc_a', [{ state: 'READY', from: 1, to: 2 }]]]),
      },
      () => midnight + 3_600_000,
      async () => {},
    );
    for (let n = 0; n < 1_200; n += 1) tell('new_message', midnight - 5_000 + n, { fromMe: false, kind: 'text' });
    tell('new_message', midnight, { fromMe: false, kind: 'text' });
    tell('new_message', midnight + 1, { fromMe: true, kind: 'text' });
    tell('message_status', midnight + 2, { messageId: 'm1', status: 'error' });
    const [first] = (await today('UTC')).items;
    expect(first).toEqual({
      account: 'acc_a',
      received: 1,
      sent: 1,
      failed: ['m1'],
      states: [{ state: 'READY', from: 1, to: 2 }],
    });
    tell('message_status', midnight + 3, { messageId: 'm1', status: 'pending' });
    asked.length = 0;
    const again = await today('UTC');
    expect(again.items[0]).toMatchObject({ received: 1, sent: 1, failed: [] });
    expect(asked).toEqual([1_203]);
    expect(again.heads).toEqual({ acc_a: { epoch: 'e1', seq: 1_204 } });
  });
});
