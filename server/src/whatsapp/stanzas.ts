// What receipts, calls, typing and presence say, in our words: one table from stanza to facts, and the few stanzas of our own. Pure; it sends nothing.
import type { BinaryNode } from 'baileys';
import { bare, chatOf, isKnown, partyOf, samePerson } from './address.ts';
import { groupNotification } from './groups.ts';
import type { Chat, Fact, FactOf, Party, Whisper } from './port.ts';

export interface Reading {
  readonly me: Party;
  /** Ms since epoch, for stanzas that bear no time. */
  readonly now: number;
}

/** What becomes true by a stanza, by tag. A tag that is not here passes through to the library untouched. */
type ToFacts = (node: BinaryNode, reading: Reading) => readonly Fact[];
export const factsOf: ReadonlyMap<string, ToFacts> = new Map<string, ToFacts>([
  ['receipt', receipt],
  ['notification', (node, { now }) => [...groupNotification(node, now), ...blockNotification(node)]],
  ['call', call],
]);

/** Types of receipt -> status of what we sent. `inactive`, `sender` and the rest say nothing that a person sees. */
const STATUSES: ReadonlyMap<string | undefined, FactOf<'status'>['status']> = new Map([
  [undefined, 'delivered'],
  ['read', 'read'],
  ['played', 'played'],
]);

function receipt({ attrs, content }: BinaryNode, { me, now }: Reading): readonly Fact[] {
  const { from, participant, recipient, type } = attrs;
  const waIds = idsOf(attrs['id'], content);
  if (from === undefined || waIds.length === 0) return [];
  const alternatives = [attrs['sender_lid'], attrs['sender_pn'], attrs['participant_lid'], attrs['participant_pn']];
  const reader = partyOf(participant ?? from, ...alternatives);
  if (samePerson(reader, me)) {
    const group = participant === undefined ? undefined : from;
    const chat = chatOf(recipient ?? group, attrs['peer_recipient_lid'], attrs['peer_recipient_pn']);
    const read = type === 'read' || type === 'read-self';
    return read && chat !== undefined ? [{ type: 'read-elsewhere', chat, waIds }] : [];
  }
  const status = STATUSES.get(type);
  const chat = participant === undefined ? chatOf(from, ...alternatives) : chatOf(from);
  if (status === undefined || chat === undefined) return [];
  const named = chat.kind !== 'person' && isKnown(reader);
  return [{ type: 'status', chat, waIds, status, ...(named && { reader }), at: secondsOr(attrs['t'], now) }];
}

/** How a call goes, by tag; what else there is belongs to the voices. */
const CALLS: ReadonlyMap<string, FactOf<'call'>['state']> = new Map([
  ['offer', 'ringing'],
  ['offer_notice', 'ringing'],
  ['accept', 'accepted'],
  ['reject', 'rejected'],
  ['terminate', 'ended'],
]);
/** Why a call stopped ringing here although nobody missed it. */
const ELSEWHERE: ReadonlyMap<string | undefined, FactOf<'call'>['state']> = new Map([
  ['accepted_elsewhere', 'accepted'],
  ['rejected_elsewhere', 'rejected'],
]);

function call({ attrs, content }: BinaryNode, { me, now }: Reading): readonly Fact[] {
  const said = Array.isArray(content) ? content.find(({ tag }) => CALLS.has(tag)) : undefined;
  const state = ELSEWHERE.get(said?.attrs['reason']) ?? CALLS.get(said?.tag ?? '');
  const callId = said?.attrs['call-id'];
  if (said === undefined || state === undefined || !callId) return [];
  const { attrs: what } = said;
  const from = partyOf(what['call-creator'] ?? attrs['from'], what['caller_pn'], attrs['sender_lid'], attrs['from']);
  if (!isKnown(from) || samePerson(from, me)) return [];
  const group = what['group-jid'] ? chatOf(what['group-jid']) : undefined;
  const chat: Chat = group ?? { kind: 'person', ...from };
  const video = Array.isArray(said.content) && said.content.some(({ tag }) => tag === 'video');
  return [{ type: 'call', callId, chat, from, state, video, at: secondsOr(attrs['t'], now) }];
}

/** Somebody was blocked, or no longer is, on another of our devices. */
function blockNotification({ attrs, content }: BinaryNode): readonly Fact[] {
  if (attrs['type'] !== 'account_sync' || !Array.isArray(content)) return [];
  const list = content.find(({ tag }) => tag === 'blocklist');
  const items = Array.isArray(list?.content) ? list.content : [];
  return items.flatMap(({ attrs: item }): readonly Fact[] => {
    const person = partyOf(item['jid'], item['pn_jid']);
    const on = item['action'] !== 'unblock';
    return isKnown(person) ? [{ type: 'blocked', people: [person], on }] : [];
  });
}

/** A person or a group shows another picture. */
export function pictured(account: string, { attrs }: BinaryNode): Whisper | undefined {
  const chat = attrs['type'] === 'picture' ? chatOf(attrs['from']) : undefined;
  return chat && { type: 'picture', account, chat };
}

