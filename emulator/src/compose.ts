// Makes the messages that people send from what a test asks for; it seals and keeps their files, and it never encrypts or sends a message.
import type { proto } from 'baileys/WAProto/index.js';
import { digitsOf } from './address.ts';
import { EmulatorError } from './errors.ts';
import { type KeyWord, sealMedia } from './media-cipher.ts';
import { directPathOf } from './media-host.ts';
import type { Person } from './person.ts';
import { sampleOf } from './samples.ts';
import { contextOf, pollOf } from './summary.ts';
import { sealVote } from './votes.ts';
import { wire } from './wire.ts';
import type { World } from './world.ts';

export const FILE_KINDS = ['image', 'video', 'gif', 'video-note', 'audio', 'voice', 'document', 'sticker'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** A file. Without `data` a small sample of its kind goes out. */
interface FileContent {
  readonly kind: FileKind;
  readonly data?: Uint8Array | undefined;
  readonly mime?: string | undefined;
  readonly caption?: string | undefined;
  /** File name of a document. */
  readonly name?: string | undefined;
  readonly seconds?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** `true` marks it; `withheld` is what linked devices really get of it: that there is one. */
  readonly viewOnce?: boolean | 'withheld' | undefined;
}

interface Card {
  readonly name: string;
  readonly number: string;
}

/** Everything that one can say beside a plain text. Ids are those of messages in the log of who says it. */
export type Said =
  | { readonly kind: 'text'; readonly text: string }
  | FileContent
  | {
      readonly kind: 'location' | 'live-location';
      readonly latitude: number;
      readonly longitude: number;
      readonly name?: string | undefined;
      readonly address?: string | undefined;
      /** Of live locations: which in its row. */
      readonly sequence?: number | undefined;
    }
  | { readonly kind: 'contact'; readonly cards: readonly Card[] }
  | {
      readonly kind: 'poll';
      readonly question: string;
      readonly options: readonly string[];
      /** How many may be chosen; 0 = as many as there are. */
      readonly selectable?: number | undefined;
    }
  | { readonly kind: 'vote'; readonly poll: string; readonly options: readonly string[] }
  | { readonly kind: 'forward'; readonly message: string }
  | { readonly kind: 'disappearing'; readonly seconds: number }
  | { readonly kind: 'pin'; readonly message: string; readonly on?: boolean | undefined }
  | {
      readonly kind: 'buttons' | 'template' | 'list' | 'interactive';
      readonly text: string;
      readonly footer?: string | undefined;
      readonly options: readonly string[];
    }
  | { readonly kind: 'link'; readonly text: string; readonly url: string; readonly title: string }
  | { readonly kind: 'raw'; readonly message: Uint8Array };

/** Who speaks to whom, and the keys of messages that are there already. */
export interface Scene {
  readonly from: Person;
  /** ms since epoch. */
  readonly at: number;
  /** Address of the author, as the chat addresses people. */
  addressOf(person: Person): string;
  /** @throws EmulatorError UNKNOWN_MESSAGE */
  keyOf(id: string): { readonly key: proto.IMessageKey; readonly message: proto.IMessage; readonly author: Person };
}

/** What surrounds what is said. */
export interface Context {
  readonly quoted?: { readonly id: string; readonly author: string; readonly text: string } | undefined;
  readonly mentions?: readonly string[] | undefined;
  /** Seconds after which it disappears. */
  readonly expires?: number | undefined;
}

const MAX_OPTIONS = 12;
const DAY_S = 24 * 3600;

/** @throws EmulatorError BAD_FIELD, UNKNOWN_MESSAGE */
export function compose(world: World, scene: Scene, said: Said, context: Context): proto.IMessage {
  const message = make(world, scene, said);
  const { quoted, mentions = [], expires } = context;
  if (!quoted && mentions.length === 0 && expires === undefined) return message;
  const more: proto.IContextInfo = {
    ...(quoted && {
      stanzaId: quoted.id,
      participant: quoted.author,
      quotedMessage: { conversation: quoted.text },
    }),
    ...(mentions.length > 0 && { mentionedJid: [...mentions] }),
    ...(expires !== undefined && { expiration: expires, ephemeralSettingTimestamp: Math.floor(scene.at / 1000) }),
  };
  return withContext(message, more);
}

/** Adds to what surrounds a message, in its first field that can be surrounded. */
function withContext(message: proto.IMessage, more: proto.IContextInfo): proto.IMessage {
  if (typeof message.conversation === 'string') {
    return { extendedTextMessage: { text: message.conversation, contextInfo: more } };
  }
  for (const [field, value] of Object.entries(message)) {
    if (typeof value !== 'object' || value === null || BESIDE.has(field)) continue;
    return { ...message, [field]: { ...value, contextInfo: { ...contextOf(message), ...more } } };
  }
  return message;
}

const BESIDE: ReadonlySet<string> = new Set(['messageContextInfo', 'protocolMessage', 'reactionMessage']);

function make(world: World, scene: Scene, said: Said): proto.IMessage {
  switch (said.kind) {
    case 'text':
      return { conversation: said.text };
    case 'location':
      return {
        locationMessage: {
          degreesLatitude: said.latitude,
          degreesLongitude: said.longitude,
          name: said.name ?? null,
          address: said.address ?? null,
        },
      };
    case 'live-location':
      return {
        liveLocationMessage: {
          degreesLatitude: said.latitude,
          degreesLongitude: said.longitude,
          caption: said.name ?? null,
          sequenceNumber: said.sequence ?? 1,
          accuracyInMeters: 10,
        },
      };
    case 'contact':
      return cards(said.cards);
    case 'poll':
      return poll(world, said.question, said.options, said.selectable ?? 1);
    case 'vote':
      return vote(world, scene, said.poll, said.options);
    case 'forward': {
      const { message } = scene.keyOf(said.message);
      const score = (contextOf(message)?.forwardingScore ?? 0) + 1;
      return withContext(message, { isForwarded: true, forwardingScore: score });
    }
    case 'disappearing':
      return {
        protocolMessage: {
          type: wire().Message.ProtocolMessage.Type.EPHEMERAL_SETTING,
          ephemeralExpiration: said.seconds,
          ephemeralSettingTimestamp: Math.floor(scene.at / 1000),
        },
      };
    case 'pin':
      return {
        pinInChatMessage: {
          key: scene.keyOf(said.message).key,
          type: said.on === false ? 2 : 1,
          senderTimestampMs: scene.at,
        },
        messageContextInfo: { messageAddOnDurationInSecs: said.on === false ? 0 : DAY_S },
      };
    case 'buttons':
    case 'template':
    case 'list':
    case 'interactive':
      return business(said.kind, said.text, said.footer ?? '', said.options);
    case 'link':
      return {
        extendedTextMessage: {
          text: said.text,
          matchedText: said.url,
          title: said.title,
          description: said.title,
          jpegThumbnail: sampleOf('image').bytes,
        },
      };
    case 'raw':
      return wire().Message.decode(said.message);
    default:
      return file(world, scene, said);
  }
}

function file(world: World, { at }: Scene, said: FileContent): proto.IMessage {
  const sample = sampleOf(said.kind);
  const data = said.data ?? sample.bytes;
  const { bytes: _bytes, ...sealed } = upload(world, data, KEY_WORD[said.kind]);
  const common = {
    ...sealed,
    mediaKeyTimestamp: Math.floor(at / 1000),
    mimetype: said.mime ?? sample.mime,
  };
  const seconds = said.seconds ?? 3;
  const size = { width: said.width ?? 64, height: said.height ?? 64 };
  const shown = { ...size, caption: said.caption ?? null, jpegThumbnail: sampleOf('image').bytes };
  switch (said.kind) {
    case 'image':
      return once(said, { imageMessage: { ...common, ...shown, viewOnce: said.viewOnce ? true : null } });
    case 'video':
    case 'gif':
      return once(said, {
        videoMessage: {
          ...common,
          ...shown,
          seconds,
          gifPlayback: said.kind === 'gif',
          viewOnce: said.viewOnce ? true : null,
        },
      });
    case 'video-note':
      return { ptvMessage: { ...common, ...size, seconds } };
    case 'audio':
      return { audioMessage: { ...common, seconds, ptt: false } };
    case 'voice': {
      const waveform = Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 37) % 100));
      return once(said, {
        audioMessage: { ...common, seconds, ptt: true, waveform, viewOnce: said.viewOnce ? true : null },
      });
    }
    case 'sticker':
      return { stickerMessage: { ...common, ...size, isAnimated: false } };
    case 'document': {
      const fileName = said.name ?? 'sample.pdf';
      const caption = said.caption ?? null;
      const message = { documentMessage: { ...common, fileName, title: fileName, caption, pageCount: 1 } };
      return said.caption === undefined ? message : { documentWithCaptionMessage: { message } };
    }
  }
}

