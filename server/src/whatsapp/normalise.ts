// Puts what a WhatsApp message says into our words. Pure; a kind it does not know is named, never dropped.
import type { MessageKind } from '@pulseline/protocol';
import type { proto } from 'baileys';
import { isKnown, partyOf } from './address.ts';
import { mediaOf } from './normalise-media.ts';
import type { FactOf, MessageKey, Party } from './port.ts';

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
export type Said = Pick<MessageFact, 'kind' | 'body' | 'media' | 'rawType' | 'quoted' | 'mentions'>;

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
  return said && { ...said, ...frame(envelope, normalised) };
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
  const plain = unwrap(content);
  if (plain === undefined) return undefined;
  const rawType = typeOf(plain);
  if (rawType === undefined) {
    return carriesKeys(plain) ? undefined : { kind: 'unknown', body: '', rawType: 'empty' };
  }
  if (rawType === 'protocolMessage') return protocol(plain.protocolMessage ?? {});
  const text = plain.conversation ?? plain.extendedTextMessage?.text;
  if (rawType === 'conversation' || rawType === 'extendedTextMessage') {
    return { kind: 'text', body: cut(text ?? '', LONGEST_BODY), ...contextOf(plain, rawType) };
  }
  const file = mediaOf(plain, rawType);
  return {
    kind: file?.kind ?? KINDS.get(rawType) ?? 'unknown',
    ...(file && { media: file.media }),
    body: cut(labelOf(plain, rawType), LONGEST_BODY),
    rawType: cut(rawType, 100),
    ...contextOf(plain, rawType),
  };
}

const KINDS: ReadonlyMap<string, MessageKind> = new Map<string, MessageKind>([
  ['locationMessage', 'location'],
  ['liveLocationMessage', 'location'],
  ['contactMessage', 'contact'],
  ['contactsArrayMessage', 'contact'],
  ['pollCreationMessage', 'poll'],
  ['pollCreationMessageV2', 'poll'],
  ['pollCreationMessageV3', 'poll'],
  ['call', 'call'],
]);

/** Envelopes around the content proper, which say how to show it. */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'associatedChildMessage',
  'groupStatusMessage',
  'groupStatusMessageV2',
  'lottieStickerMessage',
  'editedMessage',
] as const satisfies readonly (keyof proto.IMessage)[];
const DEEPEST_WRAPPING = 5;

/** The content proper. */
export function unwrap(content: proto.IMessage | null | undefined): proto.IMessage | undefined {
  let plain = content?.deviceSentMessage?.message ?? content ?? undefined;
  for (let depth = 0; depth < DEEPEST_WRAPPING && plain !== undefined; depth++) {
    const outer: proto.IMessage = plain;
    const wrapper = WRAPPERS.find((name) => outer[name]?.message);
    if (wrapper === undefined) break;
    plain = outer[wrapper]?.message ?? undefined;
  }
  return plain;
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

/** Protocol messages that a person should know of (numbers: ProtocolMessage.Type); all others are orders between devices. */
const TOLD_PROTOCOL: ReadonlyMap<number, string> = new Map([
  [0, 'revoke'],
  [3, 'ephemeralSetting'],
  [14, 'edit'],
]);

function protocol(message: proto.Message.IProtocolMessage): Said | undefined {
  const name = TOLD_PROTOCOL.get(message.type ?? 0);
  if (name === undefined) return undefined;
  const edited = contentOf(message.editedMessage);
  return { kind: 'unknown', body: edited?.body ?? '', rawType: name };
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

function labelOf(content: proto.IMessage, rawType: string): string {
  const inner = partOf(content, rawType);
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
  if (!isRecord(context)) return {};
  const { stanzaId, participant, quotedMessage, mentionedJid } = context;
  const named = Array.isArray(mentionedJid) ? mentionedJid.slice(0, MOST_MENTIONS) : [];
  const mentions = named.map((each: unknown) => partyOf(typeof each === 'string' ? each : undefined)).filter(isKnown);
  const whom = mentions.length > 0 ? { mentions } : {};
  if (typeof stanzaId !== 'string' || stanzaId === '') return whom;
  const author: Party = partyOf(typeof participant === 'string' ? participant : undefined);
  const body = contentOf(isRecord(quotedMessage) ? quotedMessage : undefined)?.body ?? '';
  return { quoted: { waId: stanzaId, ...(isKnown(author) && { author }), body }, ...whom };
}

function partOf(content: proto.IMessage, name: string): Readonly<Record<string, unknown>> {
  const part = new Map<string, unknown>(Object.entries(content)).get(name);
  return isRecord(part) ? part : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length);
}
