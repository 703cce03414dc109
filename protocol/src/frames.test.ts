// The parsers and encoders of frames: what is taken, what is refused with which code, and that nothing a peer sends throws.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeClientFrame, encodeDurable, encodeEphemeral, parseClientFrame, parseServerFrame } from './frames.ts';

const note = { id: 'n', conversation: 'c', body: '你好 "\\ \u2028', author: 'a', at: 1 };

describe('parseClientFrame', () => {
  it('takes each of the five types, with or without data where none is needed', () => {
    const texts = [
      '{"type":"hello"}',
      '{"type":"hello","data":{"cursor":"acc_1:e:4","streams":["acc_1"],"types":["note"],"client":"x"}}',
      '{"type":"pong","data":{}}',
      '{"type":"trace","data":{"items":[{"id":"m","applied":1.5}]}}',
      '{"type":"test","data":[1,2]}',
      '{"type":"typing","data":{"account":"a","conversation":"c","state":"composing"}}',
    ];
    expect(texts.map((text) => parseClientFrame(text).ok)).toEqual(texts.map(() => true));
  });

  it('[G12] leaves out keys that it does not know', () => {
    expect(parseClientFrame('{"type":"pong","data":{"cursor":"a:1","later":true},"more":1}')).toEqual({
      ok: true,
      frame: { type: 'pong', data: { cursor: 'a:1' } },
    });
  });

  it.each([
    ['hi', 'expected JSON text'],
    ['', 'expected JSON text'],
    ['null', 'expected an object {type, data}'],
    ['[{}]', 'expected an object {type, data}'],
    ['{"data":{}}', 'type: expected text'],
    ['{"type":7}', 'type: expected text'],
    ['{"type":"pong","data":{"cursor":5}}', 'data.cursor: expected text'],
    ['{"type":"trace"}', 'data.items: expected a value'],
    [
      '{"type":"typing","data":{"account":"a","conversation":"c","state":"dancing"}}',
      'data.state: expected composing | paused',
    ],
  ])('refuses %s as BAD_FRAME and says where', (text, detail) => {
    expect(parseClientFrame(text)).toEqual({ ok: false, problem: { code: 'BAD_FRAME', detail } });
  });

  it.each(['dance', 'constructor', '__proto__', 'toString', 'x'.repeat(1_000)])('names the unknown type %s', (type) => {
    const result = parseClientFrame(JSON.stringify({ type }));
    expect(result).toMatchObject({ ok: false, problem: { code: 'UNKNOWN_FRAME' } });
  });

  it.each([
    '{"__proto__":{"polluted":1},"type":"test"}',
    '{"type":"test","data":{"a":[{"__proto__":{"polluted":1}}]}}',
    '{"type":"test","data":{"\\u005f_proto__":{"polluted":1}}}',
    '{"type":"test","data":{"constructor":{"prototype":{"polluted":1}}}}',
  ])('[G11] refuses what reaches a prototype: %s', (text) => {
    expect(parseClientFrame(text)).toMatchObject({ ok: false, problem: { code: 'BAD_FRAME' } });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('takes the word __proto__ in a value', () => {
    expect(parseClientFrame('{"type":"test","data":"__proto__"}').ok).toBe(true);
  });

  it('[G11] refuses JSON that is nested too deeply, without exhausting the stack', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const text = `{"type":"test","data":${open.repeat(10_000)}1${close.repeat(10_000)}}`;
      expect(parseClientFrame(text)).toMatchObject({ ok: false, problem: { detail: 'expected at most 64 levels' } });
    }
  });

  it('[G11] answers any text without throwing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((data) => `{"type":"hello","data":${data}}`),
        ),
        (text) => {
          expect(typeof parseClientFrame(text).ok).toBe('boolean');
          expect(typeof parseServerFrame(text).ok).toBe('boolean');
        },
      ),
    );
  });

  it('reads back what encodeClientFrame wrote', () => {
    const frame = { type: 'trace', data: { items: [{ id: 'm', shown: 2 }] } } as const;
    expect(parseClientFrame(encodeClientFrame(frame))).toEqual({ ok: true, frame });
  });
});

describe('parseServerFrame', () => {
  it('reads back what the encoders wrote', () => {
    const durable = { type: 'note', data: JSON.stringify(note), at: 5, stream: 'acc_"1"', seq: 9 } as const;
    expect(parseServerFrame(encodeDurable(durable))).toEqual({
      ok: true,
      frame: { type: 'note', data: note, timestamp: 5, stream: 'acc_"1"', seq: 9 },
    });
    expect(parseServerFrame(encodeEphemeral('skip', { stream: 'a', seq: 3 }, 6))).toEqual({
      ok: true,
      frame: { type: 'skip', data: { stream: 'a', seq: 3 }, timestamp: 6 },
    });
    expect(encodeEphemeral('test_echo', undefined, 1)).toBe('{"type":"test_echo","data":null,"timestamp":1}');
  });

  it('[G12] keeps the position of an event that it does not know or cannot read', () => {
    const position = { stream: 'acc_1', seq: 4 };
    for (const rest of ['"type":"later","data":{}', '"type":"note","data":{"id":7}', '"type":"note"']) {
      const result = parseServerFrame(`{${rest},"timestamp":1,"stream":"acc_1","seq":4}`);
      expect(result).toMatchObject({ ok: false, position });
    }
  });

  it('refuses a durable event without a position', () => {
    const text = JSON.stringify({ type: 'note', data: note, timestamp: 1 });
    expect(parseServerFrame(text)).toMatchObject({ ok: false, problem: { code: 'BAD_FRAME' } });
  });
});
