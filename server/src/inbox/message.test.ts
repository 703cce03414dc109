// Holds what becomes of messages that WhatsApp tells: once each, filled but never emptied, in one conversation per person.
import { describe, expect, it } from 'vitest';
import { ACCOUNT, ANNA, BORIS, GROUP, group, linked, ME, person, text } from './test/scene.ts';

const types = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type);

describe('a message that is new', () => {
  it('makes its conversation first, then new_message with the next seqs', () => {
    const rows = linked();
    const head = rows.seqs.get(ACCOUNT) ?? 0;
    const { events } = rows.ingest(ACCOUNT, [text('A1', 'hello', { pushName: 'Anna' })]);
    expect(events.map(({ type, seq }) => [type, seq - head])).toEqual([
      ['conversation_update', 1],
      ['new_message', 2],
    ]);
    const [made, message] = events;
    expect(made?.data).toMatchObject({ name: 'Anna', address: ANNA.pn, phone: '+4915111111111', unread: 0 });
    expect(made?.data).not.toHaveProperty('lastMessage');
    expect(message?.data).toMatchObject({
      from: ANNA.pn,
      to: ME,
      fromMe: false,
      body: 'hello',
      seq: head + 2,
      stream: ACCOUNT,
    });
    expect(message?.data).not.toHaveProperty('status');
  });

  it('bears the stamps of its first two stages on the event', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello')]);
    const event = rows.events.at(-1);
    expect(event?.stamps).toEqual({ id: rows.messages.keys().next().value, heard: 1.5, normalised: 2.5 });
  });

  it('counts as unread; one from our own phone does not, and is sent', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'one'), text('A2', 'two'), text('A3', 'mine', { fromMe: true })]);
    const [conversation] = rows.conversations.keys();
    expect(rows.conversation(conversation ?? '')).toMatchObject({
      unread: 2,
      lastMessage: { body: 'mine', status: 'sent', from: ME, to: ANNA.pn },
    });
  });

  it('yields one conversation put for a batch of 64', () => {
    const rows = linked();
    const facts = Array.from({ length: 64 }, (_, n) => text(`A${n}`, `text ${n}`));
    const { changes, events } = rows.ingest(ACCOUNT, facts);
    expect(changes.filter((change) => 'put' in change && change.put === 'conversation')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'new_message')).toHaveLength(64);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.conversation(conversation).unread).toBe(64);
    expect(rows.messagesOf(conversation).map(({ body }) => body)).toEqual(facts.map(({ body }) => body));
  });

  it('is the last message even if its clock says that it is older, and the list keeps its place', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'first', { timestamp: 9_000 })]);
    rows.ingest(ACCOUNT, [text('A2', 'late', { timestamp: 4_000, offline: true })]);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.conversation(conversation)).toMatchObject({ lastMessage: { body: 'late' }, lastAt: 9_000 });
    expect(rows.messagesOf(conversation).map(({ body }) => body)).toEqual(['first', 'late']);
  });

  it('keeps the order of commit when our clock goes back', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'first')]);
    rows.now -= 3_600_000;
    rows.ingest(ACCOUNT, [text('A2', 'second')]);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.messagesOf(conversation).map(({ body }) => body)).toEqual(['first', 'second']);
  });

  it('never bears more text than a client can parse, nor half a character', () => {
    const rows = linked();
    const { events } = rows.ingest(ACCOUNT, [text('A1', `${'x'.repeat(65_535)}😀`)]);
    expect(events.at(-1)?.data).toMatchObject({ body: 'x'.repeat(65_535) });
  });

  it('quotes by our id what we have, and by text alone what we do not', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'first')]);
    const [first] = rows.messages.keys();
    const known = rows.ingest(ACCOUNT, [text('A2', 'answer', { quoted: { waId: 'A1', author: ANNA, body: 'first' } })]);
    expect(known.events.at(-1)?.data).toMatchObject({ quote: { id: first, author: ANNA.pn, body: 'first' } });
    const unknown = rows.ingest(ACCOUNT, [text('A3', 'answer', { quoted: { waId: 'X', body: 'gone' } })]);
    expect(unknown.events.at(-1)?.data).toHaveProperty('quote', { body: 'gone' });
  });
});

