// `npm run doctor`: looks at Pulseline from outside and says which link is broken, why, and what to do; it changes nothing without being told to.
import { createInterface } from 'node:readline/promises';
import { checks, type Report, rungs, words } from '@pulseline/diagnosis';
import { CodedError, explain, fill, type Words } from '@pulseline/protocol';
import { readBundle, writeBundle } from './bundle-file.ts';
import { doorFacts } from './collect-local.ts';
import { isGarbled } from './console.ts';
import { chosenChecks, type Look, look } from './look.ts';
import { diffOf, mend, planChanges } from './mend.ts';
import { type Options, readOptions } from './options.ts';
import { render } from './render.ts';
import { machine, type World } from './world.ts';

/** 0 nothing broken · 1 a fault · 2 warnings, with --strict · 3 the doctor itself could not do it. */
export type ExitCode = 0 | 1 | 2 | 3;

interface Session {
  readonly world: World;
  readonly root: string;
  readonly door: ReturnType<typeof doorFacts.parse>;
  readonly options: Options;
  readonly print: (text: string) => void;
}

const WATCH_EVERY_MS = 5_000;
const RECORD_EVERY_MS = 2_000;
/** Reports that a recording keeps: half an hour. */
const MOST_RECORDED = 900;

/** `door`: what scripts/doctor.cjs found out before. */
export async function main(root: string, argv: readonly string[], door: unknown): Promise<ExitCode> {
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  try {
    const options = readOptions(argv, process.env);
    return await act({ world: machine, root, door: doorFacts.parse(door), options, print });
  } catch (error) {
    process.stderr.write(
      `${failure(error, /^en/i.test(process.env['PULSELINE_LANG'] ?? '') || argv.join(' ').includes('--lang en'))}\n`,
    );
    return 3;
  }
}

async function act(session: Session): Promise<ExitCode> {
  const { options, print } = session;
  if (options.help) {
    print(usage[options.lang]);
    return 0;
  }
  if (options.list) {
    print(list(options));
    return 0;
  }
  chosenChecks(options.only);
  if (options.fromBundle !== undefined) {
    const report = await readBundle(options.fromBundle, options.lang);
    print(await shown(session, report, options.fromBundle));
    return exitCode(report, options);
  }
  if (options.watch) return watch(session);
  if (options.record) return record(session);
  const found = await look(session.world, session.root, session.door, options);
  if (!options.json || !options.fix) print(await shown(session, found.report, found.target.base));
  const last = options.fix ? await fix(session, found) : found;
  if (options.bundle !== undefined)
    print(say(options, bundled, { file: await writeBundle(session.world, last, options.bundle) }));
  return exitCode(last.report, options);
}

function exitCode({ verdict }: Report, { strict }: Options): ExitCode {
  if (verdict === 'fault') return 1;
  return verdict === 'warnings' && strict ? 2 : 0;
}

async function shown({ world, options, door }: Session, given: Report, target: string): Promise<string> {
  const { json, lang } = options;
  if (json) return JSON.stringify(given, undefined, 2);
  const only = chosenChecks(options.only)?.map(({ id }) => id.slice(0, 3));
  const report =
    only === undefined ? given : { ...given, rungs: given.rungs.filter(({ rung }) => only.includes(rung)) };
  const color = process.stdout.isTTY === true && !world.env['NO_COLOR'];
  return render(report, { lang, ascii: options.ascii ?? (await isGarbled(world)), color, target, node: door.node });
}

/** Shows what would be changed, asks, changes it, and looks again. */
async function fix(session: Session, found: Look): Promise<Look> {
  const { world, options, root, door, print } = session;
  const talk = options.json ? (text: string) => void process.stderr.write(`${text}\n`) : print;
  const changes = await planChanges(world, found.target, found.files, found.report);
  if (found.target.foreign || changes.length === 0) {
    talk(say(options, nothingToFix, {}));
    if (options.json) print(await shown(session, found.report, found.target.base));
    return found;
  }
  for (const change of changes)
    talk([`${change.path}: ${change.why[options.lang]}`, ...diffOf(change).map((line) => `  ${line}`)].join('\n'));
  if (!options.yes && !(await agreed(options))) {
    talk(say(options, notFixed, {}));
    if (options.json) print(await shown(session, found.report, found.target.base));
    return found;
  }
  const kept = await mend(found.target, changes, world.now());
  talk(say(options, fixed, { n: changes.length, copies: kept.join(', ') || '-' }));
  const again = await look(world, root, door, options);
  print(await shown(session, again.report, again.target.base));
  return again;
}

async function agreed(options: Options): Promise<boolean> {
  if (process.stdin.isTTY !== true) return false;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`${say(options, question, {})} `);
  asking.close();
  return /^\s*(y|yes|是|好)/i.test(answer);
}

/** Looks again and again; prints what changed. Ctrl+C ends it. */
async function watch(session: Session): Promise<ExitCode> {
  const { world, root, door, options, print } = session;
  let ended = false;
  process.once('SIGINT', () => {
    ended = true;
  });
  let before = '';
  let last: Report | undefined;
  while (!ended) {
    const { report, target } = await look(world, root, door, options);
    const state = stateOf(report);
    if (options.json) print(JSON.stringify(report));
    else if (last === undefined) print(await shown(session, report, target.base));
    else if (state !== before) print(timeline(report, options));
    [before, last] = [state, report];
    if (!ended)
      await Promise.race([world.sleep(WATCH_EVERY_MS), new Promise((resolve) => process.once('SIGINT', resolve))]);
  }
  return last === undefined ? 0 : exitCode(last, options);
}

