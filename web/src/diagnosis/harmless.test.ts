// What may leave the page of a text that somebody else wrote.
import { describe, expect, it } from 'vitest';
import { harmless, place } from './harmless.ts';

describe('a text that leaves the page', () => {
  it('keeps what browsers and React say', () => {
    expect(harmless('Cannot read properties of undefined')).toBe('Cannot read properties of undefined');
    expect(harmless('Minified React error #185')).toBe('Minified React error #185');
    expect(harmless('BAD_ANSWER http://localhost:4000/status 502')).toBe('BAD_ANSWER http://localhost:4000/status 502');
  });

  it('loses names, numbers, texts and addresses, in whatever script', () => {
    expect(harmless("reading 'Marie'")).toBe("reading '‹5›'");
    expect(harmless('王芳 wrote 8613812345678')).toBe('‹2› ‹5› ‹13›');
    expect(harmless('8613812345678@s.whatsapp.net')).toBe('‹13›@‹1›.‹8›.‹3›');
    expect(harmless('failed: http://localhost:4000/api/conversations?q=Marie&t=1')).toBe(
      'failed: http://localhost:4000/api/‹13›',
    );
  });

  it('keeps of an address what is not of a person', () => {
    expect(place('https://desk.example.com/inbox?c=c_1')).toBe('https://‹16›/inbox');
    expect(place('http://localhost:3000/_next/static/chunks/0a1b.js')).toBe(
      'http://localhost:3000/_next/static/chunks/0a1b.js',
    );
    expect(place('http://localhost:3000/uploads/Marie.js')).toBe('http://localhost:3000/‹7›/‹8›');
    expect(place('not an address')).toBe('‹url›');
  });

  it('holds none of 200 markers, wherever they stand', () => {
    const markers = Array.from({ length: 200 }, (_, n) => `Zq${n}xK${n * 7}`);
    const texts = markers.flatMap((marker) => [
      `Failed to fetch http://localhost:4000/api/messages/${marker}?to=${marker}#${marker}`,
      `Cannot read properties of undefined (reading '${marker}')`,
      `${marker}@s.whatsapp.net: {"${marker}": "${marker}"}`,
      `https://${marker}.example/${marker}.js`,
      `  at ${marker} (${marker}.tsx:1:2)`,
    ]);
    const left = texts.map(harmless).join('\n').toLowerCase();
    expect(markers.filter((marker) => left.includes(marker.toLowerCase()))).toEqual([]);
  });
});
