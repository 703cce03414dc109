// What is promised of a message: kept until it is acknowledged, in order, the same id; with bare Baileys alone.
import { DEFAULT_CONNECTION_CONFIG, type UserFacingSocketConfig } from 'baileys';
import { describe, expect, it } from 'vitest';
import { connect, eventually, opened, qrOf, synced, texts } from './bare.ts';
import { closing, emulator, paired } from './setup.ts';

/** A client that hangs before it decrypts, so that no receipt ever leaves it. */
const stuck: Partial<UserFacingSocketConfig> = {
  makeSignalRepository: (auth, logger, pnToLid) => ({
    ...DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, pnToLid),
    decryptMessage: () => new Promise(() => {}),
  }),
};

describe('the offline queue', () => {
  it('keeps what is sent while the device is away and hands it out in order, marked as offline', async () => {
    const server = await emulator();
    const bare = await paired(server);
    await bare.close();
    const contact = server.contact({ name: 'A' });
    await contact.send({ to: 'Desk', text: '#{n}', n: 300 });
    expect(Object.values(server.state().pending)).toEqual([300]);
    const again = closing(await synced(connect(server.plainUrl, bare.memory)));
    await eventually(() => texts(again).length === 300, 'all of them');
    expect(texts(again)).toEqual(Array.from({ length: 300 }, (_, i) => `#${i + 1}`));
    expect(new Set(again.upserts.map(({ type }) => type))).toEqual(new Set(['append']));
    await eventually(() => Object.values(server.state().pending)[0] === 0, 'the queue to empty');
  });

  it('redelivers a message whose receipt never came, once, under the same id', async () => {
    const server = await emulator();
    const bare = await paired(server);
    await bare.close();
    const contact = server.contact({ name: 'A' });
    const deaf = await synced(await opened(connect(server.plainUrl, bare.memory, stuck)));
    const [id] = await contact.send({ to: 'Desk', text: 'again' });
    await eventually(() => deaf.stanzas.some(({ attrs }) => attrs.id === id), 'the stanza to arrive');
    expect(deaf.upserts).toEqual([]);
    expect(contact.messages()[0]?.status).toBe('sent');
    await deaf.close();
    const again = closing(await synced(connect(server.plainUrl, bare.memory)));
    await eventually(() => texts(again).includes('again'), 'the text');
    await eventually(() => contact.messages()[0]?.status === 'delivered', 'the receipt');
    expect(again.upserts.filter(({ message }) => message.key.id === id)).toHaveLength(1);
    expect(texts(again)).toEqual(['again']);
  });

  it('hands out on demand when asked to: a primer, what was asked for, and no more', async () => {
    const server = await emulator();
    const bare = await paired(server);
    await bare.close();
    await server.contact({ name: 'A' }).send({ to: 'Desk', text: '#{n}', n: 300 });
    server.fault({ kind: 'pull-mode' });
    const again = closing(connect(server.plainUrl, bare.memory));
    await eventually(() => Object.values(server.state().pending)[0] === 195, 'the primer of 5 and a batch of 100');
    expect(again.stanzas.filter(({ tag }) => tag === 'message')).toHaveLength(105);
    expect(
      again.stanzas.some(({ tag, content }) => tag === 'ib' && Array.isArray(content) && content[0]?.tag === 'offline'),
    ).toBe(false);
  });
});

