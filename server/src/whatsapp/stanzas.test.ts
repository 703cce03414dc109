// What receipts, typing and the frame of a message say; stanzas are written down as the server sends them.
import type { BinaryNode } from 'baileys';
import { describe, expect, it } from 'vitest';
import { ackOf, deliveryOf, factsOf, isTick, placeOf, presence, typing } from './stanzas.ts';

const me = { pn: '4911@s.whatsapp.net', lid: '99@lid' };
const reading = { me, now: 1_700_000_000_000 };
const node = (tag: string, attrs: Record<string, string>, content?: BinaryNode[]): BinaryNode => ({
  tag,
  attrs,
  ...(content && { content }),
});
const receipt = (attrs: Record<string, string>, content?: BinaryNode[]) =>
  factsOf.get('receipt')?.(node('receipt', attrs, content), reading);

describe('a receipt', () => {
  it.each([
    [{}, 'delivered'],
    [{ type: 'read' }, 'read'],
    [{ type: 'played' }, 'played'],
  ])('%j is the status %s of what we sent', (type, status) => {
    expect(receipt({ id: 'A', from: '4922:3@s.whatsapp.net', sender_lid: '22@lid', t: '1700000001', ...type })).toEqual(
      [
        {
          type: 'status',
          chat: { kind: 'person', pn: '4922@s.whatsapp.net', lid: '22@lid' },
          waIds: ['A'],
          status,
          at: 1_700_000_001_000,
        },
      ],
    );
  });

  it.each(['inactive', 'sender', 'retry', 'peer_msg', 'hist_sync', 'server-error'])(
    'of type %s says nothing',
    (type) => {
      expect(receipt({ id: 'A', from: '4922@s.whatsapp.net', type })).toEqual([]);
    },
  );

  it('names every message that it is for', () => {
    const list = node('list', {}, [node('item', { id: 'B' }), node('item', { id: 'C' })]);
    expect(receipt({ id: 'A', from: '22@lid', type: 'read' }, [list])).toMatchObject([
      { waIds: ['A', 'B', 'C'], chat: { lid: '22@lid' }, at: reading.now },
    ]);
  });

  it('in a group names the reader', () => {
    const attrs = {
      id: 'A',
      from: '1@g.us',
      participant: '22:1@lid',
      participant_pn: '4922@s.whatsapp.net',
      type: 'read',
    };
    expect(receipt(attrs)).toMatchObject([
      { chat: { kind: 'group', address: '1@g.us' }, reader: { pn: '4922@s.whatsapp.net', lid: '22@lid' } },
    ]);
  });

  it('of our own other device means read elsewhere', () => {
    const own = { id: 'A', from: '4911@s.whatsapp.net', recipient: '4922@s.whatsapp.net' };
    const chat = { kind: 'person', pn: '4922@s.whatsapp.net' };
    expect(receipt({ ...own, type: 'read-self' })).toEqual([{ type: 'read-elsewhere', chat, waIds: ['A'] }]);
    expect(receipt({ ...own, type: 'read' })).toEqual([{ type: 'read-elsewhere', chat, waIds: ['A'] }]);
    expect(receipt({ ...own, type: 'sender' })).toEqual([]);
    expect(receipt({ id: 'A', from: '1@g.us', participant: '99:2@lid', type: 'read-self' })).toEqual([
      { type: 'read-elsewhere', chat: { kind: 'group', address: '1@g.us' }, waIds: ['A'] },
    ]);
  });
});

