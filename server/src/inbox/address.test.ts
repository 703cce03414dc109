// Holds in how many ways people write a phone number, and which texts are none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareAddress, parseRecipient, phoneDigits, phoneOf, recipientOf } from './address.ts';

describe('a phone number', () => {
  it.each([
    '+8613800138000',
    '8613800138000',
    '008613800138000',
    '+86 138 0013 8000',
    '+86-138-0013-8000',
    '+86 (138) 0013.8000',
    '＋８６　１３８００１３８０００',
    '\u202a+86 138 0013 8000\u202c',
    '+86\u00a0138\u20110013\u20138000',
    'tel:+86-138-0013-8000',
    '٨٦١٣٨٠٠١٣٨٠٠٠',
    '8613800138000@s.whatsapp.net',
    '8613800138000:12@s.whatsapp.net',
    '8613800138000_1:12@s.whatsapp.net',
    '8613800138000@c.us',
  ])('may be written %j', (to) => {
    expect(parseRecipient(to)).toEqual({ kind: 'person', pn: '8613800138000@s.whatsapp.net' });
  });

  it('may bear the trunk zero in brackets', () => {
    expect(phoneDigits('+44 (0)20 7946 0958')).toBe('442079460958');
  });

  it.each([
    '',
    'Anna',
    '138',
    '013800138000',
    '+0138001380',
    '1234567890123456',
    '86138x0013',
    '+86+138001380',
    '@s.whatsapp.net',
    'abc@s.whatsapp.net',
    '1@g.us@lid',
    'status@broadcast',
    '1@example.org',
    `${'1'.repeat(300)}@lid`,
  ])('is not %j', (to) => {
    expect(() => parseRecipient(to)).toThrow(expect.objectContaining({ code: 'BAD_ADDRESS' }));
  });

  it('is read the same with any spacing', () => {
    const digits = fc.stringMatching(/^[1-9]\d{6,14}$/);
    const gaps = fc.array(fc.constantFrom(' ', '-', '.', '', '\u2009', '\u200b'), { minLength: 15, maxLength: 15 });
    fc.assert(
      fc.property(digits, gaps, (number, gap) => {
        const written = `+${[...number].map((digit, place) => digit + (gap[place] ?? '')).join('')}`;
        expect(phoneDigits(written)).toBe(number);
      }),
    );
  });

  it('is never read from a text without throwing anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        const chat = recipientOf(any);
        expect(chat === undefined || chat.kind === 'person' || chat.kind === 'group').toBe(true);
      }),
    );
  });
});

describe('an address', () => {
  it.each([
    ['1111:3@lid', '1111@lid'],
    ['1111@hosted.lid', '1111@lid'],
    ['120363000000000001@g.us', '120363000000000001@g.us'],
    ['4915-1600000000@g.us', '4915-1600000000@g.us'],
  ])('%s is %s without device', (address, bare) => {
    expect(bareAddress(address)).toBe(bare);
  });

  it('of a LID or a group may be a recipient', () => {
    expect(parseRecipient('1111:3@lid')).toEqual({ kind: 'person', lid: '1111@lid' });
    expect(parseRecipient('4915-1600000000@g.us')).toEqual({ kind: 'group', address: '4915-1600000000@g.us' });
  });

  it('has a phone number only if it is one', () => {
    expect(phoneOf('8613800138000@s.whatsapp.net')).toBe('+8613800138000');
    expect(phoneOf('1111@lid')).toBeUndefined();
    expect(phoneOf('0@s.whatsapp.net')).toBeUndefined();
  });
});
