// The English names of the kinds of messages, for whatever shows a message.
import type { kindsWords as zh } from './kinds.ts';
import type { Widened } from './widened.ts';

export const kindsWords = {
  kind: {
    image: 'Picture',
    video: 'Video',
    audio: 'Audio',
    voice: 'Voice message',
    document: 'Document',
    sticker: 'Sticker',
    gif: 'GIF',
    location: 'Location',
    contact: 'Contact card',
    poll: 'Poll',
    call: 'Call',
    system: 'System message',
    waiting: 'Waiting for this message',
    unknown: 'A kind of message not shown yet',
  },
} as const satisfies Widened<typeof zh>;
