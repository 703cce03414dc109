// What messages bear beside their text (places, cards, polls, link previews, marks), from WhatsApp's content into our words. Pure; what a sender gives in a wrong form is left out, never passed on.
import type { ContactCard, LinkPreview, Location } from '@pulseline/protocol';
import type { proto } from 'baileys';
import { parseCard } from './contact-card.ts';
import type { Content } from './port.ts';
import type { Unwrapped } from './unwrap.ts';

/** The contract's limit, in base64. */
const LARGEST_THUMBNAIL = 32_768;
const MOST_CARDS = 100;
const MOST_OPTIONS = 100;
/** WhatsApp calls it "many times" from here on. */
const MANY = 5;
const MOST_FORWARDS = 10_000;
/** MessageAssociation.AssociationType. */
const ALBUM = 1;

type Part = Readonly<Record<string, unknown>>;

/** Everything that the content bears beside its text; undefined if that is nothing. `part` is the field that holds it. */
export function bornBy({ content, beside, viewOnce }: Unwrapped, part: Part): Content | undefined {
  const location = placeOf(content);
  const contacts = cardsOf(content);
  const poll = pollOf(content);
  const preview = previewOf(content.extendedTextMessage);
  const context = part['contextInfo'];
  const { isForwarded, forwardingScore, expiration } = isPart(context) ? context : {};
  const score = numberOf(forwardingScore) ?? 0;
  const expires = numberOf(expiration) ?? 0;
  const { associationType, parentMessageKey } = beside.messageAssociation ?? {};
  const partOf = associationType === ALBUM ? parentMessageKey?.id : undefined;
  const born: Content = {
    ...(location && { location }),
    ...(contacts && { contacts }),
    ...(poll && { poll }),
    ...(poll && beside.messageSecret?.length === 32 && { secret: hexOf(beside.messageSecret) }),
    ...(preview && { preview }),
    ...((isForwarded === true || score > 0) && { forwarded: score >= MANY ? 'many' : 'once' }),
    ...(score > 0 && { forwards: Math.min(Math.floor(score), MOST_FORWARDS) }),
    ...((viewOnce || part['viewOnce'] === true) && { viewOnce: true }),
    ...(expires > 0 && { expires: Math.floor(expires) }),
    ...(partOf && { partOf: partOf.slice(0, 128) }),
  };
  return Object.keys(born).length > 0 ? born : undefined;
}

function placeOf({ locationMessage, liveLocationMessage }: proto.IMessage): Location | undefined {
  const found = locationMessage ?? liveLocationMessage;
  const latitude = numberOf(found?.degreesLatitude) ?? 0;
  const longitude = numberOf(found?.degreesLongitude) ?? 0;
  if (!found || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  const accuracy = numberOf(found.accuracyInMeters);
  const image = thumbnailOf(found.jpegThumbnail);
  const place = { latitude, longitude, ...(accuracy !== undefined && { accuracy }), ...image };
  const speed = numberOf(found.speedInMps);
  const heading = numberOf(found.degreesClockwiseFromMagneticNorth);
  const moving = { ...(speed !== undefined && { speed }), ...(heading !== undefined && { heading }) };
  if (!locationMessage) {
    const sequence = Math.max(0, Math.floor(numberOf(liveLocationMessage?.sequenceNumber) ?? 0));
    return { ...place, live: { sequence, at: 0, ...moving } };
  }
  const { name, address, url } = locationMessage;
  return {
    ...place,
    ...(name && { name: name.slice(0, 300) }),
    ...(address && { address: address.slice(0, 1_000) }),
    ...(url && { url: url.slice(0, 2_000) }),
    ...(locationMessage.isLive === true && { live: { sequence: 0, at: 0, ...moving } }),
  };
}

function cardsOf({ contactMessage, contactsArrayMessage }: proto.IMessage): readonly ContactCard[] | undefined {
  const found = contactMessage ? [contactMessage] : (contactsArrayMessage?.contacts ?? undefined);
  return found?.slice(0, MOST_CARDS).map(({ vcard, displayName }) => parseCard(vcard ?? '', displayName ?? ''));
}

/** Every form in which WhatsApp has ever sent one. */
function pollOf(content: proto.IMessage): Content['poll'] {
  const { pollCreationMessage, pollCreationMessageV2, pollCreationMessageV3, pollCreationMessageV5 } = content;
  const found = pollCreationMessage ?? pollCreationMessageV2 ?? pollCreationMessageV3 ?? pollCreationMessageV5;
  if (!found) return undefined;
  return {
    name: (found.name ?? '').slice(0, 1_000),
    // As they are: a vote names an option by the hash of its whole name.
    options: (found.options ?? []).slice(0, MOST_OPTIONS).map(({ optionName }) => (optionName ?? '').slice(0, 300)),
    selectable: Math.max(0, Math.floor(numberOf(found.selectableOptionsCount) ?? 0)),
  };
}

function previewOf(text: proto.Message.IExtendedTextMessage | null | undefined): LinkPreview | undefined {
  const url = text?.matchedText;
  if (!text || !url || url.length > 2_048) return undefined;
  // A newer field than the library's schema; older phones send it too.
  const canonical = new Map<string, unknown>(Object.entries(text)).get('canonicalUrl');
  const shown: LinkPreview = {
    url,
    ...(typeof canonical === 'string' && canonical && { canonicalUrl: canonical.slice(0, 2_048) }),
    ...(text.title && { title: text.title.slice(0, 300) }),
    ...(text.description && { description: text.description.slice(0, 1_000) }),
    ...thumbnailOf(text.jpegThumbnail),
  };
  return Object.keys(shown).length > 1 ? shown : undefined;
}

/** Only what begins like a JPEG: a page will give it to its decoder. */
function thumbnailOf(bytes: Uint8Array | null | undefined): { readonly thumbnail?: string } {
  if (!bytes || bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return {};
  const thumbnail = Buffer.from(bytes).toString('base64');
  return thumbnail.length <= LARGEST_THUMBNAIL ? { thumbnail } : {};
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Longs of protobuf come as numbers or as objects that turn into them. */
export function numberOf(value: unknown): number | undefined {
  if (value === null || value === undefined) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

export function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null;
}
