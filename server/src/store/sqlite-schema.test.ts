// Holds that a file of an older Pulseline keeps what is in it: opened by this one, it is all there, in the new places.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withdrawn } from '@pulseline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Commands } from '../inbox/commands.ts';
import { handlers } from '../inbox/handlers.ts';
import { ACCOUNT, linked, text } from '../inbox/test/scene.ts';
import { openStoreInProcess } from './open.ts';
import { openForWriting } from './sqlite.ts';
import { migrate } from './sqlite-schema.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pulseline-schema-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('a file of schema 1', () => {
  it('keeps its messages, its log, and the statuses that came before their messages', async () => {
    const file = join(dir, 'store.db');
    const old = openForWriting(file, {});
    migrate(old, 1);
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'kept')]);
    const [account] = rows.accounts.values();
    const [conversation] = rows.conversations.values();
    const [message] = rows.messages.values();
    const put = (sql: string, ...values: (string | number)[]): void => {
      old.prepare(sql).run(...values);
    };
    put("INSERT INTO stream VALUES ('workspace', 'w', 0)");
    put('INSERT INTO stream VALUES (?, ?, ?)', ACCOUNT, 'e', 1);
    put(
      'INSERT INTO account (id, stream, data, created_at) VALUES (?, ?, ?, ?)',
      ACCOUNT,
      ACCOUNT,
      JSON.stringify(account?.account),
      1,
    );
    const { lastMessage, ...shown } = rows.conversation([...rows.conversations.keys()][0] ?? '');
    put(
      `INSERT INTO conversation (id, account, last_at, last_message, unread, archived, pinned, folded_name, digits,
        addresses, data) VALUES (?, ?, 1, ?, 1, 0, 0, 'anna', '', ?, ?)`,
      shown.id,
      ACCOUNT,
      lastMessage?.id ?? '',
      JSON.stringify(conversation?.addresses),
      JSON.stringify(shown),
    );
    put(
      "INSERT INTO message (id, account, conversation, ord, from_me, wa_id, author, data) VALUES (?, ?, ?, 1, 0, 'A1', ?, ?)",
      message?.message.id ?? '',
      ACCOUNT,
      shown.id,
      message?.author ?? '',
      JSON.stringify(message?.message),
    );
    put(
      "INSERT INTO event (stream, seq, type, data, at) VALUES (?, 1, 'new_message', ?, 1)",
      ACCOUNT,
      JSON.stringify(message?.message),
    );
    for (const status of ['delivered', 'read', 'sent']) {
      put('INSERT INTO early_status VALUES (?, ?, ?, 7)', ACCOUNT, 'P1', status);
    }
    old.close();

    const store = await openStoreInProcess<Commands>({ file, handlers });
    const { queries, writer } = store;
    expect((await queries.messages({ conversation: shown.id, limit: 10 })).items).toEqual([message?.message]);
    expect(await queries.events(ACCOUNT, 0, 10)).toHaveLength(1);
    expect(await queries.tallies()).toEqual(new Map([[ACCOUNT, { before: 1 }]]));
    const late = text('P1', 'from the phone', { fromMe: true });
    await writer.run('ingest', { account: ACCOUNT, facts: [late], keys: [], seen: [] });
    const { items } = await queries.messages({ conversation: shown.id, limit: 10 });
    expect(items.map(({ body, status }) => [body, status])).toContainEqual(['from the phone', 'read']);
    expect((await queries.counts()).early).toBe(0);
    await store.close();
  });
});

describe('a file of schema 13', () => {
  it('[G27] loses the words of what was taken away before, from the log, the outbox and from answers', async () => {
    const file = join(dir, 'store.db');
    const old = openForWriting(file, {});
    migrate(old, 13);
    const rows = linked();
    rows.ingest(ACCOUNT, [
      text('W1', 'a secret'),
      text('W2', 'an answer', { quoted: { waId: 'W1', body: 'a secret' } }),
    ]);
    const put = (table: string, row: Readonly<Record<string, string | number>>): void => {
      const names = Object.keys(row);
      old
        .prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`)
        .run(...Object.values(row));
    };
    const [account] = rows.accounts.values();
    const id = [...rows.conversations.keys()][0] ?? '';
    const { lastMessage, ...shown } = rows.conversation(id);
    put('stream', { name: ACCOUNT, epoch: 'e', seq: rows.events.at(-1)?.seq ?? 0 });
    put('account', { id: ACCOUNT, stream: ACCOUNT, data: JSON.stringify(account?.account), created_at: 1 });
    const told = { last_at: 1, unread: 2, archived: 0, pinned: 0, folded_name: '', digits: '', addresses: '[]' };
    const data = JSON.stringify(shown);
    put('conversation', { id, account: ACCOUNT, last_message: lastMessage?.id ?? '', ...told, data });
    for (const [at, { message, waId, author, ord }] of [...rows.messages.values()].entries()) {
      // As the version before left it: the row is empty, and nothing else is.
      const lies = at === 0 ? { ...withdrawn(message), gone: 'removed' } : message;
      const row = { id: message.id, account: ACCOUNT, conversation: id, ord, from_me: 0, wa_id: waId, author };
      put('message', { ...row, data: JSON.stringify(lies) });
    }
    const aboutOf = new Map(rows.events.map((event) => [event.seq, event.about ?? '']));
    for (const { stream, seq, type, data: said, at } of rows.events) {
      if (stream !== ACCOUNT) continue;
      put('event', { stream, seq, type, data: said, at, about: aboutOf.get(seq) ?? '' });
    }
    old.close();

    const store = await openStoreInProcess<Commands>({ file, handlers });
    const events = await store.queries.events(ACCOUNT, 0, 100);
    expect(events.filter(({ data: said }) => said.includes('secret'))).toEqual([]);
    expect(events.map(({ seq, type }) => [seq, type])).toEqual(
      rows.events.flatMap(({ stream, seq, type }) => (stream === ACCOUNT ? [[seq, type]] : [])),
    );
    const { items } = await store.queries.messages({ conversation: id, limit: 10 });
    expect(items.map(({ body, quote }) => [body, quote?.body])).toEqual([
      ['', undefined],
      ['an answer', ''],
    ]);
    await store.close();
  });
});
