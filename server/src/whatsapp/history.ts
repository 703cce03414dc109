// Puts the first sync's older messages, names and address pairs into our words. Pure; it fetches nothing.
import type { MessageStatus } from '@pulseline/protocol';
import type { proto } from 'baileys';
import { chatOf, isKnown, partyOf, samePerson } from './address.ts';
import { changeOf, changesOf } from './changes.ts';
import { contentOf, dated } from './normalise.ts';
import type { Chat, Fact, FactOf, HistoryChat, Party } from './port.ts';
import { unwrap } from './unwrap.ts';

/** At most this many messages of one chat are taken over; the newest count. */
const MESSAGES_PER_CHAT = 500;

/** Numbers of WebMessageInfo.Status. */
const STATUSES: ReadonlyMap<number, MessageStatus> = new Map([
  [0, 'error'],
  [1, 'pending'],
  [2, 'sent'],
  [3, 'delivered'],
  [4, 'read'],
  [5, 'played'],
]);

/** Everything that one piece of history says, names and pairs first. */
export function historyFacts(sync: proto.IHistorySync, me: Party): readonly Fact[] {
  const facts: Fact[] = [];
  for (const { pnJid, lidJid } of sync.phoneNumberToLidMappings ?? []) facts.push(...pair(pnJid, lidJid));
  for (const chat of sync.conversations ?? []) {
    facts.push(...pair(chat.pnJid ?? chat.id, chat.lidJid ?? chat.accountLid ?? chat.id));
  }
  for (const { id, pushname } of sync.pushnames ?? []) {
    const party = partyOf(id);
    if (isKnown(party) && pushname && !samePerson(party, me))
      facts.push({ type: 'contact', party, name: pushname, isProfile: true });
  }
  const chats = (sync.conversations ?? []).flatMap((chat) => historyChat(chat, me) ?? []);
  if (chats.length > 0) {
    facts.push({ type: 'history', chats, ...(typeof sync.progress === 'number' && { progress: sync.progress }) });
  }
  // After the messages that they change.
  facts.push(...(sync.conversations ?? []).flatMap((chat) => strayChanges(chat, me)));
  return facts;
}

export function messagesIn({ conversations }: proto.IHistorySync): number {
  return (conversations ?? []).reduce((sum, { messages }) => sum + (messages?.length ?? 0), 0);
}

/** The name by which the history calls ourselves. */
export function ownName(sync: proto.IHistorySync, me: Party): string | undefined {
  return sync.pushnames?.find(({ id }) => samePerson(partyOf(id), me))?.pushname ?? undefined;
}

function pair(one: string | null | undefined, other: string | null | undefined): readonly Fact[] {
  const { pn, lid } = partyOf(one, other);
  return pn !== undefined && lid !== undefined ? [{ type: 'same-person', pn, lid }] : [];
}

function historyChat(conversation: proto.IConversation, me: Party): HistoryChat | undefined {
  const chat = chatOf(conversation.id, conversation.pnJid, conversation.lidJid);
  if (chat === undefined) return undefined;
  const messages = (conversation.messages ?? [])
    .slice(0, MESSAGES_PER_CHAT)
    .flatMap(({ message }) => (message ? (historyMessage(message, chat, me) ?? []) : []));
  const name = conversation.displayName ?? conversation.name;
  return {
    chat,
    ...(name && { name }),
    ...(typeof conversation.unreadCount === 'number' && { unread: Math.max(0, conversation.unreadCount) }),
    ...(conversation.archived === true && { archived: true }),
    ...(Number(conversation.pinned ?? 0) > 0 && { pinned: true }),
    ...(Number(conversation.ephemeralExpiration ?? 0) > 0 && {
      disappearing: Number(conversation.ephemeralExpiration),
    }),
    messages,
  };
}

function historyMessage(info: proto.IWebMessageInfo, chat: HistoryChat['chat'], me: Party) {
  const waId = info.key?.id;
  const plain = unwrap(info.message);
  const edited = info.message?.editedMessage ? (plain?.protocolMessage?.editedMessage ?? plain) : undefined;
  const changes = changesOf(info, chat, me);
  const withdrawn = changes.some(({ change }) => change.kind === 'revoke');
  const said = withdrawn ? ({ kind: 'text', body: '' } as const) : contentOf(edited ?? withSecret(info));
  if (!waId || said === undefined || (edited === undefined && isChange(info, chat, me))) return undefined;
  const fromMe = info.key?.fromMe === true;
  const group = chat.kind === 'person' ? undefined : partyOf(info.key?.participant ?? info.participant);
  const author: Party | undefined = fromMe ? undefined : chat.kind === 'person' ? withoutKind(chat) : group;
  if (author !== undefined && samePerson(author, me)) return undefined;
  const status = STATUSES.get(Number(info.status ?? -1));
  const timestamp = Number(info.messageTimestamp ?? 0) * 1_000;
  return {
    ...dated(said, timestamp),
    key: { chat, ...(author !== undefined && isKnown(author) && { author }), waId },
    fromMe,
    timestamp,
    ...(info.pushName && { pushName: info.pushName }),
    ...(fromMe && status !== undefined && { status }),
    ...(changes.length > 0 && { changes }),
    ...(edited !== undefined && ({ edited: true } as const)),
  };
}

/** The phone may tell a poll's secret beside the poll. */
function withSecret({ message, messageSecret }: proto.IWebMessageInfo): proto.IMessage | null | undefined {
  if (!message || !messageSecret?.length || message.messageContextInfo?.messageSecret?.length) return message;
  return { ...message, messageContextInfo: { ...message.messageContextInfo, messageSecret } };
}

/** A change that stands in the history as a message of its own, and not as what has become of its target. */
function isChange(info: proto.IWebMessageInfo, chat: Chat, me: Party): boolean {
  return changeIn(info, chat, me) !== undefined;
}

function changeIn(info: proto.IWebMessageInfo, chat: Chat, me: Party): FactOf<'change'> | undefined {
  if (!info.message || info.message.editedMessage) return undefined;
  const fromMe = info.key?.fromMe === true;
  const person = chat.kind === 'person' ? withoutKind(chat) : partyOf(info.key?.participant ?? info.participant);
  const timestamp = Number(info.messageTimestamp ?? 0) * 1_000;
  const key = { chat, waId: info.key?.id ?? '', ...(!fromMe && isKnown(person) && { author: person }) };
  return changeOf({ key, fromMe, timestamp }, info.message, me);
}

function strayChanges(conversation: proto.IConversation, me: Party): readonly Fact[] {
  const chat = chatOf(conversation.id, conversation.pnJid, conversation.lidJid);
  if (chat === undefined) return [];
  // Newest first, as WhatsApp tells them.
  return (conversation.messages ?? [])
    .slice(0, MESSAGES_PER_CHAT)
    .flatMap(({ message }) => (message ? (changeIn(message, chat, me) ?? []) : []))
    .reverse();
}

function withoutKind({ pn, lid }: Party): Party {
  return { ...(pn !== undefined && { pn }), ...(lid !== undefined && { lid }) };
}
