// A message that WhatsApp told us: found again, filled, or new. It never changes what has content, and never counts anything twice.
import { type Message, type MessageStatus, withNewMessage } from '@pulseline/protocol';
import type { ConversationRow, MessageRow } from '../store/port.ts';
import type { FactOf, Party } from '../whatsapp/port.ts';
import { isLid, isPhoneAddress } from './address.ts';
import { conversationFor, findConversation, learnPair, partyAddresses } from './conversations.ts';
import { messageId } from './identifiers.ts';
import { earlyStatusOf, raiseStatus } from './status.ts';
import { clip } from './text.ts';
import type { WorkingCopy } from './working-copy.ts';

/** What live messages and those of the history have in common. */
export type MessageFact = Omit<FactOf<'message'>, 'type' | 'stamps' | 'offline'>;

/** WhatsApp counts seconds, orders count microseconds. */
export const SECOND_US = 1_000_000;
const DAY_MS = 86_400_000;
/** WhatsApp's limit of a text, and ours of a body, in UTF-16 units. */
export const MAX_BODY = 65_536;

export function foldMessage(copy: WorkingCopy, fact: FactOf<'message'>): void {
  const { key, fromMe } = fact;
  if (key.author) learnPair(copy, key.author);
  const found = findConversation(copy, key.chat);
  const known = found && findMessage(copy, found, fact);
  if (known) return meetAgain(copy, known, fact);
  const at = timeOf(fact, copy.now);
  const name = key.chat.kind === 'person' && !fromMe ? fact.pushName : undefined;
  const conversation = conversationFor(copy, key.chat, at, name);
  const row = composeMessage(copy, conversation, fact, {
    seq: copy.nextSeq,
    ord: liveOrd(copy, conversation, at),
  });
  addNewMessage(copy, conversation, row, { id: row.message.id, ...fact.stamps });
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

/** A message that we have: a stub is filled by content, our own send is confirmed, everything else stays as it is. */
export function meetAgain(copy: WorkingCopy, known: MessageRow, fact: MessageFact, status?: MessageStatus): void {
  if (known.message.kind === 'waiting' && fact.kind !== 'waiting') {
    const { quote: _, rawType: __, ...stub } = known.message;
    const message: Message = { ...stub, ...contentOf(copy, known.message.conversation, fact) };
    copy.putMessage({ ...known, message });
    copy.emit('message_update', message);
  }
  // What comes back from WhatsApp has reached it, whether or not the ack did.
  if (known.message.fromMe) raiseStatus(copy, known.message.id, status ?? 'sent', copy.now);
}

/** The message of this conversation, author and WhatsApp id, if we have it: a person and an author are known by either address. */
export function findMessage(
  copy: WorkingCopy,
  conversation: ConversationRow,
  { key, fromMe }: Pick<MessageFact, 'key' | 'fromMe'>,
): MessageRow | undefined {
  const { id, kind } = conversation.conversation;
  const same = copy.messagesWith(key.waId).filter(({ message }) => message.fromMe === fromMe);
  if (kind === 'person') {
    // A person's second conversation (see learnPair) also holds messages of this person.
    const peer = new Set([...conversation.addresses, conversation.conversation.address]);
    return same.find(({ message }) => message.conversation === id || peer.has(fromMe ? message.to : message.from));
  }
  const forms = authorForms(copy, conversation, key.author);
  return same.find(
    ({ message, author }) =>
      message.conversation === id && (fromMe || forms.has(author) || forms.has(message.author ?? '')),
  );
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
  const message: Message = {
    id: messageId(account.id, conversation.id, author, key.waId),
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
    ...contentOf(copy, conversation.id, fact),
  };
  return { message, waId: key.waId, author, ord: place.ord };
}

/** Stands for ourselves in the time before WhatsApp has told us our own address. */
const UNKNOWN_SELF = 'unknown@s.whatsapp.net';

function contentOf(
  copy: WorkingCopy,
  conversation: string,
  { kind, body, rawType, quoted, pushName, fromMe }: MessageFact,
): Pick<Message, 'kind' | 'body'> & Partial<Message> {
  const name = fromMe ? '' : clip(pushName?.trim() ?? '', 200);
  const author = phoneForm(copy, quoted?.author);
  const original = quoted && copy.messagesWith(quoted.waId).find((row) => row.message.conversation === conversation);
  return {
    kind,
    body: clip(body, MAX_BODY),
    ...(rawType && { rawType: clip(rawType, 100) }),
    ...(name && { authorName: name }),
    ...(quoted && {
      quote: {
        ...(original && { id: original.message.id }),
        ...(author && { author }),
        body: clip(quoted.body, MAX_BODY),
      },
    }),
  };
}

/** The author under which a message is stored: in groups the LID, which WhatsApp always tells in groups that use it. */
function canonicalAuthor({ conversation, addresses }: ConversationRow, author: Party | undefined): string {
  const own = addresses[0] ?? conversation.address;
  if (conversation.kind === 'person') return own;
  const [pn, lid] = [partyAddresses(author).find(isPhoneAddress), partyAddresses(author).find(isLid)];
  return lid ?? pn ?? own;
}

/** Every address under which an author may have been stored. */
function authorForms(copy: WorkingCopy, row: ConversationRow, author: Party | undefined): ReadonlySet<string> {
  const forms = partyAddresses(author);
  if (forms.length === 0) return new Set([canonicalAuthor(row, author)]);
  return new Set([...forms, ...forms.flatMap((form) => copy.conversationAt(form)?.addresses ?? [])]);
}

/** A person's address as outsiders see it: the phone number where we know it. */
function phoneForm(copy: WorkingCopy, party: Party | undefined): string | undefined {
  const forms = partyAddresses(party);
  const known = forms.flatMap((form) => copy.conversationAt(form)?.addresses ?? []);
  return [...forms, ...known].find(isPhoneAddress) ?? forms[0];
}

/** WhatsApp's time, or the time of commit if it is none. */
export function timeOf({ timestamp }: Pick<MessageFact, 'timestamp'>, now: number): number {
  return Number.isSafeInteger(timestamp) && timestamp >= 0 ? timestamp : now;
}