describe('a notification', () => {
  const told = (attrs: Record<string, string>, content: BinaryNode[]) =>
    factsOf.get('notification')?.(node('notification', { from: '1@g.us', ...attrs }, content), reading);

  it('tells the name of a group that is made or renamed', () => {
    const chat = { kind: 'group', address: '1@g.us' } as const;
    const named = { type: 'history', chats: [{ chat, name: '小组', messages: [] }] };
    const members = [node('participant', { jid: '22@lid', phone_number: '4922@s.whatsapp.net', type: 'superadmin' })];
    expect(told({ type: 'w:gp2' }, [node('create', {}, [node('group', { subject: '小组' }, members)])])).toEqual([
      named,
      {
        type: 'group',
        chat,
        subject: '小组',
        since: expect.any(Number),
        members: [{ lid: '22@lid', pn: '4922@s.whatsapp.net', role: 'owner' }],
      },
    ]);
    const who = { id: 'N1', t: '5', participant: '22@lid', participant_pn: '4922@s.whatsapp.net' };
    const notice = { waId: 'N1', at: 5_000, by: { lid: '22@lid', pn: '4922@s.whatsapp.net' } };
    expect(told({ type: 'w:gp2', ...who }, [node('subject', { subject: '小组' })])).toEqual([
      named,
      { type: 'group', chat, subject: '小组', notice: { ...notice, code: 'subject', text: '小组' } },
    ]);
    expect(told({ type: 'w:gp2', ...who }, [node('remove', {}, members)])).toMatchObject([
      {
        type: 'group',
        change: { kind: 'remove', members: [{ lid: '22@lid' }] },
        notice: { ...notice, code: 'remove' },
      },
    ]);
    expect(told({ type: 'w:gp2', ...who }, [node('locked', {})])).toMatchObject([{ notice: { code: 'locked' } }]);
  });

  it('says nothing of other changes', () => {
    expect(told({ type: 'w:gp2' }, [node('remove', {})])).toEqual([]);
    expect(told({ type: 'w:gp2' }, [node('member_add_mode', {})])).toEqual([]);
    expect(told({ type: 'picture' }, [node('set', {})])).toEqual([]);
  });
});

describe('a call', () => {
  const told = (tag: string, more: Readonly<Record<string, string>> = {}, content: BinaryNode[] = []) =>
    factsOf.get('call')?.(
      node('call', { from: '22@lid', id: 's', t: '5', sender_pn: '4922@s.whatsapp.net' }, [
        node(tag, { 'call-id': 'C', 'call-creator': '22@lid', caller_pn: '4922@s.whatsapp.net', ...more }, content),
      ]),
      reading,
    );
  const from = { lid: '22@lid', pn: '4922@s.whatsapp.net' };
  const fact = { type: 'call', callId: 'C', chat: { kind: 'person', ...from }, from, video: false, at: 5_000 };

  it('rings, is taken, refused or ends, here or elsewhere', () => {
    expect(told('offer', {}, [node('audio', {}), node('video', {})])).toEqual([
      { ...fact, state: 'ringing', video: true },
    ]);
    expect(told('accept')).toEqual([{ ...fact, state: 'accepted' }]);
    expect(told('terminate', { reason: 'timeout' })).toEqual([{ ...fact, state: 'ended' }]);
    expect(told('terminate', { reason: 'rejected_elsewhere' })).toEqual([{ ...fact, state: 'rejected' }]);
    expect(told('offer', { 'group-jid': '1@g.us' })).toMatchObject([{ chat: { kind: 'group', address: '1@g.us' } }]);
  });

  it('of ours, and what only belongs to the voices, says nothing', () => {
    expect(told('relaylatency')).toEqual([]);
    expect(told('offer', { 'call-creator': me.lid ?? '', caller_pn: me.pn ?? '' })).toEqual([]);
  });
});

