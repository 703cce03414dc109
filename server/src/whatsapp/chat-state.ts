// What an account's devices share about chats, people and messages, from WhatsApp's mutations into our words and back. Pure; it syncs nothing.
import type { proto, WAPatchCreate } from 'baileys';
import { chatOf, isKnown, partyOf, wireAddress } from './address.ts';
import type { Chat, ChatChange, Errand, Fact, Newest, Target } from './port.ts';

/** One mutation as the library opens it: what it is about, and what it says. */
export interface Mutation {
  readonly index: readonly string[];
  readonly value: proto.ISyncActionValue;
}

/** SyncdMutation.SyncdOperation.SET. */
const SET = 0;
/** A mute without an end. */
const FOR_EVER = -1;

/**
 * What becomes true by a mutation. `isFirst`: it comes with the first sync of its collection, so it may be years old, and
 * what it took away is not here to be taken away.
 */
export function mutationFacts({ index, value }: Mutation, isFirst: boolean): readonly Fact[] {
  const [kind = '', object, waId, own] = index;
  const at = numberOf(value.timestamp);
  const chat = chatOf(object);
  const told = (change: ChatChange, range?: proto.SyncActionValue.ISyncActionMessageRange | null): readonly Fact[] => {
    const seconds = numberOf(range?.lastMessageTimestamp);
    return chat === undefined
      ? []
      : [{ type: 'chat-state', chat, change, at, ...(seconds > 0 && { upTo: (seconds + 1) * 1_000 - 1 }) }];
  };
  if (value.archiveChatAction) return told({ kind: 'archive', on: value.archiveChatAction.archived === true });
  if (value.pinAction) return told({ kind: 'pin', on: value.pinAction.pinned === true });
  if (value.muteAction) {
    const { muted, muteEndTimestamp } = value.muteAction;
    const until = numberOf(muteEndTimestamp);
    return told({ kind: 'mute', until: muted ? (until > 0 ? until : FOR_EVER) : 0 });
  }
  if (value.markChatAsReadAction) {
    const { read, messageRange } = value.markChatAsReadAction;
    return told({ kind: 'unread', on: read !== true }, messageRange);
  }
  if (kind === 'deleteChat' || kind === 'clearChat') {
    const { messageRange } = value.deleteChatAction ?? value.clearChatAction ?? {};
    return isFirst ? [] : told({ kind: kind === 'deleteChat' ? 'delete' : 'clear' }, messageRange);
  }
  if (value.contactAction) {
    const { fullName, firstName, lidJid, pnJid } = value.contactAction;
    const party = partyOf(object, lidJid, pnJid);
    const name = fullName || firstName;
    return isKnown(party) && name ? [{ type: 'contact', party, name }] : [];
  }
  if (kind === 'deleteMessageForMe' && chat !== undefined && waId && !isFirst) {
    const target = { chat, waId, fromMe: own === '1', ...authorIn(index[4]) };
    return [{ type: 'change', target, change: { kind: 'remove' }, fromMe: true, at }];
  }
  if (kind === 'star' && chat !== undefined && waId) {
    // Some clients say it in the index alone.
    const on = value.starAction?.starred ?? index.at(-1) === '1';
    const target = { chat, waId, fromMe: own === '1', ...authorIn(index[4]) };
    return isFirst && !on ? [] : [{ type: 'change', target, change: { kind: 'star', on }, fromMe: true, at }];
  }
  return [];
}

/** The name that the account has chosen for itself. */
export function ownNameIn({ value }: Mutation): string | undefined {
  return value.pushNameSetting?.name ?? undefined;
}

/** The patch that tells the account's other devices; undefined for a chat without an address. */
export function patchOf(
  chat: Chat,
  change: ChatChange,
  newest: Newest | undefined,
  now: number,
): WAPatchCreate | undefined {
  const jid = wireAddress(chat);
  if (jid === undefined) return undefined;
  const messageRange = rangeOf(jid, chat, newest, now);
  const make = (
    type: WAPatchCreate['type'],
    apiVersion: number,
    index: readonly string[],
    value: proto.ISyncActionValue,
  ): WAPatchCreate => ({
    type,
    apiVersion,
    index: [...index],
    syncAction: { ...value, timestamp: now },
    operation: SET,
  });
  switch (change.kind) {
    case 'archive':
      return make('regular_low', 3, ['archive', jid], { archiveChatAction: { archived: change.on, messageRange } });
    case 'pin':
      return make('regular_low', 5, ['pin_v1', jid], { pinAction: { pinned: change.on } });
    case 'unread':
      return make('regular_low', 3, ['markChatAsRead', jid], {
        markChatAsReadAction: { read: !change.on, messageRange },
      });
    case 'mute':
      return make('regular_high', 2, ['mute', jid], {
        muteAction: { muted: change.until !== 0, ...(change.until !== 0 && { muteEndTimestamp: change.until }) },
      });
    case 'delete':
      return make('regular_high', 6, ['deleteChat', jid, '1'], { deleteChatAction: { messageRange } });
    case 'clear':
      return make('regular_high', 6, ['clearChat', jid, '1', '0'], { clearChatAction: { messageRange } });
  }
}

/** The patch that tells the account's other devices what we did to a message for ourselves. */
export function messagePatchOf(
  { chat, waId, fromMe, author }: Target,
  change: Extract<Errand, { do: 'message-state' }>['change'],
  now: number,
): WAPatchCreate | undefined {
  const jid = wireAddress(chat);
  if (jid === undefined) return undefined;
  const writer = chat.kind === 'person' || fromMe ? undefined : (author?.lid ?? author?.pn);
  const named = [jid, waId, fromMe ? '1' : '0', writer ?? '0'];
  if (change.kind === 'star') {
    const syncAction = { starAction: { starred: change.on }, timestamp: now };
    return { type: 'regular_low', apiVersion: 2, index: ['star', ...named], syncAction, operation: SET };
  }
  const deleteMessageForMeAction = { deleteMedia: true, messageTimestamp: Math.floor(change.at / 1_000) };
  const syncAction = { deleteMessageForMeAction, timestamp: now };
  return { type: 'regular_high', apiVersion: 3, index: ['deleteMessageForMe', ...named], syncAction, operation: SET };
}

/** The patch by which the account calls itself. */
export function namePatchOf(name: string, now: number): WAPatchCreate {
  const syncAction = { pushNameSetting: { name }, timestamp: now };
  return { type: 'critical_block', apiVersion: 1, index: ['setting_pushName'], syncAction, operation: SET };
}

function rangeOf(jid: string, chat: Chat, newest: Newest | undefined, now: number) {
  if (newest === undefined) return { lastMessageTimestamp: Math.floor(now / 1_000) };
  const timestamp = Math.floor(newest.at / 1_000);
  const participant = chat.kind === 'person' || newest.fromMe ? undefined : (newest.author?.lid ?? newest.author?.pn);
  const key = { remoteJid: jid, id: newest.waId, fromMe: newest.fromMe, ...(participant && { participant }) };
  return { lastMessageTimestamp: timestamp, messages: [{ key, timestamp }] };
}

function authorIn(participant: string | undefined): Pick<Target, 'author'> {
  const author = partyOf(participant);
  return isKnown(author) ? { author } : {};
}

/** Longs of protobuf come as numbers or as objects that turn into them; 0 for none. */
function numberOf(value: unknown): number {
  const number = value === null || value === undefined ? 0 : Number(value);
  return Number.isSafeInteger(number) ? number : 0;
}