function idsOf(id: string | undefined, content: BinaryNode['content']): readonly string[] {
  const list = Array.isArray(content) ? content.find(({ tag }) => tag === 'list') : undefined;
  const items = Array.isArray(list?.content) ? list.content : [];
  return [id, ...items.map(({ attrs }) => attrs['id'])].flatMap((each) => each || []);
}

/** Somebody types, or stops. */
export function typing(account: string, { attrs, content }: BinaryNode): Whisper | undefined {
  const first = Array.isArray(content) ? content[0] : undefined;
  const chat = chatOf(attrs['from']);
  const author = partyOf(attrs['participant'] ?? attrs['from']);
  if (first === undefined || chat === undefined || !isKnown(author)) return undefined;
  const recording = first.tag === 'composing' && first.attrs['media'] === 'audio';
  const state = recording ? 'recording' : first.tag === 'composing' ? 'composing' : 'paused';
  return { type: 'typing', account, chat, author, state };
}

/** Somebody came or went. */
export function presence(account: string, { attrs }: BinaryNode): Whisper | undefined {
  const party = partyOf(bare(attrs['from']));
  if (!isKnown(party)) return undefined;
  const away = attrs['type'] === 'unavailable';
  const last = Number(attrs['last']);
  const seen = away && Number.isFinite(last) && { lastSeen: last * 1_000 };
  return { type: 'presence', account, party, state: away ? 'unavailable' : 'available', ...seen };
}

/** WhatsApp's seconds as ms, or the other time if there are none. */
export function secondsOr(text: string | undefined, other: number): number {
  const seconds = Number(text);
  return text !== undefined && Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : other;
}

/** Who wrote a message stanza and where; `recipient` stands on what our own other devices sent. Undefined = no conversation has it. */
export function placeOf({ attrs }: BinaryNode, fromMe: boolean): { chat: Chat; author?: Party } | undefined {
  const { from, participant, recipient } = attrs;
  if (fromMe && participant === undefined) {
    // Never the sender's other form here: it is our own address, and would become the contact's.
    const others = ['peer_recipient_lid', 'peer_recipient_pn', 'recipient_lid', 'recipient_pn'];
    const chat = chatOf(recipient ?? from, ...others.map((name) => attrs[name]));
    return chat && { chat };
  }
  const author = partyOf(
    participant ?? from,
    ...['participant_lid', 'participant_pn', 'sender_lid', 'sender_pn'].map((name) => attrs[name]),
  );
  // What comes from a broadcast list stands in the chat with its sender.
  const list = from?.endsWith('@broadcast') === true && from !== 'status@broadcast';
  const chat: Chat | undefined =
    participant === undefined || (list && !fromMe) ? { kind: 'person', ...author } : chatOf(from);
  const channel = chatOf(from);
  if (channel?.kind === 'channel') return { chat: channel };
  return chat && { chat, ...(!fromMe && isKnown(author) && { author }) };
}

/**
 * What is to be sent for an ordinary message of somebody else, as the library's `sendReceipt` takes it: just what its
 * `handleMessage` (rc14) would. The sender gets his second tick by it unless nobody is online here.
 */
export function deliveryOf(
  { attrs: { id = '', from = '', participant } }: BinaryNode,
  isOnline: boolean,
): [jid: string, participant: string | undefined, ids: string[], type: 'inactive' | undefined] {
  return [from, participant, [id], isOnline ? undefined : 'inactive'];
}

/** Receipts that only tell how far a message has come; for the others (`retry`) the library has work to do. */
const TICKS: ReadonlySet<string | undefined> = new Set([
  undefined,
  'read',
  'read-self',
  'played',
  'inactive',
  'sender',
]);

/** Is the stanza a receipt whose facts are all there is to it? */
export function isTick({ tag, attrs }: BinaryNode): boolean {
  return tag === 'receipt' && TICKS.has(attrs['type']);
}

/** Takes a receipt out of WhatsApp's queue, just as the library's `buildAckStanza` (rc14) does. */
export function ackOf({ tag, attrs }: BinaryNode): BinaryNode {
  const { id = '', from = '', participant, recipient, type } = attrs;
  return {
    tag: 'ack',
    attrs: {
      id,
      to: from,
      class: tag,
      ...(participant && { participant }),
      ...(recipient && { recipient }),
      ...(type && { type }),
    },
  };
}

/** WhatsApp's own address. */
const SERVER = '@s.whatsapp.net';

/** A question that the server answers with nothing. */
export function ping(): BinaryNode {
  const content = [{ tag: 'ping', attrs: {} }];
  return { tag: 'iq', attrs: { to: SERVER, type: 'get', xmlns: 'w:p' }, content };
}

/** Takes this device from the phone's list. */
export function unlinking(jid: string): BinaryNode {
  const content = [{ tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } }];
  return { tag: 'iq', attrs: { to: SERVER, type: 'set', xmlns: 'md' }, content };
}
