// Fetches what a stranger's text names, and nothing that is not on the open Internet: each address is resolved, checked and pinned before it is dialled, each redirect again. It keeps nothing and sends no credentials.
import { lookup } from 'node:dns/promises';
import { type IncomingHttpHeaders, type IncomingMessage, request as plain } from 'node:http';
import { type Agent, request as secure } from 'node:https';
import { BlockList, isIP } from 'node:net';
import { proxyAgent } from './proxy.ts';

export interface Fetched {
  /** Where it was in the end. */
  readonly url: URL;
  /** The media type, lower case, without parameters. */
  readonly type: string;
  readonly charset: string | undefined;
  /** The first bytes, at most as many as were asked for. */
  readonly bytes: Buffer;
}

export interface Outward {
  /** Errors: Refused, and whatever the network throws. */
  fetch(url: string, wanted: Wanted): Promise<Fetched>;
}

export interface Wanted {
  /** Media types that are read; all others are refused before their first byte. */
  readonly types: ReadonlySet<string>;
  /** What is longer is cut, or refused. */
  readonly maxBytes: number;
  readonly tooLong: 'cut' | 'refuse';
  readonly signal: AbortSignal;
}

export interface OutwardParts {
  /** All addresses of a name. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  /** `http://`, `https://` or `socks5://`. */
  readonly proxy?: string;
  /** Dials the pinned address; for tests. */
  readonly dial?: (target: Target, signal: AbortSignal) => Promise<Answer>;
}

/** As much of an answer as is looked at. */
export interface Answer extends AsyncIterable<unknown> {
  readonly statusCode?: number | undefined;
  readonly headers: IncomingHttpHeaders;
  destroy(): unknown;
}

/** What is dialled: the address, and the name it is asked by. */
export interface Target {
  readonly url: URL;
  readonly address: string;
  readonly port: number;
  readonly agent: Agent | undefined;
}

/** The address, or what it gave, is none that we read. */
export class Refused extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Refused';
  }
}

const MOST_REDIRECTS = 3;
const LONGEST_URL = 2_048;
const PORTS: ReadonlySet<number> = new Set([80, 443]);

const closed = new BlockList();
const v4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
for (const [net, prefix] of v4) closed.addSubnet(net, prefix, 'ipv4');
/** Of IPv6 only what is given out for the open Internet, less the parts in which an IPv4 address or nothing at all lies. */
const open = new BlockList();
open.addSubnet('2000::', 3, 'ipv6');
const v6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];
for (const [net, prefix] of v6) closed.addSubnet(net, prefix, 'ipv6');

/** Is the address on the open Internet? Mapped, embedded and zoned forms are not, whatever they stand for. */
export function isOpen(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !closed.check(address, 'ipv4');
  return family === 6 && !address.includes('%') && open.check(address, 'ipv6') && !closed.check(address, 'ipv6');
}

export function openOutward({ resolve = resolveName, proxy, dial = dialPinned }: OutwardParts): Outward {
  /** The one place that decides whether an address is dialled. */
  const targetOf = async (text: string | URL): Promise<Target> => {
    const url = parsed(text);
    const name = url.hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(name) ? [name] : await resolve(name);
    const [address] = addresses;
    // One closed address among open ones is how a name is made to change between question and dial.
    if (address === undefined || !addresses.every(isOpen)) throw new Refused(`${name} is not on the open Internet`);
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    if (!PORTS.has(port)) throw new Refused(`port ${port}`);
    return { url, address, port, agent: proxy === undefined ? undefined : proxyAgent(proxy) };
  };

  return {
    async fetch(text, wanted) {
      let next: string | URL = text;
      for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
        const target = await within(targetOf(next), wanted.signal);
        const answer = await within(dial(target, wanted.signal), wanted.signal);
        const { statusCode = 0, headers } = answer;
        if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
          answer.destroy();
          next = new URL(headers.location.slice(0, LONGEST_URL), target.url);
          continue;
        }
        try {
          if (statusCode !== 200) throw new Refused(`HTTP ${statusCode}`);
          return await read(answer, target.url, wanted);
        } finally {
          answer.destroy();
        }
      }
      throw new Refused('too many redirects');
    },
  };
}

function parsed(text: string | URL): URL {
  if (!URL.canParse(String(text))) throw new Refused('no address');
  const url = new URL(text);
  if (url.href.length > LONGEST_URL) throw new Refused('a longer address than any');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Refused(url.protocol);
  if (url.username !== '' || url.password !== '') throw new Refused('an address with a password');
  return url;
}

async function resolveName(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/** The name is only what the server and its certificate are asked by: nothing is looked up again. */
export function dialPinned({ url, address, port, agent }: Target, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:';
    const name = url.hostname.replace(/^\[|\]$/g, '');
    const options = {
      host: address,
      port,
      path: `${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        accept: 'text/html,image/*',
        'accept-encoding': 'identity',
        'user-agent': 'WhatsApp/2',
      },
      ...(isSecure && isIP(name) === 0 && { servername: name }),
      agent: agent ?? (false as const),
      maxHeaderSize: 16_384,
      signal,
    };
    (isSecure ? secure : plain)(options, resolve).on('error', reject).end();
  });
}

async function read(answer: Answer, url: URL, { types, maxBytes, tooLong }: Wanted): Promise<Fetched> {
  const [type = '', ...parameters] = (answer.headers['content-type'] ?? '').toLowerCase().split(';');
  if (!types.has(type.trim())) throw new Refused(`the type ${type.slice(0, 100)}`);
  // We have asked for none: what is packed may unpack to anything.
  const packed = answer.headers['content-encoding'] ?? 'identity';
  if (packed !== 'identity') throw new Refused(`the encoding ${packed.slice(0, 100)}`);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    const bytes = chunk instanceof Uint8Array ? Buffer.from(chunk) : Buffer.from(String(chunk));
    chunks.push(bytes);
    length += bytes.length;
    if (length <= maxBytes) continue;
    if (tooLong === 'refuse') throw new Refused(`more than ${maxBytes} bytes`);
    break;
  }
  const charset = parameters.map((each) => /^\s*charset="?([\w-]{1,40})"?\s*$/.exec(each)?.[1]).find(Boolean);
  return { url, type: type.trim(), charset, bytes: Buffer.concat(chunks).subarray(0, maxBytes) };
}

/** A resolver takes no signal, and no dial is trusted to heed one. */
function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Refused('out of time'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
