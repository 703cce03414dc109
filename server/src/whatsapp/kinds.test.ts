// What places, cards, polls, previews, marks and business messages become, through the wire; envelopes to any depth; and that no content whatever throws or is dropped in silence.
import { contactCards, linkPreview, location as placeShape, shape } from '@pulseline/protocol';
import type { proto as Proto } from 'baileys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryKeeper } from '../../test/memory-keeper.ts';
import { changeOf } from './changes.ts';
import { parseCard, writeCard } from './contact-card.ts';
import { Keyring } from './keyring.ts';
import { proto } from './library.ts';
import { LiveLocations } from './live-location.ts';
import { contentOf, normalise } from './normalise.ts';
import { readableTypes } from './readable.ts';

const decoded = (message: Proto.IMessage): Proto.IMessage =>
  proto.Message.decode(proto.Message.encode(proto.Message.fromObject(message)).finish());
const said = (message: Proto.IMessage) => contentOf(decoded(message));

const envelope = {
  key: { chat: { kind: 'person', pn: '1555@s.whatsapp.net' }, author: { pn: '1555@s.whatsapp.net' }, waId: 'A' },
  fromMe: false,
  timestamp: 5_000,
  offline: false,
  heard: 1,
} as const;
const me = { pn: '1999@s.whatsapp.net', lid: '99@lid' };
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

