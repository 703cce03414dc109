// Stanzas as they pass, for whoever looks on: a line each, in both directions; it never slows a socket down and never shows a ciphertext.
import { childrenOf, decodeNode, type Node } from './nodes.ts';

export interface Passing {
  /** ms since epoch. */
  readonly at: number;
  /** Of the device; none before it is logged in. */
  readonly device: string;
  readonly direction: 'in' | 'out';
  readonly stanza: string;
}

type Watcher = (passing: Passing) => void;

/** Characters of one line. */
const MAX_LINE = 2_000;
const MAX_WATCHERS = 20;

export class Watch {
  readonly #watchers = new Set<Watcher>();

  /** Nothing is decoded while nobody looks on. */
  get isOn(): boolean {
    return this.#watchers.size > 0;
  }

  /** @returns what ends it, or undefined when enough look on already. */
  add(watcher: Watcher): (() => void) | undefined {
    if (this.#watchers.size >= MAX_WATCHERS) return undefined;
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  pass(at: number, device: string, direction: Passing['direction'], stanza: Node | Buffer): void {
    const node = Buffer.isBuffer(stanza) ? decodeNode(stanza) : stanza;
    const passing = { at, device, direction, stanza: lineOf(node).slice(0, MAX_LINE) };
    for (const watcher of this.#watchers) watcher(passing);
  }
}

/** A stanza as people write it: <tag name=value>…</tag>, bytes by their number. */
function lineOf(node: Node): string {
  const attrs = Object.entries(node.attrs)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('');
  if (node.content === undefined) return `<${node.tag}${attrs}/>`;
  if (Array.isArray(node.content)) return `<${node.tag}${attrs}>${childrenOf(node).map(lineOf).join('')}</${node.tag}>`;
  const inside = typeof node.content === 'string' ? node.content : `${node.content.length} B`;
  return `<${node.tag}${attrs}>${inside}</${node.tag}>`;
}
