// Holds that an account which is removed leaves nothing of it behind: no row in any table, and no byte of it in the database file or its log.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Commands } from '../../server/src/inbox/commands.ts';
import { handlers } from '../../server/src/inbox/handlers.ts';
import { ready } from '../../server/src/inbox/test/scene.ts';
import { openStoreInProcess } from '../../server/src/store/open.ts';
import type { Store } from '../../server/src/store/port.ts';
import { Connection, text, whole } from '../../server/src/store/sqlite.ts';
import type { Fact } from '../../server/src/whatsapp/port.ts';

let folder: string;
let file: string;
let store: Store<Commands>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulseline-removal-'));
  file = join(folder, 'inbox.db');
  store = await openStoreInProcess<Commands>({ file, handlers, idleMs: 20 });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Says the same of each account, under its own mark. */
async function live(account: string, mark: string): Promise<void> {
  await store.writer.run('create_account', { id: account, label: `${mark} desk`, kind: 'phone' });
  await store.writer.run('change_account', { id: account, proxy: `http://${mark}:pass@127.0.0.1:1` });
  const chat = { kind: 'person', pn: '8613800000001@s.whatsapp.net', lid: '99@lid' } as const;
  const said = (waId: string, body: string): Fact => ({
    type: 'message',
    key: { chat, author: chat, waId },
    fromMe: false,
    kind: 'text',
    body,
    timestamp: 1_700_000_000_000,
    pushName: `${mark} person`,
    offline: false,
    stamps: { heard: 1, normalised: 2 },
  });
  const bodies = Array.from({ length: 40 }, (_, n) => said(`${mark}${n}`, `${mark} says ${'x'.repeat(n * 300)}`));
  await store.writer.run('ingest', {
    account,
    facts: [ready, ...bodies],
    keys: [{ type: 'session', id: mark, value: Buffer.from(`${mark} key `.repeat(900)) }],
    seen: [{ hash: mark, plaintext: Buffer.from(`${mark} plain`) }],
    credentials: Buffer.from(`${mark} credentials`),
  });
  await store.writer.run('ingest', {
    account,
    facts: [
      { type: 'status', chat, waIds: [`${mark}-early`], status: 'read', at: Date.now() },
      { type: 'contact', party: chat, name: `${mark} renamed` },
    ],
    keys: [],
    seen: [],
  });
  await store.writer.run('enqueue_send', {
    commandId: `${mark}-command`,
    waId: `${mark}-sent`,
    account,
    to: { address: chat.pn },
    text: `${mark} answers`,
  });
}

/** Tables in which anything of the account is left. */
function rowsOf(account: string): readonly string[] {
  const connection = new Connection(file, { readOnly: true });
  try {
    const tables = connection
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
      .all();
    return tables.flatMap((row) => {
      const table = text(row, 'name');
      const columns = connection.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
      const where = columns.map((column) => `instr(CAST("${text(column, 'name')}" AS TEXT), '${account}') > 0`);
      const found = connection.prepare(`SELECT count(*) AS n FROM "${table}" WHERE ${where.join(' OR ')}`).get() ?? {};
      return whole(found, 'n') > 0 ? [table] : [];
    });
  } finally {
    connection.close();
  }
}

const bytesWith = (mark: string): readonly string[] =>
  [file, `${file}-wal`].filter((path) => existsSync(path) && readFileSync(path).includes(mark));

describe('an account that is removed', () => {
  it('leaves no row and no byte behind, once a quiet moment has passed, and costs the others nothing', async () => {
    await live('acc_goes000000', 'GOING');
    await live('acc_stays00000', 'STAYING');
    expect(rowsOf('acc_goes000000').length).toBeGreaterThan(5);
    expect(bytesWith('GOING')).not.toEqual([]);
    const before = rowsOf('acc_stays00000');
    await store.writer.run('remove_account', { id: 'acc_goes000000' });
    // Dashboards that were away have to hear of it.
    expect(rowsOf('acc_goes000000')).toEqual(['event']);
    await expect.poll(() => bytesWith('GOING'), { timeout: 10_000 }).toEqual([]);
    expect(rowsOf('acc_stays00000')).toEqual(before);
    expect((await store.queries.conversations({ account: 'acc_stays00000', limit: 10 })).items).toHaveLength(1);
    const credentials = await store.writer.credentials('acc_stays00000');
    expect(Buffer.from(credentials ?? []).toString()).toBe('STAYING credentials');
  });
});
