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
    await rig.runReady();
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
