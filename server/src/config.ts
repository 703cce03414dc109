// Every setting of the server: name, default, meaning and parser in one table; it reads an environment into one frozen object and nothing else.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError, type ErrorCode, type Language, languages, type Words } from '@pulseline/protocol';

/** The folder of the project, from the sources and from the bundle alike. */
export const repositoryRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && /"name":\s*"pulseline"/.test(readFileSync(manifest, 'utf8'))) return folder;
    if (dirname(folder) === folder) return from;
  }
}

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

interface Setting<T> {
  readonly name: string;
  /** As one would write it; '' = not set. */
  readonly default: string;
  /** Throws {@link Refused}. */
  readonly parse: (text: string) => T;
  readonly meaning: Words;
  /** Its value is shown nowhere. */
  readonly secret?: boolean;
}

class Refused extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode = 'SETTING_INVALID') {
    super(code);
    this.code = code;
  }
}

const setting = <T>(of: Setting<T>): Setting<T> => of;

export const settings = {
  port: setting({
    name: 'PORT',
    default: '4000',
    parse: port,
    meaning: { zh: 'API 和 /ws 的端口；0 = 任意空闲端口', en: 'Port of the API and /ws; 0 = any free one' },
  }),
  webPort: setting({
    name: 'WEB_PORT',
    default: '3000',
    parse: port,
    meaning: { zh: '页面的端口；0 = 任意空闲端口', en: 'Port of the pages; 0 = any free one' },
  }),
  hosts: setting({
    name: 'HOST',
    default: '',
    parse: hosts,
    meaning: {
      zh: '监听地址：127.0.0.1 或 ::1；留空 = 两者（有 IPv6 时）。有登录功能之前拒绝其他地址',
      en: 'Address to listen on: 127.0.0.1 or ::1; empty = both, where there is IPv6. Any other is refused until there are logins',
    },
  }),
  dataDir: setting({
    name: 'DATA_DIR',
    default: 'data',
    parse: (text) => resolve(repositoryRoot, text),
    meaning: {
      zh: '数据目录；相对路径从项目根目录算起，与工作目录无关。锁保证同时只有一个进程使用',
      en: "Data folder; a relative one starts at the project's root, whatever the working directory. A lock keeps it for one process",
    },
  }),
  allowedOrigins: setting({
    name: 'ALLOWED_ORIGINS',
    default: '',
    parse: (text) => (text === '' ? undefined : text.split(',').map((part) => origin(part.trim()))),
    meaning: {
      zh: '允许的网页来源，逗号分隔，精确匹配；留空 = http 的 localhost、127.0.0.1、[::1]，端口为 WEB_PORT 和 PORT',
      en: 'Origins that may call, separated by commas, exact; empty = http on localhost, 127.0.0.1 and [::1] at WEB_PORT and PORT',
    },
  }),
  emulatorUrl: setting({
    name: 'EMULATOR_URL',
    default: '',
    parse: (text) => optional(text, (given) => url(given, ['ws:', 'wss:'])),
    meaning: {
      zh: '沙盒账号连接的模拟器（ws:// 或 wss://）；留空 = 内置模拟器',
      en: 'The emulator that sandbox accounts dial (ws:// or wss://); empty = the built-in one',
    },
  }),
  emulatorRoot: setting({
    name: 'EMULATOR_ROOT',
    default: '',
    parse: (text) => optional(text, (given) => (/^[0-9a-f]{64}$/i.test(given) ? given.toLowerCase() : refuse())),
    meaning: {
      zh: '固定 EMULATOR_URL 的证书根公钥（64 位十六进制）；留空 = 接受它出示的任何证书',
      en: 'Pins the certificate root of EMULATOR_URL (64 hex digits); empty = whatever it shows is accepted',
    },
  }),
  proxy: setting({
    name: 'WA_PROXY',
    default: '',
    parse: (text) => optional(text, (given) => (isProxy(given) ? given : refuse())),
    meaning: {
      zh: '访问 WhatsApp 的代理，包括连接和媒体：http://、https:// 或 socks5://',
      en: 'Proxy for all traffic to WhatsApp, socket and media: http://, https:// or socks5://',
    },
  }),
  pace: setting({
    name: 'SEND_PACE',
    default: '',
    parse: (text) => optional(text, pace),
    meaning: {
      zh: '每个账号的发送节奏，例如 20/1000：可一次发 20 条，之后每 1000 毫秒一条；间隔 0 = 不限；留空 = 真实账号 20/1000，沙盒账号不限。超出的消息排队等待，不会丢失',
      en: 'How fast an account sends; 20/1000 = 20 messages at once, then one each 1000 ms; 0 ms = no limit; empty = 20/1000 for real accounts, no limit for sandbox ones. What is more waits in a queue and is not lost',
    },
  }),
  previews: setting({
    name: 'LINK_PREVIEWS',
    default: 'on',
    parse: (text) => oneOf(['on', 'off'] as const, text) === 'on',
    meaning: {
      zh: '发送带链接的文字时是否读取网页的标题和图片（on 或 off）。只读取公网地址，经由账号的代理；收到的链接从不读取，沙盒账号也从不读取',
      en: 'Whether the title and picture of a page are fetched for a text that is sent with a link (on or off). Only from addresses of the open Internet, through the account’s proxy; never for links that were received, and never for sandbox accounts',
    },
  }),
  mediaAuto: setting({
    name: 'MEDIA_AUTO_MB',
    default: '64',
    parse: (text) => megabytes(text, 0),
    meaning: {
      zh: '自动下载不超过此大小（MB）的文件；更大的点一下才下载；0 = 都不自动下载',
      en: 'Files up to so many MB are fetched by themselves, larger ones when somebody asks; 0 = none',
    },
  }),
  mediaMax: setting({
    name: 'MEDIA_MAX_MB',
    default: '512',
    parse: (text) => megabytes(text, 1),
    meaning: {
      zh: '单个文件的上限（MB），上传和下载都算',
      en: 'The largest file in MB, to be uploaded or fetched',
    },
  }),
  mediaBudget: setting({
    name: 'MEDIA_BUDGET_GB',
    default: '',
    parse: (text) => optional(text, (given) => megabytes(given, 1) * 1024),
    meaning: {
      zh: '收到的文件最多占用的空间（GB）；超出后先删最早的，需要时再从 WhatsApp 下载；留空 = 不限，但总给消息留下空间',
      en: 'Space for received files in GB; past it the oldest go first and are fetched again when somebody asks; empty = no limit, but messages always keep some room',
    },
  }),
  keyFile: setting({
    name: 'PULSELINE_KEY_FILE',
    default: '',
    parse: (text) => optional(text, (given) => resolve(repositoryRoot, given)),
    meaning: {
      zh: '加密登录凭据的密钥文件（64 位十六进制）；留空 = 数据目录旁的 <数据目录>.key，首次启动时生成，权限 600。请与数据目录分开备份',
      en: 'File with the key that encrypts login credentials (64 hex digits); empty = <DATA_DIR>.key beside the data folder, made at the first start with mode 600. Back it up apart from the data folder',
    },
  }),
  key: setting({
    name: 'PULSELINE_KEY',
    default: '',
    parse: (text) => optional(text, (given) => (/^[0-9a-f]{64}$/i.test(given) ? given : refuse())),
    meaning: {
      zh: '密钥本身（64 位十六进制），代替密钥文件',
      en: 'The key itself (64 hex digits), in place of the key file',
    },
    secret: true,
  }),
  oldKey: setting({
    name: 'PULSELINE_OLD_KEY',
    default: '',
    parse: (text) =>
      optional(text, (given) => (/^[0-9a-f]{64}$/i.test(given) ? given : resolve(repositoryRoot, given))),
    meaning: {
      zh: '更换密钥时：原来的密钥或它的文件。启动时用新密钥重新加密全部凭据（中断后下次继续），日志报告完成后即可去掉',
      en: 'When keys are changed: the former key, or its file. At the start all credentials are encrypted anew by the new key (after a break the next start goes on); once the log says so it can go',
    },
    secret: true,
  }),
  keyLost: setting({
    name: 'PULSELINE_KEY_LOST',
    default: '',
    parse: (text) => (text === '' ? false : oneOf(['yes'] as const, text) === 'yes'),
    meaning: {
      zh: 'yes = 原来的密钥已永久丢失，仍然启动：用它加密的账号停下并要求重新扫码，其余照常',
      en: 'yes = the former key is lost for good, start all the same: accounts encrypted by it stop and ask for a new scan, everything else goes on',
    },
  }),
  logLevel: setting({
    name: 'LOG_LEVEL',
    default: 'info',
    parse: (text) => oneOf(logLevels, text),
    meaning: { zh: `日志级别：${logLevels.join('、')}`, en: `Log level: ${logLevels.join(', ')}` },
  }),
  language: setting({
    name: 'PULSELINE_LANG',
    default: 'zh',
    parse: language,
    meaning: { zh: '服务器文字的语言：zh 或 en', en: "Language of the server's own texts: zh or en" },
  }),
} as const;

