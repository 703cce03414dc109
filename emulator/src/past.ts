// A past that nobody has lived: chats and messages that a phone says it had before it linked anybody, made anew whenever they are asked for; it is never kept.
import type { proto } from 'baileys/WAProto/index.js';
import { wire } from './wire.ts';

/** How much past a phone has, and how it hands it over. */
export interface Past {
  readonly chats: number;
  /** Of each chat. */
  readonly messages: number;
  /** Newest messages of each chat that a new device gets without asking. */
  readonly recent: number;
  /** Chats in one piece. */
  readonly chunk: number;
}

export const MAX_PAST_CHATS = 100_000;
export const MAX_PAST_MESSAGES = 100_000;
const STEP_S = 60;
const FIRST_NUMBER = 8_617_000_000_000;
const FIRST_LID = 300_000_000_000_000;
const ID = /^3AFA57([0-9A-F]{6})([0-9A-F]{6})$/;

interface Window {
  /** Exclusive; messages are counted from 1, the oldest. */
  readonly before: number;
  readonly count: number;
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(6, '0');
}

/** @returns which chat and message an id of this past means. */
export function placeOf(id: string): { readonly chat: number; readonly message: number } | undefined {
  const found = ID.exec(id);
  return found
    ? { chat: Number.parseInt(found[1] ?? '', 16), message: Number.parseInt(found[2] ?? '', 16) }
    : undefined;
}

/** Every third chat has a message that is unread, every fifth is archived. @param now ms since epoch. */
export function pastChat(past: Past, chat: number, { before, count }: Window, now: number): proto.IConversation {
  const id = `${FIRST_NUMBER + chat}@s.whatsapp.net`;
  const end = Math.min(before, past.messages + 1);
  const start = Math.max(1, end - count);
  const time = (message: number) => Math.floor(now / 1000) - (past.messages - message) * STEP_S - chat;
  const messages = Array.from({ length: Math.max(0, end - start) }, (_, i) => {
    // The newest first, as WhatsApp lists them.
    const message = end - 1 - i;
    const fromMe = message % 2 === 0;
    return {
      message: {
        key: { remoteJid: id, fromMe, id: `3AFA57${hex(chat)}${hex(message)}` },
        message: { conversation: `第 ${message} 条 / chat ${chat}` },
        messageTimestamp: time(message),
        ...(fromMe ? { status: wire().WebMessageInfo.Status.READ } : { pushName: `旧友 ${chat}` }),
      },
    };
  });
  return {
    id,
    lidJid: `${FIRST_LID + chat}@lid`,
    name: `旧友 ${chat}`,
    messages,
    unreadCount: chat % 3 === 0 ? 1 : 0,
    archived: chat % 5 === 0,
    conversationTimestamp: time(past.messages),
    endOfHistoryTransfer: start === 1,
    endOfHistoryTransferType: start === 1 ? 1 : 0,
  };
}
