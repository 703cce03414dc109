// Reads the few signs of Markdown that docs/guide*.md uses into blocks; what it does not know stays plain text. Pure.
import { anchorOf } from './diagnosis/guide-link.ts';

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  /** `anchor`: a check's, where it is named first. */
  | { readonly kind: 'code'; readonly text: string; readonly anchor?: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly inline: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly inline: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'table'; readonly head: Row; readonly rows: readonly Row[] };

/** The cells of a row. */
type Row = readonly (readonly Inline[])[];

export function blocksOf(markdown: string): readonly Block[] {
  const named = new Set<string>();
  const blocks: Block[] = [];
  const parts = markdown.split(/^```\w*\n([\s\S]*?)^```$/m);
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1) blocks.push({ kind: 'code', text: part.trimEnd() });
    else for (const chunk of part.split(/\n{2,}/)) blocks.push(...blockOf(chunk.trim(), named));
  }
  return blocks;
}

function blockOf(chunk: string, named: Set<string>): readonly Block[] {
  if (chunk === '') return [];
  const heading = /^(#{1,3}) (.+)$/.exec(chunk);
  if (heading !== null) {
    const level = heading[1]?.length === 1 ? 1 : heading[1]?.length === 2 ? 2 : 3;
    return [{ kind: 'heading', level, inline: inlineOf(heading[2] ?? '', named) }];
  }
  const lines = chunk.split('\n');
  const ordered = lines.every((line) => /^\d+\. /.test(line));
  if (ordered || lines.every((line) => line.startsWith('- '))) {
    return [{ kind: 'list', ordered, items: lines.map((line) => inlineOf(line.replace(/^(\d+\.|-) /, ''), named)) }];
  }
  const [head = '', , ...rows] = lines;
  if (head.startsWith('|'))
    return [{ kind: 'table', head: rowOf(head, named), rows: rows.map((row) => rowOf(row, named)) }];
  return [{ kind: 'paragraph', inline: inlineOf(lines.join(' '), named) }];
}

function rowOf(line: string, named: Set<string>): Row {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => inlineOf(cell.trim(), named));
}

const SIGN = /`([^`]+)`|\[([^\]]+)\]\(([^)]+)\)|<(https?:[^>]+)>/g;

function inlineOf(text: string, named: Set<string>): readonly Inline[] {
  const found: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(SIGN)) {
    if (match.index > from) found.push({ kind: 'text', text: text.slice(from, match.index) });
    const [whole, code, label, target, url] = match;
    if (code !== undefined) found.push({ kind: 'code', text: code, ...anchored(code, named) });
    else if (url !== undefined) found.push({ kind: 'link', text: url, href: url });
    else found.push({ kind: 'link', text: label ?? '', href: target ?? '' });
    from = match.index + whole.length;
  }
  if (from < text.length) found.push({ kind: 'text', text: text.slice(from) });
  return found;
}

function anchored(code: string, named: Set<string>): { readonly anchor?: string } {
  if (!/^R\d\d\.[a-z]/.test(code) || named.has(code)) return {};
  named.add(code);
  return { anchor: anchorOf(code) };
}
