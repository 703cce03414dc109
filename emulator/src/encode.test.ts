// The encoder beside Baileys' own, over stanzas of every shape: the same bytes, and the same stanza when they are read.
import { encodeBinaryNode } from 'baileys/lib/WABinary/encode.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeNode, markOffline } from './encode.ts';
import { decodeNode, type Node } from './nodes.ts';

const WORDS = ['message', 'from', 'participant', 'read-self', 'offline', 'true', 'receipt', 'w:gp2', 'iq', 'type'];
const jid = fc
  .tuple(
    fc.integer({ min: 1, max: 999_999_999_999 }),
    fc.constantFrom('', ':0', ':4', ':98', '_1', '_1:3'),
    fc.constantFrom('s.whatsapp.net', 'lid', 'g.us', 'hosted', 'newsletter'),
  )
  .map(([user, device, server]) => `${user}${device}@${server}`);
const text = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.string({ maxLength: 300 }).filter((word) => !(word in {})),
  fc.string({ unit: 'grapheme', maxLength: 40 }).filter((word) => !(word in {})),
  fc.string({ unit: fc.constantFrom(...'0123456789-.'), maxLength: 140 }),
  fc.string({ unit: fc.constantFrom(...'0123456789ABCDEF'), maxLength: 140 }),
  jid,
  fc.constantFrom('@s.whatsapp.net', '@g.us', 'status@broadcast', 'abc', '3EB0', '0'),
);
const word = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.string({ minLength: 1, maxLength: 20 }).filter((name) => !(name in {}) && name !== '__proto__'),
);
const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record(
    {
      tag: word,
      attrs: fc.dictionary(word, text, { maxKeys: 8 }),
      content: fc.oneof(
        { depthSize: 'small', maxDepth: 4 },
        text,
        fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes)),
        fc.array(tie('node'), { maxLength: 4 }),
      ),
    },
    { requiredKeys: ['tag', 'attrs'] },
  ),
}));

describe('a stanza', () => {
  it('is the same bytes as Baileys makes of it', () => {
    fc.assert(
      fc.property(node, (stanza) => {
        expect(encodeNode(stanza).equals(encodeBinaryNode(stanza))).toBe(true);
      }),
      { numRuns: 2_000, seed: 20_261_122 },
    );
  });

  it('may have long lists and long contents', () => {
    const items = Array.from({ length: 300 }, (_, i) => ({ tag: 'item', attrs: { id: String(i) } }));
    const long: Node = { tag: 'list', attrs: {}, content: items };
    expect(encodeNode(long).equals(encodeBinaryNode(long))).toBe(true);
    const large: Node = { tag: 'enc', attrs: { v: '2' }, content: Buffer.alloc(1_200_000, 7) };
    expect(encodeNode(large).equals(encodeBinaryNode(large))).toBe(true);
  });

  it('bears the mark of the offline queue, and is the same otherwise', () => {
    const stanza: Node = {
      tag: 'message',
      attrs: { from: '1@s.whatsapp.net', id: '3A' },
      content: [{ tag: 'enc', attrs: { v: '2' }, content: Buffer.from('x') }],
    };
    const marked = markOffline(encodeNode(stanza));
    expect(marked && decodeNode(marked)).toEqual({ ...stanza, attrs: { ...stanza.attrs, offline: '0' } });
    expect(markOffline(encodeNode({ tag: 'a word of its own', attrs: {} }))).toBeUndefined();
  });
});
