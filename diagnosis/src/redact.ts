// Takes out of a value all that its shape does not allow by type: numbers, known words and the form of addresses stay, everything else goes or becomes a pseudonym. Pure; it never lets through what it does not know.
import {
  accountStates,
  durableEvents,
  ephemeralEvents,
  errorCodes,
  messageKinds,
  type shape,
  stages,
} from '@pulseline/protocol';
import { checkIds } from './ids.ts';
import { logLines } from './log-lines.ts';

/** The same text gives the same pseudonym within one bundle and another one in the next: an HMAC under a salt that is thrown away. At least 12 hex digits. */
export type Pseudonym = (text: string) => string;

/** Codes of the operating system, of Node, of its HTTP parser and of TLS. */
const systemCodes =
  'EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EAI_AGAIN EAI_NODATA EAI_NONAME EBADF EBUSY ECANCELED ECONNABORTED ECONNREFUSED ECONNRESET EDQUOT EEXIST EFBIG EHOSTUNREACH EINVAL EIO EISDIR ELOOP EMFILE ENETDOWN ENETUNREACH ENFILE ENOBUFS ENODATA ENOENT ENOMEM ENOSPC ENOTCONN ENOTDIR ENOTFOUND EPERM EPIPE EPROTO EREFUSED EROFS ESERVFAIL ETIMEDOUT ETIMEOUT EXDEV SERVFAIL DEADLINE UNKNOWN ok ERR_MODULE_NOT_FOUND ERR_DLOPEN_FAILED ERR_SSL_WRONG_VERSION_NUMBER ERR_TLS_CERT_ALTNAME_INVALID CERT_HAS_EXPIRED DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT_LOCALLY HPE_INVALID_CONSTANT HPE_INVALID_VERSION HPE_INVALID_HEADER_TOKEN HPE_HEADER_OVERFLOW SQLITE_BUSY SQLITE_FULL SQLITE_CORRUPT SQLITE_IOERR SQLITE_READONLY SQLITE_NOTADB BLOCKED_BY_CLIENT';
const plainWords =
  'script promise render log pulseline workspace environment lock status sqlite memory postgres redis websocket event-stream idle connecting waiting live joining failed stopped replaying behind closing zh en info warn error debug fatal trace silent restricted allsigned remotesigned unrestricted bypass undefined directory duplicate nul prefix typo case curly-quotes full-width shell-prefix quoted-line empty no-scheme socket-scheme path not-a-url expired epoch too_far done .env .env.local .env.production .env.production.local';

const known: ReadonlySet<string> = new Set([
  ...systemCodes.split(' '),
  ...plainWords.split(' '),
  ...errorCodes,
  ...checkIds,
  ...stages,
  ...accountStates,
  ...messageKinds,
  ...Object.keys(durableEvents),
  ...Object.keys(ephemeralEvents),
  ...Object.values(logLines).map(({ code }) => code),
]);

/** Words that an address may hold beside numbers. */
const ofAddresses = new Set(
  'http https ws wss localhost local lan home internal arpa example invalid status livez readyz api diagnosis inbox settings sandbox guide test web server env txt next_public_api_base_url'.split(
    ' ',
  ),
);
const ofNames = new Set('NEXT PUBLIC API BASE URL ORIGIN BACKEND SERVER REACT APP VITE'.split(' '));
const programs = new Set(
  'node npm next tsx python python3 ruby java php nginx apache2 httpd docker docker-proxy com.docker.backend svchost.exe system node.exe java.exe wslrelay.exe ssh caddy code vmmem'.split(
    ' ',
  ),
);
const headers = new Set(
  'connection upgrade via server content-type host origin user-agent forwarded x-forwarded-for x-forwarded-proto x-forwarded-host sec-websocket-version sec-websocket-key sec-websocket-protocol sec-websocket-extensions sec-websocket-accept x-powered-by x-cache'.split(
    ' ',
  ),
);
const headerValues = new Set('upgrade keep-alive close websocket present absent 13 h2c'.split(' '));

/** What an error's own words are recognised by; nothing else of them stays. */
const phrases =
  /wrong version number|WRONG_VERSION_NUMBER|packet length too long|http request|server response: \d{3}|running scripts is disabled|PSSecurityException|UnauthorizedAccess|禁止运行脚本|无法加载文件|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_HAS_EXPIRED|UNABLE_TO_VERIFY_LEAF_SIGNATURE|database is locked|disk is full|database disk image is malformed|readonly database|no space left on device|too many open files|Connection was lost|QR refs attempts ended|device_removed|conflict|Bad MAC|invalid ELF header|NODE_MODULE_VERSION|(?:Port|port) \d{1,5}\b|\b(?:Type|Reference|Syntax|Range|Abort|Security|Network)Error\b|\bE[A-Z]{3,15}\b/g;

const FIELDS: Readonly<Record<string, (text: string, hash: Pseudonym) => string>> = {
  ...fields(
    place,
    'url wsUrl location apiBase origin raw refused value nextValue allowed host address addresses resolver source',
  ),
  ...fields(pseudonym, 'id account contact stream node instanceId epoch subject conversation connectionId holder'),
  ...fields(said, 'text'),
  ...fields(source, 'stack'),
  ...fields(tokens, 'error body detail violations bind said quickCheck policy userAgent'),
  ...fields(version, 'version'),
  ...fields(program, 'name by server'),
  ...fields(envPath, 'path'),
  ...fields(envName, 'names'),
  ...fields(mediaType, 'contentType'),
  ...fields(() => '…', 'dataDir build serverBuild'),
};

function fields<T>(rule: T, names: string): Readonly<Record<string, T>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, rule]));
}

