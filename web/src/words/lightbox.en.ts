// The English words of the large view of a picture, loaded with it.
import type { lightboxWords as zh } from './lightbox.ts';
import type { Widened } from './widened.ts';

export const lightboxWords = {
  lightbox: {
    title: 'Picture or video',
    close: 'Close',
    next: 'Next',
    previous: 'Previous',
    larger: 'Larger',
    smaller: 'Smaller',
    download: 'Download',
  },
} as const satisfies Widened<typeof zh>;
