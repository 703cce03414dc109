// How conversations are arranged, from both sides: what is told, what becomes an errand, and what a refusal takes back.
import { describe, expect, it } from 'vitest';
import type { ChatChange, Errand, FactOf } from '../whatsapp/port.ts';
import { parseErrandBody } from './errands.ts';
import type { MemoryRows } from './test/memory-rows.ts';
import { ACCOUNT, ANNA, linked, person, text } from './test/scene.ts';

const T = Date.UTC(2026, 0, 1);

function state(change: ChatChange, more: Partial<FactOf<'chat-state'>> = {}): FactOf<'chat-state'> {
  return { type: 'chat-state', chat: person(ANNA), change, at: T, ...more };
}

function types(events: readonly { readonly type: string }[]): readonly string[] {
  return events.map(({ type }) => type);
}

function withAnna(): { rows: MemoryRows; id: string } {
  const rows = linked();
  rows.ingest(ACCOUNT, [text('A1', 'one', { timestamp: T }), text('A2', 'two', { timestamp: T + 60_000 })]);
  const [id = ''] = rows.conversations.keys();
  return { rows, id };
}

const errands = (rows: MemoryRows): readonly Errand[] =>
  [...rows.jobs.values()].filter(({ type }) => type === 'errand').map((row) => parseErrandBody(row).errand);

describe('another device', () => {
  it('archives, pins, silences and marks as unread, each told once', () => {
    const { rows, id } = withAnna();
    const told = (change: ChatChange) => types(rows.ingest(ACCOUNT, [state(change)]).events);
    const changes: readonly ChatChange[] = [
      { kind: 'archive', on: true },
      { kind: 'pin', on: true },
      { kind: 'mute', until: -1 },
      { kind: 'unread', on: true },
    ];
    for (const change of changes) {
      expect(told(change)).toEqual(['conversation_update']);
      expect(told(change)).toEqual([]);
    }
    expect(rows.conversation(id)).toMatchObject({ archived: true, pinned: true, muted: true, markedUnread: true });
    expect(rows.conversation(id).mutedUntil).toBeUndefined();
    told({ kind: 'mute', until: rows.now + 1_000 });
    expect(rows.conversation(id).mutedUntil).toBeGreaterThan(0);
    told({ kind: 'mute', until: 1 });
    expect(rows.conversation(id).muted).toBe(false);
    expect(errands(rows)).toEqual([]);
  });

  it('has read what was there then, and not what came after', () => {
    const { rows, id } = withAnna();
    rows.ingest(ACCOUNT, [state({ kind: 'unread', on: false }, { upTo: T + 999 })]);
    expect(rows.conversation(id).unread).toBe(1);
    rows.ingest(ACCOUNT, [state({ kind: 'unread', on: false })]);
    expect(rows.conversation(id).unread).toBe(0);
  });

  it('deletes a chat with all of it; one that has something newer keeps that', () => {
    const { rows, id } = withAnna();
    rows.ingest(ACCOUNT, [state({ kind: 'delete' }, { upTo: T + 999 })]);
    expect(rows.conversation(id)).toMatchObject({ unread: 1, keptFrom: T + 1_000, lastMessage: { body: 'two' } });
    const { events } = rows.ingest(ACCOUNT, [state({ kind: 'delete' })]);
    expect(events).toMatchObject([{ type: 'conversation_removed', data: { id } }]);
    expect(rows.conversations.size).toBe(0);
    expect(rows.messages.size).toBe(0);
    expect(types(rows.ingest(ACCOUNT, [text('A3', 'three')]).events)).toEqual(['conversation_update', 'new_message']);
  });

  it('may have arranged a chat that we do not know yet; what it takes back of one is nothing', () => {
    const rows = linked();
    expect(rows.ingest(ACCOUNT, [state({ kind: 'pin', on: false })]).changes).toEqual([]);
    rows.ingest(ACCOUNT, [state({ kind: 'archive', on: true })]);
    expect([...rows.conversations.values()].map(({ conversation }) => conversation.archived)).toEqual([true]);
  });
});

describe('we', () => {
  it('arrange at once, and the other devices by errands, none for what is so already', () => {
    const { rows, id } = withAnna();
    const newest = rows.conversation(id).lastMessage?.id ?? '';
    const change = { conversation: id, archived: true, muted: true, pinned: false, jobId: 'j_1', newest };
    expect(rows.run('change_conversation', change).output).toMatchObject({ archived: true, muted: true });
    expect(errands(rows)).toMatchObject([
      { change: { kind: 'archive', on: true }, chat: person(ANNA), newest: { waId: 'A2', fromMe: false } },
      { change: { kind: 'mute', until: -1 } },
    ]);
  });

  it('take back what WhatsApp did not take, unless it was changed since', () => {
    const { rows, id } = withAnna();
    rows.run('change_conversation', { conversation: id, pinned: true, jobId: 'j_1' });
    const refused = { type: 'job-done', job: 'j_1_pin', error: 'APP_STATE_REFUSED', chat: person(ANNA) } as const;
    expect(types(rows.ingest(ACCOUNT, [refused]).events)).toEqual(['conversation_update']);
    expect(rows.conversation(id).pinned).toBe(false);
    expect(rows.ingest(ACCOUNT, [refused]).changes).toEqual([]);
  });

  it('read what was marked by hand, and tell the phone so', () => {
    const { rows, id } = withAnna();
    rows.run('mark_read', { conversation: id, jobId: 'j_0' });
    rows.run('change_conversation', { conversation: id, markedUnread: true, jobId: 'j_1' });
    expect(rows.run('mark_read', { conversation: id, jobId: 'j_2' }).output.queued).toBe(true);
    expect(rows.conversation(id).markedUnread).toBeUndefined();
    expect(errands(rows).at(-1)).toMatchObject({ change: { kind: 'unread', on: false } });
  });

  it('[G7] have an errand kept once for a command, and know another one under the same id', () => {
    const rows = linked();
    const errand = { do: 'create-group', subject: 'Team', people: [{ pn: ANNA.pn }] } as const;
    const input = { account: ACCOUNT, commandId: 'c1', jobId: 'j_1', errand };
    expect(rows.run('enqueue_errand', input).output).toEqual({ job: 'j_1' });
    expect(rows.run('enqueue_errand', { ...input, jobId: 'j_2' }).output).toEqual({ job: 'j_1' });
    expect(() => rows.run('enqueue_errand', { ...input, errand: { ...errand, subject: 'Other' } })).toThrow();
    rows.ingest(ACCOUNT, [{ type: 'job-done', job: 'j_1', result: { group: '1@g.us' } }]);
    expect(rows.jobs.get('j_1')?.state).toBe('done');
    expect(parseErrandBody(rows.jobs.get('j_1') ?? { body: '{}' }).outcome).toEqual({ result: { group: '1@g.us' } });
  });
});
