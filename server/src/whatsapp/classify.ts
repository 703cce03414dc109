// Says what the end of a link means: the library's codes are ambiguous, so code, text, tag, attributes, cause and phase are read together. Pure.
import type { ErrorCode, Params } from '@pulseline/protocol';

/** How far the link had come when it ended. */
export type Phase = 'connecting' | 'scanning' | 'paired' | 'login' | 'open';

/** Everything that is known of an end. */
export interface End {
  readonly phase: Phase;
  /** Where we dialled, without path. */
  readonly host: string;
  /** The library's status code. */
  readonly code?: number;
  readonly text: string;
  /** Tag and attributes of the stanza that said it. */
  readonly tag?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Node's error code (`ENOTFOUND`), of the network or TLS. */
  readonly error?: string;
  /** The proxy that failed before the link began, without password. */
  readonly failedProxy?: string;
}

/** What follows from it. */
export type Ending =
  /** Try again, later and later. */
  | { readonly type: 'retry'; readonly code: ErrorCode; readonly params: Params }
  /** Connect again at once: the pairing is done. */
  | { readonly type: 'restart' }
  /** Nobody scanned; only a person starts anew. */
  | { readonly type: 'qr-expired' }
  /** The login is no longer valid. */
  | { readonly type: 'logged-out' }
  /** Stopped until a person does something. */
  | { readonly type: 'halt'; readonly code: ErrorCode; readonly params: Params };

const TLS_ERROR = /^(ERR_TLS|ERR_SSL|CERT_|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA)/;
const REFUSED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EACCES',
  'EADDRNOTAVAIL',
]);

/** The words with which the library ends a link on a `failure` stanza. */
const REFUSED_LOGIN = 'Connection Failure';

export function classify(end: End): Ending {
  const { code, text, host, failedProxy, error } = end;
  if (failedProxy !== undefined) return retry('PROXY_FAILED', { proxy: failedProxy, error: error ?? text });
  // An HTTP answer to the WebSocket's handshake is a middlebox's: it says nothing of the account.
  const http = /^HTTP \d+$/.exec(error ?? '')?.[0] ?? /Unexpected server response: (\d+)/.exec(text)?.[1];
  if (http !== undefined) return retry('NETWORK_HTTP', { host, error: http.replace(/^(?=\d)/, 'HTTP ') });
  if (error !== undefined) return network(end);
  if (/certificat|unable to authenticate data/i.test(text)) return retry('SERVER_UNPROVEN', { host, error: text });
  if (end.tag === 'conflict' || code === 440) return conflict(end);
  if (text === REFUSED_LOGIN) return refusedLogin(end);
  if (code === 515 && end.phase === 'paired') return { type: 'restart' };
  if (end.phase === 'scanning' && /QR refs attempts ended/.test(text)) return { type: 'qr-expired' };
  if (/account signature|device-identity/.test(text)) return retry('PAIRING_REFUSED', { detail: text });
  if (/Terminated by Server/.test(text)) return retry('STREAM_ERROR', { code: 'xmlstreamend' });
  if (
    text.startsWith('Stream Errored') ||
    code === 411 ||
    (code !== undefined && code >= 500 && !/WebSocket/.test(text))
  )
    return retry('STREAM_ERROR', { code: [code, end.tag].filter((part) => part !== undefined).join(' ') });
  return network(end);
}

/** "Conflict" is said of a second link and of a removed device alike; its type tells, whatever the code. */
function conflict({ attributes }: End): Ending {
  return attributes?.['type'] === 'device_removed'
    ? { type: 'logged-out' }
    : { type: 'halt', code: 'REPLACED', params: {} };
}

/** The reasons of a `failure` stanza. One that is not known stops the account too: a client that insists is taken for a bad one. */
function refusedLogin({ code = 0, attributes }: End): Ending {
  if (code >= 500) return retry('STREAM_ERROR', { code });
  switch (code) {
    case 401:
      return { type: 'logged-out' };
    case 402: {
      const seconds = Number(attributes?.['expire']);
      const hours = seconds > 0 ? Math.ceil(seconds / 360) / 10 : '?';
      return { type: 'halt', code: 'ACCOUNT_SUSPENDED', params: { hours, code: attributes?.['code'] ?? code } };
    }
    case 403:
      return { type: 'halt', code: 'ACCOUNT_LOCKED', params: {} };
    case 406:
      return { type: 'halt', code: 'ACCOUNT_BANNED', params: {} };
    case 405:
    case 409:
      return { type: 'halt', code: 'CLIENT_OUTDATED', params: { code } };
    default:
      return { type: 'halt', code: 'ACCOUNT_RESTRICTED', params: { code } };
  }
}

/** What the network did, by its own error code first and by the phase if it gave none. */
function network({ error, text, host, phase }: End): Ending {
  if (error === 'ENOTFOUND' || error === 'EAI_AGAIN') return retry('NETWORK_DNS', { host, error });
  if (error !== undefined && REFUSED.has(error)) return retry('NETWORK_REFUSED', { host, error });
  if (error !== undefined && (TLS_ERROR.test(error) || /certificate|TLS|SSL/i.test(text))) {
    return retry('NETWORK_TLS', { host, error });
  }
  const early = phase === 'connecting' || phase === 'login';
  if (error === 'ETIMEDOUT' || (early && /timed? ?out/i.test(text))) return retry('NETWORK_TIMEOUT', { host });
  return retry('NETWORK_LOST', { host, error: error ?? text });
}

/** Nothing came for so long that the link must be dead, whatever the library's clock says. */
export function silence(host: string): Ending {
  return retry('NETWORK_LOST', { host, error: 'silence' });
}

/** A frame came that does not decrypt: from here on nothing that the link says can be read. */
export const unreadableFrame: Ending = retry('STREAM_ERROR', { code: 'unreadable frame' });

/** Something of the library failed on this link that it leaves to nobody. */
export const internalFault: Ending = retry('STREAM_ERROR', { code: 'internal' });

/** A call of the library on a link that has ended meanwhile: no fault of anything. */
export function isLateCall(error: unknown): boolean {
  return /Connection (Closed|Terminated|was lost)|Query Cancelled|line of this account is dead/.test(String(error));
}

function retry(code: ErrorCode, params: Params): Extract<Ending, { readonly type: 'retry' }> {
  return { type: 'retry', code, params };
}
