// Everything but texts and files, from contacts and from the client, as bare Baileys sees it.
import { decryptPollVote, type WAMessage } from 'baileys';
import { describe, expect, it } from 'vitest';
import type { Said } from '../src/index.ts';
import { sealVote } from '../src/votes.ts';
import { eventually } from './bare.ts';
import { desk } from './desk.ts';

const at = desk();

async function said(what: Said, more: { readonly expires?: number; readonly quote?: string } = {}): Promise<WAMessage> {
  const [id] = await at.contact.send({ to: 'Desk', said: what, ...more });
  return eventually(() => at.bare.upserts.find(({ message }) => message.key.id === id)?.message, `a ${what.kind}`);
}

const PLACES: readonly (readonly [Said, object])[] = [
  [
    { kind: 'location', latitude: 31.23, longitude: 121.47, name: '外滩', address: '中山东一路' },
    { locationMessage: { degreesLatitude: 31.23, degreesLongitude: 121.47, name: '外滩', address: '中山东一路' } },
  ],
  [
    { kind: 'live-location', latitude: 1, longitude: 2, name: 'on my way', sequence: 3 },
    { liveLocationMessage: { degreesLatitude: 1, degreesLongitude: 2, caption: 'on my way' } },
  ],
  [
    { kind: 'contact', cards: [{ name: '李雷', number: '+86 139 1234 5678' }] },
    { contactMessage: { displayName: '李雷', vcard: expect.stringContaining('waid=8613912345678') } },
  ],
  [
    {
      kind: 'contact',
      cards: [
        { name: 'A', number: '8613900000011' },
        { name: 'B', number: '8613900000012' },
      ],
    },
    { contactsArrayMessage: { contacts: [{ displayName: 'A' }, { displayName: 'B' }] } },
  ],
  [
    { kind: 'buttons', text: '选择', options: ['是', '否'] },
    { buttonsMessage: { contentText: '选择', buttons: [{ buttonText: { displayText: '是' } }, {}] } },
  ],
  [
    { kind: 'list', text: 'Menu', options: ['Tea', 'Coffee'] },
    { listMessage: { description: 'Menu', sections: [{ rows: [{ title: 'Tea' }, { title: 'Coffee' }] }] } },
  ],
  [
    { kind: 'template', text: 'Hello', footer: 'Shop', options: ['Yes'] },
    { templateMessage: { hydratedTemplate: { hydratedContentText: 'Hello', hydratedFooterText: 'Shop' } } },
  ],
  [{ kind: 'interactive', text: 'Pick', options: ['One'] }, { interactiveMessage: { body: { text: 'Pick' } } }],
  [
    { kind: 'link', text: 'see https://example.com', url: 'https://example.com', title: 'Example' },
    { extendedTextMessage: { matchedText: 'https://example.com', title: 'Example' } },
  ],
  [{ kind: 'poll', question: '几点？', options: ['9', '10'] }, { pollCreationMessageV3: { name: '几点？' } }],
  [
    { kind: 'poll', question: 'Which?', options: ['a', 'b', 'c'], selectable: 0 },
    { pollCreationMessage: { name: 'Which?', selectableOptionsCount: 0 } },
  ],
  [{ kind: 'disappearing', seconds: 604_800 }, { protocolMessage: { ephemeralExpiration: 604_800 } }],
];

describe('from a contact', () => {
  it.each(PLACES)('%o arrives whole', async (what, part) => {
    expect((await said(what)).message).toMatchObject(part);
  });

  it('something of an unknown kind arrives as it is', async () => {
    const raw = Buffer.from([0xca, 0x02, 0x02, 0x0a, 0x00]);
    const message = await said({ kind: 'raw', message: raw });
    expect(message.message).toBeTruthy();
  });

  it('a file quotes, and disappears', async () => {
    const [first = ''] = await at.contact.send({ to: 'Desk', text: 'first' });
    const image = (await said({ kind: 'image', caption: 'second' }, { quote: first, expires: 86_400 })).message
      ?.imageMessage;
    expect(image?.contextInfo).toMatchObject({ stanzaId: first, expiration: 86_400 });
  });

  it('a text disappears', async () => {
    const [id] = await at.contact.send({ to: 'Desk', text: 'gone soon', expires: 86_400 });
    const found = await eventually(() => at.bare.upserts.find(({ message }) => message.key.id === id)?.message, 'it');
    expect(found.message?.extendedTextMessage).toMatchObject({
      text: 'gone soon',
      contextInfo: { expiration: 86_400 },
    });
  });

  it('a forward is marked, and counts', async () => {
    const [first = ''] = await at.contact.send({ to: 'Desk', text: 'tell everybody' });
    const once = await said({ kind: 'forward', message: first });
    expect(once.message?.extendedTextMessage?.contextInfo).toMatchObject({ isForwarded: true, forwardingScore: 1 });
    const twice = await said({ kind: 'forward', message: once.key.id ?? '' });
    expect(twice.message?.extendedTextMessage?.contextInfo?.forwardingScore).toBe(2);
  });

  it('a message is pinned', async () => {
    const [first = ''] = await at.contact.send({ to: 'Desk', text: 'important' });
    const pin = await said({ kind: 'pin', message: first });
    expect(pin.message?.pinInChatMessage).toMatchObject({ key: { id: first }, type: 1 });
  });

  it('a vote on its own poll can be opened with the poll\u2019s secret', async () => {
    const poll = await said({ kind: 'poll', question: 'When?', options: ['now', 'later'] });
    const id = poll.key.id ?? '';
    const vote = (await said({ kind: 'vote', poll: id, options: ['later'] })).message?.pollUpdateMessage?.vote;
    const secret = poll.message?.messageContextInfo?.messageSecret;
    if (!vote || !secret) throw new Error('no vote');
    const { pn } = at.contact;
    const opened = decryptPollVote(vote, { pollCreatorJid: pn, pollMsgId: id, pollEncKey: secret, voterJid: pn });
    expect(opened.selectedOptions).toHaveLength(1);
  });

  it('a vote on the client\u2019s poll can be opened', async () => {
    const poll = await at.bare.sock.sendMessage(at.contact.pn, {
      poll: { name: 'Ok?', values: ['yes', 'no'], selectableCount: 1 },
    });
    const id = poll?.key.id ?? '';
    await eventually(() => at.contact.inbox().find((each) => each.id === id), 'the poll');
    const vote = (await said({ kind: 'vote', poll: id, options: ['yes'] })).message?.pollUpdateMessage?.vote;
    const secret = poll?.message?.messageContextInfo?.messageSecret;
    if (!vote || !secret) throw new Error('no vote');
    const ballot = { pollCreatorJid: at.phone.pn, pollMsgId: id, pollEncKey: secret, voterJid: at.contact.pn };
    expect(decryptPollVote(vote, ballot).selectedOptions).toHaveLength(1);
  });

  it('is refused when it makes no sense', async () => {
    const poll = { kind: 'poll', question: 'One?', options: ['only'] } as const;
    await expect(at.contact.send({ to: 'Desk', said: poll })).rejects.toMatchObject({ code: 'BAD_FIELD' });
    const forward = { kind: 'forward', message: 'nothing' } as const;
    await expect(at.contact.send({ to: 'Desk', said: forward })).rejects.toMatchObject({ code: 'UNKNOWN_MESSAGE' });
  });
});