describe('what a message bears', () => {
  it('location: a place has its name, address and link; one that is nowhere is not passed on', () => {
    const locationMessage = {
      degreesLatitude: 31.23,
      degreesLongitude: 121.47,
      name: '外滩',
      address: '中山东一路',
      url: 'https://maps.example',
      accuracyInMeters: 12,
      jpegThumbnail: jpeg,
    };
    expect(said({ locationMessage })).toMatchObject({
      kind: 'location',
      body: '外滩',
      content: {
        location: {
          latitude: 31.23,
          longitude: 121.47,
          name: '外滩',
          address: '中山东一路',
          url: 'https://maps.example',
          accuracy: 12,
          thumbnail: jpeg.toString('base64'),
        },
      },
    });
    expect(said({ locationMessage: { degreesLatitude: 900, degreesLongitude: 1 } })).toEqual({
      kind: 'location',
      body: '',
      rawType: 'locationMessage',
    });
    const html = Buffer.from('<script>');
    expect(
      said({ locationMessage: { ...locationMessage, jpegThumbnail: html } })?.content?.location,
    ).not.toHaveProperty('thumbnail');
  });

  it('location: the places of a live one belong together, in order', async () => {
    const keeper = new MemoryKeeper();
    /** As if the worker had begun anew before each place. */
    const place = async (waId: string, sequenceNumber: number, at = 5_000) => {
      const moving = { speedInMps: 3, degreesClockwiseFromMagneticNorth: 90 };
      const message = {
        liveLocationMessage: { degreesLatitude: 1, degreesLongitude: sequenceNumber, sequenceNumber, ...moving },
      };
      const fact = normalise({ ...envelope, key: { ...envelope.key, waId }, timestamp: at }, decoded(message), 2);
      const keyring = new Keyring('acc_1', keeper);
      const followed = fact && (await new LiveLocations(keyring).follow(fact));
      await keeper.commit({ account: 'acc_1', facts: [], keys: keyring.take(), seen: [] });
      return followed;
    };
    expect(await place('A', 1)).toMatchObject({
      type: 'message',
      kind: 'location',
      content: { location: { live: { sequence: 1, at: 5_000, speed: 3, heading: 90 } } },
    });
    expect(await place('B', 2, 9_000)).toMatchObject({
      type: 'change',
      target: { waId: 'A', fromMe: false },
      change: { kind: 'move', location: { longitude: 2, live: { sequence: 2, at: 9_000 } } },
    });
    // Nothing that came late is lost, nor taken for the newest.
    expect(await place('C', 1, 9_500)).toMatchObject({ type: 'message', key: { waId: 'C' } });
    expect(await place('D', 2, 9 * 3_600_000)).toMatchObject({ type: 'message', key: { waId: 'D' } });
  });

  it('contact: cards with numbers, in every writing of vCard, several at once', () => {
    const vcard =
      'BEGIN:VCARD\nVERSION:3.0\nFN:李雷\nORG:店\nitem1.TEL;waid=8613912345678:+86 139 1234 5678\nEMAIL:l@example.com\nEND:VCARD';
    const card = {
      name: '李雷',
      organisation: '店',
      phones: [{ number: '+86 139 1234 5678', address: '8613912345678@s.whatsapp.net' }],
      emails: ['l@example.com'],
    };
    expect(said({ contactMessage: { displayName: 'x', vcard } })).toMatchObject({
      kind: 'contact',
      body: '李雷',
      content: { contacts: [card] },
    });
    const contacts = [{ displayName: 'A', vcard: '' }, { displayName: 'B' }];
    expect(said({ contactsArrayMessage: { displayName: '2 contacts', contacts } })).toMatchObject({
      kind: 'contact',
      body: 'A, B',
      content: { contacts: [{ name: 'A' }, { name: 'B' }] },
    });
    expect(
      parseCard(
        'BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9D=8E;=E9=9B=B7\r\nTEL;CELL:139\r\n 1234\r\nEND:VCARD',
      ).phones,
    ).toEqual([{ number: '1391234', type: 'cell' }]);
    expect(parseCard('N;ENCODING=QUOTED-PRINTABLE:=E6=9D=8E;=E9=9B=B7').name).toBe('雷 李');
  });

  it('contact: what is written is read again', () => {
    fc.assert(
      fc.property(
        fc.record({
          name: fc
            .string({ minLength: 1, maxLength: 40 })
            .map((name) => name.replaceAll(/[\r\n\\]/g, '').trim() || 'x'),
          number: fc.stringMatching(/^\+[0-9]{7,14}$/),
        }),
        ({ name, number }) => {
          const card = { name, phones: [{ number, address: `${number.slice(1)}@s.whatsapp.net` }] };
          expect(parseCard(writeCard(card))).toMatchObject({ ...card, phones: [{ ...card.phones[0], type: 'cell' }] });
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it('poll: its options and its secret, in every form that WhatsApp has had', () => {
    const messageSecret = Buffer.alloc(32, 7);
    const creation = {
      name: '几点？',
      options: [{ optionName: '9' }, { optionName: '10' }],
      selectableOptionsCount: 1,
    };
    const poll = { name: '几点？', options: ['9', '10'], selectable: 1 };
    for (const name of [
      'pollCreationMessage',
      'pollCreationMessageV2',
      'pollCreationMessageV3',
      'pollCreationMessageV5',
    ]) {
      expect(said({ messageContextInfo: { messageSecret }, [name]: creation })).toMatchObject({
        kind: 'poll',
        body: '几点？',
        content: { poll, secret: messageSecret.toString('hex') },
      });
    }
    const wrapped = { message: { messageContextInfo: { messageSecret }, pollCreationMessageV3: creation } };
    expect(said({ pollCreationMessageV4: wrapped })).toMatchObject({
      kind: 'poll',
      content: { poll, secret: expect.any(String) },
    });
  });

  it('text: a preview as the sender gives it', () => {
    const extendedTextMessage = {
      text: 'see https://example.com/a',
      matchedText: 'https://example.com/a',
      title: 'Example',
      description: 'An example',
      jpegThumbnail: jpeg,
    };
    expect(said({ extendedTextMessage })).toMatchObject({
      kind: 'text',
      content: {
        preview: {
          url: 'https://example.com/a',
          title: 'Example',
          description: 'An example',
          thumbnail: jpeg.toString('base64'),
        },
      },
    });
  });

  it('text: forwarded, often forwarded, disappearing', () => {
    const text = (contextInfo: Proto.IContextInfo) =>
      said({ extendedTextMessage: { text: 't', contextInfo } })?.content;
    expect(text({ isForwarded: true, forwardingScore: 1 })).toEqual({ forwarded: 'once', forwards: 1 });
    expect(text({ isForwarded: true, forwardingScore: 5 })).toEqual({ forwarded: 'many', forwards: 5 });
    expect(text({ expiration: 86_400 })).toEqual({ expires: 86_400 });
    expect(text({})).toBeUndefined();
  });

  it('system: a timer of the chat, an album that is about to come and its parts', () => {
    expect(
      said({ ephemeralMessage: { message: { protocolMessage: { type: 3, ephemeralExpiration: 604_800 } } } }),
    ).toMatchObject({
      kind: 'system',
      content: { timer: 604_800, notice: { code: 'disappearing', text: '604800' } },
    });
    expect(said({ albumMessage: { expectedImageCount: 3, expectedVideoCount: 1 } })).toMatchObject({
      kind: 'system',
      body: '🖼 3 🎬 1',
      content: { notice: { code: 'album', text: '4' } },
    });
    const messageAssociation = { associationType: 1, parentMessageKey: { id: 'ALBUM' } };
    expect(said({ messageContextInfo: { messageAssociation }, imageMessage: { caption: 'c' } })?.content).toEqual({
      partOf: 'ALBUM',
    });
  });

  it('call: one of the log, missed or not', () => {
    expect(said({ callLogMesssage: { isVideo: true, callOutcome: 1 } })).toMatchObject({
      kind: 'call',
      content: { notice: { code: 'missed_video_call' } },
    });
    expect(said({ callLogMesssage: { callOutcome: 0, durationSecs: 65 } })).toMatchObject({
      kind: 'call',
      body: '1:05',
    });
  });

  it('text: a comment answers what it stands below', () => {
    expect(said({ commentMessage: { message: { conversation: 'yes' }, targetMessageKey: { id: 'Q' } } })).toEqual({
      kind: 'text',
      body: 'yes',
      rawType: 'commentMessage',
      quoted: { waId: 'Q', body: '' },
    });
  });
});

const business: readonly (readonly [Proto.IMessage, string])[] = [
  [
    { buttonsMessage: { contentText: '选择', footerText: '店', buttons: [{ buttonText: { displayText: '是' } }] } },
    '选择\n店\n▸ 是',
  ],
  [{ buttonsResponseMessage: { selectedDisplayText: '是', selectedButtonId: 'b0' } }, '是'],
  [
    {
      listMessage: { title: 'Menu', description: 'Menu', sections: [{ rows: [{ title: 'Tea', description: '3 €' }] }] },
    },
    'Menu\n▸ Tea – 3 €',
  ],
  [{ listResponseMessage: { title: 'Tea', singleSelectReply: { selectedRowId: 'r0' } } }, 'Tea'],
  [
    {
      templateMessage: {
        hydratedTemplate: {
          hydratedContentText: 'Hello',
          hydratedButtons: [{ urlButton: { displayText: 'Shop', url: 'https://example.com' } }],
        },
      },
    },
    'Hello\n▸ Shop https://example.com',
  ],
  [{ templateButtonReplyMessage: { selectedDisplayText: 'Yes' } }, 'Yes'],
  [{ highlyStructuredMessage: { elementName: 'welcome', params: ['Ann'] } }, 'welcome\nAnn'],
  [
    {
      interactiveMessage: {
        header: { title: 'H' },
        body: { text: 'B' },
        nativeFlowMessage: { buttons: [{ name: 'quick_reply', buttonParamsJson: '{"display_text":"Go"}' }] },
      },
    },
    'H\nB\n▸ Go',
  ],
  [{ interactiveResponseMessage: { nativeFlowResponseMessage: { name: 'flow', paramsJson: '{"title":"T"}' } } }, 'T'],
  [
    {
      productMessage: {
        product: { title: 'Pen', priceAmount1000: 2_500, currencyCode: 'EUR', url: 'https://p.example' },
      },
    },
    'Pen\n2.50 EUR\nhttps://p.example',
  ],
  [
    {
      orderMessage: {
        orderTitle: 'Order',
        itemCount: 2,
        totalAmount1000: 5_000,
        totalCurrencyCode: 'EUR',
        message: 'soon',
      },
    },
    'Order\n× 2\n5.00 EUR\nsoon',
  ],
  [{ invoiceMessage: { note: 'INV-1', token: 't' } }, 'INV-1'],
  [
    { requestPaymentMessage: { amount1000: 1_000, currencyCodeIso4217: 'INR', noteMessage: { conversation: 'rent' } } },
    '1.00 INR\nrent',
  ],
  [{ sendPaymentMessage: { noteMessage: { extendedTextMessage: { text: 'paid' } } } }, 'paid'],
  [
    { groupInviteMessage: { groupName: '小组', inviteCode: 'AbC', caption: 'join' } },
    '小组\njoin\nhttps://chat.whatsapp.com/AbC',
  ],
  [{ newsletterAdminInviteMessage: { newsletterName: 'News', caption: 'help' } }, 'News\nhelp'],
  [{ newsletterFollowerInviteMessageV2: { newsletterName: 'News' } }, 'News'],
  [
    {
      eventMessage: {
        name: 'Party',
        startTime: 1_700_000_000,
        location: { name: 'Park' },
        joinLink: 'https://call.example',
      },
    },
    'Party\n2023-11-14 22:13 UTC\nPark\nhttps://call.example',
  ],
  [
    { scheduledCallCreationMessage: { title: 'Call', scheduledTimestampMs: 1_700_000_000_000 } },
    'Call\n2023-11-14 22:13 UTC',
  ],
  [{ bcallMessage: { caption: 'live' } }, 'live'],
  [{ stickerPackMessage: { name: 'Cats', publisher: 'P' } }, 'Cats\nP'],
  [
    { pollResultSnapshotMessage: { name: 'Who?', pollVotes: [{ optionName: 'A', optionVoteCount: 2 }] } },
    'Who?\n▸ A: 2',
  ],
  [{ questionResponseMessage: { text: 'because' } }, 'because'],
  [{ statusQuestionAnswerMessage: { text: 'blue' } }, 'blue'],
];

describe('what businesses send', () => {
  it.each(business.map(([message, words]) => [Object.keys(message)[0] ?? '', message, words] as const))(
    'text: %s is read as plain lines, and bears its raw type',
    (rawType, message, words) => {
      expect(said(message)).toMatchObject({ kind: 'text', body: words, rawType });
      // In a template's or a list's empty shell there is nothing to read: it is named.
      expect(said({ [rawType]: {} })).toMatchObject({ kind: 'unknown', body: '', rawType });
    },
  );

  it('is held for every kind that has words', () => {
    expect(business.map(([message]) => Object.keys(message)[0]).sort()).toEqual([...readableTypes].sort());
  });
});

describe('envelopes', () => {
  it('are taken off in any order, as deep as anybody nests them', () => {
    const inner = { imageMessage: { caption: 'deep' } };
    const names = [
      'ephemeralMessage',
      'viewOnceMessageV2',
      'documentWithCaptionMessage',
      'groupMentionedMessage',
      'botInvokeMessage',
    ];
    const nested = names.reduce<Proto.IMessage>((message, name) => ({ [name]: { message } }), inner);
    expect(said(nested)).toMatchObject({ kind: 'image', body: 'deep', content: { viewOnce: true } });
    expect(said({ deviceSentMessage: { destinationJid: 'x', message: nested } })).toMatchObject({
      kind: 'image',
      body: 'deep',
    });
  });

  it('that never end are named', () => {
    let message: Proto.IMessage = { conversation: 'x' };
    for (let depth = 0; depth < 40; depth++) message = { ephemeralMessage: { message } };
    expect(said(message)).toEqual({ kind: 'unknown', body: '', rawType: 'ephemeralMessage' });
  });

  it('without content are named', () => {
    expect(said({ viewOnceMessageV2: {} })).toEqual({ kind: 'unknown', body: '', rawType: 'viewOnceMessageV2' });
  });
});

describe('what is done to messages', () => {
  const key = { id: 'T', fromMe: true };
  const change = (message: Proto.IMessage) => changeOf(envelope, decoded(message), me);

  it('a vote, a pin, a message that is kept', () => {
    const vote = { encPayload: Buffer.from('sealed'), encIv: Buffer.alloc(12) };
    expect(
      change({ pollUpdateMessage: { pollCreationMessageKey: key, vote, senderTimestampMs: 7_000 } }),
    ).toMatchObject({
      target: { waId: 'T', fromMe: false },
      change: { kind: 'vote', sealed: { payload: Buffer.from('sealed').toString('base64') } },
      at: 7_000,
    });
    const pin = { pinInChatMessage: { key, type: 1, senderTimestampMs: 7_000 } };
    expect(change({ ...pin, messageContextInfo: { messageAddOnDurationInSecs: 60 } })?.change).toEqual({
      kind: 'pin',
      until: 67_000,
    });
    expect(change({ pinInChatMessage: { key, type: 2 } })?.change).toEqual({ kind: 'pin', until: 0 });
    expect(change({ keepInChatMessage: { key, keepType: 1, timestampMs: 8_000 } })).toMatchObject({
      change: { kind: 'keep', on: true },
      at: 8_000,
    });
    expect(change({ keepInChatMessage: { key, keepType: 2 } })?.change).toEqual({ kind: 'keep', on: false });
  });

  it('an edit of a caption', () => {
    const editedMessage = { imageMessage: { caption: 'better' } };
    expect(change({ protocolMessage: { type: 14, key, editedMessage } })?.change).toEqual({
      kind: 'edit',
      body: 'better',
    });
  });
});

/** Bytes that look like nested messages: known field numbers, every wire type, any depth. */
const { message: anyMessage } = fc.letrec<{ field: Uint8Array; message: Uint8Array }>((tie) => ({
  field: fc
    .tuple(
      fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: 1, max: 20 }) },
        { weight: 2, arbitrary: fc.integer({ min: 21, max: 130 }) },
      ),
      fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        fc.record({
          type: fc.constant(0),
          bytes: fc.uint8Array({ minLength: 1, maxLength: 1 }).map((one) => one.map((byte) => byte & 0x7f)),
        }),
        fc.record({ type: fc.constant(1), bytes: fc.uint8Array({ minLength: 8, maxLength: 8 }) }),
        fc.record({ type: fc.constant(5), bytes: fc.uint8Array({ minLength: 4, maxLength: 4 }) }),
        fc.record({ type: fc.constant(2), bytes: fc.uint8Array({ maxLength: 12 }) }),
        fc.record({ type: fc.constant(2), bytes: tie('message') }),
        fc.record({ type: fc.constant(2), bytes: tie('message') }),
      ),
    )
    .map(([number, { type, bytes }]) => {
      const tag = varint((number << 3) | type);
      return Uint8Array.from([...tag, ...(type === 2 ? varint(bytes.length) : []), ...bytes]);
    }),
  message: fc
    .array(tie('field'), { maxLength: 4 })
    .map((fields) => Uint8Array.from(fields.flatMap((bytes) => [...bytes]))),
}));

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** Stand beside content, or carry keys. */
const SILENT = ['senderKeyDistributionMessage', 'fastRatchetKeySenderKeyDistributionMessage'];

