// Holds how one event changes a conversation and a message, wherever it is applied.
import { describe, expect, it } from 'vitest';
import { type Conversation, type Message, messageStatuses } from './model.ts';
import { statusRises, withMessage, withNewMessage, withStatus } from './projection.ts';

const message: Message = {
  id: 'm_1',
  account: 'acc_1',
  conversation: 'c_1',
  stream: 'acc_1',
  seq: 7,
  from: '1@s.whatsapp.net',
  to: '2@s.whatsapp.net',
  fromMe: false,
  kind: 'text',
  body: 'hello',
  timestamp: 5_000,
};
const conversation: Conversation = {
  id: 'c_1',
  account: 'acc_1',
  address: '1@s.whatsapp.net',
  name: 'Anna',
  kind: 'person',
  unread: 2,
  lastAt: 9_000,
  archived: false,
  pinned: false,
  muted: false,
};
const refused = { code: 'SEND_REFUSED', text: 'x', fix: 'y' };

describe('a new message', () => {
  it('is the last one and counts as unread; the time of the conversation never goes back', () => {
    expect(withNewMessage(conversation, message)).toEqual({ ...conversation, lastMessage: message, unread: 3 });
    expect(withNewMessage(conversation, { ...message, timestamp: 10_000 }).lastAt).toBe(10_000);
  });

  it('of ours is the last one without counting', () => {
    const own: Message = { ...message, fromMe: true, status: 'pending' };
    expect(withNewMessage(conversation, own)).toEqual({ ...conversation, lastMessage: own });
  });
});

describe('a changed message', () => {
  it('changes the preview only if it is the one shown there', () => {
    const shown = withNewMessage(conversation, message);
    const edited = { ...message, body: 'edited' };
    expect(withMessage(shown, edited).lastMessage).toEqual(edited);
    expect(withMessage(shown, { ...edited, id: 'm_other' })).toBe(shown);
    expect(withMessage(conversation, edited)).toBe(conversation);
  });
});

describe('a status', () => {
  it('replaces the one before, and takes its error along', () => {
    const failed = withStatus({ ...message, fromMe: true, status: 'pending' }, { status: 'error', error: refused });
    expect(failed).toMatchObject({ status: 'error', error: refused });
    expect(withStatus(failed, { status: 'pending' })).not.toHaveProperty('error');
  });

  it('rises along error, pending, sent, delivered, read, played', () => {
    const rises = messageStatuses.map((now) => messageStatuses.filter((next) => statusRises(now, next)).length);
    expect(rises).toEqual([5, 4, 3, 2, 1, 0]);
    expect(statusRises(undefined, 'error')).toBe(true);
  });
});
