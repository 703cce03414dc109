// Holds what becomes of reactions, edits and withdrawals: in any order, by whoever may, and told once.
import { describe, expect, it } from 'vitest';
import type { Chat, FactOf, Party } from '../whatsapp/port.ts';
import type { MemoryRows } from './test/memory-rows.ts';
import { ACCOUNT, ANNA, BORIS, GROUP, group, linked, ME, person, text } from './test/scene.ts';

interface Done {
  readonly chat?: Chat;
  readonly author?: Party;
  readonly by?: Party;
  readonly fromMe?: boolean;
  /** Is the target ours? */
  readonly ours?: boolean;
}

/** By Anna to her own message, unless told otherwise. */
function done(
  waId: string,
  change: FactOf<'change'>['change'],
  at: number,
  { chat = person(ANNA), author = ANNA, by = author, fromMe = false, ours = false }: Done = {},
): FactOf<'change'> {
  const target = { chat, waId, fromMe: ours, ...(!ours && { author }) };
  return { type: 'change', target, change, fromMe, ...(!fromMe && { by }), at };
}
const emoji = (waId: string, said: string, at: number, more?: Done) =>
  done(waId, { kind: 'reaction', emoji: said }, at, more);
const edit = (waId: string, body: string, at: number, more?: Done) => done(waId, { kind: 'edit', body }, at, more);
const revoke = (waId: string, more?: Done) => done(waId, { kind: 'revoke' }, 50, more);

const only = (rows: MemoryRows) => [...rows.messages.values()].map(({ message }) => message)[0];
const types = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type);

describe('a reaction', () => {
  it('stands on its message, one for each person, and is taken back by an empty one', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello')]);
    const { events } = rows.ingest(ACCOUNT, [emoji('A1', '👍', 5)]);
    const message = only(rows);
    expect(events).toMatchObject([
      {
        type: 'message_reaction',
        data: { messageId: message?.id, author: ANNA.pn, fromMe: false, emoji: '👍', at: 5 },
      },
    ]);
    rows.ingest(ACCOUNT, [emoji('A1', '❤️', 6), emoji('A1', '😮', 6, { fromMe: true })]);
    expect(only(rows)?.reactions).toEqual([
      { author: ANNA.pn, fromMe: false, emoji: '❤️', at: 6 },
      { author: ME, fromMe: true, emoji: '😮', at: 6 },
    ]);
    rows.ingest(ACCOUNT, [emoji('A1', '', 7), emoji('A1', '', 8, { fromMe: true })]);
    expect(only(rows)).not.toHaveProperty('reactions');
  });

  it('[G17] taken back under one address of a person is not undone by a late one under his other', () => {
    const [byNumber, byLid] = [{ pn: ANNA.pn }, { lid: ANNA.lid }];
    for (const [first, late] of [
      [byNumber, byLid],
      [byLid, byNumber],
      [byNumber, ANNA],
      [ANNA, byLid],
    ] as const) {
      const rows = linked();
      rows.ingest(ACCOUNT, [text('A1', 'hello'), emoji('A1', '❤️', 6), emoji('A1', '', 9, { by: first })]);
      expect(rows.ingest(ACCOUNT, [emoji('A1', '👍', 8, { by: late })]).events).toEqual([]);
      expect(only(rows)).not.toHaveProperty('reactions');
      expect(rows.ingest(ACCOUNT, [emoji('A1', '👍', 10, { by: late })]).events).toHaveLength(1);
    }
  });

  it('[G17] is not undone by one that comes late, not even after it was taken back', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello'), emoji('A1', '❤️', 6)]);
    expect(rows.ingest(ACCOUNT, [emoji('A1', '👍', 5), emoji('A1', '', 4)]).events).toEqual([]);
    rows.ingest(ACCOUNT, [emoji('A1', '', 9)]);
    expect(rows.ingest(ACCOUNT, [emoji('A1', '👍', 8)]).events).toEqual([]);
    expect(types(rows.ingest(ACCOUNT, [emoji('A1', '👍', 10)]).events)).toEqual(['message_reaction']);
  });

  it('[G17] that overtakes its message is kept, bounded to the newest of each person, and there when the message comes', () => {
    const rows = linked();
    expect(rows.ingest(ACCOUNT, [emoji('A1', '👍', 5), emoji('A1', '❤️', 4)]).events).toEqual([]);
    expect(rows.early.size).toBe(1);
    const { events } = rows.ingest(ACCOUNT, [text('A1', 'hello')]);
    expect(events.at(-1)).toMatchObject({ type: 'new_message', data: { reactions: [{ emoji: '👍', at: 5 }] } });
    expect(rows.early.size).toBe(0);
  });

  it('by either address of a person is one', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello', { chat: group, author: ANNA })]);
    const at = { chat: group, author: ANNA };
    rows.ingest(ACCOUNT, [emoji('A1', '👍', 5, { ...at, by: { lid: BORIS.lid } })]);
    rows.ingest(ACCOUNT, [text('B1', 'hi', { chat: person(BORIS) }), emoji('A1', '❤️', 6, { ...at, by: BORIS })]);
    expect(only(rows)?.reactions).toEqual([{ author: BORIS.lid, fromMe: false, emoji: '❤️', at: 6 }]);
  });
});

