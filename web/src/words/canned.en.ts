// The English words of prepared replies, loaded with their list.
import type { cannedWords as zh } from './canned.ts';
import type { Widened } from './widened.ts';

export const cannedWords = {
  canned: {
    title: 'Canned replies',
    none: 'There are no canned replies yet.',
    noMatch: 'No canned reply fits.',
    manage: 'Manage them in the settings',
  },
} as const satisfies Widened<typeof zh>;
