// Positions in streams, as text and as values (docs/api.md, "Positions"); nothing here knows what lies at a position.

/** `epoch` undefined = not checked. */
export interface Position {
  readonly stream: string;
  readonly epoch?: string;
  readonly seq: number;
}

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
