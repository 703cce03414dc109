// What is done to a message for ourselves alone, over rows in memory: true at once, told to the phone by one errand, taken back if WhatsApp refuses; and files that are passed on or given up.
import { describe, expect, it } from 'vitest';
import type { MediaFact } from '../whatsapp/port.ts';
import { parseErrandBody } from './errands.ts';
import { mediaId, sendJobId } from './identifiers.ts';
import type { MemoryRows } from './test/memory-rows.ts';
import { ACCOUNT, ANNA, group, linked, person, text } from './test/scene.ts';

const source = { word: 'Image', path: '/v/x.enc', key: 'a2V5', sha256: 'aGE=', sealedSha256: 'c2U=' } as const;
const picture = (waId: string, more: Partial<MediaFact> = {}, body = '') => ({
  ...text(waId, body),
  kind: 'image' as const,
  media: { mime: 'image/jpeg', size: 100, source, ...more },
});
const only = (rows: MemoryRows) => {
  const [row] = [...rows.messages.values()].slice(-1);
  if (row === undefined) throw new Error('no message');
  return row;
};
const errands = (rows: MemoryRows) => [...rows.jobs.values()].filter(({ type }) => type === 'errand');

describe('a message, for ourselves alone', () => {
  it('starred: holds at once, tells the phone once, and is taken back by a refusal', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('W1', 'hello', { chat: group, author: ANNA })]);
    const { message } = only(rows);
    const input = { messageId: message.id, conversation: message.conversation, on: true };
    const { events } = rows.run('star_message', { ...input, jobId: 'j_1' });
    expect(events).toMatchObject([{ type: 'message_update', data: { id: message.id, starred: true } }]);
    expect(rows.run('star_message', { ...input, jobId: 'j_2' }).events).toEqual([]);
    expect(errands(rows).map((row) => parseErrandBody(row).errand)).toEqual([
      {
        do: 'message-state',
        target: { chat: group, waId: 'W1', fromMe: false, author: ANNA },
        change: { kind: 'star', on: true },
      },
    ]);
    const target = { chat: group, waId: 'W1', fromMe: false, author: ANNA };
    rows.ingest(ACCOUNT, [{ type: 'job-done', job: 'j_1', error: 'APP_STATE_REFUSED', target }]);
    expect(only(rows).message).not.toHaveProperty('starred');
  });

  it('starred: is heard from the phone, also before its message, and by nobody else', () => {
    const rows = linked();
    const target = { chat: person(ANNA), waId: 'W1', fromMe: false };
    const star = { type: 'change', target, change: { kind: 'star', on: true }, at: 5 } as const;
    rows.ingest(ACCOUNT, [{ ...star, fromMe: false, by: ANNA }]);
    rows.ingest(ACCOUNT, [text('W1', 'hello')]);
    expect(only(rows).message).not.toHaveProperty('starred');
    rows.ingest(ACCOUNT, [{ ...star, target: { ...target, waId: 'W2' }, fromMe: true }]);
    rows.ingest(ACCOUNT, [text('W2', 'later')]);
    expect(only(rows).message.starred).toBe(true);
  });

  it('removed: the phone is told, but not of what never left or was imported', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [text('W1', 'secret')]);
    const { message } = only(rows);
    const input = { messageId: message.id, conversation: message.conversation };
    const { events } = rows.run('remove_message', { ...input, jobId: 'j_1' });
    expect(events).toMatchObject([{ type: 'message_update', data: { gone: 'removed', body: '' } }]);
    expect(errands(rows).map((row) => parseErrandBody(row).errand)).toMatchObject([
      { do: 'message-state', change: { kind: 'remove', at: message.timestamp } },
    ]);
    rows.run('enqueue_send', {
      commandId: 'c1',
      waId: 'OURS',
      account: ACCOUNT,
      to: { conversation: message.conversation },
      text: 'not sent yet',
    });
    const ours = only(rows).message;
    rows.run('remove_message', { messageId: ours.id, conversation: ours.conversation, jobId: 'j_2' });
    expect(errands(rows)).toHaveLength(1);
  });
});

