// What everybody sees of a file that a message carries; where its bytes lie, and what opens them at WhatsApp, is not here.
import { integer, list, number, type Of, object, oneOf, optional, string } from './shape.ts';

/**
 * `pending`: on its way here, or being asked for · `ready`: the bytes can be had · `remote`: WhatsApp has it, it is fetched when
 * somebody asks (older history, or dropped here to save space) · `too-large`: the same, since it is above the limit for fetching
 * by itself · `gone`: neither WhatsApp nor the phone has it any more · `failed`: it could not be fetched, `reason` says why;
 * asking again is worth a try.
 */
export const mediaStates = ['pending', 'ready', 'remote', 'too-large', 'gone', 'failed'] as const;
export type MediaState = (typeof mediaStates)[number];

/** Bars of a voice message's waveform. */
export const WAVEFORM_BARS = 64;
/** Characters of a thumbnail; what is longer is left out. */
export const LONGEST_THUMBNAIL = 16_384;

export const media = object({
  /** Of `GET /api/media/:id`. */
  id: string(128, 1),
  state: oneOf(mediaStates),
  /** As its sender says, until the bytes are here and have been looked at. */
  mime: string(200, 1),
  /** Bytes; 0 = not known. */
  size: integer(),
  /** The sender's name for it, without any path: only to be shown. */
  name: optional(string(255)),
  /** Seconds. */
  duration: optional(number()),
  /** Points. */
  width: optional(integer()),
  height: optional(integer()),
  /** How loud a voice message is along its way, 0 to 100 each. */
  waveform: optional(list(integer(), WAVEFORM_BARS)),
  /** A tiny JPEG in base64, to show before the picture is here. */
  thumbnail: optional(string(LONGEST_THUMBNAIL)),
  /** Of the state `failed` and `gone`: a code of the error table. */
  reason: optional(string(64)),
});
export type Media = Of<typeof media>;
