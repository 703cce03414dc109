// What people say in WhatsApp's own form, built and read back: texts, quotes, reactions, edits, withdrawals; it encrypts and sends nothing.
import type { proto } from 'baileys/WAProto/index.js';
import type { Entry } from './log.ts';
import { aboutOf, contextOf, mediaTypeOf, summaryOf } from './summary.ts';
import { wire } from './wire.ts';

/** What a message says, in words. */
export interface Content {
  /** In one word. */
  readonly kind: string;
  /** Its text or caption; of a reaction the emoji. */
  readonly text: string;
  /** The id of the message that it quotes, reacts to, edits or withdraws. */
  readonly about?: string;
  readonly mentions?: readonly string[];
}

/** What a text answers to, and whom it names. */
export interface TextContext {
  readonly quoted?: { readonly id: string; readonly author: string; readonly text: string } | undefined;
  /** Addresses. */
  readonly mentions?: readonly string[] | undefined;
}

export function textMessage(text: string, { quoted, mentions = [] }: TextContext = {}): proto.IMessage {
  if (!quoted && mentions.length === 0) return { conversation: text };
  const answer = quoted && {
    stanzaId: quoted.id,
    participant: quoted.author,
    quotedMessage: { conversation: quoted.text },
  };
  return { extendedTextMessage: { text, contextInfo: { ...answer, mentionedJid: [...mentions] } } };
}

/** `emoji` '' takes the reaction back. @param at ms since epoch. */
export function reactionMessage(key: proto.IMessageKey, emoji: string, at: number): proto.IMessage {
  return { reactionMessage: { key, text: emoji, senderTimestampMs: at } };
}

export function editMessage(key: proto.IMessageKey, text: string, at: number): proto.IMessage {
  return {
    protocolMessage: {
      type: wire().Message.ProtocolMessage.Type.MESSAGE_EDIT,
      key,
      editedMessage: { conversation: text },
      timestampMs: at,
    },
  };
}

export function revokeMessage(key: proto.IMessageKey): proto.IMessage {
  return { protocolMessage: { type: wire().Message.ProtocolMessage.Type.REVOKE, key } };
}

export function contentOf(message: proto.IMessage): Content {
  const about = aboutOf(message);
  const mentions = contextOf(message)?.mentionedJid ?? [];
  return { ...summaryOf(message), ...(about && { about }), ...(mentions.length > 0 && { mentions }) };
}

/** What a log keeps of a message beside its words: its bytes, unless the text alone says it all. */
export function rawOf(message: proto.IMessage): { raw?: string } {
  if (typeof message.conversation === 'string' && Object.keys(message).length === 1) return {};
  return { raw: Buffer.from(wire().Message.encode(message).finish()).toString('base64') };
}

/** The message that a log entry stands for. */
export function messageOf({ text, raw }: Pick<Entry, 'text' | 'raw'>): proto.IMessage {
  return raw === undefined ? textMessage(text) : wire().Message.decode(Buffer.from(raw, 'base64'));
}

/** The stanza's own word for what it does to an earlier message; WhatsApp's numbers. */
export function markOf(message: proto.IMessage): { type: string; edit?: string } {
  const { kind } = summaryOf(message);
  if (kind === 'text') return { type: 'text' };
  if (mediaTypeOf(message) !== undefined) return { type: 'media' };
  if (kind === 'reaction') return { type: 'reaction' };
  if (kind === 'poll' || kind === 'vote') return { type: 'poll' };
  if (kind === 'edit') return { type: 'text', edit: '1' };
  if (kind === 'revoke') return { type: 'text', edit: message.protocolMessage?.key?.fromMe ? '7' : '8' };
  return kind === 'pin' ? { type: 'text', edit: '2' } : { type: 'text' };
}