describe('an edit', () => {
  it('changes the text, also in the list, and is told as message_update', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'helo')]);
    const { events } = rows.ingest(ACCOUNT, [edit('A1', 'hello', 5)]);
    expect(events).toMatchObject([
      { type: 'message_update', data: { body: 'hello', edited: true, editedAt: 5, id: only(rows)?.id } },
    ]);
    const [conversation = ''] = rows.conversations.keys();
    expect(rows.conversation(conversation)).toMatchObject({ unread: 1, lastMessage: { body: 'hello' } });
    expect(rows.ingest(ACCOUNT, [edit('A1', 'older', 4)]).events).toEqual([]);
  });

  it('that overtakes its message is the text with which it comes', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [edit('A1', 'better', 5), edit('A1', 'best', 6)]);
    const { events } = rows.ingest(ACCOUNT, [text('A1', 'good')]);
    expect(events.at(-1)?.data).toMatchObject({ body: 'best', edited: true, editedAt: 6 });
  });

  it('waits for a message that cannot be read yet', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', '', { kind: 'waiting' })]);
    expect(rows.ingest(ACCOUNT, [edit('A1', 'better', 5)]).events).toEqual([]);
    const { events } = rows.ingest(ACCOUNT, [text('A1', 'good')]);
    expect(events).toMatchObject([{ type: 'message_update', data: { kind: 'text', body: 'better', edited: true } }]);
  });

  it('[G17] by anybody but the author is refused, also where it comes first', () => {
    const rows = linked();
    const other = { chat: group, author: ANNA, by: BORIS };
    rows.ingest(ACCOUNT, [edit('A1', 'stolen', 5, other)]);
    rows.ingest(ACCOUNT, [text('A1', 'hers', { chat: group, author: ANNA }), edit('A1', 'stolen', 6, other)]);
    rows.ingest(ACCOUNT, [edit('A1', 'ours', 7, { chat: group, author: ANNA, fromMe: true })]);
    expect(only(rows)).toMatchObject({ body: 'hers' });
    expect(only(rows)).not.toHaveProperty('edited');
    rows.ingest(ACCOUNT, [text('P1', 'of our phone', { fromMe: true })]);
    rows.ingest(ACCOUNT, [edit('P1', 'hers now', 8, { ours: true })]);
    expect([...rows.messages.values()][1]?.message.body).toBe('of our phone');
  });
});

