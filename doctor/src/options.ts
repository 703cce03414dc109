// What stands behind `npm run doctor --`: flags to options, and the refusal of what is none; it looks at nothing.
import { CodedError, type Language } from '@pulseline/protocol';

export interface Options {
  readonly json: boolean;
  readonly list: boolean;
  /** A check's id or a rung's. */
  readonly only: string | undefined;
  readonly fix: boolean;
  /** No question before a fix. */
  readonly yes: boolean;
  readonly watch: boolean;
  readonly record: boolean;
  /** Where the zip goes; '' = a name of our own in the working directory. */
  readonly bundle: string | undefined;
  readonly fromBundle: string | undefined;
  readonly lang: Language;
  readonly ascii: boolean | undefined;
  readonly slow: boolean;
  readonly strict: boolean;
  readonly url: string | undefined;
  readonly help: boolean;
}

type Kind = 'switch' | 'value' | 'maybe';

const flags: Readonly<Record<string, Kind>> = {
  json: 'switch',
  list: 'switch',
  only: 'value',
  fix: 'switch',
  yes: 'switch',
  watch: 'switch',
  record: 'switch',
  bundle: 'maybe',
  'from-bundle': 'value',
  lang: 'value',
  ascii: 'switch',
  slow: 'switch',
  strict: 'switch',
  url: 'value',
  help: 'switch',
};

/** Errors: DOCTOR_FLAG_UNKNOWN, DOCTOR_FLAG_INVALID. */
export function readOptions(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Options {
  const given = new Map<string, string>();
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    // npm keeps `--` for itself; some shells pass it on.
    if (word === '--') continue;
    const [, name = '', , inline] = /^--?([a-z-]+)(=(.*))?$/s.exec(word === '-h' ? '--help' : word) ?? [];
    const kind = flags[name];
    if (kind === undefined) throw new CodedError('DOCTOR_FLAG_UNKNOWN', { flag: word.slice(0, 80), flags: known() });
    const next = argv[at + 1];
    if (kind === 'switch' || inline !== undefined) given.set(name, inline ?? '');
    else if (next !== undefined && !next.startsWith('--')) {
      given.set(name, next);
      at += 1;
    } else if (kind === 'maybe') given.set(name, '');
    else throw new CodedError('DOCTOR_FLAG_INVALID', { flag: `--${name}`, value: '' });
  }
  const lang = given.get('lang') ?? env['PULSELINE_LANG'] ?? '';
  if (given.has('lang') && !/^(zh|en)(-|$)/i.test(lang))
    throw new CodedError('DOCTOR_FLAG_INVALID', { flag: '--lang', value: lang });
  return {
    json: given.has('json'),
    list: given.has('list'),
    only: given.get('only'),
    fix: given.has('fix'),
    yes: given.has('yes'),
    watch: given.has('watch'),
    record: given.has('record'),
    bundle: given.get('bundle'),
    fromBundle: given.get('from-bundle'),
    lang: /^en/i.test(lang.trim()) ? 'en' : 'zh',
    ascii: given.has('ascii') ? true : undefined,
    slow: given.has('slow'),
    strict: given.has('strict'),
    url: given.has('url') ? address(given.get('url') ?? '') : undefined,
    help: given.has('help'),
  };
}

/** `localhost:4000`, `ws://host/ws` and `https://host/status` all name a server. */
function address(text: string): string {
  const full = /^[a-z]+:\/\//i.test(text) ? text.replace(/^ws/i, 'http') : `http://${text}`;
  if (!URL.canParse(full) || !/^https?:$/.test(new URL(full).protocol))
    throw new CodedError('DOCTOR_FLAG_INVALID', { flag: '--url', value: text.slice(0, 200) });
  return new URL(full).origin;
}

function known(): string {
  return Object.keys(flags)
    .map((name) => `--${name}`)
    .join(' ');
}