type Settings = typeof settings;
export type Config = { readonly [K in keyof Settings]: ReturnType<Settings[K]['parse']> };
type Env = Readonly<Record<string, string | undefined>>;

/** Errors: SETTING_INVALID, HOST_NOT_LOOPBACK, each naming the setting. */
export function readConfig(env: Env): Config {
  const config = {
    port: read(settings.port, env),
    webPort: read(settings.webPort, env),
    hosts: read(settings.hosts, env),
    dataDir: read(settings.dataDir, env),
    allowedOrigins: read(settings.allowedOrigins, env),
    emulatorUrl: read(settings.emulatorUrl, env),
    emulatorRoot: read(settings.emulatorRoot, env),
    proxy: read(settings.proxy, env),
    pace: read(settings.pace, env),
    previews: read(settings.previews, env),
    mediaAuto: read(settings.mediaAuto, env),
    mediaMax: read(settings.mediaMax, env),
    mediaBudget: read(settings.mediaBudget, env),
    keyFile: read(settings.keyFile, env),
    key: read(settings.key, env),
    oldKey: read(settings.oldKey, env),
    keyLost: read(settings.keyLost, env),
    logLevel: read(settings.logLevel, env),
    language: read(settings.language, env),
  } satisfies Config;
  if (config.port !== 0 && config.port === config.webPort) {
    throw new CodedError('SETTING_INVALID', { name: 'WEB_PORT', value: `${config.webPort} = PORT` });
  }
  return Object.freeze(config);
}

