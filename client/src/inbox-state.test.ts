// The inbox reducer: each kind of event, and that events applied to an old snapshot equal a fresh one, whatever the events.
import {
  type Account,
  type Conversation,
  type DurableFrame,
  type Message,
  type ServerFrame,
  withMessage,
  withNewMessage,
  withStatus,
} from '@pulseline/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aConversation as conversation } from '../test/conversation.ts';
import {
  applyFrame,
  applyFrames,
  conversationList,
  emptyInbox,
  fromSnapshot,
  type InboxState,
  MAX_WINDOW,
  openWindow,
  withConversations,
  withOwnMessage,
  withPage,
} from './inbox-state.ts';

const account = (state: Account['state'] = 'READY', more: Partial<Account> = {}): Account => ({
  id: 'acc_1',
  label: 'Shop',
  kind: 'sandbox',
  state,
  since: 1,
  stream: 'acc_1',
  ...more,
});
const message = (seq: number, more: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  account: 'acc_1',
  conversation: 'c1',
  stream: 'acc_1',
  seq,
  from: 'a',
  to: 'b',
  fromMe: false,
  kind: 'text',
  body: `body ${seq}`,
  timestamp: seq * 10,
  ...more,
});
const at = (seq: number) => ({ timestamp: 1, stream: 'acc_1', seq });
const newMessage = (data: Message): DurableFrame => ({ type: 'new_message', data, ...at(data.seq) });
const updated = (seq: number, data: Conversation): DurableFrame => ({ type: 'conversation_update', data, ...at(seq) });
const status = (seq: number, messageId: string, to: 'sent' | 'read' | 'error'): DurableFrame => ({
  type: 'message_status',
  data: { account: 'acc_1', messageId, conversation: 'c1', status: to },
  ...at(seq),
});
const bodies = (state: InboxState, id = 'c1') => state.windows.get(id)?.messages.map(({ body }) => body);

describe('a new message', () => {
  it('becomes the last one of its conversation, counts as unread, and stands at the end of the open window', () => {
    const start = openWindow(fromSnapshot([account()], [conversation('c1')]), 'c1');
    const state = applyFrames(start, [newMessage(message(1)), newMessage(message(2))]);
    expect(state.conversations.get('c1')).toMatchObject({ unread: 2, lastAt: 20, lastMessage: { id: 'm2' } });
    expect(bodies(state)).toEqual(['body 1', 'body 2']);
  });

  it('of our own does not count as unread', () => {
    const state = applyFrame(fromSnapshot([], [conversation('c1')]), newMessage(message(1, { fromMe: true })));
    expect(state.conversations.get('c1')?.unread).toBe(0);
  });

  it('of a conversation that is new comes after it', () => {
    const state = applyFrames(emptyInbox, [updated(1, conversation('c1')), newMessage(message(2))]);
    expect(state.conversations.get('c1')).toMatchObject({ unread: 1, lastMessage: { id: 'm2' } });
  });

  it('of a conversation whose page is not loaded changes nothing, and its page brings it', () => {
    const state = applyFrame(emptyInbox, newMessage(message(1)));
    expect(state.conversations.size).toBe(0);
    const page = conversation('c1', { unread: 1, lastMessage: message(1), lastAt: 10 });
    expect(withConversations(state, [page]).conversations.get('c1')).toEqual(page);
  });

  it('[G6] that a page of the list has counted already is not counted again', () => {
    const page = conversation('c1', { unread: 2, lastMessage: message(2), lastAt: 20 });
    const state = applyFrames(withConversations(emptyInbox, [page]), [newMessage(message(1)), newMessage(message(2))]);
    expect(state.conversations.get('c1')).toEqual(page);
    expect(applyFrame(state, newMessage(message(3))).conversations.get('c1')?.unread).toBe(3);
  });

  it('that we have just sent stands there once, whether the answer or the event comes first', () => {
    const sent = message(1, { fromMe: true, status: 'pending' });
    const start = openWindow(fromSnapshot([], [conversation('c1')]), 'c1');
    for (const state of [
      applyFrame(withOwnMessage(start, sent), newMessage(sent)),
      withOwnMessage(applyFrame(start, newMessage(sent)), sent),
    ]) {
      expect(bodies(state)).toEqual(['body 1']);
    }
  });
});

