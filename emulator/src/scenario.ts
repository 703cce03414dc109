// Faults by timetable: each at its time, once or again and again, with seeded chance; it never knows what a fault does.
import { EmulatorError } from './errors.ts';
import type { Fault } from './faults.ts';

export interface Step {
  /** ms after the start. */
  readonly at: number;
  readonly fault: Fault;
  /** Again after so many ms, `times` times in all. */
  readonly every?: number | undefined;
  readonly times?: number | undefined;
  /** Up to so many ms later, by seeded chance. */
  readonly jitter?: number | undefined;
}

export interface ScenarioView {
  readonly id: number;
  readonly left: number;
  readonly done: number;
  /** What could not be carried out, and why. */
  readonly problems: readonly string[];
}

const MAX_OCCASIONS = 10_000;
const MAX_SCENARIOS = 100;
const MAX_AFTER_MS = 24 * 3600 * 1000;

interface Running {
  readonly timers: Set<NodeJS.Timeout>;
  readonly problems: string[];
  done: number;
}

/** The moments of a timetable. The same seed makes the same ones. @throws EmulatorError BAD_FIELD */
export function occasions(steps: readonly Step[], seed: number): { readonly at: number; readonly fault: Fault }[] {
  let state = seed >>> 0;
  const chance = (): number => {
    // A linear congruential generator: its order is all that matters here.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const all = steps.flatMap(({ at, fault, every = 0, times = 1, jitter = 0 }) => {
    if (!(at >= 0) || !(every >= 0) || !(jitter >= 0) || !(times >= 1)) throw new EmulatorError('BAD_FIELD', 'steps');
    if (times > MAX_OCCASIONS) throw new EmulatorError('BAD_FIELD', 'times');
    return Array.from({ length: times }, (_, i) => ({ at: at + i * every + Math.floor(chance() * jitter), fault }));
  });
  if (all.length > MAX_OCCASIONS || all.some(({ at }) => at > MAX_AFTER_MS))
    throw new EmulatorError('BAD_FIELD', 'steps');
  return all.sort((a, b) => a.at - b.at);
}

export class Scenarios {
  readonly #carryOut: (fault: Fault) => void;
  readonly #running = new Map<number, Running>();
  #next = 1;

  constructor(carryOut: (fault: Fault) => void) {
    this.#carryOut = carryOut;
  }

  /** @throws EmulatorError BAD_FIELD */
  start(steps: readonly Step[], seed = 1): ScenarioView {
    if (this.#running.size >= MAX_SCENARIOS) this.#forgetFinished();
    if (this.#running.size >= MAX_SCENARIOS) throw new EmulatorError('BAD_FIELD', 'too many scenarios');
    const id = this.#next++;
    const running: Running = { timers: new Set(), problems: [], done: 0 };
    for (const { at, fault } of occasions(steps, seed)) {
      const timer = setTimeout(() => {
        running.timers.delete(timer);
        running.done += 1;
        try {
          this.#carryOut(fault);
        } catch (error) {
          running.problems.push(error instanceof Error ? error.message : String(error));
        }
      }, at);
      timer.unref();
      running.timers.add(timer);
    }
    this.#running.set(id, running);
    return this.#view(id, running);
  }

  all(): ScenarioView[] {
    return [...this.#running].map(([id, running]) => this.#view(id, running));
  }

  /** Nothing of them happens any more. */
  stop(): void {
    for (const { timers } of this.#running.values()) for (const timer of timers) clearTimeout(timer);
    this.#running.clear();
  }

  #view(id: number, { timers, done, problems }: Running): ScenarioView {
    return { id, left: timers.size, done, problems: [...problems] };
  }

  #forgetFinished(): void {
    for (const [id, { timers }] of this.#running) if (timers.size === 0) this.#running.delete(id);
  }
}