/** `schema`: of a shape. undefined = nothing of it may stay. */
export function redact(schema: shape.JsonSchema, value: unknown, hash: Pseudonym, field = ''): unknown {
  const { type, anyOf, items, properties, additionalProperties: others } = schema;
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value) ? value : undefined;
  if (Array.isArray(anyOf))
    return value === null ? null : isSchema(anyOf[0]) ? redact(anyOf[0], value, hash, field) : undefined;
  if (type === 'boolean') return typeof value === 'boolean' ? value : undefined;
  if (type === 'number' || type === 'integer')
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  if (type === 'string') return typeof value === 'string' ? redactText(value, field, hash) : undefined;
  if (type === 'array' && isSchema(items))
    return Array.isArray(value)
      ? value.map((item) => redact(items, item, hash, field)).filter((item) => item !== undefined)
      : undefined;
  if (type !== 'object' || typeof value !== 'object' || value === null) return undefined;
  const of = isSchema(properties) ? properties : {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      const own = of[name];
      if (Object.hasOwn(of, name) && isSchema(own)) {
        const kept = redact(own, item, hash, name);
        return kept === undefined ? [] : [[name, kept]];
      }
      if (!isSchema(others)) return [];
      if (field === 'headers' || field === 'received')
        return headers.has(name) ? [[name, headerValue(String(item))]] : [];
      const kept = redact(others, item, hash, field);
      return kept === undefined ? [] : [[known.has(name) ? name : pseudonym(name, hash), kept]];
    }),
  );
}

function isSchema(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that stands under this name. */
export function redactText(text: string, field: string, hash: Pseudonym): string {
  if (known.has(text)) return text;
  return Object.hasOwn(FIELDS, field) ? (FIELDS[field]?.(text, hash) ?? '') : pseudonym(text, hash);
}

function pseudonym(text: string, hash: Pseudonym): string {
  return text === '' || text === '*' ? text : `p_${hash(text).slice(0, 12)}`;
}

/** Scheme, port, loopback and the form stay; names and paths become pseudonyms, addresses of the network stand-ins of their kind. */
function place(text: string, hash: Pseudonym): string {
  // A port by itself.
  if (/^\d{1,5}$/.test(text)) return text;
  return text.replace(/\d{1,3}(?:\.\d{1,3}){3}|::1\b|:\d{1,5}(?![\d:a-f])|[\p{L}\p{N}_%]+/gu, (part) => {
    if (part.startsWith(':') || part === '0') return part;
    if (/^\d+\./.test(part)) return address(part);
    return ofAddresses.has(part.toLowerCase()) ? part : `h${hash(part).slice(0, 8)}`;
  });
}

function address(given: string): string {
  if (given.startsWith('127.') || given === '0.0.0.0') return given;
  const inside = /^(10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254)\./.test(given);
  return inside ? '192.168.0.2' : '203.0.113.2';
}

function tokens(text: string): string {
  const kept = (text.match(phrases) ?? []).filter((phrase) => !/^E[A-Z]+$/.test(phrase) || known.has(phrase));
  const word = [...known].find((one) => one === text);
  return [...(word === undefined ? [...new Set(kept)].slice(0, 8) : [word]), `…${text.length}`].join(' ');
}

/** The guide's own lines stay. */
function said(text: string, hash: Pseudonym): string {
  const [own = ''] =
    /^(🔌 尝试连接 WebSocket:|✅ WebSocket 已连接成功！|收到 WebSocket 消息:|收到新消息，刷新会话列表:|WebSocket connection failed)/u.exec(
      text,
    ) ?? [];
  if (own === '') return tokens(text);
  const rest = text.slice(own.length);
  const [url = ''] = /wss?:\/\/\S{1,200}/.exec(rest) ?? [];
  const type = /\{?([a-z_]{3,30})/.exec(rest)?.[1] ?? '';
  return [own, ...(url === '' ? [] : [place(url, hash)]), ...(known.has(type) ? [type] : [])].join(' ');
}

/** A place in a script of a build. */
function source(text: string): string {
  return /(:\d{1,7}){1,2}$/.exec(text)?.[0] ?? '';
}

function version(text: string): string {
  return /^v?\d{1,3}(\.\d{1,4}){0,3}/.exec(text)?.[0] ?? '?';
}

function program(text: string): string {
  const [first = ''] = text.toLowerCase().split(/[\s/]/);
  return programs.has(first) || known.has(first) ? first : '…';
}

function envPath(text: string, hash: Pseudonym): string {
  return text
    .split('/')
    .map((part) =>
      /^(web|server|src|app|public|scripts)$/.test(part) ||
      /^[._]?env([._]?(local|production|development|txt))*$/i.test(part)
        ? part
        : pseudonym(part, hash),
    )
    .join('/');
}

/** A misspelt name stays misspelt, without its letters. */
function envName(text: string, hash: Pseudonym): string {
  const parts = text.toUpperCase().split(/[_.-]/);
  if (parts.every((part) => ofNames.has(part))) return text.length === parts.join('_').length ? text : parts.join('_');
  return text.toUpperCase().startsWith('NEXT_PUBLIC')
    ? `NEXT_PUBLIC_API_BASE_${hash(text).slice(0, 2).toUpperCase()}`
    : `X${hash(text).slice(0, 8)}`;
}

function mediaType(text: string): string {
  return /^(text\/(html|plain|css)|application\/(problem\+)?json)/.exec(text)?.[0] ?? 'other';
}

function headerValue(text: string): string {
  return text
    .toLowerCase()
    .split(/\s*,\s*/)
    .map((part) =>
      headerValues.has(part) || programs.has(part.split('/')[0] ?? '') ? (part.split('/')[0] ?? '') : '…',
    )
    .join(', ');
}
