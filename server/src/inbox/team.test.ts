// What a team does with conversations: told once, opened again by what a customer writes, and never more than its bounds.
import { MAX_LABELS, workStateAt } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { ACCOUNT, linked, text } from './test/scene.ts';

function scene() {
  const rows = linked();
  rows.ingest(ACCOUNT, [text('A1', 'hello')]);
  const [conversation = ''] = [...rows.conversations.keys()];
  return { rows, conversation };
}

describe('the work on a conversation', () => {
  it('is assigned by an event of the workspace, once, and told only if it is somebody else', () => {
    const { rows, conversation } = scene();
    const { output, events } = rows.run('assign', { conversation, assignee: '王芳', by: 'Anna' });
    expect(output.assignee).toBe('王芳');
    expect(events).toMatchObject([{ type: 'assignment', data: { conversation, assignee: '王芳', by: 'Anna' } }]);
    expect(rows.run('assign', { conversation, assignee: '王芳' }).events).toEqual([]);
    const dropped = rows.run('assign', { conversation, assignee: null });
    expect(dropped.output).not.toHaveProperty('assignee');
    expect(() => rows.run('assign', { conversation: 'c_none', assignee: null })).toThrow(/conversation/i);
  });

  it('is put off or closed, and opened again by what the customer writes, not by what we write', () => {
    const { rows, conversation } = scene();
    const until = rows.now + 60_000;
    rows.run('arrange_work', { conversation, state: 'snoozed', snoozedUntil: until });
    const snoozed = rows.conversation(conversation);
    expect([workStateAt(snoozed, until - 1), workStateAt(snoozed, until)]).toEqual(['snoozed', 'open']);
    rows.ingest(ACCOUNT, [text('A2', 'from our phone', { fromMe: true })]);
    expect(rows.conversation(conversation).state).toBe('snoozed');
    rows.ingest(ACCOUNT, [text('A3', 'are you there?')]);
    expect(rows.conversation(conversation)).not.toHaveProperty('state');
    rows.run('arrange_work', { conversation, state: 'closed' });
    expect(rows.conversation(conversation)).toMatchObject({ state: 'closed' });
    expect(rows.conversation(conversation)).not.toHaveProperty('snoozedUntil');
    rows.ingest(ACCOUNT, [text('A4', 'one more thing')]);
    expect(rows.conversation(conversation)).not.toHaveProperty('state');
    expect(() => rows.run('arrange_work', { conversation, state: 'snoozed', snoozedUntil: 1 })).toThrow();
  });

  it('bears labels that are there, each once', () => {
    const { rows, conversation } = scene();
    rows.run('put_label', { id: 'l_1', name: 'VIP', colour: 2, mustExist: false });
    const { output } = rows.run('arrange_work', { conversation, labels: ['l_1', 'l_1'] });
    expect(output.labels).toEqual(['l_1']);
    expect(() => rows.run('arrange_work', { conversation, labels: ['l_2'] })).toThrow(/label/);
    rows.run('remove_label', { id: 'l_1' });
    // What is there already may stay; it says nothing any more.
    expect(rows.run('arrange_work', { conversation, labels: ['l_1'] }).events).toEqual([]);
    expect(rows.run('arrange_work', { conversation, labels: [] }).output).not.toHaveProperty('labels');
  });
});

describe('notes, labels and prepared replies', () => {
  it('a note is told once, also where its command comes twice', () => {
    const { rows, conversation } = scene();
    const note = { id: 'n_1', conversation, body: '老客户', author: 'Anna' };
    expect(rows.run('add_note', note).events).toMatchObject([{ type: 'note', data: note }]);
    expect(rows.run('add_note', note)).toMatchObject({ output: note, events: [] });
    expect(rows.messagesOf(conversation)).toHaveLength(1);
  });

  it('each change of the labels tells all of them; a name is there once, and there are at most a hundred', () => {
    const { rows } = scene();
    const put = (n: number, name = `label ${n}`) =>
      rows.run('put_label', { id: `l_${n}`, name, colour: 0, mustExist: false });
    for (let n = 0; n < MAX_LABELS; n += 1) put(n);
    expect(() => put(MAX_LABELS)).toThrow(/100/);
    expect(() => put(3, 'label 4')).toThrow(/label 4/);
    const renamed = rows.run('put_label', { id: 'l_3', name: 'third', mustExist: true });
    expect(renamed.output).toEqual({ id: 'l_3', name: 'third', colour: 0 });
    expect(renamed.events[0]?.data).toHaveProperty('items.3.name', 'third');
    expect(() => rows.run('put_label', { id: 'l_none', name: 'x', mustExist: true })).toThrow(/label/);
  });

  it('a prepared reply is made, changed and removed, and tells nobody', () => {
    const { rows } = scene();
    const made = rows.run('put_reply', { id: 'r_1', shortcut: 'hi', body: '{name}，您好', mustExist: false });
    expect([made.output.body, made.events]).toEqual(['{name}，您好', []]);
    expect(() => rows.run('put_reply', { id: 'r_2', shortcut: 'hi', body: 'x', mustExist: false })).toThrow(/hi/);
    expect(rows.run('put_reply', { id: 'r_1', body: 'x', mustExist: true }).output.shortcut).toBe('hi');
    rows.run('remove_reply', { id: 'r_1' });
    expect(() => rows.run('remove_reply', { id: 'r_1' })).toThrow(/reply/);
  });
});
