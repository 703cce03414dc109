// Speech as browsers record it (Opus in WebM) put into the container that WhatsApp plays (Opus in Ogg), packet by packet: nothing is decoded. Every length in the input is checked before it is believed.
import { WAVEFORM_BARS } from '@pulseline/protocol';

/** The bytes are no such recording. */
export class NotOpus extends Error {
  constructor(what: string) {
    super(`no Opus recording: ${what}`);
    this.name = 'NotOpus';
  }
}

export interface Recording {
  /** OpusHead: channels, samples to skip, gain. */
  readonly head: Buffer;
  readonly packets: readonly Buffer[];
}

/** Opus always counts 48,000 samples a second. */
const RATE = 48_000;
/** Packets of a whole day of speech. */
const MOST_PACKETS = 5_000_000;
/** A page holds 255 pieces of at most 255 bytes, and a packet of speech is far smaller. */
const LONGEST_PACKET = 60_000;
const LONGEST_HEAD = 1_000;

// ---- EBML, RFC 8794; WebM's elements by their ids ----
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const CODEC = 0x86;
const CODEC_PRIVATE = 0x63a2;
const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;
/** Segment, Tracks, a track, Cluster, BlockGroup: gone into; recorders leave their lengths open, so no end is looked for. */
const OPENED: ReadonlySet<number> = new Set([0x18538067, 0x1654ae6b, TRACK_ENTRY, 0x1f43b675, 0xa0]);
const EBML_HEAD = 0x1a45dfa3;

/** A number of variable length. `keepMark`: ids keep the bit that tells their length. */
function varint(bytes: Buffer, at: number, keepMark: boolean): { readonly value: number; readonly next: number } {
  const first = bytes[at];
  if (first === undefined || first === 0) throw new NotOpus('a number');
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.length || (keepMark && length > 4)) throw new NotOpus('a number');
  let value = keepMark ? first : first & (0xff >> length);
  let isOpen = (first | (0xff << (8 - length)) | 0) !== 0 && (first & (0xff >> length)) === 0xff >> length;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    value = value * 256 + byte;
    isOpen &&= byte === 0xff;
  }
  return { value: !keepMark && isOpen ? Number.POSITIVE_INFINITY : value, next: at + length };
}

/** Is it a WebM that carries a film? */
export function hasPicture(bytes: Buffer): boolean {
  return (
    bytes.subarray(0, 65_536).includes('V_VP') ||
    bytes.subarray(0, 65_536).includes('V_AV1') ||
    bytes.subarray(0, 65_536).includes('V_MPEG')
  );
}

/** Throws NotOpus. */
export function readWebm(bytes: Buffer): Recording {
  if (bytes.length < 4 || varint(bytes, 0, true).value !== EBML_HEAD) throw new NotOpus('its beginning');
  let head: Buffer | undefined;
  let track: number | undefined;
  let entry: { number?: number; codec?: string; secret?: Buffer } = {};
  const packets: Buffer[] = [];
  const settle = (): void => {
    if (track === undefined && entry.codec === 'A_OPUS' && entry.number !== undefined && entry.secret !== undefined) {
      track = entry.number;
      head = entry.secret;
    }
  };
  for (let at = 0; at < bytes.length; ) {
    const id = varint(bytes, at, true);
    const size = varint(bytes, id.next, false);
    if (OPENED.has(id.value)) {
      if (id.value === TRACK_ENTRY) entry = {};
      at = size.next;
      continue;
    }
    const end = size.next + size.value;
    // A recording that was cut off ends with a piece.
    if (end > bytes.length) break;
    const body = bytes.subarray(size.next, end);
    if (id.value === TRACK_NUMBER) entry.number = body.length <= 4 ? body.readUIntBE(0, Math.max(1, body.length)) : 0;
    if (id.value === CODEC) entry.codec = body.subarray(0, 32).toString('latin1');
    if (id.value === CODEC_PRIVATE) entry.secret = body;
    settle();
    if (id.value === SIMPLE_BLOCK || id.value === BLOCK) {
      const packet = packetIn(body, track);
      if (packet !== undefined) packets.push(packet);
      if (packets.length > MOST_PACKETS) throw new NotOpus('its length');
    }
    at = end;
  }
  if (head === undefined) throw new NotOpus('no track of Opus');
  return checked({ head, packets });
}

function packetIn(block: Buffer, track: number | undefined): Buffer | undefined {
  const number = varint(block, 0, false);
  if (number.value !== track) return undefined;
  // Two bytes of time, one of marks, of which two bits tell that several packets share the block.
  const marks = block[number.next + 2];
  if (marks === undefined || (marks & 0x06) !== 0) throw new NotOpus('packets that share a block');
  return block.subarray(number.next + 3);
}

// ---- Ogg, RFC 3533 and RFC 7845 ----

