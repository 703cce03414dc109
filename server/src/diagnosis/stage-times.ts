// How long each stage of a message's way took lately: a bounded memory per stage, and a histogram for Prometheus.
import type { Fact } from '@pulseline/diagnosis';
import { type Stage, stages } from '@pulseline/protocol';
import { Histogram, type Registry } from 'prom-client';

/** The last ones of each stage. */
const REMEMBERED = 500;
/** What was slow longer ago says nothing of now. */
const LATELY_MS = 300_000;

/** A burst makes those behind it wait for seconds; what is slow in so many windows of ten seconds is slow by itself. */
const WINDOW_MS = 10_000;
const WINDOWS = 12;

interface Lately {
  readonly passed: Passed[];
  place: number;
  count: number;
  /** Of each window the fastest, in ms. */
  readonly fastest: Map<number, number>;
}

interface Passed {
  readonly ms: number;
  readonly at: number;
}

export class StageTimes {
  readonly #lately = new Map<Stage, Lately>();
  readonly #seconds: Histogram<'stage'>;
  readonly #now: () => number;

  /** `now`: monotonic ms. */
  constructor(registry: Registry, now: () => number) {
    this.#now = now;
    this.#seconds = new Histogram({
      name: 'pulseline_stage_seconds',
      help: 'Time that a message took to a stage from the stage before it',
      labelNames: ['stage'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers: [registry],
    });
  }

  /** Ms from the stage before. */
  passed(stage: Stage, ms: number): void {
    this.#seconds.observe({ stage }, ms / 1_000);
    const lately = this.#lately.get(stage) ?? { passed: [], place: 0, count: 0, fastest: new Map<number, number>() };
    this.#lately.set(stage, lately);
    const now = this.#now();
    lately.passed[lately.place] = { ms, at: now };
    const window = Math.floor(now / WINDOW_MS);
    lately.fastest.set(window, Math.min(ms, lately.fastest.get(window) ?? ms));
    for (const old of lately.fastest.keys()) {
      if (old > window - LATELY_MS / WINDOW_MS) break;
      lately.fastest.delete(old);
    }
    lately.place = (lately.place + 1) % REMEMBERED;
    lately.count += 1;
  }

  /** In the order of the way. A stage that nothing passed lately is not told. */
  read(): Fact<'stages'> {
    const since = this.#now() - LATELY_MS;
    return stages.flatMap((stage) => {
      const lately = this.#lately.get(stage);
      const sorted = (lately?.passed ?? [])
        .filter(({ at }) => at >= since)
        .map(({ ms }) => ms)
        .sort((a, b) => a - b);
      if (lately === undefined || sorted.length === 0) return [];
      const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
      const count = sorted.length < REMEMBERED ? sorted.length : lately.count;
      const slowest = [...lately.fastest]
        .filter(([window]) => (window + 1) * WINDOW_MS >= since)
        .map(([, ms]) => ms)
        .sort((a, b) => b - a);
      const lasting = slowest[WINDOWS - 1] ?? 0;
      return [{ stage, count, lasting, p50: at(0.5), p95: at(0.95), p99: at(0.99) }];
    });
  }
}
