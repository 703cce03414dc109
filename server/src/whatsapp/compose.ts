// The content of what an account sends, generated once with its secrets inside, so that a resend is the same message. It sends nothing.
import { CodedError, type LinkPreview } from '@pulseline/protocol';
import type { AnyMessageContent, proto as Proto } from 'baileys';
import { keyOf } from './changes.ts';
import { composeMedia } from './compose-media.ts';
import { writeCard } from './contact-card.ts';
import { generateWAMessageContent, proto } from './library.ts';
import type { Sealed } from './media-cipher.ts';
import { sealedBy } from './media-link.ts';
import type { Uploaded } from './media-wire.ts';
import { contentOf } from './normalise.ts';
import type { Content, Job, MediaSource, Party, SendMedia, Target } from './port.ts';

type SendJob = Extract<Job, { type: 'send' }>;
type Asked = NonNullable<SendJob['change']>;

/** Where the file of a content lies. */
export function sourceIn(content: Uint8Array): MediaSource | undefined {
  return contentOf(proto.Message.decode(content))?.media?.source;
}

interface Means {
  /** Gives a file to WhatsApp. */
  readonly give: (media: SendMedia) => Promise<Sealed & Uploaded>;
  /** What was sent under an id of WhatsApp's before. */
  readonly sent: (waId: string) => Promise<Uint8Array | undefined>;
}

/** As bytes of WhatsApp's Message. */
export async function compose(job: SendJob, me: Party, means: Means, now: number): Promise<Uint8Array> {
  return proto.Message.encode(proto.Message.create(await messageOf(job, me, means, now))).finish();
}

async function messageOf(job: SendJob, me: Party, { give, sent }: Means, now: number): Promise<Proto.IMessage> {
  const { change, bears = {}, text } = job;
  if (change?.kind === 'vote') return ballot(change);
  if (change?.kind === 'pin') return pinned(change, now);
  if (change?.kind === 'edit' && job.media) return recaptioned(change.target, text, job.media, sent, now);
  if (change !== undefined) return generated(changing(job, change));
  if (bears.timer !== undefined) return timer(bears.timer);
  const context = surroundings(job, me);
  if (job.media !== undefined) {
    const { mentions } = namedIn(job);
    const around = { ...context, ...(mentions && { mentionedJid: mentions }) };
    return composeMedia(job.media, await give(job.media), text, around, now);
  }
  return (
    placed(bears, context) ??
    cards(bears, context) ??
    poll(bears, context) ??
    linked(text, bears.preview, context) ??
    generated({
      text,
      linkPreview: null,
      ...(Object.keys(context).length > 0 && { contextInfo: context }),
      ...namedIn(job),
    })
  );
}

/** By the library, which knows what else belongs into it. */
async function generated(content: AnyMessageContent): Promise<Proto.IMessage> {
  const upload = async (): Promise<never> => Promise.reject(new Error('a text has nothing to upload'));
  return generateWAMessageContent(content, { upload });
}

function namedIn({ mentions }: SendJob): { readonly mentions?: string[] } {
  return mentions && mentions.length > 0 ? { mentions: [...mentions] } : {};
}

function changing(job: SendJob, change: Exclude<Asked, { readonly kind: 'vote' | 'pin' }>): AnyMessageContent {
  switch (change.kind) {
    case 'reaction':
      return { react: { key: keyOf(change.target), text: job.text } };
    case 'revoke':
      return { delete: keyOf(change.target) };
    case 'edit':
      return { text: job.text, linkPreview: null, edit: keyOf(change.target), ...namedIn(job) };
  }
}

/** What a message answers to, that it was passed on, and how long it stays. */
function surroundings({ quoted, bears = {} }: SendJob, me: Party): Proto.IContextInfo {
  const { forwarded, forwards, expires } = bears;
  const marks = {
    ...(forwarded && { isForwarded: true, forwardingScore: forwards ?? (forwarded === 'many' ? MANY : 1) }),
    ...(expires !== undefined && expires > 0 && { expiration: expires }),
  };
  if (quoted === undefined) return marks;
  const { chat, author, fromMe, waId, body } = quoted;
  const writer = fromMe ? me : (author ?? (chat.kind === 'person' ? chat : {}));
  const participant = chat.kind === 'person' ? (writer.pn ?? writer.lid) : (writer.lid ?? writer.pn);
  return {
    stanzaId: waId,
    ...(participant !== undefined && { participant }),
    quotedMessage: { conversation: body },
    ...marks,
  };
}

/** As WhatsApp's own clients count what has been passed on often. */
const MANY = 5;

function placed({ location }: Content, contextInfo: Proto.IContextInfo): Proto.IMessage | undefined {
  if (location === undefined) return undefined;
  const { latitude, longitude, name, address, url } = location;
  return {
    locationMessage: {
      degreesLatitude: latitude,
      degreesLongitude: longitude,
      ...(name !== undefined && { name }),
      ...(address !== undefined && { address }),
      ...(url !== undefined && { url }),
      contextInfo,
    },
  };
}

