// What this browser keeps so that a reload loses nothing: drafts, and messages that no server has answered yet. Bounded; it sends nothing.
import { shape } from '@pulseline/protocol';

/** The part of localStorage that is used. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

const { integer, object, optional, string } = shape;

const unsent = object({
  commandId: string(200, 1),
  conversation: string(128, 1),
  text: string(65_536, 1),
  /** The message that it answers. */
  quoteId: optional(string(128, 1)),
  /** When the reader pressed Enter, ms since epoch. */
  at: integer(),
});
export type Unsent = shape.Of<typeof unsent>;

const draft = object({ text: string(65_536, 1), at: integer() });

// An entry of its own for each, so that two tabs never write over each other's.
const UNSENT = 'pulseline.unsent.';
const DRAFT = 'pulseline.draft.';
const MAX_DRAFTS = 200;
/** Browsers give about five million characters in all; an outbox beyond this is kept by its tab alone. */
const MAX_UNSENT_CHARACTERS = 1_000_000;

const nothing: Shelf = {
  length: 0,
  key: () => null,
  getItem: () => null,
  setItem: () => undefined,
  removeItem: () => undefined,
};

/** The browser's own; where it is forbidden, nothing is kept. */
export function shelf(): Shelf {
  try {
    return localStorage;
  } catch {
    return nothing;
  }
}

/** False where the browser has no room or keeps nothing: then the tab alone remembers. */
function put(on: Shelf, key: string, value: unknown): boolean {
  try {
    on.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function drop(on: Shelf, key: string): void {
  try {
    on.removeItem(key);
  } catch {
    // Nothing was kept, then.
  }
}

/** Everything under a prefix that can be read; the rest is thrown away. */
function all<T>(on: Shelf, prefix: string, kind: shape.Shape<T>): readonly (readonly [string, T])[] {
  const found: (readonly [string, T])[] = [];
  try {
    const keys = Array.from({ length: on.length }, (_, index) => on.key(index) ?? '');
    for (const key of keys.filter((one) => one.startsWith(prefix))) {
      try {
        found.push([key.slice(prefix.length), kind.parse(JSON.parse(on.getItem(key) ?? ''))]);
      } catch {
        drop(on, key);
      }
    }
  } catch {
    // No access to storage.
  }
  return found;
}

export function keepUnsent(on: Shelf, { commandId, conversation, text, quoteId, at }: Unsent): boolean {
  const kept = all(on, UNSENT, unsent).reduce((sum, [, one]) => sum + one.text.length, 0);
  if (kept + text.length > MAX_UNSENT_CHARACTERS) return false;
  return put(on, UNSENT + commandId, { commandId, conversation, text, quoteId, at });
}

export function dropUnsent(on: Shelf, commandId: string): void {
  drop(on, UNSENT + commandId);
}

/** In the order in which they were written. */
export function keptUnsent(on: Shelf): readonly Unsent[] {
  return all(on, UNSENT, unsent)
    .map(([, one]) => one)
    .sort((a, b) => a.at - b.at);
}

/** An empty text takes the draft away. */
export function keepDraft(on: Shelf, conversation: string, text: string, at: number): void {
  if (text.trim() === '') return drop(on, DRAFT + conversation);
  put(on, DRAFT + conversation, { text, at });
  const drafts = all(on, DRAFT, draft);
  if (drafts.length <= MAX_DRAFTS) return;
  const oldest = [...drafts].sort(([, a], [, b]) => a.at - b.at).slice(0, drafts.length - MAX_DRAFTS);
  for (const [id] of oldest) drop(on, DRAFT + id);
}

/** Conversation id -> what was begun and not sent. */
export function keptDrafts(on: Shelf): ReadonlyMap<string, string> {
  return new Map(all(on, DRAFT, draft).map(([id, { text }]) => [id, text]));
}
