// Faults that the catalogue does not know: the ladder must at least name their rung and say something that helps.
import type { Fault } from './fault.ts';

export const unforeseen: readonly Fault[] = [];
