// Files in both directions against the emulator's media host, with what can go wrong on their way.
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/engine-rig.ts';
import type { MemoryKeeper } from '../../test/memory-keeper.ts';
import type { MediaOutcome } from './port.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('the files of an account', () => {
  let rig: EngineRig;
  let keeper: MemoryKeeper;
  beforeEach(async () => {
    rig = await EngineRig.open();
    keeper = rig.keeper;
  });
  afterEach(() => rig.close());

  const outcomes = (): readonly MediaOutcome[] => keeper.of('media').map(({ outcome }) => outcome);
  const ends = () => outcomes().filter(({ state }) => state !== 'moved');
  const ended = async (count = 1): Promise<MediaOutcome | undefined> => {
    await rig.until(() => ends().length >= count, 'the end of a file');
    return ends().at(-1);
  };

  it('[G26] are fetched after their messages, checked, and lie here whole', async () => {
    // With its root known, the emulator's media host has to show the very certificate that the emulator names.
    await rig.runReady({ root: rig.emulator.root.toString('hex') });
    const ana = rig.emulator.contact({ name: 'Ana' });
    const data = randomBytes(300_001);
    await ana.send({ to: 'Desk', said: { kind: 'document', data, name: '合同.bin', mime: 'application/x-thing' } });
    expect(await ended()).toEqual({
      state: 'ready',
      file: sha256(data),
      size: data.length,
      mime: 'application/x-thing',
    });
    expect(await readFile(rig.files.path(sha256(data)))).toEqual(data);
    expect(rig.pending()).toBe(0);
  });

  it('[G26] a download that is cut goes on, and one that is corrupted begins anew; nothing of either is ever shown', async () => {
    await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const data = randomBytes(500_000);
    rig.emulator.fault({ kind: 'media-cut', target: 'download' });
    await ana.send({ to: 'Desk', said: { kind: 'document', data } });
    expect(await ended()).toMatchObject({ state: 'ready', file: sha256(data) });
    const other = randomBytes(70_000);
    rig.emulator.fault({ kind: 'media-corrupt', target: 'download' });
    await ana.send({ to: 'Desk', said: { kind: 'document', data: other } });
    expect(await ended(2)).toMatchObject({ state: 'ready', file: sha256(other) });
    expect(outcomes()).toHaveLength(2);
  });

  it('asks the phone again for what WhatsApp has dropped, and says when it is gone for good', async () => {
    rig.mediaLimits = { unasked: 1_000_000, wanted: 1_000_000 };
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    rig.emulator.fault({ kind: 'media-fail', code: 410, target: 'download' });
    const data = randomBytes(1_000);
    await ana.send({ to: 'Desk', said: { kind: 'image', data } });
    expect(await ended()).toMatchObject({ state: 'ready', file: sha256(data) });
    expect(outcomes()[0]).toMatchObject({ state: 'moved' });
    rig.emulator.fault({ kind: 'media-fail', code: 410, target: 'download' });
    rig.emulator.fault({ kind: 'media-lost' });
    await ana.send({ to: 'Desk', said: { kind: 'image', data: randomBytes(1_000) } });
    expect(await ended(2)).toEqual({ state: 'gone', reason: 'MEDIA_GONE' });
    expect(account.state).toBe('READY');
  });

  it('does not fetch what is too large by itself, whatever its sender says of its size', async () => {
    rig.mediaLimits = { unasked: 10_000, wanted: 20_000 };
    await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    await ana.send({ to: 'Desk', said: { kind: 'video', data: randomBytes(10_001) } });
    expect(await ended()).toEqual({ state: 'too-large' });
  });

  it('go out as every kind, and the contact can open them; the content is kept, so that a resend is the same', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const kinds = ['image', 'video', 'gif', 'audio', 'voice', 'document', 'sticker'] as const;
    const data = randomBytes(5_000);
    const file = sha256(data);
    const making = rig.files.making();
    await writeFile(making, data);
    await rig.files.adopt(making, file);
    for (const [index, kind] of kinds.entries()) {
      const media = { kind, file, mime: 'application/x-any', size: data.length, name: 'a.bin', duration: 1.4 };
      rig.send(account, { kind: 'person', pn: ana.pn }, 'caption', { number: index + 1, media });
    }
    await rig.until(() => ana.inbox().filter((each) => each.file !== undefined).length === kinds.length, 'the files');
    for (const { file: got } of ana.inbox()) expect(got).toMatchObject({ ok: true, sha256: file });
    expect(ana.inbox().map(({ kind }) => kind)).toEqual(kinds);
    expect(keeper.of('sending').map(({ content }) => content.length > 100)).toEqual(kinds.map(() => true));
  });

  it('[G26] a file that is passed on keeps its key and its place at WhatsApp; only what is there no longer is given once more', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const data = randomBytes(40_000);
    await ana.send({ to: 'Desk', said: { kind: 'image', data, caption: '原图' } });
    await ended();
    const source = keeper.of('message').at(-1)?.media?.source;
    const media = { kind: 'image', mime: 'image/jpeg', size: data.length, file: sha256(data), id: 'f_1' } as const;
    rig.emulator.fault({ kind: 'media-fail', code: 500, target: 'upload', n: 20 });
    const known = source === undefined ? {} : { source };
    rig.send(account, { kind: 'person', pn: ana.pn }, '转发', { number: 1, media: { ...media, ...known } });
    await rig.until(() => ana.inbox().length === 1, 'the forward');
    expect(ana.inbox()[0]).toMatchObject({ text: '转发', file: { ok: true, sha256: sha256(data) } });
    expect(keeper.of('sending').at(-1)?.source).toEqual(source);
    rig.emulator.fault({ kind: 'media-fail', target: 'upload', on: false });
    rig.emulator.fault({ kind: 'media-fail', code: 410, target: 'download' });
    rig.send(account, { kind: 'person', pn: ana.pn }, '', { number: 2, media: { ...media, ...known } });
    await rig.until(() => ana.inbox().length === 2, 'the file given once more');
    expect(ana.inbox()[1]).toMatchObject({ file: { ok: true, sha256: sha256(data) } });
    expect(keeper.of('sending').at(-1)?.source?.path).not.toBe(source?.path);
    rig.emulator.fault({ kind: 'media-fail', code: 410, target: 'download' });
    const { file: _, ...away } = media;
    rig.send(account, { kind: 'person', pn: ana.pn }, '', { number: 3, media: { ...away, ...known } });
    await rig.until(() => keeper.of('acked').some(({ error }) => error === 'MEDIA_GONE'), 'a refusal at once');
    expect(ana.inbox()).toHaveLength(2);
  });

  it('a caption of ours is changed, whoever has kept the rest of the message', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const to = { kind: 'person', pn: ana.pn } as const;
    const data = randomBytes(3_000);
    const making = rig.files.making();
    await writeFile(making, data);
    await rig.files.adopt(making, sha256(data));
    const media = { kind: 'image', file: sha256(data), mime: 'image/jpeg', size: data.length } as const;
    const waId = rig.send(account, to, 'frist', { number: 1, media });
    await rig.until(() => keeper.of('acked').length === 1, 'the picture');
    const source = keeper.of('sending').at(-1)?.source;
    const edit = (number: number, of: string, text: string) => {
      const target = { chat: to, waId: of, fromMe: true };
      const said = { ...media, ...(source && { source }) };
      keeper.enqueue({
        id: `edit_${number}`,
        account: 'acc_1',
        type: 'send',
        waId: `3EB0E${number}`,
        to,
        text,
        media: said,
        change: { kind: 'edit', target },
      });
      account.ring();
    };
    edit(1, waId, 'first');
    await rig.until(() => keeper.of('acked').length === 2, 'the first edit');
    edit(2, 'ABSENT', 'from the phone');
    await rig.until(() => keeper.of('acked').length === 3, 'the second edit');
    await rig.until(() => ana.inbox().filter(({ kind }) => kind === 'edit').length === 2, 'both');
    expect(ana.inbox().map(({ kind, text }) => [kind, text])).toEqual([
      ['image', 'frist'],
      ['edit', 'first'],
      ['edit', 'from the phone'],
    ]);
    expect(keeper.of('acked').every(({ error }) => error === undefined)).toBe(true);
  });

  it('how far a file has come is told up and down; what is not wanted any more is broken off and left alone', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const data = randomBytes(900_000);
    await ana.send({ to: 'Desk', said: { kind: 'document', data } });
    await ended();
    const told = (direction: 'up' | 'down') =>
      rig.whispers.flatMap((each) => (each.type === 'transfer' && each.direction === direction ? [each] : []));
    const [first, last] = [told('down')[0], told('down').at(-1)];
    expect(first?.total).toBeGreaterThan(data.length);
    expect(last).toMatchObject({ done: first?.total, total: first?.total });
    const media = { kind: 'document', mime: 'x/y', size: data.length, file: sha256(data), id: 'f_up' } as const;
    rig.emulator.fault({ kind: 'media-slow', target: 'upload', ms: 60_000 });
    rig.send(account, { kind: 'person', pn: ana.pn }, '', { number: 1, media });
    await rig.until(() => told('up').length > 0, 'an upload');
    expect(told('up')[0]).toMatchObject({ media: 'f_up', account: 'acc_1' });
    await account.ask({ do: 'cancel-transfer', media: 'f_up' });
    await rig.until(() => keeper.of('acked').some(({ error }) => error === 'SEND_CANCELLED'), 'its end');
    rig.send(account, { kind: 'person', pn: ana.pn }, 'goes on', 2);
    await rig.until(() => ana.inbox().length === 1, 'the next message');
    expect(ana.inbox()[0]).toMatchObject({ text: 'goes on' });
  });

  it('history that was being fetched when the link died is fetched by the next one, once', async () => {
    await rig.emulator.phone({ name: 'Desk' }).past({ chats: 2, messages: 3 }, 'media');
    rig.emulator.fault({ kind: 'media-slow', target: 'download', ms: 600_000, n: 10 });
    const first = await rig.runReady();
    await rig.until(() => keeper.of('history-due').length > 0 && rig.pending() === 0, 'an errand, and all receipts');
    const due = keeper.openJobs().length;
    expect(due).toBeGreaterThan(0);
    const told = () => keeper.of('history').flatMap(({ chats }) => chats.flatMap(({ messages }) => messages));
    expect(told()).toEqual([]);
    await first.stop();
    expect(keeper.openJobs()).toHaveLength(due);
    rig.emulator.fault({ kind: 'media-slow', target: 'download', on: false });
    await rig.runReady();
    await rig.until(() => keeper.openJobs().length === 0, 'the ends');
    expect(new Set(told().map(({ key }) => key.waId)).size).toBe(6);
    expect(told()).toHaveLength(6);
  });

  it('history that travels as a file is read, through the same hosts', async () => {
    await rig.emulator.phone({ name: 'Desk' }).past({ chats: 2, messages: 3 }, 'media');
    await rig.runReady();
    await rig.until(
      () => keeper.of('history').some(({ chats }) => chats.some(({ messages }) => messages.length > 0)),
      'history',
    );
    expect(rig.log.join('\n')).not.toContain('a piece of history');
  });
});
