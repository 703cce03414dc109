// The English words of files, emoji and voice around the composer, loaded with it.
import type { attachWords as zh } from './attach.ts';
import type { Widened } from './widened.ts';

export const attachWords = {
  attach: {
    tray: 'Files to send',
    files: 'Add files',
    emoji: 'Emoji',
    emojiSearch: 'Search emoji',
    emojiLoading: 'Loading emoji',
    emojiNone: 'Nothing found',
    record: 'Record a voice message',
    voice: 'Voice message',
    caption: 'Caption of {name}',
    captionHint: 'Add a caption',
    progress: 'Upload of {name}',
    retry: 'Try {name} again',
    remove: 'Remove {name}',
    cancel: 'Stop sending {name}',
    failed: 'The upload failed',
    recording: 'Recording',
    micAsking: 'Asking for the microphone',
    micRefused: 'The browser did not allow the microphone',
    micNone: 'There is no microphone',
    micFix: 'Allow it in the site settings left of the address, or connect one, then try again.',
    throwAway: 'Throw the recording away',
    sendVoice: 'Send the voice message',
  },
} as const satisfies Widened<typeof zh>;
