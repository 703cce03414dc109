// Older messages of the first sync: they fill conversations without making `new_message`, sort below what is live, and never count twice.
import { type Conversation, statusRises } from '@pulseline/protocol';
import type { ConversationRow, MessageRow } from '../store/port.ts';
import type { FactOf, HistoryChat } from '../whatsapp/port.ts';
import { type ChangeFact, changed, tellChange } from './change.ts';
import { announce, findConversation, learnPair, newConversation, withSuggestedName } from './conversations.ts';
import { findMessage } from './find.ts';
import { takeReceipts } from './group-receipt.ts';
import { keepMedia } from './media.ts';
import { composeMessage, type MessageFact, meetAgain, SECOND_US, timeOf } from './message.ts';
import { clip } from './text.ts';
import type { WorkingCopy } from './working-copy.ts';

export function foldHistory(copy: WorkingCopy, { chats }: FactOf<'history'>): void {
  for (const chat of chats) foldChat(copy, chat);
}

/** One `conversation_update` tells all that a chat brings; none if it brings nothing new. */
function foldChat(copy: WorkingCopy, chat: HistoryChat): void {
  // Oldest first; messages of one second keep the order in which WhatsApp tells them.
  const told = [...chat.messages].sort((a, b) => timeOf(a, copy.now) - timeOf(b, copy.now));
  for (const { key } of told) if (key.author) learnPair(copy, key.author);
  const found = findConversation(copy, chat.chat);
  const row = found ?? newConversation(copy, chat.chat, 0);
  if (found === undefined) copy.putConversation(row);
  const added = addMessages(copy, row, told);
  const before = copy.conversation(row.conversation.id) ?? row;
  const unread =
    found === undefined ? phoneCount(chat) : Math.max(before.conversation.unread, fresh(chat, told, added));
  const newest = [...added].at(-1);
  const conversation: Conversation = {
    ...before.conversation,
    // The phone's own word for the chat; what people call themselves comes as pushName.
    name: clip(chat.name?.trim() ?? '', 300) || before.conversation.name,
    lastAt: Math.max(before.conversation.lastAt, newest ? timeOf(newest, copy.now) : 0, chat.at ?? 0),
    unread,
    archived: chat.archived ?? before.conversation.archived,
    pinned: chat.pinned ?? before.conversation.pinned,
    ...(chat.disappearing !== undefined && { disappearing: chat.disappearing }),
  };
  // Only a person's chat may bear the name of who writes there.
  const writer = chat.chat.kind === 'person' ? told.findLast(({ fromMe, pushName }) => !fromMe && pushName) : undefined;
  const after = withSuggestedName({ ...before, conversation }, writer?.pushName);
  const isChanged = added.size > 0 || differ(before.conversation, after.conversation);
  if (found === undefined || isChanged) announce(copy, after);
}

function phoneCount({ unread }: HistoryChat): number {
  return Math.max(0, Math.floor(unread ?? 0));
}

/** How many of those that the phone counts as unread are new to us: a second sync of what we had brings nothing back. */
function fresh(chat: HistoryChat, told: readonly ToldMessage[], added: ReadonlySet<ToldMessage>): number {
  const inbound = told.filter(({ fromMe }) => !fromMe);
  return inbound.slice(Math.max(0, inbound.length - phoneCount(chat))).filter((fact) => added.has(fact)).length;
}

/** Adds what we do not have. Answers what was added, by the fact that told it. */
function addMessages(copy: WorkingCopy, row: ConversationRow, told: readonly ToldMessage[]): ReadonlySet<ToldMessage> {
  const { id, lastMessage } = row.conversation;
  const isLive = (lastMessage?.seq ?? 0) > 0;
  const ceiling = isLive ? copy.lastOrd(id) - SECOND_US : Number.MAX_SAFE_INTEGER;
  const added = new Set<ToldMessage>();
  let ord = 0;
  for (const fact of told) {
    const known = findMessage(copy, row, fact);
    if (known) {
      meetAgain(copy, known, fact, fact.status);
      for (const change of changesOf(fact)) {
        const now = copy.message(known.message.id);
        if (now) tellChange(copy, now, change);
      }
      continue;
    }
    ord = Math.max(Math.min(timeOf(fact, copy.now) * 1_000, ceiling), ord + 1);
    const isNewest = ord > copy.lastOrd(id);
    const composed = composeMessage(copy, row, fact, { seq: 0, ord }, fact.status);
    const first = fact.edited ? { ...composed.message, edited: true } : composed.message;
    const last = changesOf(fact).reduce((now, change) => changed(copy, now, change, composed.secret), first);
    const message = received(copy, { ...composed, message: last }, fact);
    copy.putMessage(message);
    keepMedia(copy, message.message, fact);
    added.add(fact);
    const now = copy.conversation(id) ?? row;
    if (isNewest) copy.putConversation({ ...now, conversation: { ...now.conversation, lastMessage: message.message } });
  }
  return added;
}

/** With the receipts of a group that came before it. */
function received(copy: WorkingCopy, row: MessageRow, { key, fromMe }: ToldMessage): MessageRow {
  const reached = fromMe && key.chat.kind === 'group' ? takeReceipts(copy, row, key.chat) : undefined;
  const rises = reached !== undefined && statusRises(row.message.status, reached);
  return rises ? { ...row, message: { ...row.message, status: reached } } : row;
}

/** What had been done to it before it was told. */
function changesOf({ key, fromMe, changes = [] }: ToldMessage): readonly ChangeFact[] {
  const target = { chat: key.chat, waId: key.waId, fromMe, ...(key.author && { author: key.author }) };
  // The phone has seen who took it back, and does not tell: it stands for the author.
  const writer = { fromMe, ...(key.author && { by: key.author }) };
  return changes.map((each) => ({ ...each, ...(each.change.kind === 'revoke' && writer), type: 'change', target }));
}

type ToldMessage = MessageFact & HistoryChat['messages'][number];

function differ(a: Conversation, b: Conversation): boolean {
  return (
    a.name !== b.name ||
    a.lastAt !== b.lastAt ||
    a.unread !== b.unread ||
    a.archived !== b.archived ||
    a.pinned !== b.pinned ||
    a.disappearing !== b.disappearing ||
    a.lastMessage?.id !== b.lastMessage?.id
  );
}
