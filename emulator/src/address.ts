// Addresses of WhatsApp: people by number or by hidden id, devices, groups; it never knows who exists.

type Server = 's.whatsapp.net' | 'lid' | 'g.us' | 'other';

export interface Address {
  readonly user: string;
  readonly server: Server;
  /** 0 is the phone itself. */
  readonly device: number;
}

/** The server's own address. Exactly this text: `s.whatsapp.net` alone is taken for a person. */
export const SERVER = '@s.whatsapp.net';

/** @returns undefined when the text is no address. */
export function parseAddress(text: string): Address | undefined {
  const at = text.indexOf('@');
  if (at < 0) return undefined;
  const domain = text.slice(at + 1);
  const [name = '', device = '0'] = text.slice(0, at).split(':');
  const user = name.split('_')[0] ?? '';
  const id = Number(device);
  if (!Number.isInteger(id) || id < 0 || id > 255) return undefined;
  const server: Server =
    domain === 's.whatsapp.net' || domain === 'c.us'
      ? 's.whatsapp.net'
      : domain === 'lid' || domain === 'g.us'
        ? domain
        : 'other';
  return { user, server, device: id };
}

export function formatAddress(user: string, server: 's.whatsapp.net' | 'lid' | 'g.us', device = 0): string {
  return device === 0 ? `${user}@${server}` : `${user}:${device}@${server}`;
}

/** Digits of a phone number in any writing, or undefined when there are fewer than 5 or more than 15. */
export function digitsOf(text: string): string | undefined {
  const digits = text.replace(/[\s().-]/g, '').replace(/^\+|^00/, '');
  return /^\d{5,15}$/.test(digits) ? digits : undefined;
}
