// What the engine and the inbox say to each other of files: where they lie, what became of them, what is to be sent. No Baileys type appears here.
import type { Media } from '@pulseline/protocol';
import type { Target } from './port.ts';

/** What WhatsApp derives a file's keys with. */
export type KeyWord = 'Image' | 'Video' | 'Audio' | 'Document' | 'History';

/** Where a file lies at WhatsApp, and what opens it. Bytes are base64. */
export interface MediaSource {
  readonly word: KeyWord;
  readonly path: string;
  readonly key: string;
  /** Of the file, and of its sealed form. */
  readonly sha256?: string;
  readonly sealedSha256?: string;
}

/** The file of a message as its sender describes it. Without a source it cannot be had. */
export type MediaFact = Omit<Media, 'id' | 'state' | 'reason'> & { readonly source?: MediaSource };

/** `file` is the sha256 of the bytes, hex: they lie here, whole. `moved`: the phone has given the file to WhatsApp once more. */
export type MediaOutcome =
  | { readonly state: 'ready'; readonly file: string; readonly size: number; readonly mime: string }
  | { readonly state: 'too-large' }
  | { readonly state: 'gone' | 'failed'; readonly reason: string }
  | { readonly state: 'moved'; readonly path: string };

/** A file that is to be sent: it lies here under `file`, the sha256 of its bytes, hex, or at WhatsApp by `source`. */
export type SendMedia = Omit<Media, 'id' | 'state' | 'reason'> & {
  /** Of the message's own file. */
  readonly id?: string;
  readonly kind: 'image' | 'video' | 'gif' | 'audio' | 'voice' | 'document' | 'sticker';
  /** Absent = the bytes are not here. */
  readonly file?: string;
  /** Where WhatsApp has it already, as another message bears it: it need not be given once more. */
  readonly source?: MediaSource;
  /** The upload that it was. */
  readonly upload?: string;
};

/** A file that is to be fetched. */
export interface MediaJob {
  readonly id: string;
  readonly source: MediaSource;
  readonly mime: string;
  /** As its sender says; 0 = not known. */
  readonly size: number;
  /** Somebody has asked for it. */
  readonly isWanted: boolean;
  /** The message that carries it. */
  readonly target: Target;
}

/** Bytes of a file that is fetched by itself, and of one that somebody asks for. */
export interface MediaLimits {
  readonly unasked: number;
  readonly wanted: number;
}
