// Holds what becomes of groups, calls and the receipts of each member.
import { describe, expect, it } from 'vitest';
import type { FactOf, Party } from '../whatsapp/port.ts';
import type { MemoryRows } from './test/memory-rows.ts';
import { ACCOUNT, ANNA, BORIS, GROUP, group, linked, ME, person, receipt, text } from './test/scene.ts';

const types = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type);
const us = { pn: ME, role: 'member' } as const;
const members = [{ ...ANNA, role: 'owner' }, { ...BORIS, role: 'member' }, us] as const;
const known: FactOf<'group'> = { type: 'group', chat: group, members };
const changed = (code: 'add' | 'remove' | 'promote' | 'demote', who: Party, by: Party = ANNA): FactOf<'group'> => ({
  type: 'group',
  chat: group,
  change: { kind: code, members: [{ ...who, role: 'member' }] },
  notice: { code, waId: `${code} ${who.lid}`, by, at: 5_000 },
});
const roles = (rows: MemoryRows) =>
  rows.members.get(`${ACCOUNT} ${GROUP}`)?.map(({ address, role }) => [address, role]);

describe('a group', () => {
  it('has the members that WhatsApp tells; told again they change nothing', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [known]);
    expect(roles(rows)).toEqual([
      [ANNA.lid, 'owner'],
      [BORIS.lid, 'member'],
      [ME, 'member'],
    ]);
    expect(rows.ingest(ACCOUNT, [known]).changes).toEqual([]);
  });

  it('has a timer, told with who set it; one that we have set ourselves is not told again', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello', { chat: group, author: ANNA })]);
    const timer = (seconds: number, waId: string): FactOf<'group'> => ({
      type: 'group',
      chat: group,
      timer: seconds,
      notice: { code: 'disappearing', waId, by: ANNA, text: String(seconds), at: 5_000 },
    });
    const { events } = rows.ingest(ACCOUNT, [timer(604_800, 'N1')]);
    expect(events).toMatchObject([
      { type: 'conversation_update', data: { disappearing: 604_800 } },
      {
        type: 'new_message',
        data: { notice: { code: 'disappearing', by: ANNA.pn }, body: expect.stringContaining('7 d') },
      },
    ]);
    expect(rows.ingest(ACCOUNT, [timer(604_800, 'N2')]).events).toEqual([]);
    expect(types(rows.ingest(ACCOUNT, [{ type: 'group', chat: group, timer: 0 }]).events)).toEqual([
      'conversation_update',
    ]);
    expect([...rows.conversations.values()][0]?.conversation).not.toHaveProperty('disappearing');
  });

  it('tells a change as a notice that counts as no unread message, once, and follows it', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [known]);
    const { events } = rows.ingest(ACCOUNT, [changed('promote', BORIS)]);
    expect(events.at(-1)).toMatchObject({
      type: 'new_message',
      data: { kind: 'system', notice: { code: 'promote', by: ANNA.pn, people: [BORIS.pn] }, author: ANNA.pn },
    });
    expect(events.at(-1)?.data).toMatchObject({ body: expect.stringContaining('+79222222222') });
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.conversation(conversation)).toMatchObject({ unread: 0, lastMessage: { kind: 'system' } });
    expect(roles(rows)).toContainEqual([BORIS.lid, 'admin']);
    expect(types(rows.ingest(ACCOUNT, [changed('promote', BORIS)]).events)).toEqual([]);
    const left = rows.ingest(ACCOUNT, [changed('remove', BORIS, BORIS)]);
    expect(left.events.at(-1)?.data).toMatchObject({ notice: { code: 'leave', people: [BORIS.pn] } });
    expect(roles(rows)).toHaveLength(2);
  });

  it('gets its new subject by name and by notice', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hi', { chat: group, author: ANNA })]);
    const notice = { code: 'subject', waId: 'n1', by: ANNA, text: '采购', at: 5_000 } as const;
    const { events } = rows.ingest(ACCOUNT, [{ type: 'group', chat: group, subject: '采购', notice }]);
    expect(types(events)).toEqual(['conversation_update', 'new_message']);
    expect(events.at(-1)?.data).toMatchObject({ body: '+4915111111111将群名改为“采购”' });
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.conversation(conversation)).toMatchObject({ name: '采购', unread: 1 });
  });
});

