// Files from the message that tells of them to the space that they take: the inbox's decisions over the real store, with the upkeep; no network.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Commands } from '../src/inbox/commands.ts';
import { handlers } from '../src/inbox/handlers.ts';
import { MediaFiles } from '../src/media/files.ts';
import { openUpkeep } from '../src/media/upkeep.ts';
import { openStoreInProcess } from '../src/store/open.ts';
import type { Store } from '../src/store/port.ts';
import type { Fact, MediaFact } from '../src/whatsapp/port.ts';

let dir: string;
let store: Store<Commands>;
let files: MediaFiles;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pulseline-files-'));
  store = await openStoreInProcess<Commands>({ file: join(dir, 'x.db'), handlers });
  files = new MediaFiles(join(dir, 'media'));
  await files.open();
  await store.writer.run('create_account', { id: 'acc_a', label: 'A', kind: 'sandbox' });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const ingest = (...facts: readonly Fact[]) =>
  store.writer.run('ingest', { account: 'acc_a', facts, keys: [], seen: [] });

function told(waId: string, media: Partial<MediaFact> = {}): Fact {
  const source = { word: 'Image', path: '/v/x', key: 'a2V5' } as const;
  return {
    type: 'message',
    key: { chat: { kind: 'person', pn: '8613800000001@s.whatsapp.net' }, waId },
    fromMe: false,
    kind: 'image',
    body: '',
    media: { mime: 'image/jpeg', size: 100, source, ...media },
    timestamp: 1_000,
    offline: false,
    stamps: { heard: 1, normalised: 2 },
  };
}

async function come(waId: string, bytes: Buffer): Promise<{ readonly id: string; readonly file: string }> {
  await ingest(told(waId));
  const [open] = await store.writer.openMedia('acc_a', 10);
  if (open === undefined) throw new Error('nothing to fetch');
  const file = createHash('sha256').update(bytes).digest('hex');
  const making = files.making();
  writeFileSync(making, bytes);
  await files.adopt(making, file);
  const outcome = { state: 'ready', file, size: bytes.length, mime: 'image/png' } as const;
  await ingest({ type: 'media', id: open.row.id, outcome });
  return { id: open.row.id, file };
}

it('a file is to be fetched until it is here, and its message tells each state', async () => {
  const events: string[] = [];
  store.onCommit((commit) => events.push(...commit.events.map(({ type }) => type)));
  const { id, file } = await come('W1', Buffer.from('one'));
  expect(await store.writer.openMedia('acc_a', 10)).toEqual([]);
  const row = await store.queries.media(id);
  expect(row).toMatchObject({ file, media: { state: 'ready', mime: 'image/png', size: 3 } });
  expect(await store.queries.message(row?.message ?? '')).toMatchObject({ media: { id, state: 'ready', size: 3 } });
  expect(events).toContain('message_update');
  await ingest(told('W2'));
  const [open] = await store.writer.openMedia('acc_a', 10);
  await ingest({ type: 'media', id: open?.row.id ?? '', outcome: { state: 'gone', reason: 'MEDIA_GONE' } });
  expect((await store.queries.media(open?.row.id ?? ''))?.media).toMatchObject({ state: 'gone', reason: 'MEDIA_GONE' });
  const wanted = await store.writer.run('want_media', { id: open?.row.id ?? '' });
  expect(wanted).toMatchObject({ account: 'acc_a', media: { state: 'pending' } });
  expect(await store.writer.openMedia('acc_a', 10)).toMatchObject([{ row: { isWanted: true } }]);
});

it('past the budget the oldest that can be fetched again go, and what no message names is removed', async () => {
  const first = await come('W1', Buffer.alloc(600, 1));
  const second = await come('W2', Buffer.alloc(600, 2));
  const twin = await come('W3', Buffer.alloc(600, 2));
  expect(twin.file).toBe(second.file);
  expect(await store.queries.mediaUse()).toEqual({ files: 2, bytes: 1_200, pending: 0 });
  const log = { info: () => undefined, warn: () => undefined };
  const parts = { files, queries: store.queries, writer: store.writer, log, now: () => Date.now() };
  const upkeep = openUpkeep({ ...parts, budget: 700 });
  await upkeep.look();
  await upkeep.close();
  expect((await store.queries.media(first.id))?.media.state).toBe('remote');
  expect(await files.size(first.file)).toBeUndefined();
  expect(await files.size(second.file)).toBe(600);
  const gone = await store.queries.filesOfAccount('acc_a');
  await store.writer.run('remove_account', { id: 'acc_a' });
  await openAndForget(gone, parts);
  expect(await files.size(second.file)).toBeUndefined();
  expect(await store.queries.mediaUse()).toEqual({ files: 0, bytes: 0, pending: 0 });
});

it('an account has limits of its own: so much of the disk, and so many days; its messages stay', async () => {
  const first = await come('W1', Buffer.alloc(700_000, 1));
  const second = await come('W2', Buffer.alloc(700_000, 2));
  const log = { info: () => undefined, warn: () => undefined };
  const upkeep = (now: number) =>
    openUpkeep({ files, queries: store.queries, writer: store.writer, log, budget: undefined, now: () => now });
  const look = async (now = Date.now()) => {
    const one = upkeep(now);
    await one.look();
    await one.close();
  };
  await store.writer.run('change_account', { id: 'acc_a', mediaBudgetMb: 1 });
  await look();
  const states = async () =>
    Promise.all([first, second].map(async ({ id }) => (await store.queries.media(id))?.media.state));
  expect(await states()).toEqual(['remote', 'ready']);
  expect(await store.queries.mediaUse('acc_a')).toEqual({ files: 1, bytes: 700_000, pending: 0 });
  expect(await store.queries.mediaUse('acc_b')).toEqual({ files: 0, bytes: 0, pending: 0 });
  const changed = await store.writer.run('change_account', { id: 'acc_a', mediaBudgetMb: null, mediaDays: 3 });
  expect(changed).not.toHaveProperty('mediaBudgetMb');
  expect(changed.mediaDays).toBe(3);
  await look();
  expect(await states()).toEqual(['remote', 'ready']);
  await look(Date.now() + 4 * 86_400_000);
  expect(await states()).toEqual(['remote', 'remote']);
  expect(await files.size(second.file)).toBeUndefined();
  expect((await store.queries.media(second.id))?.message).toBeDefined();
});

async function openAndForget(gone: readonly string[], parts: Omit<Parameters<typeof openUpkeep>[0], 'budget'>) {
  const upkeep = openUpkeep({ ...parts, budget: undefined });
  await upkeep.forget(gone);
  await upkeep.close();
}
