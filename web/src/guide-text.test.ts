// The guide as the pages read it.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { blocksOf } from './guide-text.ts';

describe('the text of the guide', () => {
  it('is read block by block', () => {
    const text =
      '# One\n\nSee `R05.refused` and <http://x/>.\n\n- a\n- [b](c.md)\n\n```sh\nnpm start\n\nmore\n```\n\n| x | y |\n|---|---|\n| `1` | 2 |\n';
    expect(blocksOf(text)).toEqual([
      { kind: 'heading', level: 1, inline: [{ kind: 'text', text: 'One' }] },
      {
        kind: 'paragraph',
        inline: [
          { kind: 'text', text: 'See ' },
          { kind: 'code', text: 'R05.refused', anchor: 'r05-refused' },
          { kind: 'text', text: ' and ' },
          { kind: 'link', text: 'http://x/', href: 'http://x/' },
          { kind: 'text', text: '.' },
        ],
      },
      {
        kind: 'list',
        ordered: false,
        items: [[{ kind: 'text', text: 'a' }], [{ kind: 'link', text: 'b', href: 'c.md' }]],
      },
      { kind: 'code', text: 'npm start\n\nmore' },
      {
        kind: 'table',
        head: [[{ kind: 'text', text: 'x' }], [{ kind: 'text', text: 'y' }]],
        rows: [[[{ kind: 'code', text: '1' }], [{ kind: 'text', text: '2' }]]],
      },
    ]);
  });

  it.each(['guide.md', 'guide.zh.md'])('%s leaves no sign of Markdown unread', (name) => {
    const blocks = blocksOf(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8'));
    expect(blocks.filter(({ kind }) => kind === 'table').length).toBeGreaterThan(4);
    const plain = JSON.stringify(blocks.filter(({ kind }) => kind !== 'code').map((block) => block));
    expect(plain).not.toMatch(/"text":"[^"]*(\]\(|^#|```|\|---)/);
  });
});
