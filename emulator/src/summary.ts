// What kind of thing somebody has said, in one word and one line, and which file or place the server is told of; it never makes a message.
import type { proto } from 'baileys/WAProto/index.js';
import { type MediaField, mediaOf, unwrap } from './media-cipher.ts';

export interface Summary {
  readonly kind: string;
  /** The text, caption, question, emoji or name. */
  readonly text: string;
}

type Rule = (message: proto.IMessage) => Summary | null | undefined;

/** The first that fits counts; what fits none bears the name of its field. */
const RULES: readonly Rule[] = [
  ({ conversation }) => (conversation ? { kind: 'text', text: conversation } : undefined),
  ({ extendedTextMessage: said }) => said && { kind: 'text', text: said.text ?? '' },
  ({ reactionMessage: reaction }) => reaction && { kind: 'reaction', text: reaction.text ?? '' },
  ({ imageMessage: image }) => image && { kind: 'image', text: image.caption ?? '' },
  ({ videoMessage: video }) => video && { kind: video.gifPlayback ? 'gif' : 'video', text: video.caption ?? '' },
  ({ ptvMessage: note }) => note && { kind: 'video-note', text: '' },
  ({ audioMessage: audio }) => audio && { kind: audio.ptt ? 'voice' : 'audio', text: '' },
  ({ documentMessage: document }) => document && { kind: 'document', text: document.caption ?? '' },
  ({ stickerMessage: sticker }) => sticker && { kind: 'sticker', text: '' },
  ({ locationMessage: place }) => place && { kind: 'location', text: place.name || coordinates(place) },
  ({ liveLocationMessage: place }) => place && { kind: 'live-location', text: place.caption || coordinates(place) },
  ({ contactMessage: card }) => card && { kind: 'contact', text: card.displayName ?? '' },
  ({ contactsArrayMessage: cards }) =>
    cards && { kind: 'contact', text: (cards.contacts ?? []).map(({ displayName }) => displayName ?? '').join(', ') },
  (message) => {
    const poll = pollOf(message);
    return poll && { kind: 'poll', text: poll.name ?? '' };
  },
  ({ pollUpdateMessage: vote }) => vote && { kind: 'vote', text: '' },
  ({ protocolMessage: order }) => order && orderSummary(order),
  ({ buttonsMessage: buttons }) => buttons && { kind: 'buttons', text: buttons.contentText ?? '' },
  ({ listMessage: list }) => list && { kind: 'list', text: list.description || (list.title ?? '') },
  ({ templateMessage: template }) =>
    template && { kind: 'template', text: template.hydratedTemplate?.hydratedContentText ?? '' },
  ({ interactiveMessage: message }) => message && { kind: 'interactive', text: message.body?.text ?? '' },
  ({ buttonsResponseMessage: reply }) => reply && { kind: 'button-reply', text: reply.selectedDisplayText ?? '' },
  ({ listResponseMessage: reply }) => reply && { kind: 'list-reply', text: reply.title ?? '' },
  ({ pinInChatMessage: pin }) => pin && { kind: 'pin', text: pin.key?.id ?? '' },
];

/** Fields that stand beside the content and are none. */
const BESIDE: ReadonlySet<string> = new Set(['messageContextInfo', 'senderKeyDistributionMessage', 'conversation']);

export function summaryOf(message: proto.IMessage): Summary {
  const inner = unwrap(message);
  for (const rule of RULES) {
    const found = rule(inner);
    if (found) return found;
  }
  if (typeof inner.conversation === 'string') return { kind: 'text', text: '' };
  const name = Object.entries(inner).find(([field, value]) => value && !BESIDE.has(field))?.[0];
  return { kind: name?.replace(/Message(V\d)?$/, '') ?? 'unknown', text: '' };
}

export function pollOf(message: proto.IMessage): proto.Message.IPollCreationMessage | null | undefined {
  const inner = unwrap(message);
  return inner.pollCreationMessage ?? inner.pollCreationMessageV2 ?? inner.pollCreationMessageV3;
}

/** The key of the message that this one edits, takes back, reacts to, votes on or pins. */
export function aboutOf(message: proto.IMessage): string | undefined {
  const inner = unwrap(message);
  const key =
    inner.reactionMessage?.key ??
    inner.protocolMessage?.key ??
    inner.pollUpdateMessage?.pollCreationMessageKey ??
    inner.pinInChatMessage?.key;
  return key?.id ?? contextOf(inner)?.stanzaId ?? undefined;
}

/** Beside what is said: the quote, the mentions, the mark of a forward, how long it stays. */
export function contextOf(message: proto.IMessage): proto.IContextInfo | undefined {
  for (const value of Object.values(unwrap(message))) {
    if (typeof value === 'object' && value !== null && 'contextInfo' in value && value.contextInfo) {
      return value.contextInfo;
    }
  }
  return undefined;
}

function orderSummary({ editedMessage, type, key, ephemeralExpiration }: proto.Message.IProtocolMessage): Summary {
  if (editedMessage) return { kind: 'edit', text: summaryOf(editedMessage).text };
  // The enumeration begins with the withdrawal, and what is 0 may be left out.
  if (!type) return { kind: 'revoke', text: key?.id ?? '' };
  if (ephemeralExpiration) return { kind: 'disappearing', text: String(ephemeralExpiration) };
  return { kind: 'protocol', text: '' };
}

interface Coordinates {
  readonly degreesLatitude?: number | null;
  readonly degreesLongitude?: number | null;
}

function coordinates({ degreesLatitude, degreesLongitude }: Coordinates): string {
  return `${degreesLatitude ?? 0},${degreesLongitude ?? 0}`;
}

const MEDIA_TYPES: Readonly<Record<MediaField, string>> = {
  imageMessage: 'image',
  videoMessage: 'video',
  ptvMessage: 'ptv',
  audioMessage: 'audio',
  documentMessage: 'document',
  stickerMessage: 'sticker',
};

/** The server's word for the file or place in a message, which it cannot read. */
export function mediaTypeOf(message: proto.IMessage): string | undefined {
  const inner = unwrap(message);
  if (inner.audioMessage?.ptt) return 'ptt';
  if (inner.videoMessage?.gifPlayback) return 'gif';
  if (inner.locationMessage) return 'location';
  if (inner.liveLocationMessage) return 'livelocation';
  if (inner.contactMessage) return 'vcard';
  if (inner.contactsArrayMessage) return 'contact_array';
  const media = mediaOf(inner);
  return media && MEDIA_TYPES[media.field];
}
