// WhatsApp addresses and the many writings of a phone number, as pure text rules; nothing here asks whether an address exists.
import { CodedError } from '@pulseline/protocol';
import type { Chat, Party } from '../whatsapp/port.ts';

const PHONE_HOST = '@s.whatsapp.net';
const LID_HOST = '@lid';
const GROUP_HOST = '@g.us';

/** Hosts that name the same address space as another one. */
const sameHosts: Readonly<Record<string, string>> = {
  '@c.us': PHONE_HOST,
  '@hosted': PHONE_HOST,
  '@hosted.lid': LID_HOST,
};

/** E.164 allows 15 digits with the country code; the shortest numbers in use have 7. A country code never begins with 0. */
const E164 = /^[1-9]\d{6,14}$/;

/** The address without device (`:12`), agent (`_1`) and second spelling of its host. What is no address stays as it is. */
export function bareAddress(address: string): string {
  const at = address.indexOf('@');
  if (at < 0) return address;
  const host = address.slice(at).toLowerCase();
  const user = address.slice(0, at).replace(/[:_]\d+(?=[:_]|$)/g, '');
  return user + (sameHosts[host] ?? host);
}

export function isPhoneAddress(address: string): boolean {
  return address.endsWith(PHONE_HOST);
}

export function isLid(address: string): boolean {
  return address.endsWith(LID_HOST);
}

/** `+8613…` of a phone-number address; undefined for every other. */
export function phoneOf(address: string): string | undefined {
  const user = address.slice(0, -PHONE_HOST.length);
  return isPhoneAddress(address) && E164.test(user) ? `+${user}` : undefined;
}

/** Both forms without device; forms that are not known are left out. */
export function bareParty(party: Party): Party {
  return {
    ...(party.pn && { pn: bareAddress(party.pn) }),
    ...(party.lid && { lid: bareAddress(party.lid) }),
  };
}

/** The chat that a person means by the `to` of a send. Errors: BAD_ADDRESS. */
export function parseRecipient(to: string): Chat {
  const chat = recipientOf(to);
  if (chat === undefined) throw new CodedError('BAD_ADDRESS', { to: to.slice(0, 100) });
  return chat;
}

/** As {@link parseRecipient}, undefined where that throws. */
export function recipientOf(to: string): Chat | undefined {
  if (to.length > 256) return undefined;
  const text = to.trim();
  if (!text.includes('@')) {
    const digits = phoneDigits(text);
    return digits === undefined ? undefined : { kind: 'person', pn: digits + PHONE_HOST };
  }
  const address = bareAddress(text);
  const at = address.indexOf('@');
  const [user, host] = [address.slice(0, at), address.slice(at)];
  if (host === PHONE_HOST && E164.test(user)) return { kind: 'person', pn: address };
  if (host === LID_HOST && /^\d{1,20}$/.test(user)) return { kind: 'person', lid: address };
  if (host === GROUP_HOST && /^\d[\d-]{1,63}$/.test(user)) return { kind: 'group', address };
  return undefined;
}

/**
 * The digits of a phone number with country code, in E.164 without `+`; undefined if the text is no such number.
 * Full-width, Arabic and Devanagari digits count as digits; spaces, dashes, dots, slashes, brackets and the invisible marks that
 * come along from address books are left out; `00` in front means `+`, and `(0)` after the country code is a trunk prefix.
 */
export function phoneDigits(text: string): string | undefined {
  const plain = [...text.normalize('NFKC')]
    .map(westernDigit)
    .join('')
    .replace(/^tel:/i, '')
    .replace(/[\p{Cf}\s\p{Pd}\u2212.·/]/gu, '');
  const number = plain.replace(/^(\+|00)(\d+)\(0\)/, '$1$2').replace(/[()[\]]/g, '');
  const match = /^(?:\+|00)?(\d+)$/.exec(number);
  const digits = match?.[1];
  return digits !== undefined && E164.test(digits) ? digits : undefined;
}

/** Zeros of the digit blocks that people's keyboards write besides the western ones (NFKC has folded the full-width ones). */
const zeros = [0x0660, 0x06f0, 0x0966];

function westernDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const zero = zeros.find((start) => code >= start && code < start + 10);
  return zero === undefined ? character : String(code - zero);
}