/** One message of ours in an open conversation. */
const start = applyFrame(
  openWindow(fromSnapshot([], [conversation('c1')]), 'c1'),
  newMessage(message(1, { fromMe: true, status: 'pending' })),
);

describe('a change of a message', () => {
  it('is seen in the window and in the list', () => {
    const state = applyFrame(start, status(2, 'm1', 'read'));
    expect(state.windows.get('c1')?.messages[0]?.status).toBe('read');
    expect(state.conversations.get('c1')?.lastMessage?.status).toBe('read');
  });

  it('takes an error away unless it bears one', () => {
    const reason = { code: 'SEND_REFUSED', text: 't', fix: 'f' };
    const failed = applyFrame(start, {
      type: 'message_status',
      data: { account: 'acc_1', messageId: 'm1', conversation: 'c1', status: 'error', error: reason },
      ...at(2),
    });
    expect(failed.windows.get('c1')?.messages[0]?.error).toEqual(reason);
    expect(applyFrame(failed, status(3, 'm1', 'sent')).windows.get('c1')?.messages[0]).not.toHaveProperty('error');
  });

  it('that we do not hold leaves the state as it is, the same object', () => {
    expect(applyFrame(start, status(2, 'nobody', 'read'))).toBe(start);
    expect(applyFrame(emptyInbox, status(2, 'm1', 'read'))).toBe(emptyInbox);
  });

  it('fills a message that could not be read before', () => {
    const state = applyFrame(start, { type: 'message_update', data: message(1, { body: 'at last' }), ...at(2) });
    expect(bodies(state)).toEqual(['at last']);
  });
});

describe('reactions', () => {
  const react = (seq: number, author: string, emoji: string): DurableFrame => ({
    type: 'message_reaction',
    data: { account: 'acc_1', messageId: 'm1', conversation: 'c1', author, fromMe: false, emoji, at: seq },
    ...at(seq),
  });
  const told = (state: InboxState) =>
    [state.windows.get('c1')?.messages[0], state.conversations.get('c1')?.lastMessage].map((shown) =>
      shown?.reactions?.map(({ author, emoji }) => author + emoji),
    );

  it('stand on the message wherever it is shown, one per author; an empty one takes it back', () => {
    const two = applyFrames(start, [react(2, 'a', '👍'), react(3, 'b', '❤️'), react(4, 'a', '😮')]);
    expect(told(two)).toEqual([
      ['b❤️', 'a😮'],
      ['b❤️', 'a😮'],
    ]);
    expect(told(applyFrames(two, [react(5, 'a', ''), react(6, 'b', '')]))).toEqual([undefined, undefined]);
  });
});

