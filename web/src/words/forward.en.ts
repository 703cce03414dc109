// The English words of the dialog that passes a message on, loaded with it.
import type { forwardWords as zh } from './forward.ts';
import type { Widened } from './widened.ts';

export const forwardWords = {
  forward: {
    title: 'Forward to',
    search: 'Search conversations',
    most: 'At most {n} conversations at a time',
    go: 'Forward',
  },
} as const satisfies Widened<typeof zh>;
