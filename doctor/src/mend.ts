// `--fix`: what can be put right safely in web/.env.local and in what a dead process left behind. It keeps a copy of each file that it changes, and touches nothing else.
import { copyFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  API_BASE,
  decodeAsUtf8,
  decodeEnv,
  type Fact,
  MOST_ENV_BYTES,
  mendEnv,
  type Report,
} from '@pulseline/diagnosis';
import type { Words } from '@pulseline/protocol';
import type { Target } from './target.ts';
import type { World } from './world.ts';

export interface Change {
  /** Relative to the project's folder, with slashes. */
  readonly path: string;
  readonly why: Words;
  /** Text before, as far as it can be read; '' = there is no such file yet. */
  readonly before: string;
  /** undefined = the file goes. */
  readonly after: string | undefined;
  /** The file whose place this one takes; it is renamed to a copy. */
  readonly from?: string;
}

const EXPECTED = 'web/.env.local';
const copyMark = '.before-doctor-';

/** Never more than one change of a file. */
export async function planChanges(
  world: World,
  target: Target,
  files: Fact<'env.files'>,
  report: Report,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const file of files.filter(({ place, readable }) => place === 'expected' && readable)) {
    const bytes = await read(world, target, file.path);
    const after = mendEnv(bytes);
    if (after !== undefined) changes.push({ path: file.path, why: rewritten, before: asNextSees(bytes), after });
  }
  const there = files.some(({ path }) => path === EXPECTED);
  const strayed = files.find(({ place, readable }) => place !== 'expected' && readable);
  if (!there && strayed !== undefined) {
    const bytes = await read(world, target, strayed.path);
    const whole = mendEnv(bytes) ?? decodeEnv(bytes).text;
    // A file of another folder is also another program's: only our line is taken.
    const line = whole.split('\n').find((one) => one.startsWith(`${API_BASE}=`));
    const moved = strayed.place === 'wrong-name';
    if (line !== undefined)
      changes.push({
        path: EXPECTED,
        why: placed,
        before: '',
        after: moved ? `${whole.trimEnd()}\n` : `${line}\n`,
        ...(moved && { from: strayed.path }),
      });
  }
  const server = report.cause?.checkId === 'R02.port-mismatch' ? report.cause.params['server'] : undefined;
  const where = String(report.cause?.params['where'] ?? EXPECTED);
  // What the shell says, no file can change.
  if (typeof server === 'number' && where.startsWith('web/') && !changes.some(({ path }) => path === where)) {
    const bytes = await read(world, target, where);
    const before = decodeEnv(bytes).text;
    const others = before.split('\n').filter((line) => line !== '' && !line.startsWith(`${API_BASE}=`));
    changes.push({
      path: where,
      why: pointed,
      before,
      after: `${[...others, `${API_BASE}=http://localhost:${server}`].join('\n')}\n`,
    });
  }
  return changes;
}

/** As a program that takes it for UTF-8 finds it, so that the difference can be seen. */
function asNextSees(bytes: Uint8Array): string {
  return decodeAsUtf8(bytes)
    .replace(/[\0\ufffd]/g, '·')
    .replace(/\ufeff/g, '<BOM>')
    .replaceAll('\r', '');
}

const rewritten: Words = { zh: '重写为 UTF-8，并改正写法', en: 'rewritten as UTF-8, and put right' };
const placed: Words = { zh: '放到正确的位置', en: 'put in its right place' };
const pointed: Words = { zh: '指向后端真正的端口', en: "pointed to the server's real port" };

async function read(world: World, { root }: Target, path: string): Promise<Uint8Array> {
  return (await world.read(join(root, ...path.split('/')), MOST_ENV_BYTES)) ?? new Uint8Array();
}

/** Lines that go and lines that come, as patches show them. */
export function diffOf({ path, before, after, from }: Change): readonly string[] {
  const [old, fresh] = [before, after ?? ''].map((text) => text.split('\n').filter((line) => line.trim() !== ''));
  return [
    `--- ${from ?? path}`,
    `+++ ${after === undefined ? '' : path}`,
    ...(old ?? []).filter((line) => !fresh?.includes(line)).map((line) => `- ${hidden(line)}`),
    ...(fresh ?? []).filter((line) => !old?.includes(line)).map((line) => `+ ${hidden(line)}`),
    ...((old ?? []).every((line) => fresh?.includes(line)) && old?.length === fresh?.length ? ['  (UTF-8)'] : []),
  ];
}

/** Other lines of the file may be secrets. */
function hidden(line: string): string {
  return /api|url|http|localhost/i.test(line) ? line : line.replace(/=.*/, '=***');
}

/** Makes the changes. Returns the copies that were kept, to go back by. */
export async function mend(target: Target, changes: readonly Change[], now: number): Promise<readonly string[]> {
  const stamp = new Date(now).toISOString().replace(/\D/g, '').slice(0, 14);
  const kept: string[] = [];
  for (const { path, after, from, before } of changes) {
    const file = join(target.root, ...path.split('/'));
    const source = from === undefined ? file : join(target.root, ...from.split('/'));
    const copy = `${source}${copyMark}${stamp}`;
    if (from !== undefined) await rename(source, copy);
    else if (before !== '' || after === undefined) await copyFile(source, copy).catch(() => undefined);
    if (from !== undefined || before !== '') kept.push(copy);
    if (after === undefined) await rm(file, { force: true });
    else await writeFile(file, after);
  }
  return kept;
}
