// Holds the made pages of docs/ against the code they are made from, and every link between documents.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages } from '../../scripts/docs.ts';
import { files, root } from './tree.ts';

describe('docs/', () => {
  it.each(Object.keys(pages))('%s is what the code says (npm run docs)', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(pages[path]?.());
  });

  it('links to nothing that is not there', () => {
    const broken = files('.md').flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].flatMap(([, target = '']) =>
        existsSync(join(root, dirname(path), target)) ? [] : [`${path} -> ${target}`],
      ),
    );
    expect(broken).toEqual([]);
  });

  it('names no path of a machine', () => {
    const here = dirname(root);
    const named = here === '/' ? [] : files('').filter(({ text }) => text.includes(`${here}/`));
    expect(named.map(({ path }) => path)).toEqual([]);
  });
});