describe('typed on the phone', () => {
  it('a file and a place reach the linked device as its own', async () => {
    for (const what of [{ kind: 'image' }, { kind: 'location', latitude: 1, longitude: 1 }] as const) {
      const [id] = await at.phone.send({ to: at.contact.id, said: what });
      const found = await eventually(() => at.bare.upserts.find(({ message }) => message.key.id === id)?.message, 'it');
      expect(found.key).toMatchObject({ fromMe: true, remoteJid: at.contact.pn });
    }
  });
});

describe('from the client', () => {
  it('a location, cards, a poll, a forward and a pin are understood', async () => {
    const { sock } = at.bare;
    const { pn } = at.contact;
    const kinds = () => at.contact.inbox().map(({ kind, text }) => [kind, text]);
    await sock.sendMessage(pn, { location: { degreesLatitude: 31, degreesLongitude: 121, name: '店' } });
    const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:韩梅\nEND:VCARD';
    await sock.sendMessage(pn, { contacts: { displayName: '韩梅', contacts: [{ displayName: '韩梅', vcard }] } });
    const poll = await sock.sendMessage(pn, { poll: { name: 'Tea?', values: ['yes', 'no'], selectableCount: 1 } });
    if (!poll) throw new Error('no poll');
    const text = await sock.sendMessage(pn, { text: 'to be passed on' });
    if (!text) throw new Error('no text');
    await sock.sendMessage(pn, { forward: text, force: true });
    await sock.sendMessage(pn, { pin: text.key, type: 1, time: 86_400 });
    const pinned = ['pin', text.key.id];
    await eventually(() => kinds().some(([kind]) => kind === 'pin'), 'the last');
    expect(kinds().slice(-6)).toEqual([
      ['location', '店'],
      ['contact', '韩梅'],
      ['poll', 'Tea?'],
      ['text', 'to be passed on'],
      ['text', 'to be passed on'],
      pinned,
    ]);
  });

  it('a vote is opened by the contact', async () => {
    const [id = ''] = await at.contact.send({
      to: 'Desk',
      said: { kind: 'poll', question: 'Q', options: ['左', '右'] },
    });
    const poll = await eventually(() => at.bare.upserts.find(({ message }) => message.key.id === id)?.message, 'it');
    const secret = poll.message?.messageContextInfo?.messageSecret;
    if (!secret) throw new Error('no secret');
    const ballot = { poll: id, creator: at.contact.pn, voter: at.phone.pn, secret };
    const vote = sealVote(ballot, ['右'], Buffer.alloc(12, 7));
    const pollUpdateMessage = { pollCreationMessageKey: poll.key, vote, senderTimestampMs: Date.now() };
    await at.bare.sock.relayMessage(at.contact.pn, { pollUpdateMessage }, {});
    const kept = await eventually(() => at.contact.inbox().find(({ kind }) => kind === 'vote'), 'the vote');
    expect(kept).toMatchObject({ text: '右', about: id });
  });

  it('a time to disappear is told to the contact', async () => {
    await at.bare.sock.sendMessage(at.contact.pn, { disappearingMessagesInChat: 604_800 });
    await eventually(() => at.contact.inbox().find(({ kind }) => kind === 'disappearing'), 'the setting');
    const sent = await at.bare.sock.sendMessage(at.contact.pn, { text: 'short' }, { ephemeralExpiration: 604_800 });
    const kept = await eventually(() => at.contact.inbox().find(({ id }) => id === sent?.key.id), 'the text');
    expect(kept.text).toBe('short');
  });
});
