// How high the rows of a log stood when it was last open, so that a return to it is drawn at once where it was left to stand; it measures nothing.
import type { CacheSnapshot } from 'virtua';

interface Kept {
  /** What the sizes belong to: the same rows, as wide as now. */
  readonly of: string;
  readonly sizes: CacheSnapshot;
}

/** As many as there are windows of messages that are kept. */
const MOST = 20;

const kept = new Map<string, Kept>();

/** The same text for the same rows in the same room. */
export function sameRows(rows: readonly { readonly key: string }[], width: number): string {
  return `${rows.length} ${rows[0]?.key} ${rows.at(-1)?.key} ${width}`;
}

export function keepSizes(conversation: string, of: string, sizes: CacheSnapshot): void {
  kept.delete(conversation);
  kept.set(conversation, { of, sizes });
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST) break;
    kept.delete(oldest);
  }
}

/** Undefined where the rows are others, or stand in another width. */
export function keptSizes(conversation: string, of: string): CacheSnapshot | undefined {
  const known = kept.get(conversation);
  return known?.of === of ? known.sizes : undefined;
}