const KEY_WORD: Readonly<Record<FileKind, KeyWord>> = {
  image: 'Image',
  video: 'Video',
  gif: 'Video',
  'video-note': 'Video',
  audio: 'Audio',
  voice: 'Audio',
  document: 'Document',
  sticker: 'Image',
};

function once({ viewOnce }: FileContent, message: proto.IMessage): proto.IMessage {
  return viewOnce ? { viewOnceMessageV2: { message } } : message;
}

/** Seals a file and gives it to the media host. */
export function upload(world: World, data: Uint8Array, word: KeyWord) {
  const sealed = sealMedia(data, word, world.random(32));
  const directPath = directPathOf(world.media.put(sealed.bytes));
  return { ...sealed, directPath, url: `https://${world.mediaHost}${directPath}` };
}

function cards(wanted: readonly Card[]): proto.IMessage {
  const contacts = wanted.map(({ name, number }) => {
    const digits = digitsOf(number);
    if (digits === undefined) throw new EmulatorError('BAD_FIELD', 'number');
    const lines = ['BEGIN:VCARD', 'VERSION:3.0', `FN:${name}`, `TEL;type=CELL;waid=${digits}:+${digits}`, 'END:VCARD'];
    return { displayName: name, vcard: lines.join('\n') };
  });
  const [first] = contacts;
  if (!first) throw new EmulatorError('BAD_FIELD', 'cards');
  if (contacts.length === 1) return { contactMessage: first };
  return { contactsArrayMessage: { displayName: `${contacts.length} contacts`, contacts } };
}

