// Tests that messages disappear from the store when their time comes, however many, and that they can no longer be found.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Disappearing, openDisappearing } from './disappearing.ts';
import type { Commands } from './inbox/commands.ts';
import { handlers } from './inbox/handlers.ts';
import { openStoreInProcess } from './store/open.ts';
import type { Store } from './store/port.ts';
import type { FactOf } from './whatsapp/port.ts';

describe('messages with a time', () => {
  let dir: string;
  let store: Store<Commands>;
  let disappearing: Disappearing;
  let now = 0;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'pulseline-disappearing-'));
    now = Date.UTC(2026, 0, 1);
    store = await openStoreInProcess<Commands>({
      file: join(dir, 'store.db'),
      handlers,
      clock: { now: () => now, stamp: () => now },
    });
    await store.writer.run('create_account', { id: 'acc_a', label: 'a', kind: 'sandbox' });
    const log = { warn: () => {} };
    disappearing = openDisappearing({ queries: store.queries, writer: store.writer, log, now: () => now });
  });
  afterEach(async () => {
    await disappearing.close();
    await store.close();
    rmSync(dir, { recursive: true });
  });

  it('are gone when it is over, more than one transaction holds too, and the others stay', async () => {
    const chat = { kind: 'person', pn: '1555@s.whatsapp.net' } as const;
    const message = (n: number): FactOf<'message'> => ({
      type: 'message',
      key: { chat, author: { pn: chat.pn }, waId: `A${n}` },
      fromMe: false,
      kind: 'text',
      body: `secret ${n}`,
      timestamp: now,
      offline: false,
      stamps: { heard: now, normalised: now },
      ...(n > 0 && { content: { expires: n > 150 ? 90 : 60 } }),
    });
    const facts = Array.from({ length: 152 }, (_, n) => message(n));
    await store.writer.run('ingest', { account: 'acc_a', facts, keys: [], seen: [] });
    const [first] = (await store.queries.conversations({ limit: 1 })).items;
    const bodies = async () => {
      const { items } = await store.queries.messages({ conversation: first?.id ?? '', limit: 200 });
      return items.flatMap(({ body }) => (body === '' ? [] : [body]));
    };
    await disappearing.look();
    expect((await bodies()).length).toBe(152);
    now += 60_000;
    await disappearing.look();
    expect(await bodies()).toEqual(['secret 0', 'secret 151']);
    expect(await store.queries.due(now, 10)).toEqual({ messages: [], next: now + 30_000 });
    now += 30_000;
    await disappearing.look();
    expect(await bodies()).toEqual(['secret 0']);
    expect((await store.queries.search({ q: 'secret', limit: 10 })).items.length).toBeLessThanOrEqual(1);
  });
});
