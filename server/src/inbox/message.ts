// A message that WhatsApp told us: found again, filled, or new. It never changes what has content, and never counts anything twice.
import { type Conversation, type Message, type MessageStatus, withNewMessage } from '@pulseline/protocol';
import type { ConversationRow, MessageRow } from '../store/port.ts';
import type { FactOf } from '../whatsapp/port.ts';
import { bearing } from './bearing.ts';
import { naming, withEarlyChanges } from './change.ts';
import { announce, conversationFor, findConversation, learnPair } from './conversations.ts';
import { canonicalAuthor, findMessage, phoneForm } from './find.ts';
import { takeReceipts } from './group-receipt.ts';
import { messageId } from './identifiers.ts';
import { keepMedia, mediaShown } from './media.ts';
import { earlyStatusOf, raiseStatus } from './status.ts';
import { clip, MAX_BODY } from './text.ts';
import type { WorkingCopy } from './working-copy.ts';

/** What live messages and those of the history have in common. */
export type MessageFact = Omit<FactOf<'message'>, 'type' | 'stamps' | 'offline'>;

/** WhatsApp counts seconds, orders count microseconds. */
export const SECOND_US = 1_000_000;
const DAY_MS = 86_400_000;

export function foldMessage(copy: WorkingCopy, fact: FactOf<'message'>): void {
  const { key, fromMe } = fact;
  if (key.author) learnPair(copy, key.author);
  const found = findConversation(copy, key.chat);
  const known = found && findMessage(copy, found, fact);
  if (known) return meetAgainLive(copy, known, fact);
  copy.count('stored');
  if (fact.kind === 'waiting') {
    copy.count('unreadable');
    copy.count(`unreadable ${writerOf(copy, fact)}`);
  }
  const at = timeOf(fact, copy.now);
  const name = key.chat.kind === 'person' && !fromMe ? fact.pushName : undefined;
  const conversation = withTimer(copy, conversationFor(copy, key.chat, at, name), fact.content?.timer);
  const row = composeMessage(copy, conversation, fact, {
    seq: copy.nextSeq,
    ord: liveOrd(copy, conversation, at),
  });
  addNewMessage(copy, conversation, row, { id: row.message.id, ...fact.stamps });
  keepMedia(copy, row.message, fact);
  // Receipts of a group that came before what our own phone sent there.
  const reached = fromMe && key.chat.kind === 'group' ? takeReceipts(copy, row, key.chat) : undefined;
  if (reached) raiseStatus(copy, row.message.id, reached, copy.now);
}

/** From now on messages of this conversation disappear after another time. */
export function withTimer(copy: WorkingCopy, row: ConversationRow, timer: number | undefined): ConversationRow {
  const conversation = lasting(row.conversation, timer);
  return conversation === row.conversation ? row : announce(copy, { ...row, conversation });
}

/** With another timer; the same object if it is no other. */
export function lasting(conversation: Conversation, timer: number | undefined): Conversation {
  const { disappearing = 0, ...rest } = conversation;
  if (timer === undefined || timer === disappearing) return conversation;
  return timer > 0 ? { ...rest, disappearing: timer } : rest;
}

/** Puts a message that makes `new_message`, and tells it. */
export function addNewMessage(
  copy: WorkingCopy,
  conversation: ConversationRow,
  row: MessageRow,
  stamps?: { readonly id: string; readonly heard: number; readonly normalised: number },
): void {
  copy.putMessage(row);
  copy.putConversation({ ...conversation, conversation: withNewMessage(conversation.conversation, row.message) });
  copy.emit('new_message', row.message, stamps);
}

/**
 * The order of a live message: the commit time in microseconds, or the end of the second that WhatsApp names if our
 * clock is behind WhatsApp's, so that history never sorts above it; and always above what is there.
 */
export function liveOrd(copy: WorkingCopy, { conversation }: ConversationRow, timestamp: number): number {
  const named = Math.min(timestamp, copy.now + DAY_MS) * 1_000 + SECOND_US - 1;
  return Math.max(copy.now * 1_000, named, copy.lastOrd(conversation.id) + 1);
}

function meetAgainLive(copy: WorkingCopy, known: MessageRow, fact: FactOf<'message'>): void {
  meetAgain(copy, known, fact);
  const filled = copy.message(known.message.id)?.message.kind !== known.message.kind;
  copy.count(filled ? 'filled' : 'again');
  if (filled) copy.count(`filled ${writerOf(copy, fact)}`);
}

