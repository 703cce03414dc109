// The way out to WhatsApp, tried as far as a login would go and no further: name, TCP, TLS, through the proxy if one is set. It sends WhatsApp nothing, and judges nothing.
import type { Agent } from 'node:http';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Fact } from '@pulseline/diagnosis';

export interface Way {
  /** ws: or wss:. */
  readonly url: URL;
  /** It may show a certificate of its own. */
  readonly emulated: boolean;
  /** With user and password, if it has them; they are never told. */
  readonly proxy?: string;
}

export interface EgressParts {
  /** What dials through a proxy, or to an emulator with a certificate of its own. Throws on what is no proxy's address. */
  readonly agentOf: (way: Way) => Agent | undefined;
  /** Did the proxy itself fail? Then the error says how. */
  readonly isProxyFault: (error: unknown) => boolean;
}

type Egress = Fact<'wa.egress'>;
type Step = Egress['step'];

/** Ms for the whole way. */
const LATE_MS = 2_500;

/** Never rejects: where it ended is the answer. */
export function tryWay(way: Way, { agentOf, isProxyFault }: EgressParts, lateMs = LATE_MS): Promise<Egress> {
  const { url, proxy } = way;
  const secure = url.protocol === 'wss:';
  const port = Number(url.port || (secure ? 443 : 80));
  const began = performance.now();
  const told = { host: url.hostname, port, ...(proxy !== undefined && { proxy: shown(proxy) }) };
  return new Promise((resolve) => {
    let step: Step = proxy === undefined ? 'dns' : 'proxy-dial';
    const end = (found: Omit<Egress, 'host' | 'port'>): void => {
      clearTimeout(timer);
      resolve({ ...told, ...found, ms: performance.now() - began });
      asked?.destroy();
    };
    const fail = (error: unknown): void => {
      const code = codeOf(error);
      const text = error instanceof Error ? error.message : String(error);
      const at = isProxyFault(error) ? proxyStep(`${code} ${codeOf(causeOf(error))} ${text}`) : stepOf(code, step);
      const outcome = outcomeOf(code || codeOf(causeOf(error)));
      end({
        step: at,
        ...(outcome !== undefined && { outcome }),
        ...(code !== '' && { code }),
        error: text.slice(0, 300),
      });
    };
    const timer = setTimeout(() => end({ step, outcome: 'timeout', code: 'DEADLINE' }), lateMs);
    let asked: ReturnType<typeof plainRequest> | undefined;
    try {
      const agent = agentOf(way) ?? false;
      // No byte of it leaves: the connection is ended before a request could be written.
      asked = (secure ? tlsRequest : plainRequest)({ host: url.hostname.replace(/^\[|\]$/g, ''), port, agent });
      asked.on('error', fail);
      asked.once('socket', (socket: Socket) => {
        if (proxy !== undefined) step = 'tls';
        socket.once('lookup', (error: unknown) => {
          if (!error) step = 'dial';
        });
        socket.once('connect', () => {
          step = 'tls';
          if (!secure) end({ step: 'done' });
        });
        socket.once('secureConnect', () => end({ step: 'done' }));
        if (proxy !== undefined && !secure) end({ step: 'done' });
      });
    } catch (error) {
      fail(error);
    }
  });
}

/** Of several ways the first that is broken; undefined where there is none to try. */
export async function tryWays(ways: readonly Way[], parts: EgressParts): Promise<Egress | undefined> {
  const found = await Promise.all(ways.slice(0, MOST_WAYS).map((way) => tryWay(way, parts)));
  return found.find(({ step }) => step !== 'done') ?? found[0];
}

const MOST_WAYS = 4;

const DNS = /^(ENOTFOUND|EAI_\w+|ENODATA|ETIMEOUT)$/;

function stepOf(code: string, step: Step): Step {
  if (DNS.test(code)) return 'dns';
  return /CERT|SELF_SIGNED|UNABLE_TO|^ERR_SSL|^ERR_TLS|^EPROTO$/.test(code) ? 'tls' : step === 'dns' ? 'dial' : step;
}

function proxyStep(text: string): Step {
  if (/ENOTFOUND|EAI_/.test(text)) return 'proxy-dns';
  if (/\b407\b|authenticat|credential|password/i.test(text)) return 'proxy-auth';
  return /HTTP \d|reject|not ?allowed/i.test(text) ? 'proxy-refused' : 'proxy-dial';
}

function outcomeOf(code: string): Egress['outcome'] {
  switch (code) {
    case '':
      return undefined;
    case 'ECONNREFUSED':
      return 'refused';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'unreachable';
    case 'ETIMEDOUT':
      return 'timeout';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'reset';
    case 'EACCES':
    case 'EPERM':
      return 'denied';
    default:
      return 'error';
  }
}

/** Where a proxy is, without its user and password. */
function shown(proxy: string): NonNullable<Egress['proxy']> {
  if (!URL.canParse(proxy)) return { scheme: '', host: '', port: 0 };
  const { protocol, hostname, port } = new URL(proxy);
  return { scheme: protocol.slice(0, -1), host: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
