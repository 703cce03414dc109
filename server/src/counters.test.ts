// Holds that the counts of an account hang together, and that what was fed is told from what was only committed.
import { describe, expect, it } from 'vitest';
import { Counters } from './counters.ts';
import { MemoryRows } from './inbox/test/memory-rows.ts';
import { ACCOUNT, ANNA, person, ready, text } from './inbox/test/scene.ts';
import { QueueLengths } from './queue-lengths.ts';
import type { Heard } from './whatsapp/port.ts';

const heard = (wire: number, more: Partial<Heard> = {}): Heard => ({
  wire,
  redelivered: 0,
  control: 0,
  aside: 0,
  ...more,
});

async function counted(rows: MemoryRows, fed: () => number): Promise<Counters> {
  const tallies = async () => {
    const sums = [...rows.tally].map(([key, value]) => [key.slice(ACCOUNT.length + 1), value] as const);
    return new Map(sums.length > 0 ? [[ACCOUNT, Object.fromEntries(sums)]] : []);
  };
  const counters = new Counters({ tallies }, () => ({ [ACCOUNT]: { seq: fed() } }));
  await counters.open();
  return counters;
}

describe('the counts of an account', () => {
  it('[G16] agree: each stanza is stored, or told why not; each new message is fed, or about to be', async () => {
    const rows = new MemoryRows();
    let fed = Number.MAX_SAFE_INTEGER;
    const counters = await counted(rows, () => fed);
    const hear = (...[facts, of]: [Parameters<MemoryRows['ingest']>[1], Heard]) => {
      const before = rows.events.length;
      rows.ingest(ACCOUNT, facts, { heard: of });
      counters.committed({ events: rows.events.slice(before), at: 1 });
    };
    rows.run('create_account', { id: ACCOUNT, label: 'Shop', kind: 'sandbox' });
    rows.ingest(ACCOUNT, [ready]);
    hear([text('A1', 'one'), text('A2', '', { kind: 'waiting' }), text('A3', 'three')], heard(4, { control: 1 }));
    hear([text('A2', 'two'), text('A1', 'one')], heard(4, { redelivered: 2 }));
    const target = { chat: person(ANNA), waId: 'A1', fromMe: false, author: ANNA };
    hear([{ type: 'change', target, change: { kind: 'revoke' }, fromMe: true, at: 1 }], heard(1));
    fed = rows.events.findLast(({ type }) => type === 'new_message')?.seq ?? 0;
    hear([text('A4', 'four'), text('A5', '', { kind: 'waiting' })], heard(1, { aside: 1 }));
    expect((await counters.read())[ACCOUNT]).toEqual({
      wire: 10,
      stored: 5,
      redelivered: 2,
      again: 1,
      filled: 1,
      changes: 1,
      control: 1,
      aside: 1,
      delivered: 3,
      commanded: 0,
      notices: 0,
      before: 0,
      waiting: 1,
      refused: 1,
      lost: 0,
      untold: 2,
    });
    fed = Number.MAX_SAFE_INTEGER;
    expect((await counters.read())[ACCOUNT]).toMatchObject({ delivered: 5, untold: 0 });
    const again = await counted(rows, () => fed);
    expect((await again.read())[ACCOUNT]).toMatchObject({ delivered: 5, untold: 0 });
  });
});

describe('the length of an outbox', () => {
  it('is counted once for a burst, again while something waits, and no more when it is empty', async () => {
    const timers: { ms: number; call: () => void; on: boolean }[] = [];
    const lengths = [2, 1, 0];
    const counts: string[] = [];
    const queues = new QueueLengths({
      count: async (account) => {
        counts.push(account);
        return lengths.shift() ?? 0;
      },
      after: (ms, call) => {
        const timer = { ms, call, on: true };
        timers.push(timer);
        return () => {
          timer.on = false;
        };
      },
      onError: (error) => {
        throw error;
      },
    });
    const ring = async (): Promise<void> => {
      const timer = timers.findLast(({ on }) => on);
      if (timer === undefined) return;
      timer.on = false;
      timer.call();
      await new Promise((resolve) => setImmediate(resolve));
    };
    for (let n = 0; n < 20; n++) queues.mark('acc_1');
    await ring();
    await ring();
    expect(counts).toHaveLength(2);
    const status = { stream: 'acc_1', epoch: 'e', seq: 1, type: 'message_status', data: '{}', at: 1 } as const;
    queues.committed({ events: [status, status], at: 1 });
    await ring();
    await ring();
    expect(counts).toHaveLength(3);
    queues.committed({ events: [status], at: 1 });
    expect(timers.some(({ on }) => on)).toBe(false);
  });
});