describe('an account', () => {
  it('takes over its state, and forgets a reason or a time that no longer holds', () => {
    const waiting = account('DISCONNECTED', {
      nextTryAt: 5,
      attempts: 2,
      reason: { code: 'NETWORK_LOST', text: 't', fix: 'f' },
    });
    const state = applyFrame(fromSnapshot([waiting], []), {
      type: 'whatsapp_status',
      data: { account: 'acc_1', status: 'READY', state: 'open', since: 9 },
      ...at(1),
    });
    expect(state.accounts.get('acc_1')).toEqual(account('READY', { since: 9 }));
  });

  it('takes its name from account_update, but never an older state than its own stream told', () => {
    const ready = fromSnapshot([account('READY', { since: 9 })], []);
    const renamed = applyFrame(ready, {
      type: 'account_update',
      data: account('SYNCING', { since: 8, label: 'Office', attempts: 1 }),
      ...at(1),
    });
    expect(renamed.accounts.get('acc_1')).toEqual(account('READY', { since: 9, label: 'Office' }));
    const later = applyFrame(ready, { type: 'account_update', data: account('QR', { since: 10 }), ...at(1) });
    expect(later.accounts.get('acc_1')?.state).toBe('QR');
  });

  it('shows a QR code only while it can be scanned', () => {
    const qr: ServerFrame = { type: 'qr_update', timestamp: 1, data: { account: 'acc_1', qr: 'x', expiresAt: 9 } };
    const shown = applyFrame(fromSnapshot([account('QR')], []), qr);
    expect(shown.qrs.get('acc_1')).toEqual({ qr: 'x', expiresAt: 9 });
    const scanned = applyFrame(shown, {
      type: 'whatsapp_status',
      data: { account: 'acc_1', status: 'AUTHENTICATED', state: 'close', since: 9 },
      ...at(1),
    });
    expect(scanned.qrs.size).toBe(0);
  });

  it('that is removed takes its conversations with it, and nothing else', () => {
    const other = conversation('c2', { account: 'acc_2' });
    const start = openWindow(fromSnapshot([account()], [conversation('c1'), other]), 'c1');
    const state = applyFrame(start, { type: 'account_removed', data: { id: 'acc_1' }, ...at(1) });
    expect([[...state.accounts.keys()], [...state.conversations.keys()], state.windows.size]).toEqual([[], ['c2'], 0]);
  });
});

describe('a window', () => {
  it('joins older pages before it, and does not repeat what events brought while a page was fetched', () => {
    const opened = applyFrame(openWindow(fromSnapshot([], [conversation('c1')]), 'c1'), newMessage(message(5)));
    const newest = withPage(opened, 'c1', { items: [message(3), message(4), message(5)], next: 'p1', at: 'newest' });
    expect(bodies(newest)).toEqual(['body 3', 'body 4', 'body 5']);
    const older = withPage(newest, 'c1', { items: [message(1), message(2)], next: null, at: 'before' });
    expect(bodies(older)).toEqual(['body 1', 'body 2', 'body 3', 'body 4', 'body 5']);
    expect(older.windows.get('c1')?.before).toBeNull();
  });

  it('lets go of messages that were removed by age, once', () => {
    const old = [1, 2, 3].map((n) => ({ ...message(n), timestamp: n * 1_000 }));
    const open = withPage(openWindow(emptyInbox, 'c1'), 'c1', { items: old, next: null, at: 'newest' });
    const data = { ...conversation('c1'), keptFrom: 2_000 };
    const frame = { type: 'conversation_update', stream: 'a1', seq: 9, timestamp: 9, data } as const;
    const ids = (state: InboxState) => state.windows.get('c1')?.messages.map(({ id }) => id);
    const told = applyFrame(open, frame);
    expect(ids(told)).toEqual([2, 3].map((n) => message(n).id));
    expect(applyFrame(told, { ...frame, seq: 10 }).windows).toBe(told.windows);
  });

  it('opens in the middle, takes no live message in there, and reads on to the newest', () => {
    const items = [message(3), message(4)];
    const middle = withPage(emptyInbox, 'c1', { items, next: 'p1', at: 'around' });
    const live = applyFrame(middle, { type: 'new_message', stream: 'a1', seq: 9, timestamp: 9, data: message(9) });
    const ids = (state: InboxState) => state.windows.get('c1')?.messages.map(({ id }) => id);
    expect(ids(live)).toEqual(ids(middle));
    const read = withPage(live, 'c1', { items: [message(5), message(9)], next: null, at: 'after' });
    expect(ids(read)).toEqual([3, 4, 5, 9].map((n) => message(n).id));
    expect(read.windows.get('c1')).toMatchObject({ before: 'p1', atEnd: true });
  });

  it('gives up its oldest beyond a bound, and can go back for them', () => {
    const items = Array.from({ length: MAX_WINDOW }, (_, index) => message(index + 1));
    const full = withPage(openWindow(emptyInbox, 'c1'), 'c1', { items, next: null, at: 'newest' });
    const window = applyFrame(full, newMessage(message(MAX_WINDOW + 1))).windows.get('c1');
    expect([window?.messages.length, window?.messages[0]?.id, window?.before]).toEqual([MAX_WINDOW, 'm2', 'm2']);
  });
});

