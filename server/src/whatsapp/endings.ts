// Every way we know in which a link ends, as the library reports it: what docs/endings.md tells and the tests hold. Nothing in the product runs by it.
import {
  type AccountState,
  type ErrorCode,
  explain,
  type Language,
  type Params,
  type Words,
} from '@pulseline/protocol';
import { classify, type End, type Ending, silence, unreadableFrame } from './classify.ts';
import { newLife, step } from './life.ts';

export interface KnownEnding {
  /** Names it in the tests. */
  readonly id: string;
  readonly what: Words;
  /** As the library reports it, or what we say ourselves where it reports nothing. */
  readonly end: End | { readonly ours: Ending };
}

const host = 'web.whatsapp.com';
const reported = (id: string, zh: string, en: string, end: Omit<End, 'host'>): KnownEnding => ({
  id,
  what: { zh, en },
  end: { host, ...end },
});
const ours = (id: string, zh: string, en: string, ending: Ending): KnownEnding => ({
  id,
  what: { zh, en },
  end: { ours: ending },
});
const failure = (code: number, attributes: Readonly<Record<string, string>> = {}): Omit<End, 'host'> => ({
  phase: 'login',
  code,
  text: 'Connection Failure',
  attributes: { reason: String(code), ...attributes },
});
const socket = (error: string, rest: Partial<End> = {}): Omit<End, 'host'> => ({
  phase: 'connecting',
  code: 408,
  text: `WebSocket Error (${error})`,
  error,
  ...rest,
});

export const knownEndings: readonly KnownEnding[] = [
  reported(
    'logged-out',
    '登录已失效（手机上移除了设备）',
    'the login is no longer valid: the phone removed the device',
    failure(401),
  ),
  reported(
    'device-removed',
    '使用中被手机移除；也写作 conflict',
    'removed on the phone while linked; it says "conflict" too',
    {
      phase: 'open',
      code: 401,
      text: 'Stream Errored (conflict)',
      tag: 'conflict',
      attributes: { type: 'device_removed' },
    },
  ),
  reported('replaced', '同一登录在别处连接', 'the same login connected elsewhere', {
    phase: 'open',
    code: 440,
    text: 'Stream Errored (conflict)',
    tag: 'conflict',
    attributes: { type: 'replaced' },
  }),
  reported('suspended', '暂时封禁', 'banned for a time', failure(402, { code: '101', expire: '7200' })),
  reported('locked', '账号被锁定', 'locked', failure(403)),
  reported('banned', '封禁', 'banned', failure(406)),
  reported('outdated', '客户端版本过旧', 'an outdated client', failure(405)),
  reported('refused-login', '其他登录拒绝', 'any other refusal of the login', failure(418)),
  reported('unavailable-login', 'WhatsApp 登录服务暂不可用', 'the login service is not available', failure(503)),
  reported('pairing-done', '扫码后的重新连接', 'the restart after the pairing', {
    phase: 'paired',
    code: 515,
    text: 'Stream Errored (restart required)',
  }),
  reported('qr-used-up', '二维码全部用完', 'all QR codes used up', {
    phase: 'scanning',
    code: 408,
    text: 'QR refs attempts ended',
  }),
  reported('pairing-refused', '配对签名不对', 'a pairing with a wrong signature', {
    phase: 'scanning',
    code: 500,
    text: 'Invalid account signature',
  }),
  reported('malformed', 'WhatsApp 报告数据格式错误', 'WhatsApp reports a malformed stanza', {
    phase: 'open',
    code: 500,
    text: 'Stream Errored (xml-not-well-formed)',
    tag: 'xml-not-well-formed',
  }),
  reported('unavailable', 'WhatsApp 服务暂不可用', 'WhatsApp is not available', {
    phase: 'open',
    code: 503,
    text: 'Stream Errored (unknown)',
  }),
  reported('restart-asked', '使用中被要求重连', 'asked to connect again while linked', {
    phase: 'open',
    code: 515,
    text: 'Stream Errored (restart required)',
  }),
  reported('stream-end', 'WhatsApp 结束数据流', 'WhatsApp ends the stream', {
    phase: 'open',
    code: 428,
    text: 'Connection Terminated by Server',
  }),
  ours('unreadable-frame', '收到无法解密的数据帧', 'a frame that cannot be decrypted', unreadableFrame),
  reported('closed', '连接被关闭', 'the connection closes', {
    phase: 'open',
    code: 428,
    text: 'Connection Terminated',
  }),
  reported('reset', '连接被重置', 'the connection is reset', socket('ECONNRESET', { phase: 'open' })),
  ours('half-open', '对方沉默（半开连接）', 'silence: a half-open connection', silence(host)),
  reported('dns', '域名无法解析', 'the name cannot be resolved', socket('ENOTFOUND')),
  reported('refused', '连接被拒绝', 'the connection is refused', socket('ECONNREFUSED')),
  reported('timeout', '连接超时', 'the connection times out', {
    phase: 'connecting',
    code: 408,
    text: 'WebSocket Error (Opening handshake has timed out)',
  }),
  reported('tls', 'TLS 证书不对', 'a wrong TLS certificate', socket('DEPTH_ZERO_SELF_SIGNED_CERT')),
  reported('not-tls', '对方不会 TLS', 'the other side speaks no TLS', socket('EPROTO')),
  reported('unproven', '握手证书不是 WhatsApp 的', "a handshake certificate that is not WhatsApp's", {
    phase: 'login',
    code: 400,
    text: 'noise certificate signature invalid',
  }),
  reported('http', '途中有设备用 HTTP 回答', 'something on the way answers with HTTP', {
    phase: 'connecting',
    code: 403,
    text: 'WebSocket Error (Unexpected server response: 403)',
    error: 'HTTP 403',
  }),
  reported(
    'proxy',
    '代理不可用',
    'the proxy does not work',
    socket('ECONNREFUSED', { failedProxy: 'http://proxy:3128' }),
  ),
  ours('credentials', '登录凭据无法读取', 'the credentials cannot be read', {
    type: 'halt',
    code: 'CREDENTIALS_UNREADABLE',
    params: { detail: 'damaged' },
  }),
  ours('store', '无法写入数据', 'the store takes no writes', {
    type: 'retry',
    code: 'STORE_FAILED',
    params: { detail: 'disk full' },
  }),
];

export interface Consequence {
  readonly state: AccountState;
  readonly code?: ErrorCode;
  readonly params: Params;
  /** What the account does by itself. */
  readonly next: 'retry' | 'at-once' | 'stop';
}

/** What the account's life makes of it, a link being open. */
export function consequenceOf({ end }: KnownEnding): Consequence {
  const ending = 'ours' in end ? end.ours : classify(end);
  const opened = [{ type: 'start' }, { type: 'open' }] as const;
  const life = opened.reduce((before, input) => step(before, input, 0, 1)[0], newLife(0));
  const [{ shown }, effects] = step(life, { type: 'ended', ending }, 1, 1);
  const isWaiting = effects.some(({ type }) => type === 'wake');
  const next = effects.some(({ type }) => type === 'connect') ? 'at-once' : isWaiting ? 'retry' : 'stop';
  // A restart after the pairing shows nothing of its own.
  if (next === 'at-once') return { state: 'AUTHENTICATED', params: {}, next };
  const { why } = shown;
  return { state: shown.state, ...(why !== undefined && { code: why.code }), params: why?.params ?? {}, next };
}

/** What to do, in words; empty where there is nothing to do. */
export function remedyOf({ code, params }: Consequence, language: Language): string {
  return code === undefined ? '' : explain(code, language, params).fix;
}
