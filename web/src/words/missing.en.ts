// The English words of an address where no page is, loaded with it.
import type { missingWords as zh } from './missing.ts';
import type { Widened } from './widened.ts';

export const missingWords = {
  notFound: {
    title: 'There is no such page',
    text: 'The address may be mistyped, or the page has moved.',
    home: 'Back to the accounts',
  },
} as const satisfies Widened<typeof zh>;
