// The dictionaries are complete and of one form.
import { describe, expect, it } from 'vitest';
import { en } from './words.en.ts';
import { zh } from './words.ts';

type Tree = { readonly [key: string]: string | Tree };

function flat(tree: Tree, path = ''): Map<string, string> {
  const words = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') words.set(`${path}${key}`, value);
    else for (const [inner, text] of flat(value, `${path}${key}.`)) words.set(inner, text);
  }
  return words;
}

const parameters = (text: string): readonly string[] =>
  [...new Set([...text.matchAll(/\{(\w+)[,}]/g)].map((found) => found[1] ?? ''))].sort();

describe('the dictionaries', () => {
  it('have the same keys, none of them empty', () => {
    expect([...flat(en).keys()]).toEqual([...flat(zh).keys()]);
    expect([...flat(zh).values(), ...flat(en).values()].filter((text) => text.trim() === '')).toEqual([]);
  });

  it('name the same parameters in every text', () => {
    const english = flat(en);
    const different = [...flat(zh)].filter(
      ([key, text]) => `${parameters(text)}` !== `${parameters(english.get(key) ?? '')}`,
    );
    expect(different).toEqual([]);
  });

  it('leave the space between Han and Latin to the style sheet', () => {
    const spaced = [...flat(zh)].filter(([, text]) =>
      /\p{Script=Han} [A-Za-z0-9{]|[A-Za-z0-9}] \p{Script=Han}/u.test(text),
    );
    // The six ticks are the guide's, word for word.
    const ticks = ['server', 'web', 'console', 'page', 'whatsapp', 'message'].map((key) => `checklist.${key}`);
    expect(spaced.map(([key]) => key).filter((key) => !ticks.includes(key))).toEqual([]);
  });
});
