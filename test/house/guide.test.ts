// Holds the diagnosis guide against the checks: what it names exists, and both languages name the same.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkIds } from '@pulseline/diagnosis';
import { describe, expect, it } from 'vitest';
import { root } from './tree.ts';

const guides = ['docs/guide.zh.md', 'docs/guide.md'] as const;

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function named(path: string): readonly string[] {
  return [...new Set([...textOf(path).matchAll(/`(R\d\d\.[a-z0-9-]+)`/g)].map(([, id = '']) => id))];
}

describe('the diagnosis guide', () => {
  it.each(guides)('%s names only checks that exist', (path) => {
    const known: ReadonlySet<string> = new Set(checkIds);
    expect(named(path).length).toBeGreaterThan(40);
    expect(named(path).filter((id) => !known.has(id))).toEqual([]);
  });

  it('names the same checks in the same order in both languages', () => {
    expect(named('docs/guide.md')).toEqual(named('docs/guide.zh.md'));
  });

  it('has a step for each section of the ladder that a reader can do something about', () => {
    const rungs = new Set(named('docs/guide.md').map((id) => id.split('.')[0]));
    for (const rung of ['R00', 'R01', 'R02', 'R03', 'R05', 'R08', 'R10', 'R13', 'R16', 'R18', 'R21', 'R26']) {
      expect(rungs).toContain(rung);
    }
  });

  it.each([...guides, 'README.md', 'README.zh.md'])('%s leads to the page that walks it', (path) => {
    expect(textOf(path)).toContain('http://localhost:3000/test-ws');
    expect(textOf(path)).toContain('npm run doctor');
  });
});
