// The frame reader over any cut of the stream; it opens no socket.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameError, FrameReader, frame, INTRO, MAX_HANDSHAKE_FRAME_BYTES } from './frames.ts';

const payloads = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 });

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? 1);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

describe('FrameReader', () => {
  it('finds the same frames however the stream is cut, with routing bytes in front or without', () => {
    fc.assert(
      fc.property(
        payloads,
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
        fc.option(fc.uint8Array({ maxLength: 60 }), { nil: undefined }),
        (sent, sizes, routing) => {
          const front = routing
            ? [Buffer.from([0x45, 0x44, 0, 1, 0, 0, routing.length]), Buffer.from(routing), INTRO]
            : [INTRO];
          const stream = Buffer.concat([...front, ...sent.map((each) => frame(each))]);
          const reader = new FrameReader();
          const read = cut(stream, sizes).flatMap((chunk) => reader.push(chunk));
          expect(read.map((each) => [...each])).toEqual(sent.map((each) => [...each]));
        },
      ),
    );
  });

  it('refuses a stream that begins with anything else, at the first wrong byte', () => {
    expect(() => new FrameReader().push(Buffer.from('WB'))).toThrow(FrameError);
    expect(() => new FrameReader().push(Buffer.from('X'))).toThrow(FrameError);
  });

  it('takes long frames only from a client that has proved who it is', () => {
    const long = Buffer.concat([INTRO, frame(Buffer.alloc(MAX_HANDSHAKE_FRAME_BYTES + 1))]);
    expect(() => new FrameReader().push(long)).toThrow(FrameError);
    const reader = new FrameReader();
    reader.trust();
    expect(reader.push(long)).toHaveLength(1);
  });
});
