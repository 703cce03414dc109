// What a browser must load before a page works: the scripts that its HTML names, as they go over the wire.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../child.ts';

const out = join(root, 'web', 'out');

/** KB of gzip; what is aimed at is 175 for the dashboard and 210 for the inbox. */
const limits = [
  ['index', 190],
  ['inbox', 230],
  ['test-ws', 230],
  ['sandbox', 230],
  ['settings', 230],
] as const;

describe('the first load', () => {
  it.each(limits)('of %s is at most %i KB of scripts', (page, limit) => {
    const html = readFileSync(join(out, `${page}.html`), 'utf8');
    const scripts = new Set(
      [...html.matchAll(/<script\b[^>]*>/g)].flatMap(([tag]) => {
        // Browsers that know modules leave these out.
        const source = /\bnomodule\b/i.test(tag) ? undefined : /\bsrc="([^"?]+)/.exec(tag)?.[1];
        return source === undefined ? [] : [source];
      }),
    );
    expect(scripts.size).toBeGreaterThan(3);
    const bytes = [...scripts].reduce((sum, source) => sum + statSync(join(out, `${source}.gz`)).size, 0);
    console.log(`first load of ${page}: ${(bytes / 1_024).toFixed(0)} KB`);
    expect(bytes / 1_024).toBeLessThanOrEqual(limit);
  });
});
