// A small file of each kind, for who sends one without bringing it; it never reads a disk.
import type { FileKind } from './compose.ts';

export interface Sample {
  readonly bytes: Buffer;
  readonly mime: string;
}

/** 64 x 64 points: a white disc on a gradient. */
const JPEG =
  '/9j/2wBDABQUFBQVFBcZGRcfIh4iHy4rJycrLkYyNjI2MkZqQk5CQk5Cal5yXVZdcl6phXZ2hanDpJukw+zT0+z/////////2wBDARQUFBQVFBcZGRcfIh4iHy4rJycrLkYyNjI2MkZqQk5CQk5Cal5yXVZdcl6phXZ2hanDpJukw+zT0+z/////////wgARCABAAEADASIAAhEBAxEB/8QAGQABAQEBAQEAAAAAAAAAAAAAAAEGAgUD/8QAGQEAAgMBAAAAAAAAAAAAAAAAAQIAAwUE/9oADAMBAAIQAxAAAADmIcYRiIxQY9krX1dHKumzWlGYWHRn9kqXcXNaVNJLmZPJJ1cH0hUqDlEYiNP/xAAhEAACAQMEAwEAAAAAAAAAAAABAwIABAUREiAhEEBBQv/aAAgBAQABPwD0sdjjdnfPpQpduhI0guIptuhw0YuJrJY42h3w7UeNusJQuA/MfNwqLkMWfseKGxahbB9j5uWRShjD+Y8cdkjaHZPtRpVyhw1WyJptyhI1YyIrJZI3Z2Q6UPT/AP/EABgRAQADAQAAAAAAAAAAAAAAAAEAAhAR/9oACAECAQE/AAwNWVeOBGqStVYGhn//xAAaEQADAQEBAQAAAAAAAAAAAAACAyEBACAQ/9oACAEDAQE/APKlCA5LzFiY7L9WwTHLeYzAzbfX/9k=';
const WEBP =
  'UklGRrYAAABXRUJQVlA4IKoAAAAQBgCdASpAAEAAPxF4sVGsJ6SisBgJAYAiCWQAuwBMx6oPH/7zjKEtCdt4XIKEjMYu9LTq3grtXXAA/qv3P/sX7A/iWc/GPVi240C9ZiJW2uCbvJDeUcDiPgJS5val6GJCaiuPbqGPmH8t1Xe1wkUszrN5SmlwyvNECWFPmzyNDz9c2K6T2ruUbJWohQfdagO3yr5vF1xIFsbk8BdO95O38JLfSxwfNeQAAA==';
const PDF = [
  '%PDF-1.4',
  '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
  '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj',
  'trailer<</Root 1 0 R>>',
  '%%EOF',
].join('\n');

/** Three frames of silence, 20 ms each, as WhatsApp's voice notes are coded. */
const SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);
const VOICE_FRAMES = 150;
const SAMPLES_PER_FRAME = 960;

function checksum(page: Buffer): number {
  let crc = 0;
  for (const byte of page) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1) | 0;
  }
  return crc >>> 0;
}

/** One page of an Ogg stream. @param flags 2 begins the stream, 4 ends it. @param position in samples. */
function oggPage(packets: readonly Buffer[], sequence: number, flags: number, position: number): Buffer {
  const head = Buffer.alloc(27);
  head.write('OggS', 0, 'latin1');
  head.writeUInt8(flags, 5);
  head.writeUInt32LE(position, 6);
  head.writeUInt32LE(1, 14);
  head.writeUInt32LE(sequence, 18);
  head.writeUInt8(packets.length, 26);
  const page = Buffer.concat([head, Buffer.from(packets.map(({ length }) => length)), ...packets]);
  page.writeUInt32LE(checksum(page), 22);
  return page;
}

/** A voice note: Opus in Ogg. */
function ogg(): Buffer {
  const head = Buffer.from('4f707573486561640101000080bb0000000000', 'hex');
  const tags = Buffer.concat([
    Buffer.from('OpusTags'),
    Buffer.from([8, 0, 0, 0]),
    Buffer.from('emulator'),
    Buffer.alloc(4),
  ]);
  const frames = Array.from({ length: VOICE_FRAMES }, () => SILENCE);
  return Buffer.concat([
    oggPage([head], 0, 2, 0),
    oggPage([tags], 1, 0, 0),
    oggPage(frames, 2, 4, VOICE_FRAMES * SAMPLES_PER_FRAME),
  ]);
}

function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** A film without a track: it is recognised by its head and shows nothing. */
function mp4(): Buffer {
  const times = Buffer.alloc(100);
  times.writeUInt32BE(1_000, 12);
  times.writeUInt32BE(3_000, 16);
  times.writeUInt32BE(0x00010000, 20);
  times.writeUInt32BE(2, 96);
  return Buffer.concat([
    box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2mp41', 'latin1')),
    box('moov', box('mvhd', times)),
    box('mdat', Buffer.alloc(0)),
  ]);
}

const made = new Map<string, Sample>();

function once(mime: string, make: () => Buffer): Sample {
  const known = made.get(mime) ?? { mime, bytes: make() };
  made.set(mime, known);
  return known;
}

export function sampleOf(kind: FileKind): Sample {
  switch (kind) {
    case 'image':
      return once('image/jpeg', () => Buffer.from(JPEG, 'base64'));
    case 'sticker':
      return once('image/webp', () => Buffer.from(WEBP, 'base64'));
    case 'document':
      return once('application/pdf', () => Buffer.from(PDF));
    case 'audio':
    case 'voice':
      return once('audio/ogg; codecs=opus', ogg);
    case 'video':
    case 'gif':
    case 'video-note':
      return once('video/mp4', mp4);
  }
}
