// What is done to messages that are there (reactions, edits, withdrawals, votes, pins), from WhatsApp's content into our words and back. Pure; it knows no message and decides nothing.
import type { proto } from 'baileys';
import { isKnown, partyOf, samePerson } from './address.ts';
import { contentOf, type Envelope } from './normalise.ts';
import type { Change, Chat, FactOf, Party, Target } from './port.ts';
import { unwrapped } from './unwrap.ts';

type ChangeFact = FactOf<'change'>;

/** ProtocolMessage.Type. */
const REVOKE = 0;
const EDIT = 14;
/** The contract's limit of an emoji; longer text in its place is cut. */
const LONGEST_EMOJI = 32;

/** The change that the content stands for; undefined if it is a message of its own. */
export function changeOf(
  { key: { chat, author }, fromMe, timestamp }: Pick<Envelope, 'key' | 'fromMe' | 'timestamp'>,
  content: proto.IMessage,
  me: Party,
): ChangeFact | undefined {
  const found = unwrapped(content);
  const plain = found?.content;
  const who = { fromMe, ...(!fromMe && author && { by: author }) };
  const reaction = plain?.reactionMessage;
  if (reaction) {
    const target = targetOf(reaction.key, chat, who, me);
    const emoji = (reaction.text ?? '').slice(0, LONGEST_EMOJI);
    return (
      target && { ...who, type: 'change', target, change: { kind: 'reaction', emoji }, at: timeOf(reaction, timestamp) }
    );
  }
  const more = plain && markOf(plain, found.beside, timestamp);
  if (more) {
    const target = targetOf(more.key, chat, who, me);
    return target && { ...who, type: 'change', target, change: more.change, at: numberOf(more.at) ?? timestamp };
  }
  const protocol = plain?.protocolMessage;
  if (!protocol) return undefined;
  const target = targetOf(protocol.key, chat, who, me);
  if (target === undefined) return undefined;
  if ((protocol.type ?? REVOKE) === REVOKE) {
    return { ...who, type: 'change', target, change: { kind: 'revoke' }, at: timestamp };
  }
  if (protocol.type !== EDIT) return undefined;
  const { body = '', mentions } = contentOf(protocol.editedMessage) ?? {};
  const at = numberOf(protocol.timestampMs) ?? timestamp;
  return { ...who, type: 'change', target, change: { kind: 'edit', body, ...(mentions && { mentions }) }, at };
}

/** PinInChatMessage.Type, KeepType. */
const PIN = 1;
const KEEP = 1;
/** WhatsApp's own clients pin for a week where nothing is said, s. */
const PINNED_FOR = 7 * 86_400;

/** Votes, pins, and what is kept from disappearing. */
function markOf(
  { pollUpdateMessage, pinInChatMessage, keepInChatMessage }: proto.IMessage,
  { messageAddOnDurationInSecs }: proto.IMessageContextInfo,
  timestamp: number,
): { readonly key: proto.IMessageKey | null | undefined; readonly change: Change; readonly at: unknown } | undefined {
  if (pollUpdateMessage) {
    const { pollCreationMessageKey: key, vote, senderTimestampMs: at } = pollUpdateMessage;
    if (!vote?.encPayload?.length || !vote.encIv?.length || vote.encPayload.length > LARGEST_VOTE) return undefined;
    const [payload, iv] = [vote.encPayload, vote.encIv].map((bytes) => Buffer.from(bytes).toString('base64'));
    return { key, change: { kind: 'vote', sealed: { payload: payload ?? '', iv: iv ?? '' } }, at };
  }
  if (pinInChatMessage) {
    const { key, type, senderTimestampMs: at } = pinInChatMessage;
    const until = (numberOf(at) ?? timestamp) + (numberOf(messageAddOnDurationInSecs) ?? PINNED_FOR) * 1_000;
    return { key, change: { kind: 'pin', until: type === PIN ? until : 0 }, at };
  }
  if (!keepInChatMessage) return undefined;
  const { key, keepType, timestampMs: at } = keepInChatMessage;
  return { key, change: { kind: 'keep', on: keepType === KEEP }, at };
}