describe('a batch', () => {
  it('gives what its events give one by one, and leaves the state before it as it was', () => {
    const before = openWindow(fromSnapshot([account()], [conversation('c1'), conversation('c2')]), 'c1');
    const kept = structuredClone(before);
    const frames = [
      newMessage(message(1, { fromMe: true, status: 'pending' })),
      newMessage(message(2, { conversation: 'c2' })),
      status(3, 'm1', 'read'),
      status(4, 'nobody', 'read'),
      updated(5, conversation('c3')),
    ];
    expect(applyFrames(before, frames)).toEqual(frames.reduce(applyFrame, before));
    expect(before).toEqual(kept);
  });
});

describe('the list', () => {
  it('has pinned ones first, then the newest', () => {
    const all = [
      conversation('old', { lastAt: 1 }),
      conversation('pin', { pinned: true }),
      conversation('new', { lastAt: 9 }),
    ];
    expect(conversationList(fromSnapshot([], all)).map(({ id }) => id)).toEqual(['pin', 'new', 'old']);
  });
});

describe('a snapshot', () => {
  /** What the server's rows do with an event: a plain list of rows, changed by the protocol's projections. */
  function rowsAfter(rows: ReadonlyMap<string, Conversation>, frame: DurableFrame): ReadonlyMap<string, Conversation> {
    if (frame.type === 'conversation_update') return new Map(rows).set(frame.data.id, frame.data);
    if (frame.type !== 'new_message' && frame.type !== 'message_status') return rows;
    const row = rows.get(frame.data.conversation);
    if (row === undefined) return rows;
    const last = row.lastMessage;
    if (frame.type === 'new_message') return new Map(rows).set(row.id, withNewMessage(row, frame.data));
    if (last === undefined || last.id !== frame.data.messageId) return rows;
    return new Map(rows).set(row.id, withMessage(row, withStatus(last, frame.data)));
  }

  const history = fc.array(fc.record({ what: fc.nat(3), whose: fc.nat(2), which: fc.nat(9), mine: fc.boolean() }), {
    maxLength: 40,
  });

  it('[G6] and the events after it are the same as a later snapshot, wherever one joins', () => {
    fc.assert(
      fc.property(history, fc.nat(40), (steps, joinAt) => {
        let rows: ReadonlyMap<string, Conversation> = new Map([['c0', conversation('c0')]]);
        let state: InboxState | undefined;
        steps.forEach(({ what, whose, which, mine }, index) => {
          if (index === Math.min(joinAt, steps.length - 1)) state = fromSnapshot([], [...rows.values()]);
          const seq = index + 1;
          const id = `c${whose}`;
          const known = rows.get(id);
          const frames: DurableFrame[] = [];
          if (known === undefined) frames.push(updated(seq, conversation(id)));
          else if (what === 0) frames.push(updated(seq, { ...known, unread: 0, archived: mine }));
          else if (what === 1) frames.push({ ...status(seq, `m${which}`, 'read') });
          else frames.push(newMessage(message(seq, { conversation: id, fromMe: mine, timestamp: which })));
          for (const frame of frames) {
            rows = rowsAfter(rows, frame);
            if (state !== undefined) state = applyFrame(state, frame);
          }
        });
        if (state !== undefined) expect(new Map(state.conversations)).toEqual(new Map(rows));
      }),
    );
  });
});