/** What cannot be read before the language is known is said in this one. */
export function languageOf(env: Env): Language {
  return /^en/i.test(env['PULSELINE_LANG']?.trim() ?? '') ? 'en' : 'zh';
}

/** Rows `| name | default | meaning |` for docs/settings.md. */
export function settingsTable(inLanguage: Language): string {
  return Object.values(settings)
    .map(({ name, default: given, meaning }) => `| \`${name}\` | ${given && `\`${given}\``} | ${meaning[inLanguage]} |`)
    .join('\n');
}

function read<T>({ name, default: given, parse, secret = false }: Setting<T>, env: Env): T {
  // Windows' `set PORT=4000 && npm start` leaves a space behind the number.
  const text = env[name]?.trim() || given;
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // The value may hold a password.
    const value = secret ? '***' : text.replace(/\/\/[^@/]*@/, '//***@').slice(0, 200);
    throw new CodedError(error.code, error.code === 'HOST_NOT_LOOPBACK' ? { host: value } : { name, value });
  }
}

const proxyProtocols = ['http:', 'https:', 'socks5:'];

/** Is it an address as WA_PROXY and an account's own proxy take it? */
export function isProxy(text: string): boolean {
  return URL.canParse(text) && proxyProtocols.includes(new URL(text).protocol) && new URL(text).hostname !== '';
}

function port(text: string): number {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : refuse();
}

function pace(text: string): { readonly burst: number; readonly every: number } {
  const [, burst = '0', every = '0'] = /^(\d{1,6})\/(\d{1,7})$/.exec(text) ?? refuse();
  return Number(burst) > 0 ? { burst: Number(burst), every: Number(every) } : refuse();
}

/** In bytes. WhatsApp itself takes no file above 2 GB. */
function megabytes(text: string, least: number): number {
  return /^\d{1,5}$/.test(text) && Number(text) >= least ? Number(text) * 1024 * 1024 : refuse();
}

/** The first address must be had; the second only where its family exists. */
function hosts(text: string): readonly [string, ...string[]] {
  if (text === '' || text === 'localhost') return ['127.0.0.1', '::1'];
  if (text === '127.0.0.1') return [text];
  if (text === '::1' || text === '[::1]') return ['::1'];
  return refuse('HOST_NOT_LOOPBACK');
}

function origin(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : refuse();
  return /^https?:$/.test(parsed.protocol) && parsed.origin === text.toLowerCase() ? parsed.origin : refuse();
}

function url(text: string, protocols: readonly string[]): string {
  const parsed = URL.canParse(text) ? new URL(text) : refuse();
  return protocols.includes(parsed.protocol) && parsed.hostname !== '' ? text : refuse();
}

function language(text: string): Language {
  return oneOf(languages, text.slice(0, 2).toLowerCase());
}

function oneOf<const W extends readonly string[]>(words: W, text: string): W[number] {
  return words.find((word) => word === text) ?? refuse();
}

function optional<T>(text: string, parse: (text: string) => T): T | undefined {
  return text === '' ? undefined : parse(text);
}

function refuse(code?: ErrorCode): never {
  throw new Refused(code);
}
