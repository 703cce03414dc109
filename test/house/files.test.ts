// Holds the house rules that a machine can read in the text of a file; what a rule is for stands in CONTRIBUTING.md.
import { describe, expect, it } from 'vitest';
import { files, isTest } from './tree.ts';

const sources = files('.ts', '.tsx');
const product = sources.filter(({ path }) => !isTest(path));

describe('source files', () => {
  it('are at most 500 lines long', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 501).map(({ path }) => path);
    expect(long).toEqual([]);
  });

  it('begin with a sentence that says what they are', () => {
    const silent = sources
      .filter(({ text }) => !/^(#!.*\n)?('use client';\n)?\s*(\/\/|\/\*) ?\S/.test(text))
      .map(({ path }) => path);
    expect(silent).toEqual([]);
  });

  it('live in folders named for what is in them', () => {
    const vague = files('').filter(({ path }) => /(^|\/)(utils?|helpers|services|managers|common|misc)\//.test(path));
    expect(vague.map(({ path }) => path)).toEqual([]);
  });

  it('do not leave the type system', () => {
    const escape = /:\s*any\b|\bas any\b|<any>|@ts-ignore|@ts-nocheck|\bas unknown as\b/;
    const lines = product.flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => (escape.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
    );
    expect(lines).toEqual([]);
  });

  it('hold no test that no suite of `npm test` runs', () => {
    const [runner] = files('.mjs').filter(({ path }) => path === 'scripts/test.mjs');
    const named = [...(runner?.text ?? '').matchAll(/paths: \[([^\]]+)\]/g)].flatMap(([, list = '']) =>
      [...list.matchAll(/'([^']+)'/g)].map(([, path = '']) => path),
    );
    expect(named.length).toBeGreaterThan(20);
    // `npm run check` runs test/egress: it needs a namespace without a network.
    const forgotten = files('.test.ts', '.test.tsx').filter(
      ({ path }) => !named.some((each) => path.startsWith(each)) && !path.startsWith('test/egress/'),
    );
    expect(forgotten.map(({ path }) => path)).toEqual([]);
  });

  it('hold no test that is switched off', () => {
    const off = /\b(it|test|describe)\.(skip|todo|only)\(|\bexpect\(true\)/;
    const broken = sources.filter(({ path, text }) => path !== 'test/house/files.test.ts' && off.test(text));
    expect(broken.map(({ path }) => path)).toEqual([]);
  });
});

describe('the protocol', () => {
  it('knows no clock, no chance and no platform', () => {
    const impure = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bsetTimeout\b|\bprocess\.|from 'node:/;
    const broken = product.filter(({ path, text }) => path.startsWith('protocol/') && impure.test(text));
    expect(broken.map(({ path }) => path)).toEqual([]);
  });
});
