// Contact cards as WhatsApp writes them (vCard 3.0 and 2.1), read and written. It knows no account and looks nothing up.
import type { ContactCard } from '@pulseline/protocol';

/** The contract's limits. */
const LONGEST_CARD = 65_536;
const MOST_PHONES = 20;
const MOST_EMAILS = 20;

/** A card that names nobody and nothing bears the name that stands beside it. */
export function parseCard(vcard: string, displayName = ''): ContactCard {
  let name = '';
  let organisation = '';
  const phones: ContactCard['phones'][number][] = [];
  const emails: string[] = [];
  for (const line of linesOf(vcard)) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const [head = '', ...params] = line.slice(0, colon).split(';');
    const value = textOf(line.slice(colon + 1), params).trim();
    if (value === '') continue;
    // "item1.TEL": a group that ties a label to its number.
    switch (head.replace(/^.*\./, '').toUpperCase()) {
      case 'FN':
        name = value.slice(0, 300);
        break;
      case 'N':
        name ||= value.split(';').filter(Boolean).reverse().join(' ').slice(0, 300);
        break;
      case 'ORG':
        organisation = value.split(';').filter(Boolean).join(', ').slice(0, 300);
        break;
      case 'TEL':
        if (phones.length < MOST_PHONES) phones.push(phoneOf(value, params));
        break;
      case 'EMAIL':
        if (emails.length < MOST_EMAILS) emails.push(value.slice(0, 300));
        break;
    }
  }
  return {
    name: name || displayName.slice(0, 300),
    phones,
    ...(organisation !== '' && { organisation }),
    ...(emails.length > 0 && { emails }),
  };
}

/** As WhatsApp's own clients write it: a number that has WhatsApp bears `waid`. */
export function writeCard({ name, phones, organisation, emails = [] }: ContactCard): string {
  const escaped = (text: string): string => text.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n');
  const tel = ({ number, type = 'CELL', address }: ContactCard['phones'][number]): string => {
    const user = address?.replace(/[@:].*$/, '') ?? '';
    const waid = /^\d{7,15}$/.test(user) ? `;waid=${user}` : '';
    return `TEL;type=${type.replace(/[^\w-]/g, '') || 'CELL'}${waid}:${escaped(number)}`;
  };
  return [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `N:;${escaped(name)};;;`,
    `FN:${escaped(name)}`,
    ...(organisation === undefined ? [] : [`ORG:${escaped(organisation)}`]),
    ...phones.map(tel),
    ...emails.map((email) => `EMAIL:${escaped(email)}`),
    'END:VCARD',
  ].join('\n');
}

function phoneOf(value: string, params: readonly string[]): ContactCard['phones'][number] {
  const given = new Map(
    params.map((each) => {
      const [key = '', ...rest] = each.split('=');
      return rest.length === 0 ? (['type', key] as const) : ([key.toLowerCase(), rest.join('=')] as const);
    }),
  );
  const waid = given.get('waid')?.replace(/\D/g, '') ?? '';
  const type = given.get('type')?.toLowerCase().slice(0, 64);
  return {
    number: value.slice(0, 64),
    ...(type && { type }),
    ...(waid.length >= 7 && waid.length <= 15 && { address: `${waid}@s.whatsapp.net` }),
  };
}

/** A line that begins with a blank goes on the one before. */
function linesOf(vcard: string): readonly string[] {
  return vcard
    .slice(0, LONGEST_CARD)
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/);
}

function textOf(value: string, params: readonly string[]): string {
  const quoted = params.some((each) => /^(encoding=)?quoted-printable$/i.test(each));
  const plain = quoted ? fromQuoted(value) : value;
  return plain.replace(/\\n/gi, '\n').replace(/\\([\\;,:])/g, '$1');
}

/** vCard 2.1 of older Android phones. */
function fromQuoted(value: string): string {
  const bytes = [...value.matchAll(/=([0-9a-f]{2})|([\s\S])/gi)].flatMap(([, hex, plain = '']) =>
    hex === undefined ? [...Buffer.from(plain)] : [Number.parseInt(hex, 16)],
  );
  return Buffer.from(bytes).toString('utf8');
}
