// A job of the outbox as the engine wants it, parsed from what the store keeps; it changes nothing.
import { shape } from '@pulseline/protocol';
import { parseChat, party } from './orders.ts';
import type { Job } from './port.ts';

const { anything, boolean, list, object, oneOf, optional, string } = shape;

const head = object({ id: string(200, 1), account: string(128, 1), type: oneOf(['send', 'read']) });
const target = object({ chat: anything(), waId: string(256, 1), fromMe: boolean(), author: optional(party) });
const send = object({
  waId: string(128, 1),
  to: anything(),
  text: string(),
  quoted: optional(object({ ...target.fields, body: string() })),
  mentions: optional(list(string(256, 1), 1_024)),
  change: optional(object({ kind: oneOf(['reaction', 'edit', 'revoke']), target })),
});
const read = object({ chat: anything(), keys: list(object({ waId: string(256, 1), author: optional(party) })) });

/** `body` is the job as JSON text; `content` what an earlier attempt has generated. Throws on anything else. */
export function parseJob(body: string, content: Uint8Array | undefined): Job {
  const value: unknown = JSON.parse(body);
  const { id, account, type } = head.parse(value);
  if (type === 'read') {
    const { chat, keys } = read.parse(value);
    return { id, account, type, chat: parseChat(chat), keys };
  }
  const { waId, to, text, quoted, mentions, change } = send.parse(value);
  return {
    id,
    account,
    type,
    waId,
    to: parseChat(to),
    text,
    ...(quoted && { quoted: { ...quoted, chat: parseChat(quoted.chat) } }),
    ...(mentions && { mentions }),
    ...(change && { change: { ...change, target: { ...change.target, chat: parseChat(change.target.chat) } } }),
    ...(content !== undefined && { content }),
  };
}