describe('a message that comes again', () => {
  it('changes nothing and makes no event', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello')]);
    expect(rows.ingest(ACCOUNT, [text('A1', 'hello')]).changes).toEqual([]);
    expect(rows.ingest(ACCOUNT, [text('A1', 'other words under the same id')]).changes).toEqual([]);
  });

  it('changes nothing within one batch either', () => {
    const rows = linked();
    const { events } = rows.ingest(ACCOUNT, [text('A1', 'hello'), text('A1', 'hello')]);
    expect(types(events)).toEqual(['conversation_update', 'new_message']);
  });

  it('is known by either address of its sender', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello')]);
    expect(rows.ingest(ACCOUNT, [text('A1', 'hello', { chat: person({ lid: ANNA.lid }) })]).changes).toEqual([]);
    expect(rows.ingest(ACCOUNT, [text('A1', 'hello', { chat: person({ pn: ANNA.pn }) })]).changes).toEqual([]);
  });

  it('fills the same id if it was waiting, by message_update, and is not counted again', () => {
    const rows = linked();
    const first = rows.ingest(ACCOUNT, [text('A1', '', { kind: 'waiting' })]);
    expect(types(first.events)).toEqual(['conversation_update', 'new_message']);
    const again = rows.ingest(ACCOUNT, [text('A1', 'hello')]);
    expect(types(again.events)).toEqual(['message_update']);
    const [waiting, filled] = [first.events.at(-1)?.data, again.events.at(-1)?.data];
    expect(filled).toEqual({ ...waiting, kind: 'text', body: 'hello' });
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.conversation(conversation)).toMatchObject({ unread: 1, lastMessage: { kind: 'text', body: 'hello' } });
  });

  it('as a stub never replaces content', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello')]);
    expect(rows.ingest(ACCOUNT, [text('A1', '', { kind: 'waiting' })]).changes).toEqual([]);
  });

  it('is another message if another member of the group wrote it', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [
      text('A1', 'anna', { chat: group, author: ANNA }),
      text('A1', 'boris', { chat: group, author: BORIS }),
    ]);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.messagesOf(conversation).map(({ body, author, from }) => [body, author, from])).toEqual([
      ['anna', ANNA.pn, GROUP],
      ['boris', BORIS.pn, GROUP],
    ]);
    expect(rows.ingest(ACCOUNT, [text('A1', 'anna', { chat: group, author: { lid: ANNA.lid } })]).changes).toEqual([]);
    expect(rows.ingest(ACCOUNT, [text('A1', 'boris', { chat: group, author: { pn: BORIS.pn } })]).changes).toEqual([]);
  });
});

