// A job of the outbox as the engine wants it, parsed from what the store keeps; it changes nothing.
import { contactCards, linkPreview, location, media, shape } from '@pulseline/protocol';
import { parseErrand } from './errand.ts';
import { parseChat, party } from './orders.ts';
import type { Content, Job, MediaSource } from './port.ts';

const { anything, boolean, integer, list, object, oneOf, optional, string } = shape;

const head = object({ id: string(200, 1), account: string(128, 1), type: oneOf(['send', 'read', 'errand']) });
const target = object({ chat: anything(), waId: string(256, 1), fromMe: boolean(), author: optional(party) });
const change = object({ kind: oneOf(['reaction', 'edit', 'revoke', 'vote', 'pin']), target });
const send = object({
  waId: string(128, 1),
  to: anything(),
  text: string(),
  quoted: optional(object({ ...target.fields, body: string() })),
  mentions: optional(list(string(256, 1), 1_024)),
  bears: optional(anything()),
  media: optional(anything()),
  change: optional(change),
});
const source: shape.Shape<MediaSource> = object({
  word: oneOf(['Image', 'Video', 'Audio', 'Document']),
  path: string(2_000, 1),
  key: string(64, 1),
  sha256: optional(string(64)),
  sealedSha256: optional(string(64)),
});
const { id: _id, state: _state, reason: _reason, ...told } = media.fields;
const sendMedia = object({
  ...told,
  kind: oneOf(['image', 'video', 'gif', 'audio', 'voice', 'document', 'sticker']),
  file: optional(string(64, 64)),
  source: optional(source),
  id: optional(string(128, 1)),
});
const votes = object({
  sealed: object({ payload: string(), iv: string(64) }),
  chosen: list(string(64, 64), 100),
  at: integer(),
});
const born: shape.Shape<Content> = object({
  location: optional(location),
  contacts: optional(contactCards),
  poll: optional(object({ name: string(1_000), options: list(string(300), 100), selectable: integer() })),
  secret: optional(string(64, 64)),
  preview: optional(linkPreview),
  forwarded: optional(oneOf(['once', 'many'])),
  forwards: optional(integer()),
  expires: optional(integer()),
  timer: optional(integer()),
});
const read = object({ chat: anything(), keys: list(object({ waId: string(256, 1), author: optional(party) })) });

function changeIn(value: unknown, { kind, target: { chat, ...rest } }: shape.Of<typeof change>) {
  const whom = { ...rest, chat: parseChat(chat) };
  if (kind === 'pin') {
    const { seconds } = object({ change: object({ seconds: integer() }) }).parse(value).change;
    return { kind, target: whom, seconds };
  }
  if (kind !== 'vote') return { kind, target: whom };
  return { kind, target: whom, ...object({ change: votes }).parse(value).change };
}

/** Where a file lies, from what the store keeps. Throws on anything else. */
export function parseSource(text: string | undefined): MediaSource | undefined {
  return text === undefined ? undefined : source.parse(JSON.parse(text));
}

/** `body` is the job as JSON text; `content` what an earlier attempt has generated. Throws on anything else. */
export function parseJob(body: string, content: Uint8Array | undefined): Job {
  const value: unknown = JSON.parse(body);
  const { id, account, type } = head.parse(value);
  if (type === 'read') {
    const { chat, keys } = read.parse(value);
    return { id, account, type, chat: parseChat(chat), keys };
  }
  if (type === 'errand') {
    const { errand } = object({ errand: anything() }).parse(value);
    return { id, account, type, errand: parseErrand(errand), ...(content !== undefined && { started: true }) };
  }
  const { waId, to, text, quoted, mentions, bears, ...said } = send.parse(value);
  return {
    id,
    account,
    type,
    waId,
    to: parseChat(to),
    text,
    ...(quoted && { quoted: { ...quoted, chat: parseChat(quoted.chat) } }),
    ...(mentions && { mentions }),
    ...(bears !== undefined && { bears: born.parse(bears) }),
    ...(said.media !== undefined && { media: sendMedia.parse(said.media) }),
    ...(said.change && { change: changeIn(value, said.change) }),
    ...(content !== undefined && { content }),
  };
}