/** Under whose name a message that could not be read is counted. */
function writerOf(copy: WorkingCopy, { key, fromMe }: FactOf<'message'>): string {
  const { chat } = key;
  const party = fromMe ? undefined : (key.author ?? (chat.kind === 'person' ? chat : undefined));
  return (party && phoneForm(copy, party)) ?? 'me';
}

/** A message that we have: a stub is filled by content, our own send is confirmed, everything else stays as it is. */
export function meetAgain(copy: WorkingCopy, known: MessageRow, fact: MessageFact, status?: MessageStatus): void {
  if (known.message.kind === 'waiting' && fact.kind !== 'waiting' && known.message.deleted !== true) {
    const { quote: _, rawType: __, ...stub } = known.message;
    const filled: Message = { ...stub, ...contentOf(copy, known.message, fact) };
    const row = { ...known, ...secretOf(fact), message: filled };
    const home = copy.conversation(filled.conversation);
    const { message } = home === undefined ? row : withEarlyChanges(copy, home, row);
    copy.putMessage({ ...row, message });
    keepMedia(copy, message, fact);
    copy.emit('message_update', message);
  }
  // What comes back from WhatsApp has reached it, whether or not the ack did.
  if (known.message.fromMe) raiseStatus(copy, known.message.id, status ?? 'sent', copy.now);
}

/** A row for a message that is new to us; `seq` 0 for history. */
export function composeMessage(
  copy: WorkingCopy,
  row: ConversationRow,
  fact: MessageFact,
  place: { readonly seq: number; readonly ord: number },
  known?: MessageStatus,
): MessageRow {
  const { account } = copy;
  const { conversation } = row;
  const { key, fromMe } = fact;
  const me = account.me?.id ?? UNKNOWN_SELF;
  const author = fromMe ? '' : canonicalAuthor(row, key.author);
  const visibleAuthor = conversation.kind === 'person' || fromMe ? undefined : phoneForm(copy, key.author);
  const id = messageId(account.id, conversation.id, author, key.waId);
  const message: Message = {
    id,
    account: account.id,
    conversation: conversation.id,
    stream: account.stream,
    seq: place.seq,
    from: fromMe ? me : conversation.address,
    to: fromMe ? conversation.address : me,
    ...(visibleAuthor && { author: visibleAuthor }),
    fromMe,
    timestamp: timeOf(fact, copy.now),
    ...(fromMe && { status: earlyStatusOf(copy, key.waId, known ?? 'sent') }),
    ...contentOf(copy, { id, conversation: conversation.id, seq: place.seq }, fact),
  };
  return withEarlyChanges(copy, row, { message, waId: key.waId, author, ord: place.ord, ...secretOf(fact) });
}

function secretOf({ content }: MessageFact): Pick<MessageRow, 'secret'> {
  return content?.secret === undefined ? {} : { secret: content.secret };
}

/** Stands for ourselves in the time before WhatsApp has told us our own address. */
const UNKNOWN_SELF = 'unknown@s.whatsapp.net';

function contentOf(
  copy: WorkingCopy,
  { id, conversation, seq }: Pick<Message, 'id' | 'conversation' | 'seq'>,
  fact: MessageFact,
): Pick<Message, 'kind' | 'body'> & Partial<Message> {
  const { key, kind, body, media, rawType, quoted, mentions, pushName, fromMe } = fact;
  const name = fromMe ? '' : clip(pushName?.trim() ?? '', 200);
  const author = phoneForm(copy, quoted?.author);
  const original = quoted && copy.messagesWith(quoted.waId).find((row) => row.message.conversation === conversation);
  return {
    kind,
    ...(media && { media: mediaShown(id, media, seq > 0 && isFetched(key.chat)) }),
    ...(rawType && { rawType: clip(rawType, 100) }),
    ...(name && { authorName: name }),
    ...naming(copy, body, mentions),
    ...bearing(copy, conversation, fact),
    ...(quoted && {
      quote: {
        ...(original && { id: original.message.id }),
        ...(author && { author }),
        body: original?.message.deleted === true ? '' : clip(quoted.body, MAX_BODY),
      },
    }),
  };
}

/** What a channel or a status posts is fetched when somebody asks for it. */
function isFetched({ kind }: MessageFact['key']['chat']): boolean {
  return kind === 'person' || kind === 'group';
}

/** WhatsApp's time, or the time of commit if it is none. */
export function timeOf({ timestamp }: Pick<MessageFact, 'timestamp'>, now: number): number {
  return Number.isSafeInteger(timestamp) && timestamp >= 0 ? timestamp : now;
}