describe('a message that cannot be decrypted', () => {
  it('is asked for again by the device and comes readable under the same id', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const contact = server.contact({ name: 'A' });
    await contact.send({ to: 'Desk', text: 'first' });
    await eventually(() => texts(bare).includes('first'), 'the first text');
    server.fault({ kind: 'corrupt-next', target: server.phone({ name: 'Desk' }).id });
    const [id] = await contact.send({ to: 'Desk', text: 'second' });
    await eventually(() => texts(bare).includes('second'), 'the second text');
    expect(bare.stanzas.filter(({ tag, attrs }) => tag === 'message' && attrs.id === id)).toHaveLength(2);
    await eventually(() => Object.values(server.state().pending)[0] === 0, 'the queue to empty');
    await contact.send({ to: 'Desk', text: 'third' });
    await eventually(() => texts(bare).includes('third'), 'the third text');
  });

  it('is asked for again by a contact that lost its session, and folded into one', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const contact = server.contact({ name: 'A' });
    await bare.sock.sendMessage(contact.pn, { text: 'one' });
    await eventually(() => contact.inbox().length === 1, 'the first text');
    await contact.send({ to: 'Desk', text: 'hello' });
    await eventually(() => texts(bare).includes('hello'), 'a text that makes the session a lasting one');
    await bare.sock.sendMessage(contact.pn, { text: 'two' });
    await eventually(() => contact.inbox().length === 2, 'the second text');
    server.fault({ kind: 'forget-session', target: contact.id });
    await bare.sock.sendMessage(contact.pn, { text: 'three' });
    await eventually(() => contact.inbox().some(({ text }) => text === 'three'), 'the third text');
    expect(contact.inbox().map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });
});

describe('a message of a device', () => {
  it('is one message to the contact when it is sent twice under one id', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const contact = server.contact({ name: 'A' });
    for (const text of ['once', 'once', 'after']) {
      await bare.sock.sendMessage(contact.pn, { text }, text === 'once' ? { messageId: '3EB0AAAAAAAAAAAAAAAA' } : {});
    }
    await eventually(() => contact.inbox().at(-1)?.text === 'after', 'the last text');
    expect(contact.inbox().map(({ text }) => text)).toEqual(['once', 'after']);
  });

  it('waits with one tick while the contact is switched off', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const contact = server.contact({ name: 'A' });
    const acks: string[] = [];
    bare.sock.ws.on('CB:ack,class:message', ({ attrs }: { attrs: { id: string } }) => acks.push(attrs.id));
    await contact.reachable(false);
    const sent = await bare.sock.sendMessage(contact.pn, { text: 'later' });
    const id = sent?.key.id ?? '';
    await eventually(() => acks.includes(id), 'the tick');
    expect(contact.inbox()).toEqual([]);
    await contact.reachable(true);
    await eventually(() => bare.statuses.get(id) === 3, 'the second tick');
    expect(contact.inbox()[0]?.text).toBe('later');
  });

  it('reaches the other devices of the same account as its own', async () => {
    const server = await emulator();
    const one = await paired(server);
    const two = await paired(server);
    const contact = server.contact({ name: 'A' });
    await one.sock.sendMessage(contact.pn, { text: 'from one' });
    const { message } = await eventually(
      () => two.upserts.find((each) => each.message.message?.extendedTextMessage || each.message.message?.conversation),
      'the copy',
    );
    expect(message.key).toMatchObject({ fromMe: true, remoteJid: contact.pn });
    const phone = server.phone({ name: 'Desk' });
    await eventually(
      () => phone.messages().some(({ text, direction }) => text === 'from one' && direction === 'out'),
      'the copy on the phone',
    );
    await phone.send({ to: contact.id, text: 'from the phone' });
    for (const bare of [one, two]) await eventually(() => texts(bare).includes('from the phone'), 'the copy');
    expect(contact.inbox().map(({ text }) => text)).toEqual(['from one', 'from the phone']);
  });

  it('goes from one account to another and is ticked by the receiving phone', async () => {
    const server = await emulator();
    const [shop, office] = [await paired(server, 'Shop'), await paired(server, 'Office')];
    const sent = await shop.sock.sendMessage(server.phone({ name: 'Office' }).pn, { text: 'hi' });
    await eventually(() => texts(office).includes('hi'), 'the text');
    await eventually(() => shop.statuses.get(sent?.key.id ?? '') === 3, 'the delivery receipt');
    const key = office.upserts.find(({ message }) => message.key.id === sent?.key.id)?.message.key;
    if (key) await office.sock.readMessages([key]);
    await eventually(() => shop.statuses.get(sent?.key.id ?? '') === 4, 'the read receipt');
    await office.sock.sendMessage(key?.remoteJid ?? '', { text: 'hello' });
    await eventually(() => texts(shop).includes('hello'), 'the answer');
  });

  it('is written to a hidden id and answered there', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const contact = server.contact({ name: 'A' });
    await bare.sock.sendMessage(contact.lid, { text: 'to lid' });
    await eventually(() => contact.inbox()[0]?.text === 'to lid', 'the text');
    await contact.send({ to: server.phone({ name: 'Desk' }).lid, text: 'from lid' });
    const { message } = await eventually(
      () => bare.upserts.find((each) => each.message.message?.conversation === 'from lid'),
      'the answer',
    );
    expect(message.key).toMatchObject({ remoteJid: contact.lid, remoteJidAlt: contact.pn });
  });

  it('tells a contact that reads by itself, and one that is told to', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const contact = server.contact({ name: 'A' });
    await contact.autoread();
    const sent = await bare.sock.sendMessage(contact.pn, { text: 'read me' });
    await eventually(() => bare.statuses.get(sent?.key.id ?? '') === 4, 'the read receipt');
  });
});

