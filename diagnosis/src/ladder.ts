// Runs collectors in the order of what they wait for, side by side where they wait for nothing, each with its own deadline. It never throws, and knows no I/O of its own.
import type { Clock, Collector } from './collector.ts';
import { evidenceOf } from './evidence.ts';
import type { Facts } from './facts.ts';
import { checkIdOf } from './ids.ts';
import type { Evidence, Surroundings } from './model.ts';
import { type RungId, rungOf } from './rungs.ts';

export interface LadderOptions {
  readonly clock: Clock;
  readonly around: Surroundings;
  /** Check ids or rungs: only collectors of these rungs and what they wait for run. */
  readonly only?: readonly string[];
  /** Also the slow ones. */
  readonly slow?: boolean;
  /** Ms for one collector that has none of its own, and for all of them. */
  readonly deadlineMs?: number;
  readonly totalMs?: number;
  /** Evidence there is already: the server's, or a bundle's. */
  readonly known?: Facts;
  /** Called as each collector ends. */
  readonly onDone?: (collector: Collector, ms: number) => void;
}

export interface LadderRun {
  readonly evidence: readonly Evidence[];
  readonly ms: number;
  readonly rungMs: Readonly<Partial<Record<RungId, number>>>;
}

const DEADLINE_MS = 3_000;
const TOTAL_MS = 15_000;

type Failure = NonNullable<Facts['collectors']>[number];

export async function ladder(collectors: readonly Collector[], options: LadderOptions): Promise<LadderRun> {
  const { clock, around, known = {}, deadlineMs = DEADLINE_MS, totalMs = TOTAL_MS } = options;
  const chosen = choose(collectors, options);
  const begun = clock.now();
  const evidence: Evidence[] = [];
  const failures: Failure[] = [];
  const rungMs: Partial<Record<RungId, number>> = {};
  let facts: Facts = known;
  const running = new Map<Collector, Promise<void>>();

  const start = (collector: Collector, path: readonly Collector[]): Promise<void> => {
    const there = running.get(collector);
    if (there !== undefined) return there;
    // What waits for itself would wait for ever: then it does not wait.
    const before = chosen.filter((other) => !path.includes(other) && other !== collector && waitsFor(collector, other));
    const done = Promise.all(before.map((other) => start(other, [...path, collector]))).then(() => run(collector));
    running.set(collector, done);
    return done;
  };

  const run = async (collector: Collector): Promise<void> => {
    const from = clock.now();
    const left = totalMs - (from - begun);
    const limit = Math.min(collector.deadlineMs ?? deadlineMs, left);
    const ended = limit <= 0 ? ({ why: 'late' } as const) : await attempt(collector, { facts, around }, limit, clock);
    const ms = clock.now() - from;
    rungMs[collector.rung] = Math.max(rungMs[collector.rung] ?? 0, ms);
    if (ended.why === 'seen') {
      facts = { ...facts, ...ended.seen };
      evidence.push(...evidenceOf(ended.seen, collector.id, clock.wall()));
    } else {
      const error = ended.why === 'threw' ? ended.error : undefined;
      failures.push({
        id: collector.id,
        why: ended.why,
        ms,
        provides: [...collector.provides],
        ...(error !== undefined && { error }),
      });
    }
    options.onDone?.(collector, ms);
  };

  await Promise.all(chosen.map((collector) => start(collector, [])));
  if (failures.length > 0) evidence.push(...evidenceOf({ collectors: failures }, 'ladder', clock.wall()));
  return { evidence, ms: clock.now() - begun, rungMs };
}

type Ended =
  | { readonly why: 'seen'; readonly seen: Facts }
  | { readonly why: 'late' }
  | { readonly why: 'threw'; readonly error: string };

async function attempt(
  collector: Collector,
  given: { readonly facts: Facts; readonly around: Surroundings },
  ms: number,
  clock: Clock,
): Promise<Ended> {
  const controller = clock.controller();
  let cancel = (): void => undefined;
  const late = new Promise<Ended>((resolve) => {
    cancel = clock.timer(ms, () => {
      controller.abort();
      resolve({ why: 'late' });
    });
  });
  const seen = (async (): Promise<Ended> => {
    try {
      return { why: 'seen', seen: await collector.collect({ ...given, signal: controller.signal }) };
    } catch (error) {
      return { why: 'threw', error: (error instanceof Error ? error.message : String(error)).slice(0, 1_000) };
    }
  })();
  const ended = await Promise.race([seen, late]);
  cancel();
  return ended;
}

function waitsFor(collector: Collector, other: Collector): boolean {
  return (collector.after ?? []).some((key) => other.provides.includes(key));
}

/** Those asked for, with everything that they wait for. */
function choose(collectors: readonly Collector[], { only, slow = false }: LadderOptions): readonly Collector[] {
  const affordable = collectors.filter(({ cost }) => slow || cost !== 'slow');
  if (only === undefined) return affordable;
  const rungsWanted = new Set(only.map((id) => (checkIdOf(id) === undefined ? id : rungOf(id))));
  const chosen = new Set(collectors.filter(({ rung }) => rungsWanted.has(rung)));
  for (const one of chosen) for (const other of collectors) if (waitsFor(one, other)) chosen.add(other);
  return collectors.filter((one) => chosen.has(one));
}
