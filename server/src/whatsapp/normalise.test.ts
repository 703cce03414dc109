// What each kind of WhatsApp content becomes, from decoded bytes as the library gives them; nothing is dropped in silence.
import type { proto as Proto } from 'baileys';
import { describe, expect, it } from 'vitest';
import { proto } from './library.ts';
import { contentOf, normalise, unknown, waiting } from './normalise.ts';

/** Through the wire, so that the test sees what a decoded message looks like. */
const decoded = (message: Proto.IMessage): Proto.IMessage =>
  proto.Message.decode(proto.Message.encode(message).finish());
const said = (message: Proto.IMessage) => contentOf(decoded(message));

describe('the content of a message', () => {
  it.each<[string, Proto.IMessage, object | undefined]>([
    ['plain text', { conversation: '你好 🙂' }, { kind: 'text', body: '你好 🙂' }],
    [
      'text with more',
      { extendedTextMessage: { text: 'see https://a.example' } },
      { kind: 'text', body: 'see https://a.example' },
    ],
    ['empty text', { conversation: '' }, { kind: 'text', body: '' }],
    [
      'disappearing text',
      { ephemeralMessage: { message: { extendedTextMessage: { text: 'gone' } } } },
      { kind: 'text', body: 'gone' },
    ],
    [
      'our phone’s text',
      { deviceSentMessage: { destinationJid: 'x', message: { conversation: 'own' } } },
      { kind: 'text', body: 'own' },
    ],
    ['an image', { imageMessage: { caption: 'a cat' } }, { kind: 'image', body: 'a cat', rawType: 'imageMessage' }],
    [
      'an image for once',
      { viewOnceMessageV2: { message: { imageMessage: {} } } },
      { kind: 'image', body: '', rawType: 'imageMessage', content: { viewOnce: true } },
    ],
    ['a video', { videoMessage: { caption: 'v' } }, { kind: 'video', body: 'v', rawType: 'videoMessage' }],
    ['audio', { audioMessage: {} }, { kind: 'audio', body: '', rawType: 'audioMessage' }],
    ['a voice note', { audioMessage: { ptt: true } }, { kind: 'voice', body: '', rawType: 'audioMessage' }],
    [
      'a file',
      { documentMessage: { fileName: 'a.pdf' } },
      { kind: 'document', body: 'a.pdf', rawType: 'documentMessage' },
    ],
    [
      'a file with caption',
      { documentWithCaptionMessage: { message: { documentMessage: { caption: 'c', fileName: 'a' } } } },
      { kind: 'document', body: 'c', rawType: 'documentMessage' },
    ],
    ['a sticker', { stickerMessage: {} }, { kind: 'sticker', body: '', rawType: 'stickerMessage' }],
    [
      'a place',
      { locationMessage: { name: 'Park', address: 'Road 1' } },
      {
        kind: 'location',
        body: 'Park',
        rawType: 'locationMessage',
        content: { location: { latitude: 0, longitude: 0, name: 'Park', address: 'Road 1' } },
      },
    ],
    [
      'a contact card',
      { contactMessage: { displayName: 'Bob' } },
      { kind: 'contact', body: 'Bob', rawType: 'contactMessage', content: { contacts: [{ name: 'Bob', phones: [] }] } },
    ],
    [
      'a poll',
      { pollCreationMessageV3: { name: 'When?' } },
      {
        kind: 'poll',
        body: 'When?',
        rawType: 'pollCreationMessageV3',
        content: { poll: { name: 'When?', options: [], selectable: 0 } },
      },
    ],
    ['a reaction', { reactionMessage: { text: '👍' } }, { kind: 'unknown', body: '👍', rawType: 'reactionMessage' }],
    [
      'an edit',
      { protocolMessage: { type: 14, editedMessage: { conversation: 'better' } } },
      { kind: 'unknown', body: 'better', rawType: 'edit' },
    ],
    [
      'a withdrawal',
      { protocolMessage: { type: 0, key: { id: 'A' } } },
      { kind: 'unknown', body: '', rawType: 'revoke' },
    ],
    [
      'buttons',
      { buttonsMessage: { contentText: 'choose' } },
      { kind: 'text', body: 'choose', rawType: 'buttonsMessage' },
    ],
    ['nothing at all', {}, { kind: 'unknown', body: '', rawType: 'empty' }],
    ['a group’s key alone', { senderKeyDistributionMessage: { groupId: 'g' } }, undefined],
    ['keys between devices', { protocolMessage: { type: 6, appStateSyncKeyShare: { keys: [] } } }, undefined],
    ['a notice of history', { protocolMessage: { type: 5, historySyncNotification: {} } }, undefined],
  ])('%s', (_, message, wanted) => {
    const found = said(message);
    // What the file is like: normalise-media.test.ts.
    const { media: _file, ...words } = found ?? {};
    expect(found && words).toEqual(wanted);
  });

  it('tells whom and what it quotes', () => {
    const contextInfo = { stanzaId: 'Q', participant: '22@lid', quotedMessage: { conversation: 'before' } };
    expect(said({ extendedTextMessage: { text: 'after', contextInfo } })).toMatchObject({
      body: 'after',
      quoted: { waId: 'Q', author: { lid: '22@lid' }, body: 'before' },
    });
    expect(said({ imageMessage: { caption: 'c', contextInfo: { stanzaId: 'Q' } } })).toMatchObject({
      quoted: { waId: 'Q', body: '' },
    });
  });

  it('reads a message that also brings a group’s key', () => {
    expect(
      said({ senderKeyDistributionMessage: { groupId: 'g' }, messageContextInfo: {}, conversation: 'both' }),
    ).toMatchObject({ body: 'both' });
  });

  it('cuts what is longer than the contract allows', () => {
    expect(said({ conversation: 'x'.repeat(100_000) })?.body).toHaveLength(65_536);
  });
});

describe('a fact', () => {
  const envelope = {
    key: { chat: { kind: 'person', lid: '22@lid' }, author: { lid: '22@lid' }, waId: 'A' },
    fromMe: false,
    timestamp: 5_000,
    pushName: 'Ana',
    offline: true,
    heard: 1.5,
  } as const;

  it('has its frame, its stamps and its content', () => {
    expect(normalise(envelope, decoded({ conversation: 'hi' }), 2.5)).toEqual({
      type: 'message',
      key: envelope.key,
      fromMe: false,
      kind: 'text',
      body: 'hi',
      timestamp: 5_000,
      pushName: 'Ana',
      offline: true,
      stamps: { heard: 1.5, normalised: 2.5 },
    });
  });

  it('stands for a message that cannot be read or only be named', () => {
    expect(waiting(envelope, 2)).toMatchObject({ kind: 'waiting', body: '', key: envelope.key });
    expect(unknown(envelope, 'msmsg', 2)).toMatchObject({ kind: 'unknown', rawType: 'msmsg' });
  });
});
