// Fetches a profile picture from WhatsApp's hosts alone, through the account's proxy, with limits of size and time. It looks at no other address, whatever WhatsApp names.
import { get } from 'node:https';
import { holdTo } from './media-wire.ts';
import type { AccountSetup } from './port.ts';
import { acceptingAgent, proxyAgent } from './proxy.ts';

const MOST_BYTES = 1024 * 1024;
const WITHIN = 15_000;

/** Undefined for what is no picture of a known host. Rejects when the host cannot be reached. */
export async function fetchPicture(url: string, setup: AccountSetup, pin?: string): Promise<Buffer | undefined> {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !isAllowed(target, setup)) return undefined;
  const agent =
    setup.proxy !== undefined ? proxyAgent(setup.proxy) : setup.url !== undefined ? acceptingAgent() : undefined;
  return new Promise((resolve, reject) => {
    const request = get(target, { ...(agent && { agent }), timeout: WITHIN }, (response) => {
      // A redirect could lead anywhere: it is not followed.
      if (response.statusCode !== 200) {
        response.resume();
        resolve(undefined);
        return;
      }
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size > MOST_BYTES) request.destroy(new Error('the picture is too large'));
        else chunks.push(chunk);
      });
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve(isJpeg(bytes) ? bytes : undefined);
      });
      response.on('error', reject);
    });
    if (pin !== undefined) holdTo(request, pin);
    request.on('timeout', () => request.destroy(new Error('the picture did not come in time')));
    request.on('error', reject);
  });
}

/** WhatsApp's own hosts; for an emulator its machine. */
export function isAllowed({ protocol, hostname, username, port }: URL, { url }: Pick<AccountSetup, 'url'>): boolean {
  if (protocol !== 'https:' || username !== '') return false;
  if (url !== undefined) return hostname === new URL(url).hostname;
  return (hostname === 'whatsapp.net' || hostname.endsWith('.whatsapp.net')) && (port === '' || port === '443');
}

function isJpeg(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}
