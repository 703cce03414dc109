// How a conversation is arranged, by us and by the account's other devices: archived, pinned, silent, marked as unread, emptied, deleted. Of two arrangements the one that WhatsApp took last counts; messages are changed nowhere here.
import { CodedError, type Conversation } from '@pulseline/protocol';
import type { Change, ConversationRow, Handler, MessageRow } from '../store/port.ts';
import type { ChatChange, Errand, FactOf, Newest } from '../whatsapp/port.ts';
import type { Commands } from './commands.ts';
import { announce, chatOf, findConversation, newConversation } from './conversations.ts';
import { endErrand, putErrand } from './errands.ts';
import { undoStar } from './for-us.ts';
import { targetOf } from './send-change.ts';
import type { WorkingCopy as Copy } from './working-copy.ts';
import { WorkingCopy } from './working-copy.ts';

/** A mute without an end, as WhatsApp says it. */
const FOR_EVER = -1;
/** All of them: whatever their place. */
const EVERY = Number.MAX_SAFE_INTEGER;

/** What another of our devices did to a whole chat. Answers what has to be removed besides. */
export function foldChatState(copy: Copy, fact: FactOf<'chat-state'>): readonly Change[] {
  const { chat, change, at, upTo } = fact;
  const found = findConversation(copy, chat);
  if (found === undefined) {
    // The phone may arrange what it has not told of yet. What it takes back of that is nothing.
    if (!isOn(change, copy.now)) return [];
    const row = newConversation(copy, chat, Math.max(0, at));
    announce(copy, { ...row, conversation: arranged(row.conversation, change, copy.now) });
    return [];
  }
  if (change.kind === 'delete' || change.kind === 'clear') return empty(copy, found, change.kind, upTo);
  const conversation = arranged(found.conversation, change, copy.now);
  const read = change.kind === 'unread' && !change.on ? readUpTo(copy, found, upTo) : conversation.unread;
  tell(copy, found, { ...conversation, unread: read });
  return [];
}

function isOn(change: ChatChange, now: number): boolean {
  if (change.kind === 'mute') return change.until === FOR_EVER || change.until > now;
  return change.kind !== 'delete' && change.kind !== 'clear' && change.on;
}

/** The conversation after a change that takes nothing away. */
function arranged(conversation: Conversation, change: ChatChange, now: number): Conversation {
  switch (change.kind) {
    case 'archive':
      return { ...conversation, archived: change.on };
    case 'pin':
      return { ...conversation, pinned: change.on };
    case 'mute': {
      const { mutedUntil: _, ...rest } = conversation;
      return { ...rest, muted: isOn(change, now), ...(change.until > now && { mutedUntil: change.until }) };
    }
    case 'unread': {
      const { markedUnread: _, ...rest } = conversation;
      return change.on ? { ...rest, markedUnread: true } : rest;
    }
    default:
      return conversation;
  }
}

/** What came after the moment stays unread. */
function readUpTo(copy: Copy, { conversation }: ConversationRow, upTo: number | undefined): number {
  if (upTo === undefined) return 0;
  const left = copy.unread(conversation.id).filter(({ message }) => message.timestamp > upTo);
  return Math.min(conversation.unread, left.length);
}

/** Only what was there when it was done goes: a chat that has something newer stays, with that. */
function empty(
  copy: Copy,
  row: ConversationRow,
  kind: 'delete' | 'clear',
  upTo: number | undefined,
): readonly Change[] {
  const { id, account, lastMessage, unread: _, ...rest } = row.conversation;
  const newest = lastMessage?.timestamp ?? 0;
  const hasNewer = upTo !== undefined && newest > upTo;
  if (kind === 'delete' && !hasNewer) {
    copy.removeConversation(id);
    copy.emit('conversation_removed', { account, id });
    return [];
  }
  const keptFrom = hasNewer ? upTo + 1 : Math.max(newest + 1, rest.keptFrom ?? 0);
  const left = hasNewer ? readUpTo(copy, row, upTo) : 0;
  announce(copy, {
    ...row,
    conversation: { ...rest, id, account, unread: left, keptFrom, ...(hasNewer && lastMessage && { lastMessage }) },
  });
  return [{ remove: 'messages', conversation: id, before: hasNewer ? keptFrom * 1_000 : EVERY, most: EVERY }];
}

function tell(copy: Copy, row: ConversationRow, conversation: Conversation): void {
  const fields = ['archived', 'pinned', 'muted', 'mutedUntil', 'markedUnread', 'unread'] as const;
  if (fields.some((field) => row.conversation[field] !== conversation[field])) announce(copy, { ...row, conversation });
}

