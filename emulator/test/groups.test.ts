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
});
