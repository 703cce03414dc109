// What a newcomer's tests share: an ordinary user to run as, a PATH without compilers, and what every refusal must look like. It decides nothing.
import { execFileSync } from 'node:child_process';
import { chmodSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect } from 'vitest';
import type { Child } from '../child.ts';
import { until } from '../until.ts';

const isRoot = process.getuid?.() === 0;
/** On Debian and its kin: nobody, who owns nothing. */
const NOBODY = 65_534;

/** Can these tests stop being root? Somebody who is not root is ordinary already. */
export const canBeOrdinary = process.platform !== 'win32' && (!isRoot || works('setpriv', ['--version']));

/** The same line, run by a user without rights. */
export function asOrdinary(line: string): string {
  if (!isRoot) return line;
  const quoted = `'${line.replaceAll("'", "'\\''")}'`;
  return `${where('setpriv')} --reuid=${NOBODY} --regid=${NOBODY} --clear-groups ${where('sh')} -c ${quoted}`;
}

/** Gives the tree to that user. Files of packages are hard links into the checkout: they stay whose they are. */
export function giveToOrdinary(folder: string): void {
  if (!isRoot) return;
  lchownSync(folder, NOBODY, NOBODY);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) giveToOrdinary(path);
    else if (!path.includes('node_modules')) lchownSync(path, NOBODY, NOBODY);
  }
}

/** A folder that everybody may look into. */
export function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pulseline-newcomer-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** A PATH with node, npm and a shell: no compiler, no git, no python. */
export function barePath(folder: string): string {
  if (process.platform === 'win32') return process.env['PATH'] ?? '';
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['node', 'npm', 'sh']) symlinkSync(where(name), join(bin, name));
  return bin;
}

/** The variables that name a proxy, as programs read them. */
export const proxies = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

/**
 * Waits for a command's refusal and holds what every refusal must be: an exit code, what happened and what to do once in
 * each language, the reader's first, and no stack. Returns the output.
 */
export async function refusal(child: Child, first: 'zh' | 'en' = 'zh', withinMs = 60_000): Promise<string> {
  const code = await until('the end of the command', () => child.ended(), withinMs).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${child.output()}`);
  });
  const output = child.output();
  expect(code, output).not.toBe(0);
  expect(output, 'no stack').not.toMatch(/\n\s+at .+:\d+|node:internal|UnhandledPromise/);
  const problems = output.match(/^✗ .+$/gm) ?? [];
  const remedies = output.match(/^ {2}→ .+$/gm) ?? [];
  expect([problems.length, remedies.length], output).toEqual([2, 2]);
  const isChinese = (text: string | undefined) => /[\u4e00-\u9fff]/.test(text ?? '');
  for (const lines of [problems, remedies])
    expect(lines.map(isChinese), output).toEqual([first === 'zh', first !== 'zh']);
  return output;
}

function where(name: string): string {
  const found = execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  expect(found.includes(delimiter)).toBe(false);
  return found;
}

function works(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, [...args], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