describe('a withdrawal', () => {
  it('takes the content away for good; nothing that comes late brings it back', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'secret', { pushName: 'Anna' }), emoji('A1', '👍', 5)]);
    const { events } = rows.ingest(ACCOUNT, [revoke('A1')]);
    expect(events).toMatchObject([{ type: 'message_update', data: { body: '', deleted: true, authorName: 'Anna' } }]);
    expect(only(rows)).not.toHaveProperty('reactions');
    const late = [edit('A1', 'back', 99), emoji('A1', '❤️', 99), revoke('A1'), text('A1', 'secret')];
    expect(rows.ingest(ACCOUNT, late).events).toEqual([]);
  });

  it('that overtakes its message is how the message comes, and a resend fills nothing', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [revoke('A1'), text('W1', '', { kind: 'waiting' }), revoke('W1')]);
    const { events } = rows.ingest(ACCOUNT, [text('A1', 'secret'), text('W1', 'secret')]);
    expect(types(events)).toEqual(['new_message']);
    for (const { message } of rows.messages.values()) expect(message).toMatchObject({ body: '', deleted: true });
  });

  it('[G17] of what others wrote is for the admins of the group alone', () => {
    const rows = linked();
    const by = { chat: group, author: ANNA, by: BORIS };
    rows.ingest(ACCOUNT, [text('A1', 'hers', { chat: group, author: ANNA }), revoke('A1', by)]);
    expect(only(rows)).toMatchObject({ body: 'hers' });
    rows.members.set(`${ACCOUNT} ${GROUP}`, [
      { address: ANNA.lid, role: 'member' },
      { address: BORIS.lid, pn: BORIS.pn, role: 'admin' },
    ]);
    const { events } = rows.ingest(ACCOUNT, [revoke('A1', { ...by, by: { pn: BORIS.pn } })]);
    expect(events).toMatchObject([{ type: 'message_update', data: { deleted: true, deletedBy: BORIS.pn } }]);
  });
});

describe('history', () => {
  it('brings what had been done to its messages, and to those we have', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'live')]);
    const key = (waId: string) => ({ chat: person(ANNA), waId, author: ANNA });
    const told = { fromMe: false, kind: 'text', timestamp: 1_000 } as const;
    const reacted = { fromMe: true, change: { kind: 'reaction', emoji: '👍' }, at: 9 } as const;
    const revoked = { fromMe: false, by: ANNA, change: { kind: 'revoke' }, at: 9 } as const;
    const { events } = rows.ingest(ACCOUNT, [
      {
        type: 'history',
        chats: [
          {
            chat: person(ANNA),
            messages: [
              { ...told, key: key('H1'), body: 'better', edited: true, changes: [reacted] },
              { ...told, key: key('H2'), body: '', changes: [revoked] },
              { ...told, key: key('A1'), body: 'live', changes: [reacted] },
            ],
          },
        ],
      },
    ]);
    expect(types(events)).toEqual(['message_reaction', 'conversation_update']);
    expect(
      [...rows.messages.values()].map(({ waId, message }) => [
        waId,
        message.edited,
        message.deleted,
        message.reactions?.length,
      ]),
    ).toEqual([
      ['A1', undefined, undefined, 1],
      ['H1', true, undefined, 1],
      ['H2', undefined, true, undefined],
    ]);
  });
});

