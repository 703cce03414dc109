// Holds what counts as read, here and on the phone.
import { describe, expect, it } from 'vitest';
import type { MemoryRows } from './test/memory-rows.ts';
import { ACCOUNT, ANNA, BORIS, group, linked, person, text } from './test/scene.ts';

function withUnread(rows: MemoryRows = linked()) {
  rows.ingest(ACCOUNT, [text('A1', 'one'), text('A2', 'two'), text('A3', 'three')]);
  const [conversation = ''] = rows.conversations.keys();
  return { rows, conversation };
}

describe('mark_read', () => {
  it('sets unread to 0 and queues one receipt for every unread message', () => {
    const { rows, conversation } = withUnread();
    const { output, events } = rows.run('mark_read', { conversation, jobId: 'j_1' });
    expect(output).toEqual({ account: ACCOUNT, queued: true });
    expect(events).toMatchObject([
      { type: 'conversation_update', data: { unread: 0, lastMessage: { body: 'three' } } },
    ]);
    expect(rows.jobs.get('j_1')).toMatchObject({ type: 'read', state: 'queued' });
    const job = JSON.parse(rows.jobs.get('j_1')?.body ?? '');
    expect(job).toEqual({
      id: 'j_1',
      account: ACCOUNT,
      type: 'read',
      chat: person(ANNA),
      keys: [{ waId: 'A3' }, { waId: 'A2' }, { waId: 'A1' }],
    });
    rows.ingest(ACCOUNT, [{ type: 'job-done', job: 'j_1' }]);
    expect(rows.jobs.get('j_1')?.state).toBe('done');
  });

  it('names the author of each message in a group, by both addresses', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('G1', 'hi', { chat: group, author: BORIS })]);
    const [conversation = ''] = rows.conversations.keys();
    rows.run('mark_read', { conversation, jobId: 'j_1' });
    expect(JSON.parse(rows.jobs.get('j_1')?.body ?? '')).toMatchObject({
      chat: group,
      keys: [{ waId: 'G1', author: BORIS }],
    });
  });

  it('of what is read already makes neither event nor job', () => {
    const { rows, conversation } = withUnread();
    rows.run('mark_read', { conversation, jobId: 'j_1' });
    const { output, changes } = rows.run('mark_read', { conversation, jobId: 'j_2' });
    expect(output.queued).toBe(false);
    expect(changes).toEqual([]);
  });

  it('of a conversation that is not there says so', () => {
    const refused = () => linked().run('mark_read', { conversation: 'c_none', jobId: 'j_1' });
    expect(refused).toThrow(expect.objectContaining({ code: 'CONVERSATION_NOT_FOUND' }));
  });
});

describe('read on the phone', () => {
  const read = (rows: MemoryRows, waIds: readonly string[], chat = person({ lid: ANNA.lid })) =>
    rows.ingest(ACCOUNT, [{ type: 'read-elsewhere', chat, waIds }]);

  it('leaves unread what came after the newest message that was read', () => {
    const { rows, conversation } = withUnread();
    expect(read(rows, ['A1', 'A2']).events).toMatchObject([{ type: 'conversation_update', data: { unread: 1 } }]);
    expect(rows.conversation(conversation).unread).toBe(1);
  });

  it('never raises the count again, and an unknown id changes nothing', () => {
    const { rows, conversation } = withUnread();
    read(rows, ['A3']);
    expect(read(rows, ['A1']).changes).toEqual([]);
    rows.ingest(ACCOUNT, [text('A4', 'four')]);
    expect(read(rows, ['A1']).changes).toEqual([]);
    expect(read(rows, ['nobody']).changes).toEqual([]);
    expect(rows.conversation(conversation).unread).toBe(1);
  });

  it('without ids means the whole chat', () => {
    const { rows, conversation } = withUnread();
    read(rows, []);
    expect(rows.conversation(conversation).unread).toBe(0);
  });

  it('counts what came in the same batch', () => {
    const { rows, conversation } = withUnread();
    rows.ingest(ACCOUNT, [
      text('A4', 'four'),
      { type: 'read-elsewhere', chat: person(ANNA), waIds: ['A4'] },
      text('A5', 'five'),
    ]);
    expect(rows.conversation(conversation).unread).toBe(1);
  });

  it('tells the same in one batch, in whatever order', () => {
    const { rows, conversation } = withUnread();
    const read = (waId: string) => ({ type: 'read-elsewhere', chat: person(ANNA), waIds: [waId] }) as const;
    rows.ingest(ACCOUNT, [read('A3'), read('A1'), text('A4', 'four'), read('A2')]);
    expect(rows.conversation(conversation).unread).toBe(1);
  });

  it('takes nothing away if it is older than all the unread messages that are looked at', () => {
    const rows = linked();
    rows.ingest(
      ACCOUNT,
      Array.from({ length: 1_005 }, (_, n) => text(`A${n}`, 'many')),
    );
    const [conversation = ''] = rows.conversations.keys();
    expect(read(rows, ['A0']).changes).toEqual([]);
    read(rows, ['A1003']);
    expect(rows.conversation(conversation).unread).toBe(1);
  });

  it('of a chat that we do not have makes none', () => {
    const rows = linked();
    expect(read(rows, ['A1']).changes).toEqual([]);
  });
});
