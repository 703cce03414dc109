// Puts what a WhatsApp message says into our words. Pure; a kind it does not know is named, never dropped.
import { type MessageKind, standIn, timerText } from '@pulseline/protocol';
import type { proto } from 'baileys';
import { isKnown, partyOf } from './address.ts';
import { bornBy, isPart, numberOf } from './contents.ts';
import { mediaOf } from './normalise-media.ts';
import type { FactOf, MessageKey, Party } from './port.ts';
import { readableOf } from './readable.ts';
import { unwrapped } from './unwrap.ts';

/** Everything about a message but its content. */
export interface Envelope {
  readonly key: MessageKey;
  readonly fromMe: boolean;
  /** WhatsApp's time, ms since epoch. */
  readonly timestamp: number;
  readonly pushName?: string;
  readonly offline: boolean;
  /** When its bytes arrived. */
  readonly heard: number;
}

export type MessageFact = FactOf<'message'>;
export type Said = Pick<MessageFact, 'kind' | 'body' | 'media' | 'rawType' | 'quoted' | 'mentions' | 'content'>;

/** The contract's limits; longer text is cut, since a sender must not be able to block his own message. */
const LONGEST_BODY = 65_536;
const LONGEST_NAME = 200;

/** The fact of a message that was read, or undefined for one that only carries keys or orders between devices. */
export function normalise(
  envelope: Envelope,
  content: proto.IMessage | null | undefined,
  normalised: number,
): MessageFact | undefined {
  const said = contentOf(content);
  return said && { ...dated(said, envelope.timestamp), ...frame(envelope, normalised) };
}

/** The same with the moment at which a live location was there. */
export function dated(said: Said, at: number): Said {
  const { location } = said.content ?? {};
  if (!location?.live) return said;
  return { ...said, content: { ...said.content, location: { ...location, live: { ...location.live, at } } } };
}

/** The fact of a message that cannot be read (yet). A resend fills it by the same key. */
export function waiting(envelope: Envelope, normalised: number): MessageFact {
  return { kind: 'waiting', body: '', ...frame(envelope, normalised) };
}

/** The fact of a message whose kind can only be named. */
export function unknown(envelope: Envelope, rawType: string, normalised: number): MessageFact {
  return { kind: 'unknown', body: '', rawType: cut(rawType, 100), ...frame(envelope, normalised) };
}

function frame({ key, fromMe, timestamp, pushName, offline, heard }: Envelope, normalised: number) {
  const named = pushName !== undefined && pushName !== '' && { pushName: cut(pushName, LONGEST_NAME) };
  return { type: 'message', key, fromMe, timestamp, ...named, offline, stamps: { heard, normalised } } as const;
}

/** What the content says; undefined = nothing that a person should see. */
export function contentOf(content: proto.IMessage | null | undefined): Said | undefined {
  const found = unwrapped(content);
  if (found === undefined) return undefined;
  const { content: plain } = found;
  const rawType = typeOf(plain);
  if (rawType === undefined) {
    return carriesKeys(plain) ? undefined : { kind: 'unknown', body: '', rawType: 'empty' };
  }
  if (rawType === 'protocolMessage') return protocol(plain.protocolMessage ?? {});
  if (rawType === 'commentMessage') return comment(plain.commentMessage ?? {});
  if (rawType === 'albumMessage') return album(plain.albumMessage ?? {});
  if (rawType === 'callLogMesssage') return callLog(plain.callLogMesssage ?? {});
  const part = partOf(plain, rawType);
  const born = bornBy(found, part);
  const more = { ...contextOf(plain, rawType), ...(born && { content: born }) };
  if (rawType === 'conversation' || rawType === 'extendedTextMessage') {
    const text = plain.conversation ?? plain.extendedTextMessage?.text ?? '';
    return { kind: 'text', body: cut(text, LONGEST_BODY), ...more };
  }
  const file = mediaOf(plain, rawType);
  const words = readableOf(plain, rawType);
  return {
    kind: file?.kind ?? (words ? 'text' : (KINDS.get(rawType) ?? 'unknown')),
    ...(file && { media: file.media }),
    body: cut(words ?? (standIn(born ?? {}) || labelOf(part)), LONGEST_BODY),
    rawType: cut(rawType, 100),
    ...more,
  };
}

/** By the field that holds it. What bears a file has its kind there, and what has words of its own besides these becomes text. */
export const KINDS: ReadonlyMap<string, MessageKind> = new Map<string, MessageKind>([
  ['locationMessage', 'location'],
  ['liveLocationMessage', 'location'],
  ['contactMessage', 'contact'],
  ['contactsArrayMessage', 'contact'],
  ['pollCreationMessage', 'poll'],
  ['pollCreationMessageV2', 'poll'],
  ['pollCreationMessageV3', 'poll'],
  ['pollCreationMessageV5', 'poll'],
  ['call', 'call'],
]);

