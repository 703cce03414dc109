// Holds docs/stanzas.md and the README to the sources: what the emulator answers and can do to a stanza is written down, in one of three words.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { IMMEDIATE, WAITING } from '../src/faults.ts';
import { QUERY_NAMES } from '../src/queries.ts';
import { ROUTES } from '../src/routes.ts';
import { STANZA_TAGS } from '../src/world.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../docs/stanzas.md');
const readme = read('../README.md');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (---|stanza|xmlns|request)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const sources = readdirSync(new URL('../src/', import.meta.url))
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => read(`../src/${name}`))
  .join('\n');

describe('the page of stanzas', () => {
  it('says of each whether it is emulated, accepted or absent', () => {
    expect(rows.length).toBeGreaterThan(40);
    for (const [, what, state] of rows)
      expect([what, state]).toEqual([what, expect.stringMatching(/^(emulated|accepted|absent)$/)]);
  });

  it.each(QUERY_NAMES)('knows the query %s', (name) => {
    expect(rows.some(([, what = '', state]) => what.includes(`\`${name}\``) && state !== 'absent')).toBe(true);
  });

  it.each(STANZA_TAGS)('knows the stanza %s', (tag) => {
    expect(page).toMatch(new RegExp(`\`${tag}\\b`));
  });

  it('knows every type of notification that is sent', () => {
    // The type stands close before or after the word itself.
    const named = new Set(
      [...sources.matchAll(/node\('notification'/g)].flatMap(({ index }) => {
        const after = /^[^;]*?type: '([a-z_:0-9]+)'/.exec(sources.slice(index, index + 200))?.[1];
        const before = [...sources.slice(Math.max(0, index - 300), index).matchAll(/type: '([a-z_:0-9]+)'/g)].at(
          -1,
        )?.[1];
        return after ?? before ?? [];
      }),
    );
    expect(named.size).toBeGreaterThan(4);
    for (const type of named) expect(page).toContain(`\`${type}\``);
  });
});

describe('the README', () => {
  it.each([...IMMEDIATE, ...WAITING])('tells of the fault %s', (kind) => {
    expect(readme).toContain(`\`${kind}\``);
  });

  it('names every request of the control API', () => {
    const words = new Set(ROUTES.flatMap(({ pattern }) => pattern.slice(-1)).filter((word) => !word.startsWith(':')));
    for (const word of words) expect(readme).toMatch(new RegExp(`[\`/{,]${word}\\b`));
  });
});
