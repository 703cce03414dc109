'use client';
// The frames of this tab's live connection, the latest few thousand, as /test-ws shows them; it only listens.
import type { LiveObservation } from '@pulseline/client';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

export interface FrameRow {
  /** Counts up from 1 in this tab. */
  readonly n: number;
  /** When it was received or sent here, ms since epoch. */
  readonly at: number;
  readonly inward: boolean;
  readonly type: string;
  readonly seq: number | undefined;
  /** Of a `new_message`. */
  readonly messageId: string | undefined;
  /** Length in UTF-16 units, which for JSON in Latin script is its bytes. */
  readonly size: number;
  readonly text: string;
}

export const MAX_FRAMES = 5_000;
/** All kept texts together; large frames push old ones out sooner. */
const MAX_CHARACTERS = 8_000_000;

export interface Frames {
  readonly rows: readonly FrameRow[];
  readonly characters: number;
  /** All there ever were in this tab. */
  readonly total: number;
  readonly sent: number;
  readonly byType: ReadonlyMap<string, number>;
}

export const noFrames: Frames = { rows: [], characters: 0, total: 0, sent: 0, byType: new Map() };

/** Adds frames and lets the oldest go; pure. */
export function withFrames(frames: Frames, added: readonly Omit<FrameRow, 'n'>[]): Frames {
  const numbered = added.map((row, index) => ({ ...row, n: frames.total + index + 1 }));
  const rows = [...frames.rows, ...numbered];
  let characters = numbered.reduce((sum, { size }) => sum + size, frames.characters);
  let drop = 0;
  while (rows.length - drop > MAX_FRAMES || (characters > MAX_CHARACTERS && rows.length - drop > 1)) {
    characters -= rows[drop]?.size ?? 0;
    drop += 1;
  }
  const byType = new Map(frames.byType);
  for (const { inward, type } of added) if (inward) byType.set(type, (byType.get(type) ?? 0) + 1);
  return {
    rows: drop === 0 ? rows : rows.slice(drop),
    characters,
    total: frames.total + added.length,
    sent: frames.sent + added.filter(({ inward }) => !inward).length,
    byType,
  };
}

/** A frame's text as a row; a text that is no frame is shown under the type `?`. */
export function frameRow(text: string, inward: boolean, at: number): Omit<FrameRow, 'n'> {
  const { type, seq, data } = envelope(text);
  const id = typeof data === 'object' && data !== null && 'id' in data ? data.id : undefined;
  return {
    at,
    inward,
    type: typeof type === 'string' ? type : '?',
    seq: typeof seq === 'number' ? seq : undefined,
    messageId: type === 'new_message' && typeof id === 'string' ? id : undefined,
    size: text.length,
    text,
  };
}

/** The outermost object of a text; empty if it is none. */
export function envelope(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const store = createStore<Frames>(() => noFrames);
let waiting: Omit<FrameRow, 'n'>[] = [];
/** How long rows are gathered before the table is told, ms: it is for reading, not for speed. */
const GATHER = 50;

/** For `observe` of the live client. */
export function collect(observation: LiveObservation): void {
  if (observation.type !== 'frame' && observation.type !== 'sent') return;
  waiting.push(frameRow(observation.text, observation.type === 'frame', Date.now()));
  if (waiting.length === 1) setTimeout(deliver, GATHER);
  else if (waiting.length >= MAX_FRAMES) deliver();
}

function deliver(): void {
  if (waiting.length === 0) return;
  const rows = waiting;
  waiting = [];
  store.setState((frames) => withFrames(frames, rows));
}

export function useFrames<T>(select: (frames: Frames) => T): T {
  return useStore(store, select);
}

/** Lets all rows go; the counts stay. */
export function clearFrames(): void {
  store.setState({ rows: [], characters: 0 });
}

/** One frame a line: when, which way, and the text as it was. */
export function toNdjson(rows: readonly FrameRow[]): string {
  return rows
    .map(({ at, inward, text }) => {
      const frame = envelope(text);
      return JSON.stringify({ at, direction: inward ? 'in' : 'out', frame: 'type' in frame ? frame : text });
    })
    .join('\n')
    .concat('\n');
}
