// The page of the control address: its script is sound, and no word of it is missing in either language.
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { IMMEDIATE, WAITING } from './faults.ts';
import { PAGE } from './page.ts';
import { SCRIPT } from './page-script.ts';
import { en, zh } from './page-words.ts';

const keys = (value: object): readonly string[] =>
  Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' ? [key] : keys(inner).map((each) => `${key}.${each}`),
  );
const parameters = (text: string): readonly string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

describe('the page of the control address', () => {
  it('has a script that can be read', () => {
    expect(() => new Script(SCRIPT)).not.toThrow();
    expect(PAGE.match(/<script/g)).toHaveLength(1);
    expect(PAGE.match(/<\/script/g)).toHaveLength(1);
  });

  it('has every word that it asks for, and no other', () => {
    const asked = new Set([
      ...[...SCRIPT.matchAll(/words\.(\w+)/g)].map(([, key]) => key),
      ...[...PAGE.matchAll(/data-(?:w|ph)="(\w+)"/g)].map(([, key]) => key),
    ]);
    expect([...asked].sort()).toEqual(Object.keys(zh).sort());
  });

  it('says the same in both languages', () => {
    expect(keys(en)).toEqual(keys(zh));
    for (const [key, text] of Object.entries(zh))
      if (typeof text === 'string')
        expect([key, parameters(String(Object.entries(en).find(([name]) => name === key)?.[1]))]).toEqual([
          key,
          parameters(text),
        ]);
  });

  it('tells of every fault what it does', () => {
    expect(Object.keys(zh.does).sort()).toEqual([...IMMEDIATE, ...WAITING].sort());
  });

  it('loads nothing from elsewhere', () => {
    expect(PAGE).not.toMatch(/(src|href)="(?!data:)/);
  });
});