describe('people', () => {
  it('show when they type and when they are online', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const contact = server.contact({ name: 'A' });
    const seen: string[] = [];
    bare.sock.ev.on('presence.update', ({ presences }) => {
      for (const { lastKnownPresence } of Object.values(presences)) seen.push(lastKnownPresence);
    });
    await bare.sock.presenceSubscribe(contact.pn);
    await eventually(() => seen.includes('unavailable'), 'the first answer');
    await contact.online();
    await eventually(() => seen.includes('available'), 'the contact to come online');
    contact.typing('Desk');
    await eventually(() => seen.includes('composing'), 'the contact to type');
    const before = seen.length;
    contact.typing('Desk', 'paused');
    await eventually(() => seen.length > before, 'the contact to pause');
  });

  it('exist or do not, as usync says', async () => {
    const server = await emulator();
    const bare = await paired(server);
    const contact = server.contact({ name: 'A' });
    expect(await bare.sock.onWhatsApp(contact.number)).toEqual([{ jid: contact.pn, exists: true }]);
    const nobody = await bare.sock.onWhatsApp('+8613999999999');
    expect(nobody?.[0]?.exists ?? false).toBe(false);
  });

  it('come with the history of the phone when a device is linked', async () => {
    const server = await emulator();
    const contact = server.contact({ name: '王芳' });
    const phone = server.phone({ name: 'Desk' });
    await contact.send({ to: 'Desk', text: 'old' });
    const first = closing(connect(server.plainUrl));
    await phone.scan(await qrOf(first));
    await eventually(() => first.ended() === 515, 'the restart');
    const bare = closing(connect(server.plainUrl, first.memory));
    const history: (string | null | undefined)[] = [];
    bare.sock.ev.on('messaging-history.set', ({ messages }) => {
      history.push(...messages.map(({ message }) => message?.conversation));
    });
    await eventually(() => history.includes('old'), 'the history');
    await eventually(() => bare.memory.auth.creds.myAppStateKeyId !== undefined, 'the app-state key');
  });
});

describe('what the devices of an account share', () => {
  it('goes from one to the other at once, and to one that is linked later', async () => {
    const server = await emulator();
    const [one, two] = [await paired(server), await paired(server)];
    const contact = server.contact({ name: 'A' });
    await contact.send({ to: 'Desk', text: 'hello' });
    const { message } = await eventually(
      () => one.upserts.find((each) => each.message.message?.conversation),
      'a text',
    );
    const archived: string[] = [];
    two.sock.ev.on('chats.update', (chats) => {
      archived.push(...chats.flatMap((chat) => (chat.archived && chat.id ? [chat.id] : [])));
    });
    const lastMessages = [{ key: message.key, messageTimestamp: message.messageTimestamp ?? null }];
    await one.sock.chatModify({ archive: true, lastMessages }, contact.pn);
    await eventually(() => archived.includes(contact.pn), 'the archived chat on the other device');
    await two.sock.chatModify({ pin: true }, contact.pn);
    await one.sock.chatModify({ archive: false, lastMessages }, contact.pn);
    const later = await paired(server);
    await eventually(async () => {
      const synced = await later.sock.authState.keys.get('app-state-sync-version', ['regular_low']);
      return synced.regular_low?.version === 3;
    }, 'the patches on the later device');
  });
});
