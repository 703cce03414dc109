// Things of the moment: turns what an engine whispers into frames for dashboards, and keeps the QR codes that can be scanned now. Nothing here is durable.
import type { EphemeralData } from '@pulseline/protocol';
import type { QrCodes } from './http/parts.ts';
import { addressesOf, chatOf } from './inbox/conversations.ts';
import type { Hub } from './live/port.ts';
import type { Queries } from './store/port.ts';
import type { Fleet, Party, Whisper } from './whatsapp/port.ts';

export interface Whispers {
  readonly qrCodes: QrCodes;
  hear(whisper: Whisper): void;
}

/** `fail` hears of reads that failed: a lost whisper is no harm, a silent one is. */
export function openWhispers(
  hub: Pick<Hub, 'tell' | 'forget'>,
  queries: Pick<Queries, 'conversationByAddress' | 'media' | 'message'>,
  now: () => number,
  fail: (error: unknown) => void,
  forgetPicture: (account: string, address: string) => void = () => {},
): Whispers {
  // One code per account: as many as there are accounts.
  const codes = new Map<string, { readonly qr: string; readonly expiresAt: number }>();

  const tellTyping = async ({ account, chat, author, state }: WhisperOf<'typing'>): Promise<void> => {
    for (const address of addressesOf(chat)) {
      const row = await queries.conversationByAddress(account, address);
      if (row === undefined) continue;
      const data = { account, conversation: row.conversation.id, author: addressOf(author), state };
      hub.tell('typing', data, { stream: account });
      return;
    }
  };

  const tellTransfer = async (whisper: WhisperOf<'transfer'>): Promise<void> => {
    const { account, media, direction, done, total } = whisper;
    const messageId = (await queries.media(media))?.message;
    const message = messageId === undefined ? undefined : await queries.message(messageId);
    if (message === undefined) return;
    const { id, conversation } = message;
    const data = { account, media, messageId: id, conversation, direction, done, total };
    hub.tell('media_progress', data, { stream: account });
  };

  return {
    qrCodes: {
      current(account) {
        const code = codes.get(account);
        return code !== undefined && code.expiresAt > now() ? code : undefined;
      },
    },
    hear(whisper) {
      const { account } = whisper;
      switch (whisper.type) {
        case 'qr': {
          const { qr, expiresAt } = whisper;
          codes.set(account, { qr, expiresAt });
          hub.tell('qr_update', { account, qr, expiresAt }, { stream: account, keep: keyOf(account) });
          return;
        }
        case 'qr-gone':
          codes.delete(account);
          hub.forget(keyOf(account));
          return;
        case 'typing':
          tellTyping(whisper).catch(fail);
          return;
        case 'presence': {
          const { party, state, lastSeen } = whisper;
          const data = { account, address: addressOf(party), state, ...(lastSeen !== undefined && { lastSeen }) };
          hub.tell('presence', data, { stream: account });
          return;
        }
        case 'picture':
          for (const address of addressesOf(whisper.chat)) forgetPicture(account, address);
          return;
        case 'transfer':
          tellTransfer(whisper).catch(fail);
          return;
        case 'sync': {
          const { done, total } = whisper;
          hub.tell('sync_progress', { account, done, ...(total !== undefined && { total }) }, { stream: account });
          return;
        }
        default:
          whisper satisfies never;
      }
    },
  };
}

/** A dashboard types: WhatsApp is told, if the conversation is there. */
export async function passTyping(
  typing: { readonly account: string; readonly conversation: string; readonly state: 'composing' | 'paused' },
  queries: Pick<Queries, 'conversation'>,
  fleet: Pick<Fleet, 'typing'>,
): Promise<void> {
  const row = await queries.conversation(typing.conversation);
  if (row?.conversation.account === typing.account) fleet.typing(typing.account, chatOf(row), typing.state);
}

type WhisperOf<T extends Whisper['type']> = Extract<Whisper, { type: T }>;

function keyOf(account: string): string {
  return `qr ${account}`;
}

/** By phone number where it is known. */
function addressOf({ pn, lid }: Party): EphemeralData['typing']['author'] {
  return pn ?? lid ?? '';
}
