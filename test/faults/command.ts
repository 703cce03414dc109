// `npm run faults -- [--only 9,u3,h2,pairs --seed --fast --json --no-write --resume]`: makes every fault for real, asks the diagnosis, prints a row each and the score last; exits 0 only if every aim held.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { publish } from '../../bench/report.ts';
import { root, source } from '../child.ts';
import { canFillDisk } from '../small-disk.ts';
import { absent, catalogue } from './catalogue.ts';
import type { Fault, Need } from './fault.ts';
import { healthyConfigurations } from './healthy.ts';
import { type Judged, notApplicable } from './judge.ts';
import { ALONE, aloneIn } from './network.ts';
import { pairs } from './pairs.ts';
import { openProgress, type Progress } from './progress.ts';
import { headLine, lineOf, reportOf } from './report.ts';
import { type Plan, run } from './run.ts';
import { unforeseen } from './unforeseen.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    fast: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    // A quick look must not replace the published score.
    'no-write': { type: 'boolean', default: false },
    // Goes on where a run of the same code was ended.
    resume: { type: 'boolean', default: false },
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const plan = planned();
const alone = process.env[ALONE] === '1';
// In a network of our own the default ports are free, whatever runs on this machine, and packets can be dropped.
const elsewhere = alone
  ? undefined
  : aloneIn([process.execPath, ...source('test/faults/command.ts', ...process.argv.slice(2))]);
// The lab copies what is built here.
if (!alone) await build();
process.exit(elsewhere === undefined ? await here() : await there(elsewhere));

async function build(): Promise<void> {
  const script: unknown = await import(pathToFileURL(join(root, 'scripts', 'build.mjs')).href);
  const make = typeof script === 'object' && script !== null && 'build' in script ? script.build : undefined;
  if (typeof make === 'function') await make();
}

async function there([program = '', ...args]: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, [ALONE]: '1' } });
  process.once('exit', () => child.kill('SIGTERM'));
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

async function here(): Promise<number> {
  const rows: Judged[] = [];
  const whole = values.only === undefined && !values.fast && !values.json;
  const progress = whole ? openProgress(`seed ${values.seed}`, values.resume) : undefined;
  const ahead = sizeOf(plan);
  let began = performance.now();
  let seconds = 0;
  const show = (row: Judged, tookMs: number): void => {
    rows.push(row);
    seconds += tookMs / 1_000;
    const place = `${String(rows.length).padStart(3)}/${ahead + (values.only === undefined ? absent.length : 0)}`;
    console.log(values.json ? JSON.stringify(row) : `${place} ${lineOf(row)}`);
  };
  if (!values.json) console.log(`        ${headLine()}`);
  if (values.only === undefined)
    for (const each of absent) show(notApplicable(each.number, each.title, 'catalogue', each.why), 0);
  for (const { row, tookMs } of progress?.rows.values() ?? []) show(row, tookMs);
  const onRow = (row: Judged): void => {
    const tookMs = Math.round(performance.now() - began);
    began = performance.now();
    progress?.add(row, tookMs);
    show(row, tookMs);
  };
  await run(restOf(plan, progress), { has: what(), alone, fast: values.fast, onRow });
  if (values.json) return rows.every(({ outcome }) => outcome !== 'wrong') ? 0 : 1;
  const command = `npm run faults -- --seed ${values.seed}${values.fast ? ' --fast' : ''}`;
  const report = reportOf(inOrder(rows), command, Math.round(seconds));
  const held = publish(report, whole && !values['no-write']);
  progress?.end();
  return held ? 0 : 1;
}

function sizeOf({ faults, unforeseen: odd, healthy, pairs: two }: Plan): number {
  return faults.length + odd.length + healthy.length + two.length;
}

function restOf(all: Plan, progress: Progress | undefined): Plan {
  if (progress === undefined) return all;
  const isOpen = (number: string): boolean => !progress.rows.has(number);
  return {
    faults: all.faults.filter(({ number }) => isOpen(number)),
    unforeseen: all.unforeseen.filter(({ number }) => isOpen(number)),
    healthy: all.healthy.filter(({ number }) => isOpen(number)),
    pairs: all.pairs.filter(({ lower, upper }) => isOpen(`${lower}+${upper}`)),
  };
}

/** As the catalogue has them, in whichever order they were made. */
function inOrder(rows: readonly Judged[]): readonly Judged[] {
  const kinds = ['catalogue', 'unforeseen', 'healthy', 'pair'] as const;
  const place = ({ number }: Judged): number => Number(/\d+/.exec(number)?.[0] ?? 0);
  return kinds.flatMap((kind) => rows.filter((row) => row.kind === kind).sort((a, b) => place(a) - place(b)));
}

/** What was asked for; a seed other than 1 shuffles, so that no fault leans on the one before it. */
function planned(): Plan {
  const only = values.only?.split(',');
  const wanted = (kind: string, number: string, isFast: boolean | undefined): boolean =>
    only === undefined ? !values.fast || isFast === true : only.includes(number) || only.includes(kind);
  const of =
    (kind: string) =>
    ({ number, fast }: Fault): boolean =>
      wanted(kind, number, fast);
  const order = shuffler(Number(values.seed));
  return {
    faults: order(catalogue.filter(of('catalogue'))),
    unforeseen: order(unforeseen.filter(of('unforeseen'))),
    healthy: healthyConfigurations
      .map((each, index) => ({ ...each, number: `h${index + 1}` }))
      .filter(({ number, fast }) => wanted('healthy', number, fast)),
    pairs: pairs.flatMap((each) => {
      const [lower, upper] = [each.lower, each.upper].map((number) => catalogue.find((one) => one.number === number));
      if (lower === undefined || upper === undefined) throw new Error(`${each.lower}+${each.upper}: no such fault`);
      return wanted('pairs', `${each.lower}+${each.upper}`, false)
        ? [{ ...each, faults: [lower, upper] as const }]
        : [];
    }),
  };
}

function shuffler(seed: number): (faults: readonly Fault[]) => readonly Fault[] {
  if (!Number.isSafeInteger(seed) || seed < 1) {
    console.error(`--seed: expected a whole number from 1, not "${values.seed}"`);
    process.exit(2);
  }
  if (seed === 1) return (faults) => faults;
  let state = seed;
  const chance = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return (faults) =>
    faults
      .map((fault) => ({ fault, at: chance() }))
      .sort((a, b) => a.at - b.at)
      .map(({ fault }) => fault);
}

function what(): ReadonlySet<Need> {
  const works = (command: string, ...args: readonly string[]): boolean =>
    spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  const linux = process.platform === 'linux';
  const root = linux && process.getuid?.() === 0;
  const found: readonly (readonly [Need, boolean])[] = [
    ['linux', linux],
    ['root', root],
    ['namespaces', alone],
    ['tmpfs', canFillDisk],
    ['prlimit', linux && works('prlimit', '--version')],
    [
      'chromium',
      works(
        process.execPath,
        '-e',
        "import('./scripts/browser.mjs').then((m) => process.exit(m.findBrowser() ? 0 : 1))",
      ),
    ],
    [
      'ipv6',
      works(
        process.execPath,
        '-e',
        "require('node:net').createServer().once('error', () => process.exit(1)).listen(0, '::1', () => process.exit(0))",
      ),
    ],
  ];
  return new Set(found.flatMap(([need, has]) => (has ? [need] : [])));
}
