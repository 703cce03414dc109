// Recordings of browsers become voice messages: the packets stay as they are, and no input, however broken, does more than be refused.
import { describe, expect, it } from 'vitest';
import { durationOf, NotOpus, readOgg, readWebm, waveformOf, writeOgg } from './opus.ts';

const size = (length: number) =>
  Buffer.from([0x10 | (length >> 24), (length >> 16) & 255, (length >> 8) & 255, length & 255]);
const element = (id: readonly number[], body: Buffer) => Buffer.concat([Buffer.from(id), size(body.length), body]);
const OPEN = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
const head = Buffer.from('4f7075734865616401013801bb80000000000000'.slice(0, 38), 'hex');

/** As Chromium writes it: Segment and Cluster without lengths. */
function webm(packets: readonly Buffer[], track = 1): Buffer {
  const entry = Buffer.concat([
    element([0xd7], Buffer.from([track])),
    element([0x83], Buffer.from([2])),
    element([0x86], Buffer.from('A_OPUS')),
    element([0x63, 0xa2], head),
  ]);
  const blocks = packets.map((packet, n) =>
    element([0xa3], Buffer.concat([Buffer.from([0x80 | track, (n * 20) >> 8, (n * 20) & 255, 0x80]), packet])),
  );
  return Buffer.concat([
    element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], Buffer.from('webm'))),
    Buffer.from([0x18, 0x53, 0x80, 0x67]),
    OPEN,
    element([0x16, 0x54, 0xae, 0x6b], element([0xae], entry)),
    Buffer.from([0x1f, 0x43, 0xb6, 0x75]),
    OPEN,
    element([0xe7], Buffer.from([0])),
    ...blocks,
  ]);
}

/** Frames of 20 ms (config 31, one frame), louder towards the end. */
const packets = Array.from({ length: 200 }, (_, n) =>
  Buffer.concat([Buffer.from([0xf8]), Buffer.alloc(10 + n * 2, n)]),
);

/** A small generator of numbers, so that every run sees the same inputs. */
function* numbers(seed: number): Generator<number, never> {
  for (let x = seed; ; ) {
    x = (x * 1_103_515_245 + 12_345) & 0x7fffffff;
    yield x;
  }
}

describe('a recording in WebM', () => {
  it('becomes Ogg with the very same packets, its length and a waveform', () => {
    const recording = readWebm(webm(packets));
    expect(recording.packets).toEqual(packets);
    const ogg = writeOgg(recording, 7);
    expect(readOgg(ogg)).toEqual(recording);
    expect(durationOf(recording)).toBeCloseTo(4 - 312 / 48_000, 3);
    const bars = waveformOf(recording);
    expect(bars).toHaveLength(64);
    expect([bars[0], bars[63]]).toEqual([0, 100]);
    expect(Math.min(...bars)).toBe(0);
  });

  it('has pages of a second at most, each with its number, its position and a sum that holds', () => {
    const ogg = writeOgg({ head, packets }, 7);
    const pages: { number: number; position: bigint; flags: number }[] = [];
    for (let at = 0; at < ogg.length; ) {
      expect(ogg.toString('latin1', at, at + 4)).toBe('OggS');
      const count = ogg.readUInt8(at + 26);
      const length = 27 + count + ogg.subarray(at + 27, at + 27 + count).reduce((sum, each) => sum + each, 0);
      const page = Buffer.from(ogg.subarray(at, at + length));
      const told = page.readUInt32LE(22);
      page.writeUInt32LE(0, 22);
      expect(crc(page)).toBe(told);
      pages.push({ number: page.readUInt32LE(18), position: page.readBigUInt64LE(6), flags: page.readUInt8(5) });
      at += length;
    }
    expect(pages.map(({ number }) => number)).toEqual(pages.map((_, n) => n));
    expect(pages.at(-1)).toMatchObject({ position: BigInt(200 * 960), flags: 4 });
    expect(pages[0]?.flags).toBe(2);
    expect(pages.length).toBeGreaterThanOrEqual(6);
  });

  it('that was cut off gives what is there', () => {
    const whole = webm(packets);
    const recording = readWebm(whole.subarray(0, whole.length - 500));
    expect(recording.packets.length).toBeLessThan(packets.length);
    expect(recording.packets).toEqual(packets.slice(0, recording.packets.length));
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.from('hello, this is no recording at all')],
    ['no track', webm(packets).subarray(0, 30)],
    ['no sound', webm([])],
    ['a packet beyond all measure', webm([Buffer.alloc(70_000, 1)])],
  ])('that is %s is refused', (_, bytes) => {
    expect(() => readWebm(bytes)).toThrow(NotOpus);
  });

  it('with any bytes turned around is read or refused, in time, and never breaks anything', () => {
    const good = webm(packets);
    const ogg = writeOgg({ head, packets }, 7);
    const random = numbers(42);
    for (let run = 0; run < 500; run++) {
      for (const [source, read] of [
        [good, readWebm],
        [ogg, readOgg],
      ] as const) {
        const broken = Buffer.from(source.subarray(0, random.next().value % source.length));
        for (let n = random.next().value % 8; n > 0 && broken.length > 0; n--) {
          broken[random.next().value % Math.min(broken.length, 400)] = random.next().value & 255;
        }
        try {
          const found = read(broken);
          expect(durationOf(found)).toBeLessThan(1_000);
          expect(waveformOf(found)).toHaveLength(64);
        } catch (error) {
          expect(error).toBeInstanceOf(NotOpus);
        }
      }
    }
  });
});

/** Bit by bit, as the standard has it. */
function crc(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return sum >>> 0;
}