/** The end of an errand. One that WhatsApp did not take leaves the conversation as it was. */
export function foldErrandDone(copy: Copy, fact: FactOf<'job-done'>): void {
  const row = copy.job(fact.job);
  const errand = row && endErrand(copy, row, fact);
  if (errand && fact.error !== undefined) undoStar(copy, errand, fact);
  if (errand?.do !== 'chat-state' || fact.error === undefined || fact.error === 'LOGGED_OUT') return;
  const home = findConversation(copy, errand.chat);
  const { change } = errand;
  if (home === undefined || change.kind === 'delete' || change.kind === 'clear') return;
  const undo: ChatChange = change.kind === 'mute' ? { kind: 'mute', until: 0 } : { ...change, on: !change.on };
  tell(copy, home, arranged(home.conversation, undo, copy.now));
}

type ChangeConversation = Commands['change_conversation'];

/** Told only if something changes; the account's other devices are told by an errand for each change. Errors: CONVERSATION_NOT_FOUND. */
export const changeConversation: Handler<ChangeConversation['input'], ChangeConversation['output']> = {
  reads: ({ conversation, newest }) => ({ conversations: [conversation], ...(newest && { messages: [newest] }) }),
  decide(rows, { conversation: id, archived, pinned, muted, mutedUntil, markedUnread, jobId, newest }, now) {
    const row = rows.conversations.get(id);
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id });
    const before = row.conversation;
    const copy = new WorkingCopy(rows, before.account, now);
    const until = mutedUntil !== undefined && mutedUntil > copy.now ? mutedUntil : FOR_EVER;
    const silent = muted ?? (mutedUntil === undefined ? undefined : mutedUntil > copy.now);
    const changes: readonly ChatChange[] = [
      ...(archived === undefined ? [] : [{ kind: 'archive', on: archived } as const]),
      ...(pinned === undefined ? [] : [{ kind: 'pin', on: pinned } as const]),
      ...(silent === undefined ? [] : [{ kind: 'mute', until: silent ? until : 0 } as const]),
      ...(markedUnread === undefined ? [] : [{ kind: 'unread', on: markedUnread } as const]),
    ];
    let conversation = before;
    for (const change of changes) {
      const next = arranged(conversation, change, copy.now);
      if (!isSame(conversation, next))
        tellWhatsApp(copy, row, change, `${jobId ?? `a_${copy.nextSeq}_${id}`}_${change.kind}`, newest);
      conversation = next;
    }
    tell(copy, row, conversation);
    return copy.decision(conversation);
  },
};

function isSame(one: Conversation, other: Conversation): boolean {
  return (['archived', 'pinned', 'muted', 'mutedUntil', 'markedUnread'] as const).every(
    (field) => one[field] === other[field],
  );
}

/** An errand for the account's other devices; what was imported and what no device arranges is our own affair. */
export function tellWhatsApp(
  copy: Copy,
  row: ConversationRow,
  change: ChatChange,
  jobId: string,
  newest: string | undefined,
): void {
  const { kind, readOnly } = row.conversation;
  if (readOnly === true || kind === 'status') return;
  const message = newest === undefined ? undefined : copy.message(newest);
  const errand: Errand = {
    do: 'chat-state',
    chat: chatOf(row),
    change,
    ...(message && { newest: newestOf(row, message) }),
  };
  putErrand(copy, jobId, errand);
}

export function newestOf(row: ConversationRow, message: MessageRow): Newest {
  return { ...targetOf(row, message), at: message.message.timestamp };
}

type DeleteConversation = Commands['delete_conversation'];

/** Here and on the account's other devices. Errors: CONVERSATION_NOT_FOUND. */
export const deleteConversation: Handler<DeleteConversation['input'], DeleteConversation['output']> = {
  reads: ({ conversation, newest }) => ({ conversations: [conversation], ...(newest && { messages: [newest] }) }),
  decide(rows, { conversation: id, jobId, newest }, now) {
    const row = rows.conversations.get(id);
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id });
    const { account } = row.conversation;
    const copy = new WorkingCopy(rows, account, now);
    tellWhatsApp(copy, row, { kind: 'delete' }, jobId, newest);
    const upTo = copy.nextSeq;
    copy.removeConversation(row.conversation.id);
    copy.emit('conversation_removed', { account, id: row.conversation.id });
    return copy.decision({ account, id: row.conversation.id, stream: copy.account.stream, upTo });
  },
};

/** What the log told of it says no more than that it is gone, some thousand events at a time. */
export const forgetTexts: Handler<Commands['forget_texts']['input'], null> = {
  reads: () => ({}),
  decide: (_, { account, stream, conversation, from, to }) => ({
    changes: [{ remove: 'texts', account, stream, conversation, from, to }],
    output: null,
  }),
};
