// Holds that history fills conversations without making news, and never twice.
import { describe, expect, it } from 'vitest';
import type { FactOf, HistoryChat } from '../whatsapp/port.ts';
import { ACCOUNT, ANNA, GROUP, group, linked, person, receipt, text } from './test/scene.ts';

type Told = HistoryChat['messages'][number];

const T = Date.UTC(2025, 11, 1);
function old(waId: string, second: number, more: Partial<Told> = {}): Told {
  const {
    type: _,
    stamps: __,
    offline: ___,
    ...message
  } = text(waId, waId, { timestamp: T + second * 1_000, ...(more.fromMe && { fromMe: true }) });
  return { ...message, ...more };
}
const history = (...chats: readonly HistoryChat[]): FactOf<'history'> => ({ type: 'history', chats });
const anna = (messages: readonly Told[], more: Partial<HistoryChat> = {}): HistoryChat => ({
  chat: person(ANNA),
  messages,
  ...more,
});

describe('history', () => {
  it('makes one conversation_update per conversation and no new_message', () => {
    const rows = linked();
    const chats = [
      anna([old('H2', 2), old('H1', 1), old('H3', 3, { fromMe: true, status: 'read' })], {
        name: '安娜',
        unread: 1,
        pinned: true,
      }),
      { chat: group, name: 'Team', messages: [] },
    ];
    const { events } = rows.ingest(ACCOUNT, [history(...chats)]);
    expect(events).toMatchObject([
      {
        type: 'conversation_update',
        data: {
          name: '安娜',
          unread: 1,
          pinned: true,
          lastAt: T + 3_000,
          lastMessage: { body: 'H3', status: 'read', seq: 0 },
        },
      },
      { type: 'conversation_update', data: { name: 'Team', address: GROUP, lastAt: 0 } },
    ]);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.conversation(conversation)).toEqual(events[0]?.data);
    expect(rows.messagesOf(conversation).map(({ body }) => body)).toEqual(['H1', 'H2', 'H3']);
  });

  it('keeps the order of messages of one second, also over several pieces', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [history(anna([old('H1', 1), old('H2', 1)]))]);
    rows.ingest(ACCOUNT, [history(anna([old('H3', 1), old('H4', 1)]))]);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.messagesOf(conversation).map(({ body }) => body)).toEqual(['H1', 'H2', 'H3', 'H4']);
  });

  it('names a person as the messages do, where the phone has no name', () => {
    const rows = linked();
    const { events } = rows.ingest(ACCOUNT, [
      history(anna([old('H1', 1, { pushName: 'Anna' })]), {
        chat: group,
        messages: [old('G1', 1, { pushName: 'Anna' })],
      }),
    ]);
    expect(events).toMatchObject([{ data: { name: 'Anna' } }, { data: { name: GROUP } }]);
  });

  it('that comes again changes nothing and makes no event', () => {
    const rows = linked();
    const fact = history(
      anna([old('H1', 1), old('H2', 2, { fromMe: true, status: 'read' })], { unread: 1, name: 'Anna' }),
    );
    rows.ingest(ACCOUNT, [fact]);
    expect(rows.ingest(ACCOUNT, [fact]).changes).toEqual([]);
  });

  it('never sorts above what is live, nor becomes the preview, even if our clock is behind', () => {
    const rows = linked();
    rows.now = T - 180_000;
    rows.ingest(ACCOUNT, [text('L1', 'live', { timestamp: T + 5_000 })]);
    rows.ingest(ACCOUNT, [history(anna([old('H1', 1), old('H2', 5), old('H3', 60)]))]);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.messagesOf(conversation).map(({ body }) => body)).toEqual(['H1', 'H2', 'H3', 'live']);
    expect(rows.conversation(conversation).lastMessage?.body).toBe('live');
  });

  it('stays below the first live message too, since both are judged by the clock of WhatsApp', () => {
    const rows = linked();
    rows.now = T - 180_000;
    rows.ingest(ACCOUNT, [text('L1', 'live 1', { timestamp: T + 5_000 })]);
    rows.now = T + 600_000;
    rows.ingest(ACCOUNT, [text('L2', 'live 2', { timestamp: T + 700_000 })]);
    rows.ingest(ACCOUNT, [history(anna([old('H1', 1), old('H2', 5)]))]);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.messagesOf(conversation).map(({ body }) => body)).toEqual(['H1', 'H2', 'live 1', 'live 2']);
  });

  it('does not count a message that is live already', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('L1', 'live')]);
    rows.ingest(ACCOUNT, [history(anna([old('H1', 1), old('L1', 9)], { unread: 1 }))]);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.conversation(conversation).unread).toBe(1);
    expect(rows.messagesOf(conversation)).toHaveLength(2);
  });

  it('brings no unread back that was read here, but counts what is new to us', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [history(anna([old('H1', 1), old('H2', 2)], { unread: 2 }))]);
    const [conversation = ''] = rows.conversations.keys();
    rows.run('mark_read', { conversation, jobId: 'j_1' });
    rows.ingest(ACCOUNT, [history(anna([old('H1', 1), old('H2', 2)], { unread: 2 }))]);
    expect(rows.conversation(conversation).unread).toBe(0);
    rows.ingest(ACCOUNT, [history(anna([old('H2', 2), old('H3', 3)], { unread: 1 }))]);
    expect(rows.conversation(conversation).unread).toBe(1);
  });

  it('raises the status of what we have, and takes a status that came before it', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('P1', 'mine', { fromMe: true }), receipt(['P2'], 'read')]);
    rows.ingest(ACCOUNT, [
      history(anna([old('P1', 1, { fromMe: true, status: 'delivered' }), old('P2', 2, { fromMe: true })])),
    ]);
    const statuses = [...rows.messages.values()].map(({ waId, message }) => [waId, message.status]);
    expect(statuses).toEqual([
      ['P1', 'delivered'],
      ['P2', 'read'],
    ]);
    expect([...rows.early.values()]).toEqual([]);
  });

  it('fills a message that was waiting', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', '', { kind: 'waiting' })]);
    const { events } = rows.ingest(ACCOUNT, [history(anna([old('A1', 1)]))]);
    expect(events[0]).toMatchObject({ type: 'message_update', data: { kind: 'text', body: 'A1' } });
  });
});
