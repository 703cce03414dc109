// One look at a Pulseline: aims, runs the ladder with the doctor's collectors, and has the evidence judged. It prints nothing and changes nothing.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  type Check,
  type Clock,
  checks,
  diagnose,
  type Evidence,
  type Fact,
  ladder,
  type Report,
  type Surroundings,
} from '@pulseline/diagnosis';
import { CodedError, shape } from '@pulseline/protocol';
import { type DoorFacts, localCollectors } from './collect-local.ts';
import { networkCollectors } from './collect-network.ts';
import { serverCollectors } from './collect-server.ts';
import { socketCollectors } from './collect-socket.ts';
import { shellOf, systemOf } from './console.ts';
import { parseJson } from './json.ts';
import type { Options } from './options.ts';
import { aim, envFacts, type Target } from './target.ts';
import type { World } from './world.ts';

export interface Look {
  readonly report: Report;
  readonly evidence: readonly Evidence[];
  readonly around: Surroundings;
  readonly target: Target;
  readonly files: Fact<'env.files'>;
}

const manifest = shape.object({ version: shape.string(64) });

/** `only` undefined = everything. Errors: DOCTOR_CHECK_UNKNOWN. */
export function chosenChecks(only: string | undefined): readonly Check<string>[] | undefined {
  if (only === undefined) return undefined;
  const chosen = checks.filter(
    ({ id }) => id.toLowerCase() === only.toLowerCase() || id.toLowerCase().startsWith(`${only.toLowerCase()}.`),
  );
  if (chosen.length === 0) throw new CodedError('DOCTOR_CHECK_UNKNOWN', { id: only.slice(0, 80) });
  return chosen;
}

export async function look(
  world: World,
  root: string,
  door: DoorFacts,
  options: Pick<Options, 'only' | 'slow' | 'url' | 'lang'>,
): Promise<Look> {
  const at = world.now();
  const chosen = chosenChecks(options.only);
  const env = await envFacts(world, root);
  const target = await aim(world, root, options.url, env.base);
  const around: Surroundings = {
    system: systemOf(world),
    shell: await shellOf(world),
    vantage: 'cli',
    now: at,
    port: target.port,
    webPort: target.webPort,
  };
  const collectors = [
    ...localCollectors(world, target, door, env),
    ...networkCollectors(world, target),
    ...socketCollectors(world, target),
    ...serverCollectors(world, target),
  ];
  const run = await ladder(collectors, {
    clock: clockOf(world),
    around,
    slow: options.slow,
    ...(options.slow && { totalMs: 95_000 }),
    ...(chosen !== undefined && { only: chosen.map(({ id }) => id) }),
  });
  const version =
    parseJson(manifest, Buffer.from((await world.read(join(root, 'package.json'), 65_536)) ?? []).toString('utf8'))
      ?.version ?? '?';
  const report = diagnose(
    run.evidence,
    around,
    { version, runId: randomBytes(4).toString('hex'), lang: options.lang, at, ms: run.ms, rungMs: run.rungMs },
    chosen,
  );
  return { report, evidence: run.evidence, around, target, files: env.files };
}

function clockOf(world: World): Clock {
  return {
    now: () => world.clock(),
    wall: () => world.now(),
    timer: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    controller: () => new AbortController(),
  };
}
