// Tests that an account keeps messages as long as it is told to, that pages follow, and that nothing else goes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Commands, ImportedMessage } from './inbox/commands.ts';
import { handlers } from './inbox/handlers.ts';
import { openRetention, type Retention } from './retention.ts';
import { openStoreInProcess } from './store/open.ts';
import type { Store } from './store/port.ts';

const DAY = 86_400_000;

describe('retention', () => {
  let dir: string;
  let store: Store<Commands>;
  let retention: Retention;
  let now = 0;
  let steps = 0;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'pulseline-retention-'));
    now = Date.UTC(2026, 0, 1);
    steps = 0;
    const clock = { now: () => now, stamp: () => now };
    store = await openStoreInProcess<Commands>({ file: join(dir, 'store.db'), handlers, clock });
    const quiet = { info: () => {}, warn: () => {} };
    const run: typeof store.writer.run = (name, input) => {
      steps++;
      return store.writer.run(name, input);
    };
    const { queries } = store;
    retention = openRetention({ queries, writer: { run }, log: quiet, now: () => now, pauseMs: 0 });
    for (const id of ['acc_a', 'acc_b']) await store.writer.run('create_account', { id, label: id, kind: 'sandbox' });
  });
  afterEach(async () => {
    await retention.close();
    await store.close();
    rmSync(dir, { recursive: true });
  });

  /** Messages, one an hour, the last one an hour ago. */
  async function chat(account: string, key: string, n: number): Promise<string> {
    const messages = Array.from({ length: n }, (_, index): ImportedMessage => {
      const at = now - (n - index) * 3_600_000;
      return { index, at, fromMe: false, author: 'Ann', kind: 'text', body: `number ${index}` };
    });
    const input = { account, key, name: key, kind: 'person', messages, last: true } as const;
    return (await store.writer.run('import_chat', input)).conversation.id;
  }
  const count = async (conversation: string): Promise<number> =>
    (await store.queries.messages({ conversation, limit: 1_000 })).items.length;

  it('is off until somebody sets it', async () => {
    const id = await chat('acc_a', 'one', 100);
    now += 4_000 * DAY;
    await retention.look();
    expect([await count(id), steps]).toEqual([100, 0]);
  });

  it('removes what is older, in small transactions, of this account alone, and tells it once a conversation', async () => {
    const [long, short, other] = [
      await chat('acc_a', 'long', 1_000),
      await chat('acc_a', 'short', 5),
      await chat('acc_b', 'x', 100),
    ];
    const old = await chat('acc_a', 'old', 3);
    now += 2 * DAY;
    await store.writer.run('change_account', { id: 'acc_a', retentionDays: 10 });
    const before = (await store.queries.heads())['acc_a']?.seq ?? 0;
    await retention.look();
    expect([await count(long), await count(short), await count(other), await count(old)]).toEqual([192, 5, 100, 3]);
    const events = await store.queries.events('acc_a', before, 10);
    expect(events.map(({ type }) => type)).toEqual(['conversation_update']);
    const told = (await store.queries.conversation(long))?.conversation;
    expect(told).toMatchObject({ keptFrom: now - 10 * DAY, lastMessage: { body: 'number 999' } });
    expect(JSON.parse(events[0]?.data ?? '{}')).toEqual(told);
    // 808 rows: two transactions, none with more than 500.
    expect(steps).toBe(2);
    await retention.look();
    expect(steps).toBe(2);
    await expect
      .poll(async () => (await store.queries.search({ q: 'number', account: 'acc_a', limit: 1_000 })).items.length)
      .toBe(200);
  });

  it('leaves an empty conversation without a last message, and cuts the log from the front', async () => {
    const id = await chat('acc_a', 'one', 10);
    now += 3 * DAY;
    const late = await chat('acc_a', 'two', 1);
    now += 8 * DAY;
    await store.writer.run('change_account', { id: 'acc_a', retentionDays: 9 });
    await retention.look();
    expect([await count(id), await count(late)]).toEqual([0, 1]);
    const told = (await store.queries.conversation(id))?.conversation;
    expect(told).toMatchObject({ unread: 0, keptFrom: now - 9 * DAY });
    expect(told).not.toHaveProperty('lastMessage');
    // Two events of the first chat are gone, those of the second and of the removal are there.
    expect(await store.queries.firstSeq('acc_a')).toBe(3);
    const events = await store.queries.events('acc_a', 0, 10);
    expect(events.map(({ seq }) => seq)).toEqual([3, 4, 5]);
    await store.writer.run('change_account', { id: 'acc_a', retentionDays: null });
    expect((await store.queries.accounts())[0]?.account).not.toHaveProperty('retentionDays');
  });
});
