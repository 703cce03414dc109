// Holds how far a message of ours can come, and in which order the news may arrive.
import { describe, expect, it } from 'vitest';
import { handlersIn } from './handlers.ts';
import { MemoryRows } from './test/memory-rows.ts';
import { ACCOUNT, ANNA, BORIS, group, linked, person, ready, receipt, text } from './test/scene.ts';

/** Rows in which one text to Anna waits in the outbox. */
function pending(rows = linked()) {
  const { output } = rows.run('enqueue_send', {
    commandId: 'cmd-1',
    waId: 'S1',
    account: ACCOUNT,
    to: { address: ANNA.pn },
    text: 'hello',
  });
  const [job = ''] = rows.jobs.keys();
  return { rows, id: output.message.id, job };
}

const status = (rows: MemoryRows, id: string) => rows.messages.get(id)?.message.status;

describe('a status', () => {
  it('only rises, and a lower or equal one makes no event', () => {
    const { rows, id } = pending();
    const told = (['read', 'sent', 'delivered', 'read'] as const).map((next) =>
      rows.ingest(ACCOUNT, [receipt(['S1'], next)]),
    );
    expect(told.map(({ events }) => events.length)).toEqual([1, 0, 0, 0]);
    expect(told.slice(1).flatMap(({ changes }) => changes)).toEqual([]);
    expect(told[0]?.events[0]).toMatchObject({
      type: 'message_status',
      data: {
        account: ACCOUNT,
        messageId: id,
        status: 'read',
        at: 5_000,
        conversation: rows.messages.get(id)?.message.conversation,
      },
    });
    expect(status(rows, id)).toBe('read');
  });

  it("is seen in the conversation's preview", () => {
    const { rows, id } = pending();
    rows.ingest(ACCOUNT, [receipt(['S1'], 'delivered')]);
    const conversation = rows.messages.get(id)?.message.conversation ?? '';
    expect(rows.conversation(conversation).lastMessage).toMatchObject({ id, status: 'delivered' });
  });

  it('that comes before its message is kept, applied when it comes, and used up', () => {
    const rows = linked();
    expect(rows.ingest(ACCOUNT, [receipt(['P1'], 'delivered'), receipt(['P1'], 'read')]).events).toEqual([]);
    rows.ingest(ACCOUNT, [receipt(['P1'], 'delivered')]);
    expect([...rows.early.values()]).toMatchObject([{ waId: 'P1', data: 'read' }]);
    const { events } = rows.ingest(ACCOUNT, [text('P1', 'from the phone', { fromMe: true })]);
    expect(events.at(-1)).toMatchObject({ type: 'new_message', data: { status: 'read' } });
    expect([...rows.early.values()]).toEqual([]);
  });

  it('that comes before its message in the same batch is applied too, and leaves nothing', () => {
    const rows = linked();
    const { events } = rows.ingest(ACCOUNT, [receipt(['P1'], 'read'), text('P1', 'from the phone', { fromMe: true })]);
    expect(events.at(-1)).toMatchObject({ type: 'new_message', data: { status: 'read' } });
    expect([...rows.early.values()]).toEqual([]);
  });

  it('is not kept if it says no more than the message will say by itself', () => {
    const rows = linked();
    expect(rows.ingest(ACCOUNT, [receipt(['P1'], 'sent')]).changes).toEqual([]);
  });

  it("may name the other of the person's addresses, and the same id twice", () => {
    const { rows, id } = pending();
    rows.ingest(ACCOUNT, [receipt(['S1', 'S1'], 'delivered', { chat: person({ lid: ANNA.lid }) })]);
    expect(status(rows, id)).toBe('delivered');
  });

  it('does not touch what others sent', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hello')]);
    rows.ingest(ACCOUNT, [receipt(['A1'], 'read')]);
    expect([...rows.messages.values()].map(({ message }) => message.status)).toEqual([undefined]);
  });

  it('of one member of a group says only that WhatsApp has the message', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('G0', 'hi', { chat: group, author: BORIS })]);
    const [conversation = ''] = rows.conversations.keys();
    const { output } = rows.run('enqueue_send', {
      commandId: 'c',
      waId: 'S1',
      account: ACCOUNT,
      to: { conversation },
      text: 'to all',
    });
    rows.ingest(ACCOUNT, [receipt(['S1'], 'read', { chat: group, reader: BORIS })]);
    expect(status(rows, output.message.id)).toBe('sent');
    rows.ingest(ACCOUNT, [receipt(['S1'], 'read', { chat: person(BORIS) })]);
    expect(status(rows, output.message.id)).toBe('sent');
  });
});

