// `npm run chaos -- [--seed --seeds --kills --in --out --dir --resume --no-bare --no-browser --no-write]`: Pulseline and bare Baileys through the same chaos, side by side; prints its seed, its progress, a table and the score, and exits 0 only if every aim held.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { publish } from '../../bench/report.ts';
import { openBareGateway } from './bare-gateway.ts';
import { perfect } from './oracle.ts';
import type { Options } from './plan.ts';
import { openPulseline } from './pulseline.ts';
import { rendered } from './rendered.ts';
import { reportOf } from './report.ts';
import { type Outcome, openRun, outcome } from './run.ts';
import { openScene } from './scene.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    kills: { type: 'string', default: '500' },
    in: { type: 'string', default: '100000' },
    out: { type: 'string', default: '10000' },
    dir: { type: 'string' },
    resume: { type: 'boolean', default: false },
    'no-bare': { type: 'boolean', default: false },
    'no-browser': { type: 'boolean', default: false },
    // A quick look must not replace the published figures.
    'no-write': { type: 'boolean', default: false },
  },
});

// Without a handler a signal would leave the children behind, and a resumed run could not have its folders.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const seed = whole('seed');
const seeds = whole('seeds');
const sizes = { kills: whole('kills'), inbound: whole('in'), outbound: whole('out') };
const began = performance.now();
const outcomes: Outcome[] = [];
for (let each = seed; each < seed + seeds; each++) outcomes.push(...(await runSeed(each)));

const command = `npm run chaos -- --seed ${seed} --seeds ${seeds} --kills ${sizes.kills} --in ${sizes.inbound} --out ${sizes.outbound}`;
const report = reportOf({ ...sizes, seed, seeds, command, outcomes });
process.exit(publish(report, !values['no-write']) ? 0 : 1);

async function runSeed(each: number): Promise<readonly Outcome[]> {
  const folder = resolve(values.dir ?? join(tmpdir(), `pulseline-chaos-${each}`));
  const options: Options = { seed: each, ...sizes, slow: true, disk: true };
  prepare(folder, options);
  console.log(`seed ${each}; what it needs to go on after an interruption (--resume) is in ${folder}`);
  const sides = values['no-bare'] ? [ours] : [ours, bare];
  // Side by side: most of the time each of them waits.
  const results = await Promise.allSettled(sides.map((side) => once(side, folder, options)));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length > 0) {
    for (const failure of failures) console.error(failure);
    process.exit(1);
  }
  const wrong = existsSync(join(folder, ours.name));
  if (wrong) console.error(`seed ${each}: not everything held; the run is kept in ${folder}, the list in ours.json`);
  // The other side's may be there, interrupted, if this sitting left it out.
  else if (!existsSync(join(folder, bare.name))) rmSync(folder, { recursive: true, force: true });
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** A side that has come to its end does not run again when the other one is resumed. */
async function once(side: typeof ours, folder: string, options: Options): Promise<Outcome> {
  const file = join(folder, `${side.name}.json`);
  if (existsSync(file)) return outcome.parse(JSON.parse(readFileSync(file, 'utf8')));
  const came = await side(join(folder, side.name), options);
  writeFileSync(file, JSON.stringify(came, null, 1));
  return came;
}

async function ours(folder: string, options: Options): Promise<Outcome> {
  const scene = await openScene(folder, options.disk);
  const gateway = await openPulseline(scene);
  const run = openRun(options, scene, gateway, say);
  await run.play();
  const came = await run.finish(async () => (values['no-browser'] ? [] : [await rendered(gateway, scene, say)]));
  await gateway.close();
  await scene.close();
  // What is wrong can be looked at: the store and the emulator's record.
  if (flawless(came)) scene.disk.leave();
  return came;
}

function flawless({ inbound, outbound }: Outcome): boolean {
  return [...Object.values(inbound), ...Object.values(outbound)].every(perfect);
}

async function bare(folder: string, options: Options): Promise<Outcome> {
  const scene = await openScene(folder, options.disk);
  const gateway = await openBareGateway(scene);
  gateway.launch();
  const run = openRun(options, scene, gateway, say);
  await run.play();
  const came = await run.finish();
  await gateway.close();
  await scene.close();
  scene.disk.leave();
  return came;
}

/** A folder belongs to one run: another seed or size in it would be judged by a plan that it did not follow. */
function prepare(folder: string, options: Options): void {
  const file = join(folder, 'options.json');
  const text = JSON.stringify(options);
  if (values.resume) {
    if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
    console.error(`${folder} holds no run with these numbers to go on with`);
    process.exit(2);
  }
  if (existsSync(file)) {
    console.error(
      `${folder} holds a run that was interrupted: --resume goes on with it; remove the folder to begin anew`,
    );
    process.exit(2);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
}

function say(line: string): void {
  console.log(`[${String(Math.round((performance.now() - began) / 1000)).padStart(5)} s] ${line}`);
}

function whole(name: 'seed' | 'seeds' | 'kills' | 'in' | 'out'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`--${name}: expected a whole number from 1, not "${values[name]}"`);
  process.exit(2);
}