function poll(world: World, name: string, options: readonly string[], selectable: number): proto.IMessage {
  if (options.length < 2 || options.length > MAX_OPTIONS) throw new EmulatorError('BAD_FIELD', 'options');
  const creation = {
    name,
    options: options.map((optionName) => ({ optionName })),
    selectableOptionsCount: selectable,
  };
  // The third form is for one choice, the first for several, as WhatsApp's own clients do it.
  return {
    messageContextInfo: { messageSecret: world.random(32) },
    ...(selectable === 1 ? { pollCreationMessageV3: creation } : { pollCreationMessage: creation }),
  };
}

function vote(world: World, scene: Scene, id: string, options: readonly string[]): proto.IMessage {
  const { key, message, author } = scene.keyOf(id);
  const secret = message.messageContextInfo?.messageSecret;
  const offered = (pollOf(message)?.options ?? []).map(({ optionName }) => optionName);
  if (!secret || options.some((option) => !offered.includes(option))) throw new EmulatorError('BAD_FIELD', 'options');
  const sealed = sealVote(
    { poll: id, creator: scene.addressOf(author), voter: scene.addressOf(scene.from), secret },
    options,
    world.random(12),
  );
  return {
    pollUpdateMessage: { pollCreationMessageKey: key, vote: sealed, senderTimestampMs: scene.at },
    messageContextInfo: { messageSecret: world.random(32) },
  };
}

function business(
  kind: 'buttons' | 'template' | 'list' | 'interactive',
  text: string,
  footer: string,
  options: readonly string[],
): proto.IMessage {
  switch (kind) {
    case 'buttons':
      return {
        buttonsMessage: {
          contentText: text,
          footerText: footer,
          headerType: 1,
          buttons: options.map((displayText, i) => ({ buttonId: `b${i}`, buttonText: { displayText }, type: 1 })),
        },
      };
    case 'list':
      return {
        listMessage: {
          title: text,
          description: text,
          footerText: footer,
          buttonText: footer || '…',
          listType: 1,
          sections: [{ title: text, rows: options.map((title, i) => ({ rowId: `r${i}`, title })) }],
        },
      };
    case 'template':
      return {
        templateMessage: {
          hydratedTemplate: {
            hydratedContentText: text,
            hydratedFooterText: footer,
            hydratedButtons: options.map((displayText, index) => ({
              index,
              quickReplyButton: { displayText, id: `t${index}` },
            })),
          },
        },
      };
    case 'interactive':
      return {
        interactiveMessage: {
          body: { text },
          footer: { text: footer },
          nativeFlowMessage: {
            buttons: options.map((name, i) => ({
              name: 'quick_reply',
              buttonParamsJson: JSON.stringify({ display_text: name, id: `i${i}` }),
            })),
          },
        },
      };
  }
}