describe('a file', () => {
  const forward = (rows: MemoryRows, id: string, conversation: string, number: number) =>
    rows.run('enqueue_send', {
      commandId: `c${number}`,
      waId: `F${number}`,
      account: ACCOUNT,
      to: { conversation },
      text: '',
      forward: id,
    }).output.message;

  it('forward: takes the place at WhatsApp along, counts on how often it was passed on, and keeps its caption', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [{ ...picture('W1', {}, 'look'), content: { forwarded: 'once', forwards: 3 } }]);
    const { message } = only(rows);
    const first = forward(rows, message.id, message.conversation, 1);
    expect(first).toMatchObject({ kind: 'image', body: 'look', forwarded: 'once', forwards: 4 });
    expect(first.media).toMatchObject({ id: mediaId(first.id), state: 'remote', mime: 'image/jpeg' });
    expect(rows.media.get(mediaId(first.id))?.source).toBe(JSON.stringify(source));
    const job: unknown = JSON.parse(rows.jobs.get(sendJobId(first.id))?.body ?? '');
    expect(job).toMatchObject({ text: 'look', media: { kind: 'image', source }, bears: { forwards: 4 } });
    expect(forward(rows, first.id, message.conversation, 2)).toMatchObject({ forwarded: 'many', forwards: 5 });
    expect(forward(rows, message.id, message.conversation, 1).id).toBe(first.id);
  });

  it('forward: not of a file that nobody has any more', () => {
    const rows = linked();
    const { source: _, ...media } = picture('W1').media;
    rows.ingest(ACCOUNT, [{ ...picture('W1'), media }]);
    const { message } = only(rows);
    expect(() => forward(rows, message.id, message.conversation, 1)).toThrow('its file is gone');
  });

  it('edit: of a caption needs the rest of the message, from what was sent or from where its file lies', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [{ ...picture('W1', {}, 'frist'), fromMe: true, timestamp: rows.now }]);
    const { message } = only(rows);
    const edit = (commandId: string, messageId: string) =>
      rows.run('enqueue_change', {
        commandId,
        waId: commandId,
        account: ACCOUNT,
        conversation: message.conversation,
        messageId,
        change: { kind: 'edit', text: 'first' },
      });
    edit('e1', message.id);
    expect(JSON.parse(rows.jobs.get(sendJobId('e1'))?.body ?? '')).toMatchObject({
      text: 'first',
      media: { kind: 'image', source },
    });
    rows.ingest(ACCOUNT, [{ type: 'acked', waId: 'e1', at: rows.now }]);
    expect(rows.messages.get(message.id)?.message).toMatchObject({ body: 'first', edited: true, kind: 'image' });
    const { source: _, ...unknown } = picture('W2').media;
    rows.ingest(ACCOUNT, [{ ...picture('W2'), media: unknown, fromMe: true, timestamp: rows.now }]);
    expect(() => edit('e2', only(rows).message.id)).toThrow('cannot be done');
  });

  it('cancel: what is on its way here waits at WhatsApp, what has not left is refused and can be tried again', () => {
    const rows = linked();
    rows.ingest(ACCOUNT, [picture('W1')]);
    const { message } = only(rows);
    const file = message.media?.id ?? '';
    expect(message.media?.state).toBe('pending');
    expect(rows.run('cancel_media', { id: file }).output).toMatchObject({
      account: ACCOUNT,
      media: { state: 'remote' },
    });
    expect(rows.run('cancel_media', { id: file }).output).not.toHaveProperty('account');
    const ours = forward(rows, message.id, message.conversation, 1);
    rows.run('cancel_media', { id: mediaId(ours.id) });
    expect(rows.messages.get(ours.id)?.message).toMatchObject({ status: 'error', error: { code: 'SEND_CANCELLED' } });
    rows.run('retry_send', { messageId: ours.id });
    rows.ingest(ACCOUNT, [{ type: 'sending', job: sendJobId(ours.id), content: Uint8Array.of(1), source }]);
    rows.run('cancel_media', { id: mediaId(ours.id) });
    expect(rows.messages.get(ours.id)?.message.status).toBe('pending');
  });
});