/** Bytes of a sealed vote: 32 for each option that is chosen, and a few. */
const LARGEST_VOTE = 8_192;

type Changes = NonNullable<FactOf<'history'>['chats'][number]['messages'][number]['changes']>;

/** What a message of the history had gone through when it was told. */
export function changesOf(info: proto.IWebMessageInfo, chat: Chat, me: Party): Changes {
  const sent = Number(info.messageTimestamp ?? 0) * 1_000;
  const reactions = (info.reactions ?? []).flatMap((reaction) => {
    const fromMe = reaction.key?.fromMe === true;
    const by = partyOf(chat.kind === 'person' ? reaction.key?.remoteJid : reaction.key?.participant);
    const ours = fromMe || samePerson(by, me);
    const emoji = (reaction.text ?? '').slice(0, LONGEST_EMOJI);
    if (emoji === '' || !(ours || isKnown(by))) return [];
    const at = timeOf(reaction, sent);
    return [{ fromMe: ours, ...(!ours && { by }), change: { kind: 'reaction', emoji } as const, at }];
  });
  const author = { fromMe: info.key?.fromMe === true };
  const votes = (info.pollUpdates ?? []).flatMap(({ pollUpdateMessageKey, vote, senderTimestampMs }) => {
    const fromMe = pollUpdateMessageKey?.fromMe === true;
    const named = chat.kind === 'person' ? pollUpdateMessageKey?.remoteJid : pollUpdateMessageKey?.participant;
    const by = partyOf(named);
    const ours = fromMe || samePerson(by, me);
    const chosen = (vote?.selectedOptions ?? []).map((hash) => Buffer.from(hash).toString('hex'));
    if (!(ours || isKnown(by))) return [];
    const at = timeOf({ senderTimestampMs }, sent);
    return [{ fromMe: ours, ...(!ours && { by }), change: { kind: 'vote', chosen } as const, at }];
  });
  const revoked =
    info.messageStubType === REVOKED ? [{ ...author, change: { kind: 'revoke' } as const, at: sent }] : [];
  return [...reactions, ...votes, ...revoked];
}

/** WebMessageInfo.StubType. */
const REVOKED = 1;

/** WhatsApp's name of a message, seen from ourselves. */
export function keyOf({ chat, waId, fromMe, author }: Target): proto.IMessageKey {
  const remoteJid = chat.kind === 'person' ? (chat.pn ?? chat.lid ?? '') : chat.address;
  const participant = chat.kind === 'person' || fromMe ? undefined : (author?.lid ?? author?.pn);
  return { remoteJid, fromMe, id: waId, ...(participant !== undefined && { participant }) };
}

/** The stanza's mark of a change, as the library's own sends have it. */
export function marksOf({ protocolMessage, pinInChatMessage }: proto.IMessage): { readonly edit?: string } {
  if (pinInChatMessage) return { edit: '2' };
  if (protocolMessage?.type === EDIT) return { edit: '1' };
  if (!protocolMessage || (protocolMessage.type ?? REVOKE) !== REVOKE) return {};
  // Of somebody else's message only the admin of a group can take it back.
  return { edit: protocolMessage.key?.fromMe ? '7' : '8' };
}

/** A key is written from the view of whoever sends it. */
function targetOf(
  key: proto.IMessageKey | null | undefined,
  chat: Chat,
  { fromMe, by }: { readonly fromMe: boolean; readonly by?: Party },
  me: Party,
): Target | undefined {
  if (!key?.id) return undefined;
  const named = partyOf(key.participant);
  const own = key.fromMe === true;
  const between = chat.kind === 'person';
  const ours = own ? fromMe : between ? !fromMe : samePerson(named, me);
  const theirs = own ? by : between ? chat : named;
  const author = partyOf(theirs?.pn, theirs?.lid);
  return { chat, waId: key.id, fromMe: ours, ...(!ours && isKnown(author) && { author }) };
}

function timeOf({ senderTimestampMs }: { senderTimestampMs?: unknown }, other: number): number {
  return numberOf(senderTimestampMs) ?? other;
}

/** Longs of protobuf come as numbers or as objects that turn into them. */
function numberOf(value: unknown): number | undefined {
  const number = value === null || value === undefined ? Number.NaN : Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
