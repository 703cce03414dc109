// An .env file's lines as facts: what Next finds in them, what Pulseline reads, and what a person probably meant; it reads no disk and writes nothing.
import { decodeAsUtf8, decodeEnv, type Encoding } from './env-bytes.ts';

/** The address of the API for the pages. */
export const API_BASE = 'NEXT_PUBLIC_API_BASE_URL';

/** What can be odd about a line; each is a reason why it does not do what its writer wanted, or might not. */
export const lineFlaws = [
  // NEXT_PUBLIC_ is missing, so that Next keeps the variable from the pages.
  'prefix',
  'typo',
  'case',
  // A `“` that an editor or a chat program put in.
  'curly-quotes',
  // `＝` or `：`, as a Chinese input method types them.
  'full-width',
  // `set NAME=…` or `$env:NAME=…`.
  'shell-prefix',
  // cmd's echo keeps the quotes around the whole line.
  'quoted-line',
  // The value is empty.
  'empty',
  'no-scheme',
  // ws:// or wss://.
  'socket-scheme',
  'path',
  // A comment, a space or a sign that no address holds.
  'not-a-url',
] as const;
export type LineFlaw = (typeof lineFlaws)[number];

export interface EnvLine {
  /** From 1. */
  readonly line: number;
  /** As it stands there. */
  readonly key: string;
  /** Of addresses alone; of every other key nothing is told. */
  readonly value?: string;
  readonly flaws: readonly LineFlaw[];
  /** The line as it should be; absent: there is nothing to change, or nobody can know. */
  readonly better?: string;
}

export interface EnvReading {
  readonly encodings: readonly Encoding[];
  readonly mark: boolean;
  readonly invalid: boolean;
  /** Lines about the API's address, also misspelt ones. */
  readonly lines: readonly EnvLine[];
  /** What Next itself finds for API_BASE in these bytes. */
  readonly plain?: string;
  /** What Pulseline reads for it. */
  readonly value?: string;
  /** Why the two differ, where they do. */
  readonly repaired?: 'encoding' | 'quoted-line';
}

// dotenv's own grammar, one line at a time: Next reads by it.
const assignment =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/;
const names = [
  'API_BASE_URL',
  'PUBLIC_API_BASE_URL',
  'API_BASE',
  'API_URL',
  'NEXT_API_BASE_URL',
  'REACT_APP_API_BASE_URL',
  'VITE_API_BASE_URL',
];

/** Reads a file's bytes. Bounded by MOST_ENV_BYTES. */
export function readEnv(bytes: Uint8Array): EnvReading {
  const { text, encodings, mark, invalid } = decodeEnv(bytes);
  const plain = valueOf(decodeAsUtf8(bytes));
  const decoded = valueOf(text);
  const unquoted = decoded === undefined ? valueOf(text.split('\n').map(unquote).join('\n')) : undefined;
  const value = decoded ?? unquoted;
  const repaired = value === plain ? undefined : decoded === undefined ? 'quoted-line' : 'encoding';
  return {
    encodings,
    mark,
    invalid,
    lines: text.split('\n').flatMap((line, index) => describeLine(line, index + 1)),
    ...(plain !== undefined && { plain }),
    ...(value !== undefined && { value }),
    ...(repaired !== undefined && { repaired }),
  };
}

/**
 * The file as it should be: UTF-8, one line each, what was meant written right; everything that is none of ours stays.
 * `undefined`: it is right already, or cannot be put right by us.
 */
export function mendEnv(bytes: Uint8Array): string | undefined {
  const { text, encodings, mark, invalid } = decodeEnv(bytes);
  if (invalid) return undefined;
  const lines = text.split('\n').map((line, index) => {
    const [found] = describeLine(line, index + 1);
    return found?.better ?? line;
  });
  // Of several the last one counts; the others only mislead who reads the file.
  const last = lines.findLastIndex((line) => keyOf(line) === API_BASE);
  const kept = lines.filter((line, index) => keyOf(line) !== API_BASE || index === last);
  const mended = `${kept.join('\n').replace(/\n+$/, '')}\n`;
  const wrong = mark || encodings.some((encoding) => encoding !== 'utf-8') || kept.length !== lines.length;
  return wrong || mended.trimEnd() !== text.trimEnd() ? mended : undefined;
}

function keyOf(line: string): string | undefined {
  return assignment.exec(line)?.[1];
}

function valueOf(text: string): string | undefined {
  let found: string | undefined;
  // dotenv looks through the whole text, so that a NUL or a mark before a name is only skipped where it is a space.
  for (const line of text.split(/\r?\n/)) {
    const [, key, raw = ''] = assignment.exec(line) ?? [];
    if (key === API_BASE) found = unwrap(raw);
  }
  return found === '' ? undefined : found;
}

