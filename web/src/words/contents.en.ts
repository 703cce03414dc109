// The English words of what a message bears beside its text, loaded with it.
import type { contentsWords as zh } from './contents.ts';
import type { Widened } from './widened.ts';

export const contentsWords = {
  contents: {
    forwarded: 'Forwarded',
    forwardedMany: 'Forwarded many times',
    viewOnce: 'To be seen once',
    viewOnceGone: 'To be seen once: open it on the phone',
    location: 'Location',
    liveLocation: 'Live location',
    openMap: 'Open in a map',
    write: 'Write',
    loading: 'Loading',
    fetch: 'Press to load',
    tooLarge: 'A large file: press to load',
    gone: 'The file is gone: press to ask the phone again',
    failed: 'Not loaded: press to try again',
    openLarge: 'Show large: {name}',
    download: 'Download',
    progress: 'Progress of {name}',
    stop: 'Stop {name}',
    album: 'An album of {n}',
    pollOne: 'Choose one',
    pollMany: 'Choose one or more',
    votes: '{n, plural, one {# vote} other {# votes}}',
    play: 'Play',
    pause: 'Pause',
    position: 'Position',
    speed: 'Speed {n}',
    voiceFrom: 'Voice message by {name}, {time}',
    audioFrom: 'Audio by {name}, {time}',
  },
} as const satisfies Widened<typeof zh>;
