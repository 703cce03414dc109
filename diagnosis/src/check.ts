// How a check is written down: its id, its degree and its pure analysis; what its rung decides is filled in here.
import type { CheckId } from './ids.ts';
import type { Check, Confidence, Impact, Vantage } from './model.ts';
import { type RungId, rungOf } from './rungs.ts';

type Analyse = Check['analyse'];

interface Manner {
  readonly severity?: Check['severity'];
  readonly fallback?: boolean;
  readonly cost?: Check['cost'];
  readonly timeToVisibleMs?: number;
  readonly vantage?: readonly Vantage[];
  readonly impacts?: readonly Impact[];
}

const all: readonly Impact[] = ['connect', 'receive', 'send'];
const flow: readonly Impact[] = ['receive', 'send'];

const impactsOf: Readonly<Record<RungId, readonly Impact[]>> = {
  R00: all,
  R01: all,
  R02: all,
  R03: all,
  R04: all,
  R05: all,
  R06: all,
  R07: flow,
  R08: all,
  R09: all,
  R10: ['connect', 'receive'],
  R11: ['connect', 'receive'],
  R12: all,
  R13: ['connect', 'receive'],
  R14: ['receive'],
  R15: ['receive'],
  R16: flow,
  R17: flow,
  R18: flow,
  R19: ['receive'],
  R20: ['receive'],
  R21: flow,
  R22: flow,
  R23: ['receive'],
  R24: ['receive'],
  R25: ['receive'],
  R26: ['render'],
  R27: ['receive'],
  R28: all,
};

/** `above`: from this rung to the next mark. */
const vantageOf: readonly (readonly [from: RungId, vantage: readonly Vantage[]])[] = [
  ['R00', ['cli']],
  ['R01', ['cli', 'web-server']],
  ['R02', ['cli', 'browser']],
  ['R03', ['cli']],
  ['R04', ['cli', 'web-server']],
  ['R05', ['cli', 'web-server', 'browser']],
  ['R06', ['cli', 'web-server', 'browser']],
  ['R07', ['cli', 'browser', 'server']],
  ['R08', ['cli', 'browser']],
  ['R09', ['browser', 'cli']],
  ['R10', ['cli', 'browser']],
  ['R16', ['server']],
  ['R25', ['browser']],
  ['R27', ['server']],
];

export function check(id: CheckId, manner: Manner, analyse: Analyse): Check<CheckId> {
  const rung = rungOf(id);
  const vantage = vantageOf.findLast(([from]) => from <= rung)?.[1] ?? ['cli'];
  return {
    id,
    severity: 'error',
    fallback: false,
    cost: 'fast',
    timeToVisibleMs: 10_000,
    vantage,
    impacts: impactsOf[rung],
    ...manner,
    analyse,
  };
}

/** One that fits beside others is likely; with none beside it, it is proven. */
export function sure(alone: boolean): Confidence {
  return alone ? 'proven' : 'likely';
}

/** All checks by id. Throws for an id that stands there twice. */
export function gather<Id extends string>(groups: readonly (readonly Check<Id>[])[]): ReadonlyMap<Id, Check<Id>> {
  const found = new Map<Id, Check<Id>>();
  for (const one of groups.flat()) {
    if (found.has(one.id)) throw new Error(`the check ${one.id} is there twice`);
    found.set(one.id, one);
  }
  return found;
}