/** An answer to another message that stands below it, as in a channel. */
function comment({ message, targetMessageKey }: proto.Message.ICommentMessage): Said {
  const said = contentOf(message) ?? { kind: 'unknown', body: '' };
  const { id, participant } = targetMessageKey ?? {};
  const author = partyOf(participant);
  const quoted = id && { quoted: { waId: id, ...(isKnown(author) && { author }), body: '' } };
  return { ...said, rawType: 'commentMessage', ...quoted };
}

/** Says that so many files are about to come, each as a message of its own. */
function album({ expectedImageCount, expectedVideoCount }: proto.Message.IAlbumMessage): Said {
  const [images, videos] = [Number(expectedImageCount ?? 0), Number(expectedVideoCount ?? 0)];
  const body = [images > 0 && `🖼 ${images}`, videos > 0 && `🎬 ${videos}`].filter(Boolean).join(' ');
  const notice = { code: 'album', text: String(images + videos) };
  return { kind: 'system', body, rawType: 'albumMessage', content: { notice } };
}

/** CallLogMessage.CallOutcome: everything but these was missed or turned away. */
const ANSWERED: ReadonlySet<number> = new Set([0, 4, 5]);

function callLog({ isVideo, callOutcome, durationSecs }: proto.Message.ICallLogMessage): Said {
  const missed = !ANSWERED.has(callOutcome ?? 0);
  const code = `${missed ? 'missed' : 'past'}${isVideo === true ? '_video' : ''}_call`;
  const seconds = Math.max(0, Math.floor(numberOf(durationSecs) ?? 0));
  const body = seconds > 0 ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}` : '';
  return { kind: 'call', body, rawType: 'callLogMesssage', content: { notice: { code, ...(body && { text: body }) } } };
}

/** Travel beside the content, or carry keys. */
const NO_CONTENT: ReadonlySet<string> = new Set([
  'messageContextInfo',
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage',
]);

function typeOf(content: proto.IMessage): string | undefined {
  return Object.entries(content).find(
    ([name, value]) => value !== null && value !== undefined && !NO_CONTENT.has(name),
  )?.[0];
}

function carriesKeys(content: proto.IMessage): boolean {
  return Boolean(content.senderKeyDistributionMessage ?? content.fastRatchetKeySenderKeyDistributionMessage);
}

/** ProtocolMessage.Type of what people should know of, if it was not taken for a change before. */
const REVOKE = 0;
const TIMER = 3;
const EDIT = 14;
/** Up to here the numbers are known to the library; all but these three are orders between devices. */
const LAST_KNOWN = 30;
const SHARE_PHONE_NUMBER = 11;

function protocol({ type, editedMessage, ephemeralExpiration }: proto.Message.IProtocolMessage): Said | undefined {
  const number = type ?? REVOKE;
  if (number === TIMER) {
    const timer = Math.max(0, Math.floor(numberOf(ephemeralExpiration) ?? 0));
    return {
      kind: 'system',
      body: timerText(timer),
      rawType: 'ephemeralSetting',
      content: { timer, notice: { code: 'disappearing', text: String(timer) } },
    };
  }
  if (number === REVOKE) return { kind: 'unknown', body: '', rawType: 'revoke' };
  if (number === EDIT) return { kind: 'unknown', body: contentOf(editedMessage)?.body ?? '', rawType: 'edit' };
  if (number === SHARE_PHONE_NUMBER) return { kind: 'unknown', body: '', rawType: 'sharePhoneNumber' };
  return number > LAST_KNOWN ? { kind: 'unknown', body: '', rawType: `protocol ${number}` } : undefined;
}

/** Where the kinds keep their caption, name or text. The first that is filled counts. */
const LABELS = [
  'caption',
  'text',
  'name',
  'title',
  'displayName',
  'contentText',
  'body',
  'fileName',
  'address',
] as const;

function labelOf(inner: Readonly<Record<string, unknown>>): string {
  for (const label of LABELS) {
    const text = inner[label];
    if (typeof text === 'string' && text !== '') return text;
  }
  return '';
}

/** As many named people are taken over. */
const MOST_MENTIONS = 256;

/** What it answers to, and whom it names. */
function contextOf(content: proto.IMessage, rawType: string): Pick<Said, 'quoted' | 'mentions'> {
  const context = partOf(content, rawType)['contextInfo'];
  if (!isPart(context)) return {};
  const { stanzaId, participant, quotedMessage, mentionedJid } = context;
  const named = Array.isArray(mentionedJid) ? mentionedJid.slice(0, MOST_MENTIONS) : [];
  const mentions = named.map((each: unknown) => partyOf(typeof each === 'string' ? each : undefined)).filter(isKnown);
  const whom = mentions.length > 0 ? { mentions } : {};
  if (typeof stanzaId !== 'string' || stanzaId === '') return whom;
  const author: Party = partyOf(typeof participant === 'string' ? participant : undefined);
  const body = contentOf(isPart(quotedMessage) ? quotedMessage : undefined)?.body ?? '';
  return { quoted: { waId: stanzaId, ...(isKnown(author) && { author }), body }, ...whom };
}

function partOf(content: proto.IMessage, name: string): Readonly<Record<string, unknown>> {
  const part = new Map<string, unknown>(Object.entries(content)).get(name);
  return isPart(part) ? part : {};
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length);
}
