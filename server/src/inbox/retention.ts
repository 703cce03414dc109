// What an account keeps no longer: the oldest messages of a conversation and the oldest part of the log go, in small transactions; whoever looks is told by one `conversation_update`.
import { CodedError, type Conversation, vanished } from '@pulseline/protocol';
import type { Handler } from '../store/port.ts';
import type { Commands } from './commands.ts';
import { announce } from './conversations.ts';
import { WorkingCopy } from './working-copy.ts';

/** Rows that one command removes at most: it takes a few ms, and no message waits longer. */
const MOST_ROWS = 500;

export const expireMessages: Handler<Commands['expire_messages']['input'], null> = {
  reads: ({ conversation }) => ({ conversations: [conversation], unreadOf: [conversation] }),
  decide(rows, { conversation: id, before }, now) {
    const row = rows.conversations.get(id);
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id });
    const copy = new WorkingCopy(rows, row.conversation.account, now);
    const { keptFrom = 0, lastMessage, ...kept } = row.conversation;
    if (before > keptFrom) {
      const unread = copy.unread(id).filter(({ ord }) => ord >= before * 1_000).length;
      const conversation: Conversation = {
        ...kept,
        keptFrom: before,
        unread: Math.min(kept.unread, unread),
        ...(lastMessage !== undefined && lastMessage.timestamp >= before && { lastMessage }),
      };
      announce(copy, { ...row, conversation });
    }
    return copy.decision(null, [{ remove: 'messages', conversation: id, before: before * 1_000, most: MOST_ROWS }]);
  },
};

export const disappear: Handler<Commands['disappear']['input'], null> = {
  reads: ({ account, messages }) => ({ account, messages, quoting: true }),
  decide(rows, { account, messages }, now) {
    const copy = new WorkingCopy(rows, account, now);
    for (const id of messages) {
      const row = copy.message(id);
      if (row === undefined || row.message.kept === true || (row.message.expiresAt ?? Infinity) > copy.now) continue;
      const message = vanished(row.message, 'expired');
      copy.putMessage({ ...row, message });
      if (row.message.media) copy.removeMedia(row.message.media.id);
      copy.emit('message_update', message);
    }
    return copy.decision(null);
  },
};

export const expireEvents: Handler<Commands['expire_events']['input'], null> = {
  reads: () => ({}),
  decide: (_, { stream, before }) => ({
    changes: [{ remove: 'events', stream, before, most: MOST_ROWS }],
    output: null,
  }),
};