describe('a message of ours in a group', () => {
  const sent = (rows: MemoryRows): string => {
    rows.ingest(ACCOUNT, [text('A1', 'hi', { chat: group, author: ANNA })]);
    const input = { commandId: 'c', waId: 'S1', account: ACCOUNT, to: { address: GROUP }, text: 'all' };
    const { message } = rows.run('enqueue_send', input).output;
    const [job = ''] = rows.jobs.keys();
    const content = new Uint8Array();
    rows.ingest(ACCOUNT, [
      { type: 'sending', job, content, recipients: [ANNA, BORIS, { pn: ME }] },
      { type: 'acked', waId: 'S1', at: 1 },
    ]);
    return message.id;
  };
  const got = (by: Party, status: FactOf<'status'>['status']) => receipt(['S1'], status, { chat: group, reader: by });

  it('rises when everybody has it, and then when everybody has read it', () => {
    const rows = linked();
    const id = sent(rows);
    const status = () => rows.messages.get(id)?.message.status;
    rows.ingest(ACCOUNT, [got(ANNA, 'read')]);
    expect(status()).toBe('sent');
    const { events } = rows.ingest(ACCOUNT, [got({ lid: BORIS.lid }, 'delivered')]);
    expect(events).toMatchObject([{ type: 'message_status', data: { status: 'delivered', messageId: id } }]);
    expect(rows.ingest(ACCOUNT, [got(ANNA, 'delivered'), got(BORIS, 'delivered')]).changes).toEqual([]);
    rows.ingest(ACCOUNT, [got({ pn: BORIS.pn }, 'read')]);
    expect(status()).toBe('read');
    expect(rows.recipients.get(id)?.map((each) => each.status)).toEqual(['read', 'read']);
  });

  it('from our own phone waits for those who are in the group, also if their receipts came first', () => {
    const rows = linked();
    const got1 = (by: Party) => receipt(['P1'], 'read', { chat: group, reader: by });
    rows.ingest(ACCOUNT, [known, got1(ANNA)]);
    rows.ingest(ACCOUNT, [got1(BORIS)]);
    expect(rows.early.size).toBe(2);
    const { events } = rows.ingest(ACCOUNT, [text('P1', 'all', { chat: group, fromMe: true })]);
    expect(events.at(-1)).toMatchObject({ type: 'message_status', data: { status: 'read' } });
    expect(rows.early.size).toBe(0);
  });
});

describe('a call', () => {
  const call = (state: FactOf<'call'>['state'], at = 5_000): FactOf<'call'> => ({
    type: 'call',
    callId: 'C1',
    chat: person(ANNA),
    from: ANNA,
    state,
    video: false,
    at,
  });

  it('rings, and is a missed call in the conversation when nobody took it', () => {
    const rows = linked();
    const rang = rows.ingest(ACCOUNT, [call('ringing')]);
    expect(rang.events).toMatchObject([{ type: 'call', data: { callId: 'C1', from: ANNA.pn, state: 'ringing' } }]);
    const { events } = rows.ingest(ACCOUNT, [call('ended')]);
    expect(types(events)).toEqual(['conversation_update', 'new_message', 'call']);
    expect(events[1]?.data).toMatchObject({ kind: 'call', body: '未接语音通话', notice: { code: 'missed_call' } });
    expect(events[2]?.data).toMatchObject({ state: 'missed' });
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.conversation(conversation).unread).toBe(1);
    expect(rows.ingest(ACCOUNT, [call('ringing'), call('ended')]).changes).toEqual([]);
  });

  it('with video is missed as one, though only its offer says so', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [{ ...call('ringing'), video: true }]);
    const { events } = rows.ingest(ACCOUNT, [call('ended')]);
    expect(events[1]?.data).toMatchObject({ body: '未接视频通话', notice: { code: 'missed_video_call' } });
    expect(events[2]?.data).toMatchObject({ state: 'missed', video: true });
  });

  it('that was taken or refused elsewhere was not missed', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [call('ringing'), call('accepted')]);
    expect(types(rows.ingest(ACCOUNT, [call('ended')]).events)).toEqual(['call']);
    expect(rows.messages.size).toBe(0);
  });
});
