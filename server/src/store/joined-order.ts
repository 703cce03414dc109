// In which order the messages of two conversations stand when they become one. Pure; it moves nothing.

export interface Placed {
  readonly ord: number;
  /** 0 = of the history. */
  readonly seq: number;
}

/**
 * Live messages stand in the order of their events, what is history where its time puts it, but never last where anything is
 * live. `rows` come in the order of `ord`; the answer has each of them once, with places that rise.
 */
export function joinedOrder<T extends Placed>(
  rows: readonly T[],
): readonly { readonly row: T; readonly place: number }[] {
  const live = rows.filter(({ seq }) => seq > 0).sort((one, other) => one.seq - other.seq);
  const end = rows.findLastIndex(({ seq }) => seq > 0);
  const slots = end < 0 ? rows : [...rows.slice(0, end), ...rows.slice(end + 1), ...rows.slice(end, end + 1)];
  let next = 0;
  let last = Number.NEGATIVE_INFINITY;
  return slots.map((slot) => {
    const row = slot.seq > 0 ? (live[next++] ?? slot) : slot;
    last = Math.max(slot.ord, last + 1);
    return { row, place: last };
  });
}
