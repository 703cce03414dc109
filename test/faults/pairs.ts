// Two faults at a time: the one on the lower rung must be named, since the upper one may be only its effect. It makes none itself.
import type { Pair } from './fault.ts';

export const pairs: readonly Pair[] = [
  { lower: '1', upper: '7' },
  { lower: '4', upper: '36' },
  { lower: '8', upper: '36' },
];
