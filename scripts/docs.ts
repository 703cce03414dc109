// Writes the pages of docs/ that are tables of the code (errors, settings); `npm run docs` writes, the house tests compare.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { errorCodes, errors } from '../protocol/src/index.ts';
import { settings } from '../server/src/config.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const made = '<!-- Made by `npm run docs` from the code. Change the code, not this page. -->';
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n');
}

/** docs/errors.md: every code, its status, and its words in both languages. */
export function errorsPage(): string {
  const rows = errorCodes.map((code) => {
    const { status, retry, title, fix } = errors[code];
    return [
      `\`${code}\``,
      status === undefined ? '' : String(status),
      retry ? 'yes' : '',
      `${title.en}. ${fix.en}`,
      `${title.zh}。${fix.zh}`,
    ];
  });
  return `${made}\n\n# Errors · 错误\n\nEvery code that a person or a program can meet, from \`protocol/src/errors.ts\`. "Retry" means that the same request can succeed later, unchanged.\n\n${table(['code', 'HTTP', 'retry', 'English', '中文'], rows)}\n`;
}

/** docs/settings.md: every environment variable. */
export function settingsPage(): string {
  const rows = Object.values(settings).map(({ name, default: standard, meaning }) => [
    `\`${name}\``,
    standard === '' ? '' : `\`${standard}\``,
    meaning.en,
    meaning.zh,
  ]);
  return `${made}\n\n# Settings · 设置\n\nEnvironment variables, read once at start. A value that cannot be read stops the start with \`SETTING_INVALID\`.\n\n${table(['name', 'default', 'meaning', '含义'], rows)}\n`;
}

export const pages: Readonly<Record<string, () => string>> = {
  'docs/errors.md': errorsPage,
  'docs/settings.md': settingsPage,
};

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [path, page] of Object.entries(pages)) writeFileSync(join(root, path), page());
}
