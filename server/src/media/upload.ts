// Takes in a file that is to be sent: written to the disk as it comes, judged by its bytes, and kept under their hash. It sends nothing.
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CodedError, type Media, WAVEFORM_BARS } from '@pulseline/protocol';
import type { PictureReader } from './decoder.ts';
import { diskError, type MediaFiles } from './files.ts';
import { headOf, kindOf, type MediaKind, suits, typeOf } from './kinds.ts';
import { durationOf, hasPicture, NotOpus, type Recording, readOgg, readWebm, waveformOf, writeOgg } from './opus.ts';

export interface Asked {
  readonly name: string;
  /** What its sender says that it is. */
  readonly type: string;
  /** As what it will be sent; absent = what it looks like. */
  readonly kind?: MediaKind;
  /** Levels that a recorder has measured, 0 to 100 each. */
  readonly waveform?: readonly number[];
  /** Seconds, as a recorder has measured them. */
  readonly duration?: number;
}

export type Upload = Media & { readonly kind: MediaKind };

/** A recording is held in memory while it is put into another container: an hour of speech is 20 MB. */
const LONGEST_RECORDING = 64 * 1024 * 1024;

/** Errors: UPLOAD_TOO_LARGE, UPLOAD_KIND, MEDIA_DISK_FULL, BUSY, BAD_REQUEST for an empty file. Nothing is left behind by any of them. */
export async function takeUpload(
  files: MediaFiles,
  asked: Asked,
  pieces: AsyncIterable<Buffer>,
  { most, pictures }: { readonly most: number; readonly pictures: Pick<PictureReader, 'facts'> },
): Promise<{ readonly upload: Upload; readonly file: string }> {
  await files.needRoom(1);
  const making = files.making();
  try {
    const written = await write(making, pieces, most);
    if (written.size === 0) throw new CodedError('BAD_REQUEST', { detail: 'file: is empty' });
    const found = await recognise(making, asked);
    const changed = found.rewritten ? { hash: sha256(found.rewritten), size: found.rewritten.length } : written;
    if (found.rewritten) await writeFile(making, found.rewritten);
    const { mime, kind } = found;
    if (!suits(kind, mime)) throw new CodedError('UPLOAD_KIND', { mime, kind });
    const picture = kind === 'image' || kind === 'sticker' ? await pictures.facts(making, mime) : undefined;
    // What calls itself a picture and cannot be decoded is broken, or made to break a decoder.
    if (picture === undefined && (kind === 'image' || kind === 'sticker'))
      throw new CodedError('UPLOAD_KIND', { mime, kind });
    await files.adopt(making, changed.hash);
    const upload: Upload = {
      id: `up_${randomBytes(16).toString('hex')}`,
      state: 'ready',
      kind,
      mime,
      size: changed.size,
      ...(asked.name !== '' && { name: asked.name }),
      ...found.facts,
      ...picture,
    };
    return { upload, file: changed.hash };
  } catch (error) {
    throw diskError(error);
  } finally {
    await rm(making, { force: true });
  }
}

async function write(to: string, pieces: AsyncIterable<Buffer>, most: number) {
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    pieces,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        size += chunk.length;
        if (size > most) throw new CodedError('UPLOAD_TOO_LARGE', { limit: Math.floor(most / 1_048_576) });
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(to, { mode: 0o600 }),
  );
  return { hash: hash.digest('hex'), size };
}

interface Recognised {
  readonly mime: string;
  readonly kind: MediaKind;
  readonly facts: Pick<Media, 'duration' | 'waveform'>;
  /** The same sound in the container that WhatsApp plays. */
  readonly rewritten?: Buffer;
}

async function recognise(path: string, asked: Asked): Promise<Recognised> {
  const mime = await typeOf(path, asked.type || 'application/octet-stream');
  const told = {
    ...(asked.duration !== undefined && { duration: asked.duration }),
    ...(asked.waveform !== undefined && { waveform: asked.waveform.slice(0, WAVEFORM_BARS) }),
  };
  const isSpeech = asked.kind === undefined || asked.kind === 'voice' || asked.kind === 'audio';
  if (mime === 'video/webm' && isSpeech && !hasPicture(await headOf(path, 65_536))) {
    const recording = await recordingIn(path, readWebm, asked.kind ?? 'voice');
    const rewritten = writeOgg(recording, randomBytes(4).readUInt32LE());
    const facts = { duration: durationOf(recording), waveform: waveformOf(recording), ...told };
    return { mime: 'audio/ogg; codecs=opus', kind: asked.kind ?? 'voice', facts, rewritten };
  }
  if (mime.startsWith('audio/ogg') && (asked.kind === 'voice' || asked.kind === 'audio')) {
    const recording = await recordingIn(path, readOgg, asked.kind);
    const facts = { duration: durationOf(recording), waveform: waveformOf(recording), ...told };
    return { mime: 'audio/ogg; codecs=opus', kind: asked.kind, facts };
  }
  const sound = mime === 'audio/mp4' || (mime === 'video/mp4' && asked.kind === 'audio');
  return { mime: sound ? 'audio/mp4' : mime, kind: asked.kind ?? kindOf(sound ? 'audio/mp4' : mime), facts: told };
}

async function recordingIn(path: string, read: (bytes: Buffer) => Recording, kind: MediaKind): Promise<Recording> {
  const bytes = await readFile(path);
  if (bytes.length > LONGEST_RECORDING)
    throw new CodedError('UPLOAD_TOO_LARGE', { limit: LONGEST_RECORDING / 1_048_576 });
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof NotOpus || error instanceof RangeError)
      throw new CodedError('UPLOAD_KIND', { mime: error.message, kind });
    throw error;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
