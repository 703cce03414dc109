// Faults that the catalogue does not know: the ladder must at least name their rung and say something that helps. Their numbers are their places: a new one goes to the end.
import type { Fault } from './fault.ts';
import { odd as doors } from './unforeseen-doors.ts';
import { odd as files } from './unforeseen-files.ts';
import { odd as running } from './unforeseen-running.ts';
import { odd as users } from './unforeseen-users.ts';

export const unforeseen: readonly Fault[] = [...doors, ...files, ...running, ...users].map(
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