describe('a change of ours', () => {
  const T = Date.UTC(2026, 0, 1);
  const ask = (rows: MemoryRows, commandId: string, messageId: string, change: object) => {
    const row = rows.messages.get(messageId)?.message;
    return rows.run('enqueue_change', {
      commandId,
      waId: `3EB0${commandId}`,
      account: ACCOUNT,
      conversation: row?.conversation ?? '',
      messageId,
      change: { kind: 'revoke', ...change },
    });
  };
  const mine = (rows: MemoryRows) => {
    const { output } = rows.run('enqueue_send', {
      commandId: 'first',
      waId: '3EB0FIRST',
      account: ACCOUNT,
      to: { address: ANNA.pn },
      text: 'helo',
    });
    rows.ingest(ACCOUNT, [{ type: 'acked', waId: '3EB0FIRST', at: T }]);
    return output.message.id;
  };

  it('is a job at first, true when WhatsApp has taken it, and told once', () => {
    const rows = linked();
    const id = mine(rows);
    const asked = ask(rows, 'c1', id, { kind: 'edit', text: 'hello' });
    expect(asked.events).toEqual([]);
    expect(asked.output).toMatchObject({ repeated: false, message: { body: 'helo' } });
    expect(JSON.parse([...rows.jobs.values()].at(-1)?.body ?? '')).toMatchObject({
      type: 'send',
      text: 'hello',
      change: { kind: 'edit', target: { waId: '3EB0FIRST', fromMe: true } },
    });
    expect(ask(rows, 'c1', id, { kind: 'edit', text: 'hello' }).output.repeated).toBe(true);
    expect(() => ask(rows, 'c1', id, { kind: 'edit', text: 'other' })).toThrow(
      expect.objectContaining({ code: 'COMMAND_REUSED' }),
    );
    const ack = { type: 'acked', waId: '3EB0c1', at: T + 9 } as const;
    expect(rows.ingest(ACCOUNT, [ack]).events).toMatchObject([
      { type: 'message_update', data: { id, body: 'hello', edited: true } },
    ]);
    expect(rows.ingest(ACCOUNT, [ack]).changes).toEqual([]);
    expect(
      rows.run('enqueue_send', {
        commandId: 'first',
        waId: 'x',
        account: ACCOUNT,
        to: { address: ANNA.pn },
        text: 'helo',
      }).output.repeated,
    ).toBe(true);
  });

  it('that WhatsApp refuses leaves the message as it was and says why on it, until something works', () => {
    const rows = linked();
    const id = mine(rows);
    ask(rows, 'c1', id, { kind: 'reaction', emoji: '👍' });
    const refused = rows.ingest(ACCOUNT, [{ type: 'acked', waId: '3EB0c1', error: '463', at: T }]);
    expect(refused.events).toMatchObject([
      { type: 'message_update', data: { status: 'sent', error: { code: 'CHANGE_REFUSED' } } },
    ]);
    ask(rows, 'c2', id, { kind: 'reaction', emoji: '👍' });
    const { events } = rows.ingest(ACCOUNT, [{ type: 'acked', waId: '3EB0c2', at: T }]);
    expect(events).toMatchObject([{ type: 'message_update', data: { reactions: [{ emoji: '👍', fromMe: true }] } }]);
    expect(rows.messages.get(id)?.message).not.toHaveProperty('error');
  });

  it('is refused where WhatsApp would not take it', () => {
    const rows = linked();
    const id = mine(rows);
    rows.ingest(ACCOUNT, [text('A1', 'hers')]);
    const theirs = [...rows.messages.keys()].at(-1) ?? '';
    expect(() => ask(rows, 'c1', theirs, { kind: 'edit', text: 'x' })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_NOT_CHANGEABLE' }),
    );
    expect(() => ask(rows, 'c2', theirs, { kind: 'revoke' })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_NOT_CHANGEABLE' }),
    );
    rows.now += 16 * 60_000;
    expect(() => ask(rows, 'c3', id, { kind: 'edit', text: 'x' })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_NOT_CHANGEABLE' }),
    );
    expect(() => ask(rows, 'c4', 'm_none', { kind: 'revoke' })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_NOT_FOUND' }),
    );
    ask(rows, 'c5', id, { kind: 'revoke' });
    rows.ingest(ACCOUNT, [{ type: 'acked', waId: '3EB0c5', at: T }]);
    expect(rows.messages.get(id)?.message).toMatchObject({ deleted: true, body: '', status: 'sent' });
    expect(() => ask(rows, 'c6', id, { kind: 'reaction', emoji: '👍' })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_NOT_CHANGEABLE' }),
    );
  });
});
