// Positions in streams, as text and as values (docs/api.md, "Positions"); nothing here knows what lies at a position.

/** `epoch` undefined = not checked. */
export interface Position {
  readonly stream: string;
  readonly epoch?: string;
  readonly seq: number;
}

/** How far somebody has come in each stream. Never changed in place: two cursors that are the same object are equal. */
export type Cursor = ReadonlyMap<string, { readonly epoch?: string; readonly seq: number }>;

/** The stream of a position that speaks for every stream that the cursor does not name. */
export const EVERY_OTHER_STREAM = '*';

const MAX_POSITIONS = 1_000;

/** `acc_01:e1:42,workspace:7` -> positions; undefined if the text is not of that form. */
export function parsePositions(text: string): readonly Position[] | undefined {
  if (text === '') return [];
  const parts = text.split(',');
  if (parts.length > MAX_POSITIONS) return undefined;
  const positions: Position[] = [];
  for (const part of parts) {
    const fields = part.trim().split(':');
    const [stream, epoch, seq] = fields.length === 2 ? [fields[0], '', fields[1]] : fields;
    if (fields.length > 3 || !stream || stream.length > 128 || !seq || !/^\d{1,15}$/.test(seq)) return undefined;
    positions.push({ stream, seq: Number(seq), ...(epoch ? { epoch } : {}) });
  }
  return positions;
}

export function formatPositions(positions: readonly Position[]): string {
  return positions
    .map(({ stream, epoch, seq }) => `${stream}:${epoch === undefined ? '' : `${epoch}:`}${seq}`)
    .join(',');
}

export function cursorOf(heads: Readonly<Record<string, { readonly epoch: string; readonly seq: number }>>): Cursor {
  return new Map(Object.entries(heads));
}

export function formatCursor(cursor: Cursor): string {
  return formatPositions([...cursor].map(([stream, position]) => ({ stream, ...position })));
}

/** The cursor with one stream moved. */
export function moved(cursor: Cursor, stream: string, position: { readonly epoch?: string; readonly seq: number }) {
  return new Map(cursor).set(stream, position);
}
