// What is done to a message that is there: reactions, edits, withdrawals, and what quotes and names; bare Baileys on one side, people on the other.
import { describe, expect, it } from 'vitest';
import { eventually, texts } from './bare.ts';
import { emulator, paired } from './setup.ts';

describe('a change of a message', () => {
  it('by a contact reaches the device as WhatsApp has it: reaction, its end, edit, withdrawal', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const ana = server.contact({ name: 'Ana' });
    const [id = ''] = await ana.send({ to: 'Desk', text: 'first' });
    const reactions: (string | null | undefined)[] = [];
    const updates: object[] = [];
    bare.sock.ev.on('messages.reaction', (all) => reactions.push(...all.map(({ reaction }) => reaction.text)));
    bare.sock.ev.on('messages.update', (all) =>
      updates.push(...all.map(({ key, update }) => ({ id: key.id, update }))),
    );
    await ana.react(id, '👍');
    await ana.react(id, '');
    await ana.edit(id, 'better');
    await ana.withdraw(id);
    await eventually(() => updates.length >= 2 && reactions.length >= 2, 'all four');
    expect(reactions).toEqual(['👍', '']);
    expect(updates).toMatchObject([
      { id, update: { message: { editedMessage: { message: { conversation: 'better' } } } } },
      { id, update: { messageStubType: 1 } },
    ]);
    await eventually(() => Object.values(server.state().pending).every((count) => count === 0), 'all receipts');
  });

  it('by the device reaches the contact, and names the message', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const ana = server.contact({ name: 'Ana' });
    const [theirs = ''] = await ana.send({ to: 'Desk', text: 'question' });
    await eventually(() => texts(bare).includes('question'), 'the question');
    const question = bare.upserts.find(({ message }) => message.key.id === theirs)?.message;
    const sent = await bare.sock.sendMessage(
      ana.pn,
      { text: 'answr', mentions: [ana.pn] },
      question && { quoted: question },
    );
    const key = sent?.key ?? {};
    await bare.sock.sendMessage(ana.pn, { text: 'answer', edit: key });
    await bare.sock.sendMessage(ana.pn, { delete: key });
    await bare.sock.sendMessage(ana.pn, { react: { text: '❤️', key: question?.key ?? {} } });
    await eventually(() => ana.inbox().length === 4, 'all four');
    expect(ana.inbox().map(({ kind, text, about }) => [kind, text, about])).toEqual([
      ['text', 'answr', theirs],
      ['edit', 'answer', key.id],
      ['revoke', key.id, key.id],
      ['reaction', '❤️', theirs],
    ]);
    expect(ana.inbox()[0]?.mentions).toEqual([ana.pn]);
  });

  it('works in a group, also for a message that has not come yet, and an answer quotes and names', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const [ana, bob] = [server.contact({ name: 'Ana' }), server.contact({ name: 'Bob' })];
    const desk = server.phone({ name: 'Desk' });
    const group = await server.group({ subject: 'G', owner: ana.id, members: [bob.id, desk.id] });
    const reactions: object[] = [];
    bare.sock.ev.on('messages.reaction', (all) => reactions.push(...all));
    await bob.react('3AFFFFFFFFFFFFFFFFFF', '😮', { to: group.id, author: ana.id });
    await ana.send({ to: group.id, text: 'late', id: '3AFFFFFFFFFFFFFFFFFF' });
    await bob.send({ to: group.id, text: 'reply', quote: '3AFFFFFFFFFFFFFFFFFF', mentions: [ana.id] });
    await eventually(() => texts(bare).includes('reply') && reactions.length === 1, 'the reaction and both texts');
    expect(reactions).toMatchObject([
      {
        key: { id: '3AFFFFFFFFFFFFFFFFFF', participant: ana.lid },
        reaction: { text: '😮', key: { participant: bob.lid } },
      },
    ]);
    const reply = bare.upserts.at(-1)?.message.message?.extendedTextMessage?.contextInfo;
    expect(reply).toMatchObject({
      stanzaId: '3AFFFFFFFFFFFFFFFFFF',
      participant: ana.lid,
      quotedMessage: { conversation: 'late' },
      mentionedJid: [ana.lid],
    });
  });

  it('is repeated as what it was when the device could not read it', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const ana = server.contact({ name: 'Ana' });
    const [id = ''] = await ana.send({ to: 'Desk', text: 'first' });
    await eventually(() => texts(bare).includes('first'), 'the text');
    const reactions: (string | null | undefined)[] = [];
    bare.sock.ev.on('messages.reaction', (all) => reactions.push(...all.map(({ reaction }) => reaction.text)));
    server.fault({ kind: 'corrupt-next' });
    await ana.react(id, '👍');
    await eventually(() => reactions.includes('👍'), 'the reaction, sent again');
  });
});

describe('a group message whose key was withheld', () => {
  it('is asked for again, and comes with the key', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const ana = server.contact({ name: 'Ana' });
    const desk = server.phone({ name: 'Desk' });
    const group = await server.group({ subject: 'G', owner: ana.id, members: [desk.id] });
    server.fault({ kind: 'withhold-key' });
    await ana.send({ to: group.id, text: 'one' });
    await ana.send({ to: group.id, text: 'two' });
    await eventually(() => ['one', 'two'].every((text) => texts(bare).includes(text)), 'both texts');
  });
});