/** Throws NotOpus. */
export function readOgg(bytes: Buffer): Recording {
  const packets: Buffer[] = [];
  let open: Buffer[] = [];
  let serial: number | undefined;
  for (let at = 0; at + 27 <= bytes.length; ) {
    if (bytes.toString('latin1', at, at + 4) !== 'OggS') throw new NotOpus('a page');
    const pieces = bytes.readUInt8(at + 26);
    const table = at + 27;
    let place = table + pieces;
    if (place > bytes.length) break;
    serial ??= bytes.readUInt32LE(at + 14);
    const isOurs = bytes.readUInt32LE(at + 14) === serial;
    for (let piece = 0; piece < pieces; piece++) {
      const length = bytes[table + piece] ?? 0;
      if (isOurs) open.push(bytes.subarray(place, place + length));
      place += length;
      if (!isOurs || length === 255) continue;
      packets.push(Buffer.concat(open));
      open = [];
      if (packets.length > MOST_PACKETS) throw new NotOpus('its length');
    }
    if (open.length > 1_000) throw new NotOpus('the length of a packet');
    at = place;
  }
  const [head, tags, ...audio] = packets;
  if (head === undefined || tags?.toString('latin1', 0, 8) !== 'OpusTags') throw new NotOpus('its head');
  return checked({ head, packets: audio });
}

function checked({ head, packets }: Recording): Recording {
  if (head.length < 19 || head.length > LONGEST_HEAD || head.toString('latin1', 0, 8) !== 'OpusHead') {
    throw new NotOpus('its head');
  }
  const audio = packets.filter((packet) => packet.length > 0);
  if (audio.length === 0) throw new NotOpus('no sound');
  if (audio.some((packet) => packet.length > LONGEST_PACKET)) throw new NotOpus('the length of a packet');
  return { head, packets: audio };
}

/** Samples of a packet at 48 kHz, by its first byte (RFC 6716, 3.1). */
function samplesOf(packet: Buffer): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const ms = config < 12 ? [10, 20, 40, 60] : config < 16 ? [10, 20] : [2.5, 5, 10, 20];
  const frame = (ms[config < 12 ? config & 3 : config < 16 ? config & 1 : config & 3] ?? 20) * (RATE / 1_000);
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? (packet[1] ?? 0) & 0x3f : 2;
  // No packet is longer than 120 ms.
  return Math.min(frames * frame, 5_760);
}

/** Seconds. */
export function durationOf({ head, packets }: Recording): number {
  const samples = packets.reduce((sum, packet) => sum + samplesOf(packet), 0);
  return Math.max(0, samples - head.readUInt16LE(10)) / RATE;
}

/**
 * How loud it is along its way, 0 to 100: by the bytes that the encoder spent, which follow the voice closely enough to be
 * looked at. A recorder that has measured the true levels may send them along instead.
 */
export function waveformOf({ packets }: Recording): readonly number[] {
  const bars = Array.from({ length: WAVEFORM_BARS }, (_, bar) => {
    const from = Math.floor((bar * packets.length) / WAVEFORM_BARS);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * packets.length) / WAVEFORM_BARS));
    const part = packets.slice(from, to);
    return part.reduce((sum, { length }) => sum + length, 0) / Math.max(1, part.length);
  });
  const least = Math.min(...bars);
  const most = Math.max(...bars);
  return bars.map((bar) => (most - least < 1 ? 0 : Math.round(((bar - least) / (most - least)) * 100)));
}

const BEGINS = 2;
const ENDS = 4;
/** Samples of one page: a second, so that a player can go to any. */
const PAGE_SAMPLES = RATE;

/** The recording as Ogg. `serial` names the stream. */
export function writeOgg({ head, packets }: Recording, serial: number): Buffer {
  const tags = Buffer.concat([
    Buffer.from('OpusTags'),
    Buffer.from([9, 0, 0, 0]),
    Buffer.from('Pulseline'),
    Buffer.alloc(4),
  ]);
  const pages = [page([head], 0, BEGINS, 0, serial), page([tags], 1, 0, 0, serial)];
  let position = 0;
  let kept: Buffer[] = [];
  let pieces = 0;
  let samples = 0;
  const flush = (flags: number): void => {
    position += samples;
    pages.push(page(kept, pages.length, flags, position, serial));
    [kept, pieces, samples] = [[], 0, 0];
  };
  for (const packet of packets) {
    const needed = Math.floor(packet.length / 255) + 1;
    if (kept.length > 0 && (pieces + needed > 255 || samples >= PAGE_SAMPLES)) flush(0);
    kept.push(packet);
    pieces += needed;
    samples += samplesOf(packet);
  }
  flush(ENDS);
  return Buffer.concat(pages);
}

function page(packets: readonly Buffer[], sequence: number, flags: number, position: number, serial: number): Buffer {
  const table = packets.flatMap(({ length }) => [
    ...Array.from({ length: Math.floor(length / 255) }, () => 255),
    length % 255,
  ]);
  const head = Buffer.alloc(27);
  head.write('OggS', 0, 'latin1');
  head.writeUInt8(flags, 5);
  head.writeBigUInt64LE(BigInt(position), 6);
  head.writeUInt32LE(serial, 14);
  head.writeUInt32LE(sequence, 18);
  head.writeUInt8(table.length, 26);
  const whole = Buffer.concat([head, Buffer.from(table), ...packets]);
  whole.writeUInt32LE(checksum(whole), 22);
  return whole;
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

function checksum(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ (CRC[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return crc;
}
