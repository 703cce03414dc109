'use client';
// What this tab's console said and which errors it met, the latest of each, in memory, for the support bundle; it sends nothing and holds no object that was printed.

const MAX_LINES = 2_000;
const MAX_ERRORS = 200;
/** A longer text is cut. */
const MAX_TEXT = 1_000;
const MAX_STACK = 4_000;

const levels = ['debug', 'log', 'info', 'warn', 'error'] as const;

export interface ConsoleLine {
  /** Ms since epoch. */
  readonly at: number;
  readonly level: (typeof levels)[number];
  /** Texts as they were printed; of an object only its frame type and position, for it may be a message. */
  readonly parts: readonly (string | Printed)[];
}

/** What is kept of an object that was printed. */
export interface Printed {
  readonly type: string;
  readonly seq?: number;
}

export type ErrorSource = 'script' | 'promise' | 'render';

export interface PageError {
  readonly at: number;
  readonly source: ErrorSource;
  readonly name: string;
  readonly text: string;
  readonly stack: string;
}

/** The newest of what was put in, at most `limit`. */
export interface Ring<T> {
  add(item: T): void;
  /** Oldest first. */
  list(): readonly T[];
  /** All there ever were. */
  readonly total: number;
}

export function createRing<T>(limit: number): Ring<T> {
  const items: T[] = [];
  let total = 0;
  return {
    add(item) {
      items[total % limit] = item;
      total += 1;
    },
    list: () => (total <= limit ? [...items] : [...items.slice(total % limit), ...items.slice(0, total % limit)]),
    get total() {
      return total;
    },
  };
}

export const consoleLines: Ring<ConsoleLine> = createRing(MAX_LINES);
export const pageErrors: Ring<PageError> = createRing(MAX_ERRORS);

const listeners = new Set<() => void>();

/** Calls back after each error. Returns the function that ends it. */
export function onPageError(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function printed(value: unknown): string | Printed {
  if (typeof value === 'string') return value.slice(0, MAX_TEXT);
  if (value instanceof Error) return `${value.name}: ${value.message}`.slice(0, MAX_TEXT);
  if (typeof value !== 'object' || value === null) return String(value).slice(0, MAX_TEXT);
  const type = 'type' in value && typeof value.type === 'string' ? value.type.slice(0, 64) : 'object';
  return 'seq' in value && typeof value.seq === 'number' ? { type, seq: value.seq } : { type };
}

/** Takes an error down and tells who listens. */
export function noteError(source: ErrorSource, error: unknown): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  pageErrors.add({
    at: Date.now(),
    source,
    name: name.slice(0, 64),
    text: message.slice(0, MAX_TEXT),
    stack: (stack ?? '').slice(0, MAX_STACK),
  });
  for (const listener of listeners) listener();
}

let recording = false;

/** Listens to the console and to uncaught errors from now on; a second call changes nothing. */
export function startRecording(): void {
  if (recording) return;
  recording = true;
  for (const level of levels) {
    const write = console[level];
    console[level] = (...values: unknown[]) => {
      consoleLines.add({ at: Date.now(), level, parts: values.slice(0, 8).map(printed) });
      write.apply(console, values);
    };
  }
  addEventListener('error', ({ error, message }) => noteError('script', error ?? message));
  addEventListener('unhandledrejection', ({ reason }) => noteError('promise', reason));
}
