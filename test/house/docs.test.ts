// Holds the made pages of docs/ against the code they are made from, and every link between documents.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chaosFigures, faultFigures, latencyFigures, pages } from '../../scripts/docs.ts';
import { en } from '../../web/src/words.en.ts';
import { zh } from '../../web/src/words.ts';
import { files, root } from './tree.ts';

const results = `<!-- begin latency -->
## latency

Command: \`npm run bench -- latency --n 1000\`

Machine: 2 × a processor, fsync p50 0.6 ms

figure latency.pulseline.p50_ms 2.444
figure latency.pulseline.p99_ms 5
figure latency.bare.p50_ms 2.1
figure latency.bare.p99_ms 4.96
figure latency.ratio.p50 1.164
figure latency.ratio.p99 1.008
<!-- end latency -->`;

describe('the figures of the READMEs', () => {
  it('are those of bench/RESULTS.md, with the command and the machine', () => {
    for (const language of ['zh', 'en'] as const) {
      const text = latencyFigures(results, language);
      for (const part of [
        '| 2.4 ms | 5.0 ms |',
        '| 2.1 ms | 5.0 ms |',
        '| 1.16 | 1.01 |',
        'npm run bench -- latency --n 1000',
        'fsync p50 0.6 ms',
      ])
        expect(text).toContain(part);
    }
  });

  it('are not made up where nothing was measured', () => {
    expect(latencyFigures('# Bench results\n', 'en')).toBe('');
    expect(chaosFigures('# Bench results\n', 'en')).toBe('');
    expect(faultFigures('# Bench results\n', 'en')).toBe('');
  });

  it('have their place in both', () => {
    for (const path of ['README.md', 'README.zh.md']) {
      for (const name of ['latency', 'chaos', 'faults']) {
        const place = new RegExp(`<!-- figures: ${name} -->\\n[\\s\\S]*<!-- /figures -->`);
        expect(readFileSync(join(root, path), 'utf8')).toMatch(place);
      }
    }
  });
});

describe('docs/', () => {
  it.each(Object.keys(pages))('%s is what the code says (npm run docs)', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(pages[path]?.());
  });

  it('shows pictures of 1440 x 900 that weigh under 200 kB', () => {
    const pictures = files('.png').filter(({ path }) => path.startsWith('docs/pictures/inbox-'));
    expect(pictures.length).toBeGreaterThanOrEqual(2);
    for (const { path } of pictures) {
      const bytes = readFileSync(join(root, path));
      expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], path).toEqual([1440, 900]);
      expect(bytes.length, path).toBeLessThan(200_000);
    }
  });

  it.each([
    ['README.md', en],
    ['README.zh.md', zh],
  ] as const)('%s leads through the first minute by the words of the pages', (path, words) => {
    const text = readFileSync(join(root, path), 'utf8');
    const labels = [...(text.split('localhost:3000>')[1]?.split('\n')[0] ?? '').matchAll(/\*\*(.+?)\*\*/g)].map(
      ([, label]) => label,
    );
    expect(labels.length).toBeGreaterThan(4);
    const known = new Set(Object.values(words).flatMap((part) => Object.values(part)));
    expect(labels.filter((label) => label !== 'English' && !known.has(label ?? ''))).toEqual([]);
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
