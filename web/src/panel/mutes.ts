// For how long a conversation can be silent, as WhatsApp offers it; it changes nothing.
import type { Arrangement } from '../conversation-calls.ts';

export const mutes = ['mute8h', 'mute1w', 'muteAlways'] as const;
export type Mute = (typeof mutes)[number];

const HOUR = 3_600_000;

/** `now` is in ms since epoch. */
export function muteFor(span: Mute, now: number): Arrangement {
  switch (span) {
    case 'mute8h':
      return { muted: true, mutedUntil: now + 8 * HOUR };
    case 'mute1w':
      return { muted: true, mutedUntil: now + 7 * 24 * HOUR };
    case 'muteAlways':
      return { muted: true };
  }
}