describe('the frame of a message', () => {
  it('places a direct one with both forms of its author', () => {
    expect(placeOf(node('message', { from: '22:4@lid', sender_pn: '4922@s.whatsapp.net' }), false)).toEqual({
      chat: { kind: 'person', pn: '4922@s.whatsapp.net', lid: '22@lid' },
      author: { pn: '4922@s.whatsapp.net', lid: '22@lid' },
    });
  });

  it('never takes our own address for the contact’s on what our own phone sent', () => {
    const attrs = { from: '4911@s.whatsapp.net', recipient: '4922@s.whatsapp.net', sender_lid: '99@lid' };
    expect(placeOf(node('message', attrs), true)).toEqual({ chat: { kind: 'person', pn: '4922@s.whatsapp.net' } });
    expect(placeOf(node('message', { ...attrs, peer_recipient_lid: '22@lid' }), true)).toEqual({
      chat: { kind: 'person', pn: '4922@s.whatsapp.net', lid: '22@lid' },
    });
  });

  it('places group, channel, status and list messages', () => {
    const author = { lid: '22@lid' };
    expect(placeOf(node('message', { from: '1@g.us', participant: '22:1@lid' }), false)).toEqual({
      chat: { kind: 'group', address: '1@g.us' },
      author,
    });
    expect(placeOf(node('message', { from: '5@newsletter' }), false)).toEqual({
      chat: { kind: 'channel', address: '5@newsletter' },
    });
    expect(placeOf(node('message', { from: 'status@broadcast', participant: '22@lid' }), false)).toEqual({
      chat: { kind: 'status', address: 'status@broadcast' },
      author,
    });
    expect(placeOf(node('message', { from: '123@broadcast', participant: '22@lid' }), false)).toEqual({
      chat: { kind: 'person', ...author },
      author,
    });
  });
});

describe('whispers', () => {
  it('tell who types or records', () => {
    const from = { from: '22@lid' };
    expect(typing('a', node('chatstate', from, [node('composing', {})]))).toMatchObject({ state: 'composing' });
    expect(typing('a', node('chatstate', from, [node('composing', { media: 'audio' })]))).toMatchObject({
      state: 'recording',
    });
    expect(typing('a', node('chatstate', from, [node('paused', {})]))).toMatchObject({ state: 'paused' });
    expect(typing('a', node('chatstate', from))).toBeUndefined();
  });

  it('tell who came and went', () => {
    expect(presence('a', node('presence', { from: '22@lid' }))).toMatchObject({ state: 'available' });
    expect(presence('a', node('presence', { from: '22@lid', type: 'unavailable', last: '1700000000' }))).toMatchObject({
      state: 'unavailable',
      lastSeen: 1_700_000_000_000,
    });
    expect(presence('a', node('presence', { from: '22@lid', type: 'unavailable', last: 'deny' }))).not.toHaveProperty(
      'lastSeen',
    );
    expect(presence('a', node('presence', { from: '1@g.us' }))).toBeUndefined();
  });
});

describe('the receipt of an ordinary message', () => {
  it('goes where the library sends it, and ticks only while we are online', () => {
    const direct = node('message', { id: 'A', from: '4922:3@s.whatsapp.net', type: 'text' });
    const group = node('message', { id: 'B', from: '1@g.us', participant: '22:1@lid', type: 'text' });
    expect(deliveryOf(direct, true)).toEqual(['4922:3@s.whatsapp.net', undefined, ['A'], undefined]);
    expect(deliveryOf(group, false)).toEqual(['1@g.us', '22:1@lid', ['B'], 'inactive']);
  });
});

describe('the answer to a receipt', () => {
  it('is the library’s own, word for word', async () => {
    // By its path: the library does not export it.
    const file = 'baileys/lib/Utils/stanza-ack.js';
    const library: unknown = await import(file);
    const build: unknown = Reflect.get(Object(library), 'buildAckStanza');
    if (typeof build !== 'function') throw new Error('the library builds its acks elsewhere');
    for (const attrs of [
      { id: 'A', from: '4922@s.whatsapp.net', t: '1' },
      { id: 'B', from: '1@g.us', participant: '22:1@lid', type: 'read' },
      { id: 'C', from: '4911:2@s.whatsapp.net', recipient: '22@lid', type: 'read-self' },
    ])
      expect(ackOf(node('receipt', attrs))).toEqual(build(node('receipt', attrs), undefined, '4911@s.whatsapp.net'));
  });

  it('is left to the library where it has more to do: a resend', () => {
    expect(isTick(node('receipt', { id: 'A', type: 'retry' }))).toBe(false);
    expect(isTick(node('receipt', { id: 'A', type: 'server-error' }))).toBe(false);
    expect(isTick(node('notification', { id: 'A' }))).toBe(false);
    expect(isTick(node('receipt', { id: 'A' }))).toBe(true);
  });
});