function unwrap(raw: string): string {
  return raw
    .trim()
    .replace(/^(['"`])([\s\S]*)\1$/, '$2')
    .trim();
}

/** `"NAME=value"` is what cmd makes of the guide's echo line. */
function unquote(line: string): string {
  return /^\s*(["'])([\w.-]+\s*=[^"']*)\1\s*$/.exec(line)?.[2] ?? line;
}

function describeLine(given: string, line: number): readonly EnvLine[] {
  const bare = given.trim();
  if (bare === '' || bare.startsWith('#')) return [];
  const flaws: LineFlaw[] = [];
  const swap = (text: string, flaw: LineFlaw, change: (text: string) => string): string => {
    const changed = change(text);
    if (changed !== text) flaws.push(flaw);
    return changed;
  };
  // Curly quotes first: a line between them is a quoted one.
  let text = swap(bare, 'curly-quotes', (it) => it.replace(/[“”„‟＂]/g, '"').replace(/[‘’‚‛＇]/g, "'"));
  text = swap(text, 'quoted-line', unquote);
  text = swap(text, 'shell-prefix', (it) =>
    it
      .replace(/^(?:set\s+"?|setx\s+|\$env:|\$)(?=[A-Za-z_])/i, '')
      .replace(/^(\w+)\s*=\s*(.*?)"$/, (all, key: string, value: string) =>
        (flaws.length > 0 || /^set\s+"/i.test(it)) && !value.startsWith('"') ? `${key}=${value}` : all,
      ),
  );
  text = swap(text, 'full-width', (it) =>
    it.replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replaceAll('\u3000', ' '),
  );
  // `NAME:value` without a space is no assignment to dotenv, and `NAME value` is none either.
  const [, key = '', raw = ''] = /^(?:export\s+)?([\w.-]+)\s*(?:=|:(?!\/\/)|\s)\s*(.*)$/.exec(text) ?? [];
  const meant = meantKey(key, raw);
  if (meant !== undefined && meant !== 'right') flaws.push(meant);
  if (meant === undefined) return [];
  const value = unwrap(raw.replace(/\s+#.*$/, ''));
  const mended = mendUrl(value);
  flaws.push(...mended.flaws);
  // What dotenv takes without a change needs none from us.
  if (flaws.length === 0 && assignment.test(bare)) return [{ line, key, value: shown(value), flaws }];
  if (flaws.length === 0) flaws.push('not-a-url');
  return [
    {
      line,
      key,
      value: shown(value),
      flaws,
      ...(mended.url !== undefined && { better: `${API_BASE}=${mended.url}` }),
    },
  ];
}

function meantKey(key: string, value: string): 'right' | 'prefix' | 'typo' | 'case' | undefined {
  if (key === API_BASE) return 'right';
  const upper = key.toUpperCase().replaceAll('-', '_').replaceAll('.', '_');
  if (upper === API_BASE) return 'case';
  const isAddress = /localhost|127\.0\.0\.1|:\d{2,5}\b|^["']?(https?|wss?):\/\//i.test(value);
  if (isAddress && names.includes(upper)) return 'prefix';
  return distance(upper, API_BASE) <= 3 ? 'typo' : undefined;
}

function mendUrl(value: string): { readonly flaws: readonly LineFlaw[]; readonly url?: string } {
  if (value === '') return { flaws: ['empty'] };
  const flaws: LineFlaw[] = [];
  let text = value;
  if (/^wss?:\/\//i.test(text)) {
    flaws.push('socket-scheme');
    text = text.replace(/^ws/i, 'http');
  } else if (!/^https?:\/\//i.test(text)) {
    // `http:/host`, `http//host`, `//host`, `host:4000`.
    flaws.push('no-scheme');
    text = `http://${text.replace(/^(https?)?[:：]?\/{0,2}/i, '')}`;
  }
  const [, scheme = '', host = '', port = '', rest = ''] =
    /^(https?:\/\/)([\w.-]+|\[[\da-f:]+\])(:\d{1,5})?([/?#].*)?$/i.exec(text) ?? [];
  if (host === '' || Number(port.slice(1)) > 65_535)
    return { flaws: [...flaws.filter((flaw) => flaw !== 'no-scheme'), 'not-a-url'] };
  if (rest !== '' && rest !== '/') flaws.push('path');
  return { flaws, url: `${scheme.toLowerCase()}${host}${port}` };
}

/** An address may bear a password. */
function shown(value: string): string {
  return value.replace(/\/\/[^@/]*@/, '//***@').slice(0, 200);
}

/** Levenshtein's: so many signs must be added, dropped or exchanged. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
