// Holds what the team arranges about a conversation.
import { describe, expect, it } from 'vitest';
import { ACCOUNT, linked, text } from './test/scene.ts';

describe('change_conversation', () => {
  const rows = linked();
  rows.ingest(ACCOUNT, [text('A1', 'one')]);
  const [conversation = ''] = rows.conversations.keys();

  it('changes what is named and tells the whole conversation', () => {
    const { output, events } = rows.run('change_conversation', { conversation, pinned: true, muted: true });
    expect(output).toMatchObject({ id: conversation, pinned: true, muted: true, archived: false, unread: 1 });
    expect(events).toMatchObject([{ type: 'conversation_update', data: output }]);
  });

  it('makes no event where nothing changes', () => {
    expect(rows.run('change_conversation', { conversation, pinned: true }).changes).toEqual([]);
    expect(rows.run('change_conversation', { conversation }).output).toMatchObject({ pinned: true, muted: true });
  });

  it('is kept when the next message comes', () => {
    rows.ingest(ACCOUNT, [text('A2', 'two')]);
    expect(rows.conversations.get(conversation)?.conversation).toMatchObject({ pinned: true, muted: true, unread: 2 });
  });

  it('of a conversation that is not there is CONVERSATION_NOT_FOUND', () => {
    expect(() => rows.run('change_conversation', { conversation: 'c_none', pinned: true })).toThrow(
      expect.objectContaining({ code: 'CONVERSATION_NOT_FOUND' }),
    );
  });
});
