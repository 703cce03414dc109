// Bare Baileys and the people of the emulator, one to one: pairing, messages both ways, receipts.
import { describe, expect, it } from 'vitest';
import { eventually, texts } from './bare.ts';
import { emulator, paired } from './setup.ts';

describe('a linked device', () => {
  it('pairs by QR and reaches open with the name of its phone', async () => {
    const server = await emulator();
    const bare = await paired(server, '前台');
    expect(bare.sock.user?.name).toBe('前台');
    expect(bare.sock.user?.lid).toMatch(/@lid$/);
  });

  it("gets a contact's text, by phone number and with the hidden id beside it", async () => {
    const server = await emulator();
    const bare = await paired(server);
    const contact = server.contact({ name: '王芳' });
    const [id] = await contact.send({ to: 'Desk', text: '你好' });
    const { message, type } = await eventually(
      () => bare.upserts.find((each) => each.message.key.id === id),
      'the text',
    );
    expect(type).toBe('notify');
    expect(message.message?.conversation).toBe('你好');
    expect(message.key.remoteJid).toBe(contact.pn);
    expect(message.key.remoteJidAlt).toBe(contact.lid);
    expect(message.pushName).toBe('王芳');
    await eventually(() => contact.messages()[0]?.status === 'delivered', 'the delivery receipt');
  });

  it('sends a reply that reaches the contact, with ack, delivery and read receipts', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const contact = server.contact({ name: '王芳' });
    const acks: string[] = [];
    bare.sock.ws.on('CB:ack,class:message', ({ attrs }: { attrs: { id: string } }) => acks.push(attrs.id));
    const sent = await bare.sock.sendMessage(contact.pn, { text: '在的' });
    await eventually(() => contact.inbox()[0]?.text === '在的', 'the reply');
    const id = sent?.key.id ?? '';
    await eventually(() => acks.includes(id), 'the ack');
    await eventually(() => bare.statuses.get(id) === 3, 'the delivery receipt');
    await contact.read();
    await eventually(() => bare.statuses.get(id) === 4, 'the read receipt');
    await contact.send({ to: bare.sock.user?.id ?? '', text: '好' });
    await eventually(() => texts(bare).includes('好'), 'the answer');
  });

  it.each(['客服@shop', 'constructor', '__proto__', 'a:b_c@', '💬'])('survives a contact called %s', async (name) => {
    const server = await emulator();
    const bare = await paired(server);
    const [id] = await server.contact({ name }).send({ to: 'Desk', text: 'hi' });
    const { message } = await eventually(() => bare.upserts.find((each) => each.message.key.id === id), 'the text');
    expect(message.pushName?.replaceAll('＠', '@').replace('\u200b', '')).toBe(name);
  });
});
