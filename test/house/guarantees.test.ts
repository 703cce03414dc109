// Holds protocol/GUARANTEES.md against the tests: each promise is quoted by a test, and each quoted one is promised.
import { describe, expect, it } from 'vitest';
import { files } from './tree.ts';

const promised = new Set(
  files('protocol/GUARANTEES.md').flatMap(({ text }) =>
    [...text.matchAll(/(?:^|\n)[-|*\s#]*\**(G\d+)\b/g)].map((match) => match[1]),
  ),
);
const quoted = new Set(
  files('.test.ts', '.test.tsx')
    .filter(({ path }) => !path.startsWith('test/house/'))
    .flatMap(({ text }) => [...text.matchAll(/\[(G\d+)\]/g)].map((match) => match[1])),
);

describe('GUARANTEES.md', () => {
  it('promises something', () => {
    expect(promised.size).toBeGreaterThan(0);
  });

  it('promises nothing that no test quotes', () => {
    expect([...promised].filter((rule) => !quoted.has(rule))).toEqual([]);
  });

  it('promises everything that a test quotes', () => {
    expect([...quoted].filter((rule) => !promised.has(rule))).toEqual([]);
  });
});