describe('one person', () => {
  it('is one conversation, whichever address writes', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'by number', { chat: person({ pn: ANNA.pn }) })]);
    rows.ingest(ACCOUNT, [text('A2', 'by both')]);
    rows.ingest(ACCOUNT, [text('A3', 'by lid', { chat: person({ lid: ANNA.lid }) })]);
    expect(rows.conversations.size).toBe(1);
    expect([...rows.messages.values()].map(({ message }) => message.from)).toEqual([ANNA.pn, ANNA.pn, ANNA.pn]);
  });

  it('that wrote by LID alone gets the number when it becomes known', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'by lid', { chat: person({ lid: ANNA.lid }) })]);
    const { events } = rows.ingest(ACCOUNT, [{ type: 'same-person', ...ANNA }]);
    expect(events).toMatchObject([
      {
        type: 'conversation_update',
        data: { address: ANNA.pn, phone: '+4915111111111', name: '+4915111111111', unread: 1 },
      },
    ]);
    const next = rows.ingest(ACCOUNT, [text('A2', 'by number', { chat: person({ pn: ANNA.pn }) })]);
    expect(types(next.events)).toEqual(['new_message']);
    expect(rows.ingest(ACCOUNT, [text('A1', 'by lid')]).changes).toEqual([]);
  });

  it('[G23] with two conversations is one as soon as that is known: the messages keep their ids, and the list shows one', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'by lid', { chat: person({ lid: ANNA.lid }) })]);
    rows.ingest(ACCOUNT, [text('A2', 'by number', { chat: person({ pn: ANNA.pn }) })]);
    rows.ingest(ACCOUNT, [text('A3', 'by lid again', { chat: person({ lid: ANNA.lid }) })]);
    const [ofLid = '', ofNumber = ''] = rows.conversations.keys();
    const ids = [...rows.messages.keys()];
    const { events } = rows.ingest(ACCOUNT, [{ type: 'same-person', ...ANNA }]);
    expect(events).toMatchObject([
      { type: 'conversation_removed', data: { account: ACCOUNT, id: ofLid, into: ofNumber } },
      {
        type: 'conversation_update',
        data: { id: ofNumber, unread: 3, lastMessage: { body: 'by lid again', conversation: ofNumber } },
      },
    ]);
    expect([...rows.conversations.keys()]).toEqual([ofNumber]);
    rows.ingest(ACCOUNT, [text('A4', 'new', { chat: person({ lid: ANNA.lid }) })]);
    const bodies = rows.messagesOf(ofNumber).map(({ body }) => body);
    expect(bodies).toEqual(['by lid', 'by number', 'by lid again', 'new']);
    expect([...rows.messages.keys()]).toEqual(expect.arrayContaining(ids));
    expect(rows.ingest(ACCOUNT, [text('A1', 'by lid', { chat: person({ lid: ANNA.lid }) })]).changes).toEqual([]);
    expect(rows.conversation(ofNumber).unread).toBe(4);
    rows.run('mark_read', { conversation: ofNumber, jobId: 'j_1' });
    expect(JSON.parse(rows.jobs.get('j_1')?.body ?? '')).toMatchObject({ chat: person(ANNA) });
  });

  it('keeps the name of the address book over the one in messages', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello', { pushName: 'annchen' })]);
    rows.ingest(ACCOUNT, [{ type: 'contact', party: ANNA, name: '安娜' }]);
    rows.ingest(ACCOUNT, [text('A2', 'hello', { pushName: 'annchen' })]);
    rows.ingest(ACCOUNT, [{ type: 'contact', party: ANNA, name: 'annchen', isProfile: true }]);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.conversation(conversation).name).toBe('安娜');
  });

  it('is named by what the same batch said before its conversation was there', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [
      { type: 'same-person', ...ANNA },
      { type: 'contact', party: { lid: ANNA.lid }, name: '安娜' },
      text('A1', 'hello', { chat: person({ lid: ANNA.lid }) }),
    ]);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.conversation(conversation)).toMatchObject({ name: '安娜', address: ANNA.pn });
  });
});

describe('a batch', () => {
  it('keeps keys, ciphertexts and credentials unexamined', () => {
    const rows = linked();
    const value = new Uint8Array([1, 2]);
    const { changes } = rows.ingest(ACCOUNT, [], {
      keys: [{ type: 'session', id: 'x', value }],
      seen: [{ hash: 'h', plaintext: value }],
      credentials: value,
    });
    expect(changes).toEqual([
      { put: 'key', account: ACCOUNT, type: 'session', id: 'x', value },
      { put: 'seen', account: ACCOUNT, hash: 'h', plaintext: value, at: rows.now - 1 },
      { put: 'credentials', account: ACCOUNT, value },
    ]);
  });

  it('of a removed account is refused whole', () => {
    const rows = linked();
    rows.run('remove_account', { id: ACCOUNT });
    expect(() => rows.ingest(ACCOUNT, [text('A1', 'too late')])).toThrow(
      expect.objectContaining({ code: 'ACCOUNT_NOT_FOUND' }),
    );
  });
});
