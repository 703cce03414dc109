// What a message says of its file, from decoded bytes as the library gives them; a sender's nonsense does not get through.
import type { proto as Proto } from 'baileys';
import { describe, expect, it } from 'vitest';
import { safeName } from '../media/name.ts';
import { proto } from './library.ts';
import { contentOf } from './normalise.ts';
import { jpegSize } from './normalise-media.ts';

const said = (message: Proto.IMessage) => contentOf(proto.Message.decode(proto.Message.encode(message).finish()));
const key = Buffer.alloc(32, 7);
const hash = Buffer.alloc(32, 9);
const base = { mediaKey: key, directPath: '/v/x', fileSha256: hash, fileEncSha256: hash, fileLength: 5 };
const source = {
  path: '/v/x',
  key: key.toString('base64'),
  sha256: hash.toString('base64'),
  sealedSha256: hash.toString('base64'),
};
/** The head of a JPEG of that size. */
const jpeg = (width: number, height: number) =>
  Buffer.from([
    0xff,
    0xd8,
    0xff,
    0xe0,
    0,
    4,
    0,
    0,
    0xff,
    0xc2,
    0,
    17,
    8,
    height >> 8,
    height & 255,
    width >> 8,
    width & 255,
    3,
  ]);

describe('the file of a message', () => {
  it.each<[string, Proto.IMessage, object]>([
    [
      'an image',
      { imageMessage: { ...base, mimetype: 'image/jpeg', width: 640, height: 480, jpegThumbnail: jpeg(32, 24) } },
      {
        kind: 'image',
        media: {
          mime: 'image/jpeg',
          size: 5,
          width: 640,
          height: 480,
          thumbnail: jpeg(32, 24).toString('base64'),
          source: { word: 'Image', ...source },
        },
      },
    ],
    [
      'a film that plays as a gif',
      { videoMessage: { ...base, gifPlayback: true, seconds: 2 } },
      { kind: 'gif', media: { mime: 'video/mp4', duration: 2, source: { word: 'Video', ...source } } },
    ],
    ['a round film', { ptvMessage: { ...base } }, { kind: 'video', media: { mime: 'video/mp4' } }],
    [
      'a voice message',
      { audioMessage: { ...base, ptt: true, seconds: 9, waveform: Buffer.alloc(128, 50) } },
      { kind: 'voice', media: { duration: 9, waveform: Array.from({ length: 64 }, () => 50) } },
    ],
    ['music', { audioMessage: { ...base, mimetype: 'audio/mpeg' } }, { kind: 'audio', media: { mime: 'audio/mpeg' } }],
    [
      'a document',
      { documentMessage: { ...base, fileName: '../../年报 2026.pdf', mimetype: 'application/pdf' } },
      { kind: 'document', media: { mime: 'application/pdf', name: '年报 2026.pdf' } },
    ],
    ['a sticker', { stickerMessage: { ...base } }, { kind: 'sticker', media: { mime: 'image/webp' } }],
  ])('is told of %s', (_, message, wanted) => {
    expect(said(message)).toMatchObject(wanted);
  });

  it('has no source where there is no key or no place', () => {
    expect(said({ imageMessage: { directPath: '/v/x' } })?.media).not.toHaveProperty('source');
    expect(said({ imageMessage: { mediaKey: key } })?.media).not.toHaveProperty('source');
    expect(said({ imageMessage: { mediaKey: Buffer.alloc(31), directPath: '/v/x' } })?.media).not.toHaveProperty(
      'source',
    );
  });

  it('leaves out what cannot be true', () => {
    const media = said({
      videoMessage: {
        ...base,
        mimetype: 'text/html\r\nx-evil: 1',
        seconds: 4_000_000_000,
        width: 4_000_000_000,
        height: 1,
        fileLength: -1,
      },
    })?.media;
    expect(media).toEqual({ mime: 'video/mp4', size: 0, source: { word: 'Video', ...source } });
  });

  it('shows no thumbnail that is none, or that is a bomb', () => {
    const thumbnailOf = (bytes: Uint8Array) => said({ imageMessage: { jpegThumbnail: bytes } })?.media?.thumbnail;
    expect(thumbnailOf(jpeg(100, 100))).toBe(jpeg(100, 100).toString('base64'));
    expect(thumbnailOf(jpeg(65_000, 65_000))).toBeUndefined();
    expect(thumbnailOf(Buffer.from('<svg onload=alert(1)>'))).toBeUndefined();
    expect(thumbnailOf(Buffer.concat([jpeg(10, 10), Buffer.alloc(20_000)]))).toBeUndefined();
    expect(jpegSize(jpeg(100, 100).subarray(0, 12))).toBeUndefined();
  });
});

describe('the name of a file', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\evil.exe', 'evil.exe'],
    ['a\u0000b.pdf', 'ab.pdf'],
    ['photo\u202Egpj.exe', 'photogpj.exe'],
    ['a\r\nb"c.txt', 'abc.txt'],
    ['..', ''],
    ['.hidden', 'hidden'],
    ['合同 (1).pdf', '合同 (1).pdf'],
  ])('%j is shown as %j', (given, shown) => {
    expect(safeName(given)).toBe(shown);
  });

  it('is cut to 255 characters and keeps its ending', () => {
    const cut = safeName(`${'长'.repeat(300)}.docx`);
    expect(cut).toHaveLength(255);
    expect(cut.endsWith('.docx')).toBe(true);
  });
});
