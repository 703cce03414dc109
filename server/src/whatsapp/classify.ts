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

export function classify(end: End): Ending {
  const { code, text, host, failedProxy } = end;
  if (failedProxy !== undefined) return retry('PROXY_FAILED', { proxy: failedProxy, error: end.error ?? text });
  switch (code) {
    case 515:
      return { type: 'restart' };
    case 440:
      return { type: 'halt', code: 'REPLACED', params: {} };
    case 401:
      return { type: 'logged-out' };
    case 402:
    case 403:
    case 406:
      // An HTTP answer to the WebSocket handshake is a middlebox's, not WhatsApp's word on the account.
      return end.tag === undefined && /server response/.test(text)
        ? network(end)
        : { type: 'halt', code: 'ACCOUNT_RESTRICTED', params: { code } };
    case 405:
      return { type: 'halt', code: 'CLIENT_OUTDATED', params: {} };
    case 411:
    case 500:
    case 503:
      return end.error === undefined && !/server response|WebSocket Error/.test(text)
        ? retry('STREAM_ERROR', { code: end.tag === undefined ? code : `${code} ${end.tag}` })
        : network(end);
    default:
      if (end.phase === 'scanning' && /QR refs attempts ended/.test(text)) return { type: 'qr-expired' };
      if (/Invalid account signature|verify account signature/.test(text)) return retry('STREAM_ERROR', { code: text });
      return end.error === undefined && code !== undefined && code >= 500
        ? retry('STREAM_ERROR', { code })
        : network({ ...end, host });
  }
}

/** What the network did, by its own error code first and by the phase if it gave none. */
function network({ error, text, host, phase }: End): Ending {
  if (error === 'ENOTFOUND' || error === 'EAI_AGAIN') return retry('NETWORK_DNS', { host, error });
  if (error !== undefined && REFUSED.has(error)) return retry('NETWORK_REFUSED', { host, error });
  if (error !== undefined && (TLS_ERROR.test(error) || /certificate|TLS|SSL/i.test(text))) {
    return retry('NETWORK_TLS', { host, error });
  }
  const early = phase === 'connecting';
  if (error === 'ETIMEDOUT' || (early && /timed? ?out/i.test(text))) return retry('NETWORK_TIMEOUT', { host });
  return retry('NETWORK_LOST', { host, error: error ?? text });
}

function retry(code: ErrorCode, params: Params): Ending {
  return { type: 'retry', code, params };
}
