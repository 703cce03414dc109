// A frame in one line, for tables and feeds; it leaves out what the other columns say.
import { envelope } from './frames.ts';

const MOST = 240;

/** The words of a message if there are any, else the data as JSON without its outer braces. `nameOf` puts names for ids. */
export function preview(text: string, nameOf: (id: string) => string = (id) => id): string {
  const { data } = envelope(text);
  if (data === undefined) return text.slice(0, MOST);
  if (typeof data !== 'object' || data === null) return JSON.stringify(data).slice(0, MOST);
  const fields: Readonly<Record<string, unknown>> = { ...data };
  const { body, from, to, fromMe, message, status, label, name } = fields;
  if (typeof body === 'string' && typeof from === 'string' && typeof to === 'string') {
    return `${fromMe === true ? `→ ${short(to)}` : `${short(from)} →`} ${body}`.slice(0, MOST);
  }
  const said = message ?? fields['text'];
  if (typeof said === 'string') return said.slice(0, MOST);
  const words = [status ?? fields['state'], label ?? name, fields['messageId'] ?? fields['account'] ?? fields['id']];
  const told = [...new Set(words.filter((word) => typeof word === 'string').map(nameOf))].join(' · ');
  return (told || JSON.stringify(data).slice(1, -1)).slice(0, MOST);
}

function short(address: string): string {
  return address.split('@')[0] ?? address;
}
