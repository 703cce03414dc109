// WhatsApp's addresses taken apart and put together: wire address, person, conversation. Pure; it looks nothing up.
import type { Chat, Party } from './port.ts';

/** An address as it stands on the wire: `user[:device]@server`. */
export interface WireAddress {
  readonly user: string;
  /** 0 is the phone itself. */
  readonly device: number;
  readonly server: string;
}

/** Undefined for text that is no address, and for the server's own one (empty user). */
export function parseAddress(text: string | undefined | null): WireAddress | undefined {
  const at = text?.indexOf('@') ?? -1;
  if (text === undefined || text === null || at <= 0) return undefined;
  const [user = '', device = '0'] = text.slice(0, at).split(':');
  const [plain = ''] = user.split('_');
  const number = Number(device);
  if (plain === '' || !Number.isInteger(number)) return undefined;
  return { user: plain, device: number, server: SERVERS.get(text.slice(at + 1)) ?? text.slice(at + 1) };
}

/** Other spellings of the two kinds of personal address; a hosted device is the same person. */
const SERVERS: ReadonlyMap<string, string> = new Map([
  ['c.us', 's.whatsapp.net'],
  ['hosted', 's.whatsapp.net'],
  ['hosted.lid', 'lid'],
]);

/** The address without its device, or undefined. */
export function bare(text: string | undefined | null): string | undefined {
  const address = parseAddress(text);
  return address && `${address.user}@${address.server}`;
}

/** A person from any of their addresses; other kinds of address are passed over. */
export function partyOf(...addresses: readonly (string | undefined | null)[]): Party {
  let pn: string | undefined;
  let lid: string | undefined;
  for (const text of addresses) {
    const address = parseAddress(text);
    if (address?.server === 's.whatsapp.net') pn ??= `${address.user}@s.whatsapp.net`;
    else if (address?.server === 'lid') lid ??= `${address.user}@lid`;
  }
  return { ...(pn !== undefined && { pn }), ...(lid !== undefined && { lid }) };
}

/** Is anything known of this person? */
export function isKnown(party: Party): boolean {
  return party.pn !== undefined || party.lid !== undefined;
}

/** Do both hold the same person, as far as one can tell? */
export function samePerson(one: Party, other: Party): boolean {
  return (one.pn !== undefined && one.pn === other.pn) || (one.lid !== undefined && one.lid === other.lid);
}

/** The conversation of an address; `others` are further addresses of the same person. Undefined = no conversation has it. */
export function chatOf(
  address: string | undefined | null,
  ...others: readonly (string | undefined | null)[]
): Chat | undefined {
  const parsed = parseAddress(address);
  if (parsed === undefined) return undefined;
  const plain = `${parsed.user}@${parsed.server}`;
  switch (parsed.server) {
    case 's.whatsapp.net':
    case 'lid':
      return { kind: 'person', ...partyOf(address, ...others) };
    case 'g.us':
      return { kind: 'group', address: plain };
    case 'newsletter':
      return { kind: 'channel', address: plain };
    case 'broadcast':
      return { kind: 'status', address: plain };
    default:
      return undefined;
  }
}

/** Where a message to this conversation is sent. The phone number form wins: the library finds the other one itself. */
export function wireAddress(chat: Chat): string | undefined {
  return chat.kind === 'person' ? (chat.pn ?? chat.lid) : chat.address;
}

/** The phone number of a personal address in E.164, with `+`. */
export function phoneOf(pn: string | undefined): string {
  const user = parseAddress(pn)?.user ?? '';
  return user === '' ? '' : `+${user}`;
}