describe('no content whatever', () => {
  it.each(Object.keys(proto.Message.prototype).filter((name) => !SILENT.includes(name)))(
    'unknown: %s, even empty, is told and never dropped',
    (name) => {
      const message = decoded({ [name]: name === 'conversation' ? 'x' : {} });
      const told = contentOf(message);
      expect(told?.kind).toEqual(expect.any(String));
      if (told?.kind === 'unknown') expect(told.rawType).toEqual(expect.stringMatching(/./));
    },
  );

  it('throws, or has a shape that cannot be kept', () => {
    let read = 0;
    fc.assert(
      fc.property(anyMessage, (bytes) => {
        let message: Proto.IMessage;
        try {
          message = proto.Message.decode(bytes);
        } catch {
          return;
        }
        read++;
        changeOf(envelope, message, me);
        const fact = normalise(envelope, message, 2);
        if (fact === undefined) return;
        const { location, contacts, preview } = fact.content ?? {};
        const shapes = {
          location: shape.optional(placeShape),
          contacts: shape.optional(contactCards),
          preview: shape.optional(linkPreview),
        };
        shape.object(shapes).parse(JSON.parse(JSON.stringify({ location, contacts, preview })));
        structuredClone(fact);
      }),
      { seed: 20_261_122, numRuns: 10_000 },
    );
    expect(read).toBeGreaterThan(3_000);
  });
});