function cards({ contacts }: Content, contextInfo: Proto.IContextInfo): Proto.IMessage | undefined {
  if (contacts === undefined) return undefined;
  const written = contacts.map((card) => ({ displayName: card.name, vcard: writeCard(card) }));
  const [first] = written;
  if (first !== undefined && written.length === 1) return { contactMessage: { ...first, contextInfo } };
  return { contactsArrayMessage: { displayName: written[0]?.displayName ?? '', contacts: written, contextInfo } };
}

function poll({ poll: asked, secret }: Content, contextInfo: Proto.IContextInfo): Proto.IMessage | undefined {
  if (asked === undefined || secret === undefined) return undefined;
  const { name, options, selectable } = asked;
  const creation = {
    name,
    options: options.map((optionName) => ({ optionName })),
    selectableOptionsCount: selectable,
    contextInfo,
  };
  return {
    messageContextInfo: { messageSecret: Buffer.from(secret, 'hex') },
    // The third form is for one choice, the first for several.
    ...(selectable === 1 ? { pollCreationMessageV3: creation } : { pollCreationMessage: creation }),
  };
}

function linked(
  text: string,
  shown: LinkPreview | undefined,
  contextInfo: Proto.IContextInfo,
): Proto.IMessage | undefined {
  if (shown === undefined) return undefined;
  const { url, title, description, thumbnail } = shown;
  return {
    extendedTextMessage: {
      text,
      matchedText: url,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      ...(thumbnail !== undefined && { jpegThumbnail: Buffer.from(thumbnail, 'base64') }),
      contextInfo,
    },
  };
}

function timer(seconds: number): Proto.IMessage {
  const type = proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING;
  return { ephemeralMessage: { message: { protocolMessage: { type, ephemeralExpiration: seconds } } } };
}

/** The seconds that the content sets as a chat's timer; undefined if it is anything else. */
export function timerIn({ ephemeralMessage }: Proto.IMessage): number | undefined {
  const { type, ephemeralExpiration } = ephemeralMessage?.message?.protocolMessage ?? {};
  const isTimer = type === proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING;
  return isTimer ? (ephemeralExpiration ?? 0) : undefined;
}

function pinned({ target, seconds }: Extract<Asked, { readonly kind: 'pin' }>, now: number): Proto.IMessage {
  const { PIN_FOR_ALL, UNPIN_FOR_ALL } = proto.Message.PinInChatMessage.Type;
  const type = seconds > 0 ? PIN_FOR_ALL : UNPIN_FOR_ALL;
  return {
    pinInChatMessage: { key: keyOf(target), type, senderTimestampMs: Math.floor(now) },
    messageContextInfo: { messageAddOnDurationInSecs: seconds },
  };
}

/** WhatsApp wants the whole of the message said once more, with other words below the same file. */
async function recaptioned(target: Target, caption: string, media: SendMedia, sent: Means['sent'], now: number) {
  const before = await sent(target.waId);
  const known = media.source && sealedBy(media.source, media.size);
  const whole =
    before === undefined
      ? known && composeMedia(media, known, caption, {}, now)
      : withCaption(proto.Message.decode(before), caption);
  if (whole === undefined) throw new CodedError('MEDIA_GONE');
  const { messageContextInfo: _, ...editedMessage } = whole;
  const type = proto.Message.ProtocolMessage.Type.MESSAGE_EDIT;
  return { protocolMessage: { key: keyOf(target), type, editedMessage, timestampMs: Math.floor(now) } };
}

function withCaption(before: Proto.IMessage, caption: string): Proto.IMessage | undefined {
  const { imageMessage, videoMessage, documentMessage } = before.documentWithCaptionMessage?.message ?? before;
  if (imageMessage) return { imageMessage: { ...imageMessage, caption } };
  if (videoMessage) return { videoMessage: { ...videoMessage, caption } };
  if (!documentMessage) return undefined;
  return { documentWithCaptionMessage: { message: { documentMessage: { ...documentMessage, caption } } } };
}

function ballot({ target, sealed, at }: Extract<Asked, { readonly kind: 'vote' }>): Proto.IMessage {
  const [encPayload, encIv] = [sealed.payload, sealed.iv].map((part) => Buffer.from(part, 'base64'));
  const vote = { ...(encPayload && { encPayload }), ...(encIv && { encIv }) };
  return { pollUpdateMessage: { pollCreationMessageKey: keyOf(target), vote, senderTimestampMs: at } };
}

/** What stands beside the ciphertexts of some kinds, as the library's own sends have it. */
export function besides({
  pollCreationMessage,
  pollCreationMessageV3,
  pollUpdateMessage,
}: Proto.IMessage): readonly { readonly tag: string; readonly attrs: Record<string, string> }[] {
  if (pollUpdateMessage) return [{ tag: 'meta', attrs: { polltype: 'vote' } }];
  return pollCreationMessage || pollCreationMessageV3 ? [{ tag: 'meta', attrs: { polltype: 'creation' } }] : [];
}
