// Days, groups and the unread line of a message log.
import type { Message } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import type { Attached } from './attachments.ts';
import { firstUnread, type LogRow, type LogRowsInput, logRows } from './log-rows.ts';

const place = { locale: 'zh-CN', timeZone: 'Asia/Shanghai' };
const noon = Date.parse('2026-11-22T04:00:00Z');
const MINUTE = 60_000;

function message(id: string, minutes: number, more: Partial<Message> = {}): Message {
  return {
    id,
    account: 'acc_1',
    conversation: 'c_1',
    stream: 'acc_1',
    seq: 1,
    from: '8613800000001@s.whatsapp.net',
    to: '8613900000001@s.whatsapp.net',
    fromMe: false,
    kind: 'text',
    body: id,
    timestamp: noon + minutes * MINUTE,
    ...more,
  };
}

const input = (messages: readonly Message[], more: Partial<LogRowsInput> = {}): LogRowsInput => ({
  messages,
  unanswered: [],
  whole: false,
  unread: undefined,
  place,
  ...more,
});

const told = (rows: readonly LogRow[]): readonly string[] =>
  rows.map((row) =>
    row.type === 'bubble' ? `${row.key}${row.first ? ' first' : ''}${row.last ? ' last' : ''}` : row.type,
  );

describe('the rows of a message log', () => {
  it('group messages of one sender within five minutes', () => {
    const rows = logRows(
      input([message('a', 0), message('b', 4), message('c', 10), message('d', 11, { fromMe: true })]),
    );
    expect(told(rows)).toEqual(['day', 'a first', 'b last', 'c first last', 'd first last']);
  });

  it('separate two authors of a group', () => {
    const rows = logRows(input([message('a', 0, { author: 'x@lid' }), message('b', 1, { author: 'y@lid' })]));
    expect(told(rows)).toEqual(['day', 'a first last', 'b first last']);
  });

  it('begin each day of the reader with its date, and never group across it', () => {
    const rows = logRows(input([message('a', 11 * 60 + 59), message('b', 12 * 60)]));
    expect(told(rows)).toEqual(['day', 'a first last', 'day', 'b first last']);
  });

  it('set the unread line over its message and break the group there', () => {
    const rows = logRows(input([message('a', 0), message('b', 1)], { unread: { id: 'b', count: 1 } }));
    expect(told(rows)).toEqual(['day', 'a first last', 'unread', 'b first last']);
  });

  it('say where the conversation begins only when its beginning is here', () => {
    expect(told(logRows(input([message('a', 0)], { whole: true })))[0]).toBe('start');
    expect(told(logRows(input([message('a', 0)])))[0]).toBe('day');
  });

  it('keep the key of a bubble when the server’s message takes its place', () => {
    const sent = { commandId: 'k1', conversation: 'c_1', text: 'hi', at: noon, error: undefined };
    const before = logRows(input([], { unanswered: [sent] }));
    const after = logRows(input([message('m1', 0, { fromMe: true, commandId: 'k1' })], { unanswered: [sent] }));
    expect(before.map(({ key }) => key)).toEqual(after.map(({ key }) => key));
    expect(after).toHaveLength(2);
  });
});

describe('the first unread message', () => {
  it('is counted among incoming messages, from the newest that there was at opening', () => {
    const messages = [message('a', 0), message('b', 1), message('c', 2, { fromMe: true }), message('d', 3)];
    expect(firstUnread(messages, 'd', 2)).toBe('b');
    expect(firstUnread(messages, 'b', 2)).toBe('a');
    expect(firstUnread(messages, 'd', 0)).toBeUndefined();
  });

  it('is not known while it is further back than what was read', () => {
    expect(firstUnread([message('a', 0)], 'a', 9)).toBeUndefined();
  });
});

describe('an album', () => {
  const picture = (id: string, minutes: number, more: Partial<Message> = {}): Message =>
    message(id, minutes, { kind: 'image', partOf: 'announced', ...more });
  const announced = message('announced', 0, { kind: 'system', notice: { code: 'album', text: '3' } });
  const shown = (rows: readonly LogRow[]): readonly string[] =>
    rows.flatMap((row) =>
      row.type !== 'bubble'
        ? []
        : row.entry.type === 'album'
          ? [`${row.key}: ${row.entry.messages.map(({ id }) => id)}`]
          : [row.key],
    );

  it('stands as one bubble in the place of what announced it', () => {
    const rows = logRows(input([announced, picture('a', 0), picture('b', 0), picture('c', 1), message('d', 2)]));
    expect(shown(rows)).toEqual(['announced: a,b,c', 'd']);
    expect(told(rows).slice(1)).toEqual(['announced first', 'd last']);
  });

  it('keeps its key when older parts of it are loaded, and stays the same object while nothing in it changes', () => {
    const [a, b] = [picture('a', 0), picture('b', 0)];
    const [late, whole, again] = [[b], [a, b], [a, b]].map((all) => logRows(input(all)).at(-1));
    expect([late?.key, whole?.key]).toEqual(['announced', 'announced']);
    const entryOf = (row: LogRow | undefined) => (row?.type === 'bubble' ? row.entry : undefined);
    expect(entryOf(again)).toBe(entryOf(whole));
  });

  it('is broken by what others say in between, by a withdrawn picture, and by another album', () => {
    const rows = logRows(
      input([
        picture('a', 0),
        message('x', 0),
        picture('b', 1),
        picture('c', 1, { deleted: true }),
        picture('d', 2, { partOf: 'other' }),
      ]),
    );
    expect(shown(rows)).toEqual(['announced: a', 'x', 'announced b: b', 'c', 'other: d']);
  });

  it('has the unread line above it if one of its pictures is the first unread one', () => {
    const rows = logRows(input([picture('a', 0), picture('b', 0)], { unread: { id: 'b', count: 1 } }));
    expect(told(rows)).toEqual(['day', 'unread', 'announced first last']);
  });
});

describe('files on their way', () => {
  const file = (key: string, minutes: number): Attached => ({
    key,
    conversation: 'c_1',
    file: new File(['x'], 'x.txt'),
    kind: 'document',
    preview: undefined,
    size: undefined,
    more: {},
    caption: '',
    part: 0.5,
    state: 'uploading',
    sent: { at: noon + minutes * MINUTE, caption: '', quote: undefined },
    error: undefined,
  });

  it('stand below the messages, among texts in the order of sending, until the server has them', () => {
    const text = { commandId: 't', conversation: 'c_1', text: 't', at: noon + 2 * MINUTE, error: undefined };
    const waiting = { unanswered: [text], sending: [file('f', 1), file('g', 3)] };
    expect(told(logRows(input([message('a', 0)], waiting)))).toEqual(['day', 'a first last', 'f first', 't', 'g last']);
    const answered = message('m', 1, { fromMe: true, commandId: 'f' });
    expect(told(logRows(input([answered], waiting)))).toEqual(['day', 'f first', 't', 'g last']);
  });
});
