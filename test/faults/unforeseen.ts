// Faults that the catalogue does not know: the ladder must at least name their rung and say something that helps. A new one goes to the end of its file; their numbers are their places here.
import type { Fault } from './fault.ts';
import { odd as doors } from './unforeseen-doors.ts';
import { odd as files } from './unforeseen-files.ts';
import { odd as running } from './unforeseen-running.ts';

export const unforeseen: readonly Fault[] = [...doors, ...files, ...running].map(
  ({ id, rungs, zh, en, how, ...rest }, index) => ({
    number: `u${index + 1}`,
    ids: id === undefined ? [] : [id],
    rungs,
    title: { zh, en },
    sees: { zh, en },
    how,
    words: { zh: [], en: [] },
    ...rest,
  }),
);