describe("the server's word on a send", () => {
  it('without error ends the job, and the message is sent', () => {
    const { rows, id, job } = pending();
    const { events } = rows.ingest(ACCOUNT, [{ type: 'acked', waId: 'S1', at: 7 }]);
    expect(events).toMatchObject([{ type: 'message_status', data: { status: 'sent', at: 7 } }]);
    expect(rows.jobs.get(job)?.state).toBe('done');
    expect(rows.ingest(ACCOUNT, [{ type: 'acked', waId: 'S1', at: 8 }]).changes).toEqual([]);
    expect(status(rows, id)).toBe('sent');
  });

  it('with error refuses the job and says why, in the language of the server', () => {
    const rows = new MemoryRows(handlersIn('en'));
    rows.run('create_account', { id: ACCOUNT, label: 'Shop', kind: 'sandbox' });
    rows.ingest(ACCOUNT, [ready]);
    const { id, job } = pending(rows);
    const { events } = rows.ingest(ACCOUNT, [{ type: 'acked', waId: 'S1', error: '463', at: 7 }]);
    const error = { code: 'SEND_REFUSED', text: 'WhatsApp refused this message (463)' };
    expect(events).toMatchObject([{ type: 'message_status', data: { messageId: id, status: 'error', error } }]);
    expect(rows.messages.get(id)?.message).toMatchObject({ status: 'error', error });
    expect(rows.jobs.get(job)?.state).toBe('refused');
  });

  it('is not believed if it refuses what WhatsApp already has', () => {
    const { rows, id, job } = pending();
    rows.ingest(ACCOUNT, [receipt(['S1'], 'delivered')]);
    expect(rows.ingest(ACCOUNT, [{ type: 'acked', waId: 'S1', error: '463', at: 7 }]).changes).toEqual([]);
    expect(status(rows, id)).toBe('delivered');
    rows.ingest(ACCOUNT, [{ type: 'acked', waId: 'S1', at: 8 }]);
    expect(rows.jobs.get(job)?.state).toBe('done');
  });

  it('keeps the content that was sent, for the resend', () => {
    const { rows, job } = pending();
    const content = new Uint8Array([1, 2, 3]);
    expect(rows.ingest(ACCOUNT, [{ type: 'sending', job, content }]).events).toEqual([]);
    expect(rows.jobs.get(job)).toMatchObject({ state: 'sending', content });
    rows.ingest(ACCOUNT, [{ type: 'acked', waId: 'S1', at: 7 }]);
    expect(rows.jobs.get(job)).toMatchObject({ state: 'done', content, commandId: 'cmd-1' });
  });

  it('may also be that a send can never leave', () => {
    const { rows, id, job } = pending();
    rows.ingest(ACCOUNT, [{ type: 'job-done', job, error: 'no keys' }]);
    expect(rows.jobs.get(job)?.state).toBe('refused');
    expect(status(rows, id)).toBe('error');
  });

  it('is confirmed by our own send coming back', () => {
    const { rows, id } = pending();
    const { events } = rows.ingest(ACCOUNT, [text('S1', 'hello', { fromMe: true })]);
    expect(events).toMatchObject([{ type: 'message_status', data: { messageId: id, status: 'sent' } }]);
  });

  it('on an id that nobody knows changes nothing', () => {
    const rows = linked();
    expect(rows.ingest(ACCOUNT, [{ type: 'acked', waId: 'nobody', at: 7 }]).changes).toEqual([]);
  });
});

describe('a retry', () => {
  it('puts a refused message back to pending and its job, with the same id and content, back into the outbox', () => {
    const { rows, id, job } = pending();
    const content = new Uint8Array([1]);
    rows.ingest(ACCOUNT, [{ type: 'sending', job, content }]);
    rows.ingest(ACCOUNT, [{ type: 'acked', waId: 'S1', error: '479', at: 7 }]);
    const { output, events } = rows.run('retry_send', { messageId: id });
    expect(output.message).toMatchObject({ id, status: 'pending' });
    expect(output.message).not.toHaveProperty('error');
    expect(events).toMatchObject([
      { type: 'message_status', data: { messageId: id, status: 'pending' } },
      { type: 'message_update', data: { id, status: 'pending' } },
    ]);
    expect(rows.jobs.get(job)).toMatchObject({ state: 'queued', waId: 'S1', content });
    expect(rows.jobs.size).toBe(1);
  });

  it('of a message that is not refused changes nothing', () => {
    const { rows, id } = pending();
    expect(rows.run('retry_send', { messageId: id }).changes).toEqual([]);
  });

  it('of a message that is not there says so', () => {
    expect(() => linked().run('retry_send', { messageId: 'm_no' })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_NOT_FOUND' }),
    );
  });
});
