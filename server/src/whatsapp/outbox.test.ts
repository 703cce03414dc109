// The outbox over a link that only exists here: order, how many may be unanswered, pace, tries, and what goes again.
import { describe, expect, it, vi } from 'vitest';
import { MemoryKeeper } from '../../test/memory-keeper.ts';
import { Outbox, type Sender } from './outbox.ts';
import { Meter, type Pace } from './pace.ts';

const chat = { kind: 'person', pn: '4922@s.whatsapp.net' } as const;

/** `ack`: the server answers at once, never, or when the test says so; only time that is waited for passes. */
function rig({ pace, ack = true }: { pace?: Pace; ack?: boolean | 'later' } = {}) {
  const keeper = new MemoryKeeper();
  const sent: { waId: string; text: string; at: number }[] = [];
  let time = 0;
  let failures = 0;
  let failure = new Error('All encryptions failed');
  let underWay = 0;
  const outbox: Outbox = new Outbox({
    account: 'acc_1',
    keeper,
    now: () => time,
    after: (ms, call) => {
      if (ack === 'later') return () => {};
      const timer = setImmediate(() => {
        time += ms;
        call();
      });
      return () => clearImmediate(timer);
    },
    ...(pace && { meter: new Meter(pace, 0) }),
    log: () => {},
    link: {
      commit: (facts) => keeper.commit({ account: 'acc_1', facts, keys: [], seen: [] }),
      content: async ({ text }) => Buffer.from(text),
      recipients: async () => undefined,
      send: async (_, waId, content, facts) => {
        await keeper.commit({ account: 'acc_1', facts, keys: [], seen: [] });
        if (failures > 0) {
          failures -= 1;
          throw failure;
        }
        underWay += 1;
        expect(underWay).toBe(1);
        expect(await keeper.sentContent('acc_1', waId)).toEqual(content);
        sent.push({ waId, text: Buffer.from(content).toString(), at: time });
        underWay -= 1;
        if (ack === true) outbox.acked(waId, undefined);
      },
      read: async () => {
        if (failures > 0) {
          failures -= 1;
          throw new Error('not now');
        }
      },
    } satisfies Sender,
  });
  const send = (number: number): void => {
    keeper.enqueue({
      id: `job_${number}`,
      account: 'acc_1',
      type: 'send',
      waId: `W${number}`,
      to: chat,
      text: `t${number}`,
    });
  };
  const fail = (times: number, error = failure): void => {
    failures = times;
    failure = error;
  };
  return { keeper, outbox, sent, send, fail };
}

