// The scene of the inbox's tests: one sandbox account, a few people, a group, and short ways to say what WhatsApp told; no rule is in here.
import type { Chat, Fact, FactOf, Party } from '../../whatsapp/port.ts';
import { MemoryRows } from './memory-rows.ts';

export const ACCOUNT = 'acc_aaaaaaaaaa';
export const ME = '8613800000000@s.whatsapp.net';
export const ANNA = { pn: '4915111111111@s.whatsapp.net', lid: '1111@lid' } as const;
export const BORIS = { pn: '79222222222@s.whatsapp.net', lid: '2222@lid' } as const;
export const GROUP = '120363000000000001@g.us';

export const person = (party: Party): Chat => ({ kind: 'person', ...party });
export const group: Chat = { kind: 'group', address: GROUP };
export const ready: FactOf<'state'> = {
  type: 'state',
  state: 'READY',
  raw: 'open',
  since: 1,
  me: { id: ME, phone: '+8613800000000' },
};

/** Rows with one account that is linked. */
export function linked(): MemoryRows {
  const rows = new MemoryRows();
  rows.run('create_account', { id: ACCOUNT, label: 'Shop', kind: 'sandbox' });
  rows.ingest(ACCOUNT, [ready]);
  return rows;
}

type Text = Partial<FactOf<'message'>> & { readonly chat?: Chat; readonly author?: Party; readonly waId?: string };

/** A text message, from Anna unless told otherwise. */
export function text(
  waId: string,
  body: string,
  { chat = person(ANNA), author, ...rest }: Text = {},
): FactOf<'message'> {
  const writer =
    author ??
    (chat.kind === 'person' ? { ...(chat.pn && { pn: chat.pn }), ...(chat.lid && { lid: chat.lid }) } : undefined);
  return {
    type: 'message',
    key: { chat, waId, ...(writer && !rest.fromMe && { author: writer }) },
    fromMe: false,
    kind: 'text',
    body,
    timestamp: Date.UTC(2026, 0, 1),
    offline: false,
    stamps: { heard: 1.5, normalised: 2.5 },
    ...rest,
  };
}

export function receipt(
  waIds: readonly string[],
  status: FactOf<'status'>['status'],
  more: Partial<FactOf<'status'>> = {},
): Fact {
  return { type: 'status', chat: person(ANNA), waIds, status, at: 5_000, ...more };
}