/** Looks while somebody makes the fault happen, until Enter; then tells every change in between. */
async function record(session: Session): Promise<ExitCode> {
  const { world, root, door, options, print } = session;
  process.stderr.write(`${say(options, reproduce, {})}\n`);
  const entered = new Promise<void>((resolve) => {
    process.stdin.once('data', () => resolve());
    process.stdin.once('end', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  let running = true;
  void entered.then(() => {
    running = false;
  });
  const kept: Look[] = [];
  do {
    const one = await look(world, root, door, options);
    if (kept.length === 0 || stateOf(one.report) !== stateOf(kept.at(-1)?.report ?? one.report)) {
      if (kept.length < MOST_RECORDED) kept.push(one);
      if (!options.json) print(timeline(one.report, options));
    }
    await Promise.race([world.sleep(RECORD_EVERY_MS), entered]);
  } while (running);
  process.stdin.pause();
  // The worst that was seen is what the recording was for.
  const worst = [...kept].sort((a, b) => weight(b.report) - weight(a.report))[0];
  if (worst === undefined) return 3;
  print(await shown(session, worst.report, worst.target.base));
  if (options.bundle !== undefined)
    print(
      say(options, bundled, {
        file: await writeBundle(
          world,
          worst,
          options.bundle,
          kept.map(({ report }) => report),
        ),
      }),
    );
  return exitCode(worst.report, options);
}

const weight = ({ verdict }: Report): number => ['healthy', 'incomplete', 'warnings', 'fault'].indexOf(verdict);

function stateOf({ findings, verdict }: Report): string {
  return `${verdict} ${findings.map(({ checkId, subject, outcome }) => `${checkId}/${subject ?? ''}/${outcome}`).join(' ')}`;
}

function timeline({ at, summary, cause }: Report, { lang }: Options): string {
  return `${new Date(at).toISOString().slice(11, 19)} ${cause?.checkId ?? 'ok'} ${summary[lang]}`;
}

function list({ json, lang }: Options): string {
  if (json)
    return JSON.stringify(
      checks.map(({ id, severity, cost, vantage, impacts }) => ({
        id,
        severity,
        cost,
        vantage,
        impacts,
        title: words[id].title,
        fix: words[id].fix,
      })),
      undefined,
      2,
    );
  const blank = (text: string): string => text.replace(/\{\w+\}/g, '…');
  return Object.entries(rungs)
    .map(([rung, { name }]) =>
      [
        `${rung} ${name[lang]}`,
        ...checks
          .filter(({ id }) => id.startsWith(`${rung}.`))
          .map(({ id }) => `  ${id.padEnd(30)} ${blank(words[id].title[lang])}`),
      ].join('\n'),
    )
    .join('\n');
}

function say({ lang }: Options, text: Words, params: Readonly<Record<string, string | number>>): string {
  return fill(text[lang], params);
}

/** Code, words and remedy, or the stack of what nobody expected. */
function failure(error: unknown, english: boolean): string {
  if (!(error instanceof CodedError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const both = (['zh', 'en'] as const).map((lang) => explain(error.code, lang, error.params));
  return (english ? both.reverse() : both)
    .map(({ text, fix: remedy }) => `✗ ${text} [${error.code}]\n  → ${remedy}`)
    .join('\n');
}

const bundled: Words = {
  zh: '诊断包已写入 {file}；其中没有消息正文、号码、姓名、密钥',
  en: 'The bundle is {file}; it holds no message text, number, name or key',
};
const nothingToFix: Words = { zh: '没有可以自动修复的内容。', en: 'There is nothing here that --fix may change.' };
const notFixed: Words = {
  zh: '没有改动任何文件。加上 --yes 可直接修复。',
  en: 'No file was changed. --yes makes the changes without asking.',
};
const fixed: Words = {
  zh: '已改动 {n} 处；原文件保留为 {copies}。重新检查：',
  en: '{n} changed; the former files are {copies}. Looking again:',
};
const question: Words = { zh: '进行这些改动？(y/N)', en: 'Make these changes? (y/N)' };
const reproduce: Words = {
  zh: '正在记录：请重现问题，然后按回车。',
  en: 'Recording: make the fault happen, then press Enter.',
};
const usage: Words = {
  zh: `npm run doctor -- [选项]
  --json            机器可读的报告            --list            全部检查项
  --only <项或级>   只查这一项，如 R05        --lang zh|en      语言
  --fix [--yes]     先显示改动，再修复        --ascii           只用 ASCII 符号
  --watch           反复检查，直到 Ctrl+C     --slow            也做慢的检查（空闲 75 秒）
  --record          边重现边记录，回车结束    --strict          有警告也以 2 退出
  --bundle [文件]   打包反馈用的诊断包        --from-bundle <zip> 在别处重看诊断
  --url <地址>      检查另一个 Pulseline
退出码：0 正常 · 1 有故障 · 2 有警告（--strict）· 3 doctor 自身出错`,
  en: `npm run doctor -- [options]
  --json            the report for programs   --list            every check
  --only <id>       one check or rung: R05    --lang zh|en      language
  --fix [--yes]     shows the change first    --ascii           ASCII signs only
  --watch           again and again           --slow            slow checks too (75 s idle)
  --record          until Enter is pressed    --strict          exit 2 on warnings
  --bundle [file]   a zip for a report        --from-bundle <zip> the diagnosis elsewhere
  --url <address>   another Pulseline
Exit codes: 0 well · 1 a fault · 2 warnings (--strict) · 3 the doctor broke`,
};
