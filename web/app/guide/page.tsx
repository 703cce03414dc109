// /guide: docs/guide.md and docs/guide.zh.md, read when the pages are built.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReactNode } from 'react';
import { Guide } from '../../src/guide.tsx';
import { type Block, blocksOf } from '../../src/guide-text.ts';

// The build runs in the folder of the web workspace.
function read(name: string): readonly Block[] {
  return blocksOf(readFileSync(join(process.cwd(), '..', 'docs', name), 'utf8'));
}

export default function Page(): ReactNode {
  return <Guide zh={read('guide.zh.md')} en={read('guide.md')} />;
}
