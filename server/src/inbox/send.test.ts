// Holds that a command makes one message and one job, and nothing half.
import { describe, expect, it } from 'vitest';
import type { EnqueueSend } from './commands.ts';
import { MAX_QUEUED_SENDS } from './send-change.ts';
import { MemoryRows } from './test/memory-rows.ts';
import { ACCOUNT, ANNA, BORIS, GROUP, group, linked, ME, person, ready, text } from './test/scene.ts';

const command = (more: Partial<EnqueueSend> = {}): EnqueueSend => ({
  commandId: 'cmd-1',
  waId: '3EB0000000000000000001',
  account: ACCOUNT,
  to: { address: '+49 151 1111-1111' },
  text: '你好',
  ...more,
});
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('enqueue_send', () => {
  it('makes the conversation, the message as pending and the job in one transaction', () => {
    const rows = linked();
    const { output, events } = rows.run('enqueue_send', command());
    expect(output).toMatchObject({
      repeated: false,
      message: {
        fromMe: true,
        from: ME,
        to: ANNA.pn,
        status: 'pending',
        body: '你好',
        kind: 'text',
        commandId: 'cmd-1',
      },
    });
    expect(events.map(({ type }) => type)).toEqual(['conversation_update', 'new_message']);
    expect(events[1]?.data).toEqual(output.message);
    const [job] = rows.jobs.values();
    expect(job).toMatchObject({
      state: 'queued',
      type: 'send',
      commandId: 'cmd-1',
      messageId: output.message.id,
      waId: command().waId,
    });
    expect(JSON.parse(job?.body ?? '')).toEqual({
      id: job?.id,
      account: ACCOUNT,
      type: 'send',
      waId: command().waId,
      to: { kind: 'person', pn: ANNA.pn },
      text: '你好',
    });
  });

  it('answers the same command with the same message, and changes nothing', () => {
    const rows = linked();
    const first = rows.run('enqueue_send', command());
    const again = rows.run(
      'enqueue_send',
      command({ waId: '3EB0FFFFFFFFFFFFFFFFFF', to: { address: '004915111111111' } }),
    );
    expect(again.output).toEqual({ message: first.output.message, repeated: true });
    expect(again.changes).toEqual([]);
    const { conversation } = first.output.message;
    expect(rows.run('enqueue_send', command({ to: { conversation } })).output.repeated).toBe(true);
  });

  it('answers the same command with the message as it is by now', () => {
    const rows = linked();
    rows.run('enqueue_send', command());
    rows.ingest(ACCOUNT, [{ type: 'acked', waId: command().waId, at: 1 }]);
    expect(rows.run('enqueue_send', command()).output).toMatchObject({ repeated: true, message: { status: 'sent' } });
  });

  it.each([
    ['text', { text: 'something else' }],
    ['recipient', { to: { address: BORIS.pn } }],
    ['conversation', { to: { conversation: 'c_other' } }],
    ['account', { account: 'acc_bbbbbbbbbb' }],
  ])('refuses the same command id with another %s', (_, other) => {
    const rows = linked();
    rows.run('create_account', { id: 'acc_bbbbbbbbbb', label: 'Second', kind: 'sandbox' });
    rows.run('enqueue_send', command());
    expect(() => rows.run('enqueue_send', command(other))).toThrow(code('COMMAND_REUSED'));
  });

  it('never writes over a message that has the same WhatsApp id', () => {
    const rows = linked();
    rows.run('enqueue_send', command());
    expect(() => rows.run('enqueue_send', command({ commandId: 'cmd-2' }))).toThrow(code('COMMAND_REUSED'));
  });

  it.each([
    ['an empty text', { text: '' }, 'BAD_REQUEST'],
    ['a text longer than WhatsApp takes', { text: 'x'.repeat(65_537) }, 'BAD_REQUEST'],
    ['no phone number', { to: { address: 'Anna' } }, 'BAD_ADDRESS'],
    ['an unknown account', { account: 'acc_none' }, 'ACCOUNT_NOT_FOUND'],
    ['an unknown conversation', { to: { conversation: 'c_none' } }, 'CONVERSATION_NOT_FOUND'],
  ])('refuses %s', (_, other, expected) => {
    const rows = linked();
    expect(() => rows.run('enqueue_send', command(other))).toThrow(code(expected));
    expect(rows.jobs.size).toBe(0);
  });

  it('takes no more than so many that wait, until one of them has gone out', () => {
    const rows = linked();
    const wa = (n: number): string => `3EB0${String(n).padStart(18, '0')}`;
    const send = (n: number) => rows.run('enqueue_send', command({ commandId: `cmd-${n}`, waId: wa(n) }));
    for (let n = 0; n < MAX_QUEUED_SENDS; n++) send(n);
    expect(() => send(MAX_QUEUED_SENDS)).toThrow(code('SEND_QUEUE_FULL'));
    // Asking again for one that is in is no new one.
    expect(send(0).output.repeated).toBe(true);
    const [id, job] = [...rows.jobs][0] ?? [];
    if (id === undefined || job === undefined) throw new Error('no job');
    rows.jobs.set(id, { ...job, state: 'done' });
    expect(send(MAX_QUEUED_SENDS).output.repeated).toBe(false);
  });

  it('takes a text of exactly the limit', () => {
    expect(linked().run('enqueue_send', command({ text: 'x'.repeat(65_536) })).output.repeated).toBe(false);
  });

  it('refuses an account that has never been linked: nobody is there who could be the sender', () => {
    const rows = new MemoryRows();
    rows.run('create_account', { id: ACCOUNT, label: 'New', kind: 'sandbox' });
    expect(() => rows.run('enqueue_send', command())).toThrow(code('ACCOUNT_NOT_READY'));
  });

  it.each(['LOGGED_OUT', 'QR', 'AUTHENTICATED'] as const)('takes nothing in between two logins: %s', (state) => {
    const rows = linked();
    const { message } = rows.run('enqueue_send', command()).output;
    rows.ingest(ACCOUNT, [{ type: 'acked', waId: command().waId, error: 'LOGGED_OUT', at: 5 }]);
    expect(rows.messages.get(message.id)?.message).toMatchObject({
      status: 'error',
      error: { code: 'SEND_LOGGED_OUT' },
    });
    expect([...rows.jobs.values()].map((job) => job.state)).toEqual(['refused']);
    rows.ingest(ACCOUNT, [{ ...ready, state }]);
    expect(() => rows.run('enqueue_send', command({ commandId: 'cmd-9' }))).toThrow(code('ACCOUNT_NOT_READY'));
    expect(() => rows.run('retry_send', { messageId: message.id })).toThrow(code('ACCOUNT_NOT_READY'));
    rows.ingest(ACCOUNT, [ready]);
    rows.run('retry_send', { messageId: message.id });
    expect([...rows.jobs.values()].map((job) => job.state)).toEqual(['queued']);
  });

  it('refuses a conversation of another account', () => {
    const rows = linked();
    const { conversation } = rows.run('enqueue_send', command()).output.message;
    rows.run('create_account', { id: 'acc_bbbbbbbbbb', label: 'Second', kind: 'sandbox' });
    const other = command({ account: 'acc_bbbbbbbbbb', commandId: 'cmd-2', to: { conversation } });
    rows.ingest('acc_bbbbbbbbbb', [ready]);
    expect(() => rows.run('enqueue_send', other)).toThrow(code('CONVERSATION_NOT_FOUND'));
  });

  it('sends to both addresses of a person, as far as they are known', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hi', { chat: person(ANNA) })]);
    rows.run('enqueue_send', command({ to: { address: ANNA.lid } }));
    const [job] = rows.jobs.values();
    expect(JSON.parse(job?.body ?? '')).toMatchObject({ to: { kind: 'person', ...ANNA } });
    expect(rows.conversations.size).toBe(1);
  });

  it('sends to a group', () => {
    const rows = linked();
    rows.run('enqueue_send', command({ to: { address: GROUP } }));
    const [job] = rows.jobs.values();
    expect(JSON.parse(job?.body ?? '')).toMatchObject({ to: group });
  });

  it('does not count what we send as unread', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('A1', 'hi')]);
    const { conversation } = rows.run('enqueue_send', command()).output.message;
    expect(rows.conversation(conversation)).toMatchObject({ unread: 1, lastMessage: { body: '你好' } });
  });
});
