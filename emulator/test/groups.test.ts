// Groups: bare Baileys and simulated members write to one another with sender keys.
import { describe, expect, it } from 'vitest';
import { eventually, texts } from './bare.ts';
import { emulator, paired } from './setup.ts';

describe('a group', () => {
  it('is announced, carries a member text to the device and the answer to all members', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const [a, b] = [server.contact({ name: 'A' }), server.contact({ name: 'B' })];
    const upserted: string[] = [];
    bare.sock.ev.on('groups.upsert', (groups) => upserted.push(...groups.map(({ subject }) => subject)));
    const group = await server.group({
      subject: '售后群',
      owner: a.id,
      members: [bare.sock.user?.id ?? '', b.id],
    });
    await eventually(() => upserted.includes('售后群'), 'the group');
    await a.send({ to: group.id, text: 'one' });
    await a.send({ to: group.id, text: 'two' });
    await eventually(() => texts(bare).includes('two'), 'two texts in the group');
    expect(texts(bare)).toEqual(['one', 'two']);
    const key = bare.upserts.find(({ message }) => message.message?.conversation === 'one')?.message.key;
    expect(key?.participant).toBe(a.lid);
    expect(key?.participantAlt).toBe(a.pn);
    await bare.sock.sendMessage(group.id, { text: 'three' });
    await bare.sock.sendMessage(group.id, { text: 'four' });
    for (const member of [a, b]) {
      await eventually(() => member.inbox().some(({ text }) => text === 'four'), 'the answer');
      expect(
        member
          .inbox()
          .filter(({ from }) => from !== a.pn)
          .map(({ text }) => text),
      ).toEqual(['three', 'four']);
    }
    await eventually(() => bare.readers.has(a.lid) && bare.readers.has(b.lid), 'receipts of both');
  });

  it('is created by a device, which adds, promotes and removes members and changes its subject', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const [a, b] = [server.contact({ name: 'A' }), server.contact({ name: 'B' })];
    const made = await bare.sock.groupCreate('采购', [a.pn]);
    expect(made).toMatchObject({ subject: '采购', addressingMode: 'lid', owner: expect.stringMatching(/@lid$/) });
    expect(await bare.sock.groupParticipantsUpdate(made.id, [b.pn], 'add')).toMatchObject([{ status: '200' }]);
    await bare.sock.groupParticipantsUpdate(made.id, [b.pn], 'promote');
    await bare.sock.groupUpdateSubject(made.id, '采购二');
    await bare.sock.groupUpdateDescription(made.id, '说明');
    await bare.sock.groupSettingUpdate(made.id, 'announcement');
    const data = await bare.sock.groupMetadata(made.id);
    expect(data).toMatchObject({ subject: '采购二', desc: '说明', announce: true });
    expect(data.participants.map(({ id, admin }) => [id, admin])).toEqual([
      [bare.sock.user?.lid?.replace(/:\d+/, ''), 'superadmin'],
      [a.lid, null],
      [b.lid, 'admin'],
    ]);
    await bare.sock.groupParticipantsUpdate(made.id, [a.pn], 'remove');
    expect(Object.keys(await bare.sock.groupFetchAllParticipating())).toEqual([made.id]);
    await expect(a.send({ to: made.id, text: 'x' })).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    await bare.sock.sendMessage(made.id, { text: 'to B' });
    await eventually(() => b.inbox().length === 1, 'the text at B');
    expect(a.inbox()).toEqual([]);
    await bare.sock.groupLeave(made.id);
    expect(await bare.sock.groupFetchAllParticipating()).toEqual({});
  });

  it('is readable again after a broken ciphertext, and for a device that comes later', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const a = server.contact({ name: 'A' });
    const desk = server.phone({ name: 'Desk' });
    const group = await server.group({ subject: 'G', owner: a.id, members: [desk.id] });
    await a.send({ to: group.id, text: 'one' });
    await eventually(() => texts(bare).includes('one'), 'the first text');
    server.fault({ kind: 'corrupt-next', target: desk.id });
    await a.send({ to: group.id, text: 'two' });
    await eventually(() => texts(bare).includes('two'), 'the broken text, sent again');
    await a.send({ to: group.id, text: 'three' });
    await eventually(() => texts(bare).includes('three'), 'the third text');
    const later = await paired(server);
    await a.send({ to: group.id, text: 'four' });
    for (const each of [bare, later]) await eventually(() => texts(each).includes('four'), 'the fourth text');
    await later.sock.sendMessage(group.id, { text: 'five' });
    await eventually(() => texts(bare).includes('five'), 'the copy of the other device');
    await eventually(() => a.inbox().some(({ text }) => text === 'five'), 'the text at the member');
  });

  it('is left by a removed phone, whose device hears of it last', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const a = server.contact({ name: 'A' });
    const desk = server.phone({ name: 'Desk' });
    const group = await server.group({ subject: 'G', owner: a.id, members: [desk.id] });
    const heard: string[] = [];
    bare.sock.ev.on('group-participants.update', ({ action }) => heard.push(action));
    await server.changeGroup(group.id, 'remove', [desk.id]);
    await a.send({ to: group.id, text: 'unheard' });
    await eventually(() => heard.includes('remove'), 'the removal');
    await a.send({ to: desk.id, text: 'direct' });
    await eventually(() => texts(bare).includes('direct'), 'a direct text');
    expect(texts(bare)).toEqual(['direct']);
    await expect(bare.sock.groupMetadata(group.id)).rejects.toThrow();
  });
});
