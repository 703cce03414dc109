// How an event changes a conversation or a message: the server's rows and every client's picture follow these same functions, so that events applied in order equal a fresh snapshot. It decides nothing about whether an event happens.
import type { DurableData } from './events.ts';
import { type Conversation, type Message, type MessageStatus, messageStatuses } from './model.ts';

/** A `new_message` of this conversation: it is the newest by the order of commit, whatever its clock says. */
export function withNewMessage(conversation: Conversation, message: Message): Conversation {
  return {
    ...(countsAsUnread(message) ? opened(conversation) : conversation),
    lastMessage: message,
    lastAt: Math.max(conversation.lastAt, message.timestamp),
    unread: countsAsUnread(message) ? conversation.unread + 1 : conversation.unread,
  };
}

/** What a customer writes opens the work again, whether it was put off or done. */
function opened(conversation: Conversation): Conversation {
  const { state: _, snoozedUntil: __, ...rest } = conversation;
  return rest;
}

/** An `assignment` of this conversation. */
export function withAssignee(conversation: Conversation, assignee: string | null): Conversation {
  const { assignee: _, ...rest } = conversation;
  return assignee === null ? rest : { ...rest, assignee };
}

/** What others wrote or did that somebody should look at; a notice of a group is none of it. */
export function countsAsUnread({ fromMe, kind }: Pick<Message, 'fromMe' | 'kind'>): boolean {
  return !fromMe && kind !== 'system';
}

/** A message of this conversation as it is now (`message_update`, or after {@link withStatus}): only the list's preview may change. */
export function withMessage(conversation: Conversation, message: Message): Conversation {
  return conversation.lastMessage?.id === message.id ? { ...conversation, lastMessage: message } : conversation;
}

/** A `message_status` of this message; an earlier error is gone unless the event bears one. */
export function withStatus(
  message: Message,
  { status, error }: Pick<DurableData['message_status'], 'status' | 'error'>,
): Message {
  const { error: _, ...rest } = message;
  return { ...rest, status, ...(error && { error }) };
}

/** A `message_reaction` of this message: each author has one, '' takes it back. */
export function withReaction(
  message: Message,
  { author, fromMe, emoji, at }: Pick<DurableData['message_reaction'], 'author' | 'fromMe' | 'emoji' | 'at'>,
): Message {
  const { reactions = [], ...rest } = message;
  const others = reactions.filter((each) => each.author !== author);
  const now = emoji === '' ? others : [...others, { author, fromMe, emoji, at }];
  return now.length === 0 ? rest : { ...rest, reactions: now };
}

/** A message that was withdrawn for everyone: that it was there stays, and nothing of what it said. */
export function withdrawn(message: Message, deletedBy?: string): Message {
  const { id, account, conversation, stream, seq, from, to, author, fromMe, kind, timestamp } = message;
  const { status, error, authorName, commandId } = message;
  return {
    id,
    account,
    conversation,
    stream,
    seq,
    from,
    to,
    fromMe,
    kind,
    timestamp,
    body: '',
    deleted: true,
    ...(author !== undefined && { author }),
    ...(status && { status }),
    ...(error && { error }),
    ...(authorName !== undefined && { authorName }),
    ...(commandId !== undefined && { commandId }),
    ...(deletedBy !== undefined && { deletedBy }),
  };
}

/** A message that nobody here sees any more, though nobody withdrew it: its time is over, or we have removed it for ourselves. */
export function vanished(message: Message, gone: NonNullable<Message['gone']>): Message {
  return { ...withdrawn(message), gone };
}

/** A message that answers one whose words are gone: that it does stays, and nothing of what that one said. */
export function unquoted(message: Message): Message {
  return message.quote ? { ...message, quote: { ...message.quote, body: '' } } : message;
}

/** Is `next` higher than `now`? Leaving `error` upwards is a rise too: proof that the message arrived beats a refusal. */
export function statusRises(now: MessageStatus | undefined, next: MessageStatus): boolean {
  return now === undefined || messageStatuses.indexOf(next) > messageStatuses.indexOf(now);
}