describe('the outbox', () => {
  it('sends the oldest first, one at a time, with the content kept before its bytes', async () => {
    const { keeper, outbox, sent, send } = rig();
    for (let n = 1; n <= 120; n++) send(n);
    outbox.ring();
    await vi.waitFor(() => expect(keeper.openJobs()).toEqual([]));
    expect(sent.map(({ waId }) => waId)).toEqual(Array.from({ length: 120 }, (_, n) => `W${n + 1}`));
  });

  it('writes on while the server is silent, a bounded number and each once, and takes answers in any order', async () => {
    const { keeper, outbox, sent, send } = rig({ ack: 'later' });
    const written: string[] = [];
    for (let n = 1; n <= 60; n++) send(n);
    outbox.ring();
    while (written.length < 60) {
      await vi.waitFor(() => expect(sent.length - written.length).toBe(Math.min(16, 60 - written.length)));
      const unanswered = sent.slice(written.length).map(({ waId }) => waId);
      for (const waId of unanswered.toReversed()) outbox.acked(waId, undefined);
      written.push(...unanswered);
      // Rings in between make it ask for jobs whose end is not yet committed.
      outbox.ring();
    }
    await vi.waitFor(() => expect(keeper.openJobs()).toEqual([]));
    expect(written).toEqual(Array.from({ length: 60 }, (_, n) => `W${n + 1}`));
    expect(sent).toHaveLength(60);
    expect(keeper.of('acked')).toHaveLength(60);
  });

  it('notices a ring that comes while it ends', async () => {
    const { keeper, outbox, send } = rig();
    send(1);
    outbox.ring();
    await vi.waitFor(() => expect(keeper.openJobs()).toEqual([]));
    for (let n = 2; n < 30; n++) {
      send(n);
      outbox.ring();
      await Promise.resolve();
    }
    await vi.waitFor(() => expect(keeper.openJobs()).toEqual([]));
  });

  it('keeps its pace after a burst', async () => {
    const { keeper, outbox, sent, send } = rig({ pace: { burst: 3, every: 1_000 } });
    for (let n = 1; n <= 6; n++) send(n);
    outbox.ring();
    await vi.waitFor(() => expect(keeper.openJobs()).toEqual([]));
    expect(sent.map(({ at }) => at)).toEqual([0, 0, 0, 1_000, 2_000, 3_000]);
  });

  it('sends the same content again that an earlier attempt has made', async () => {
    const { keeper, outbox, sent } = rig();
    const content = Buffer.from('made before');
    keeper.enqueue({ id: 'job_1', account: 'acc_1', type: 'send', waId: 'W1', to: chat, text: 'now', content });
    await keeper.commit({ account: 'acc_1', facts: [{ type: 'sending', job: 'job_1', content }], keys: [], seen: [] });
    outbox.ring();
    await vi.waitFor(() => expect(keeper.openJobs()).toEqual([]));
    expect(sent.map(({ text }) => text)).toEqual(['made before']);
    expect(keeper.of('sending')).toHaveLength(1);
  });

  it('tries again before it goes on, and refuses a message that cannot be sent', async () => {
    const { keeper, outbox, sent, send, fail } = rig();
    fail(4);
    send(1);
    send(2);
    outbox.ring();
    await vi.waitFor(() => expect(keeper.openJobs()).toEqual([]));
    expect(keeper.of('acked').map(({ waId, error }) => [waId, error])).toEqual([
      ['W1', 'All encryptions failed'],
      ['W2', undefined],
    ]);
    expect(sent.map(({ waId }) => waId)).toEqual(['W2']);
  });

  it('[G7] takes the silence of a dead link for no refusal: however long nobody notices, the message goes out', async () => {
    const { keeper, outbox, sent, send, fail } = rig();
    fail(50, Object.assign(new Error('Connection Closed'), { output: { statusCode: 428 } }));
    send(1);
    outbox.ring();
    await vi.waitFor(() => expect(keeper.openJobs()).toEqual([]));
    expect(sent.map(({ waId }) => waId)).toEqual(['W1']);
    expect(keeper.of('acked').map(({ error }) => error)).toEqual([undefined]);
  });

  it('writes a message again that the server does not answer, with the same id, and says so in the end', async () => {
    const { keeper, outbox, sent, send } = rig({ ack: false });
    send(1);
    outbox.ring();
    await vi.waitFor(() => expect(keeper.openJobs()).toEqual([]));
    expect(sent.map(({ waId }) => waId)).toEqual(['W1', 'W1', 'W1']);
    expect(keeper.of('acked')).toMatchObject([{ waId: 'W1', error: 'NO_ACK' }]);
  });

  it('is done with read receipts when they are written, or says why not', async () => {
    const { keeper, outbox, fail } = rig();
    const read = (id: string): void =>
      keeper.enqueue({ id, account: 'acc_1', type: 'read', chat, keys: [{ waId: 'A' }] });
    read('r1');
    outbox.ring();
    await vi.waitFor(() => expect(keeper.of('job-done')).toEqual([{ type: 'job-done', job: 'r1' }]));
    fail(3);
    read('r2');
    outbox.ring();
    await vi.waitFor(() =>
      expect(keeper.of('job-done').at(-1)).toEqual({ type: 'job-done', job: 'r2', error: 'not now' }),
    );
  });

  it('touches nothing after it is closed', async () => {
    const { keeper, outbox, sent, send } = rig();
    outbox.close();
    send(1);
    outbox.ring();
    await new Promise(setImmediate);
    expect([sent, keeper.facts]).toEqual([[], []]);
  });
});
