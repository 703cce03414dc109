// How large bubbles with pictures stand before what draws them is here; it draws nothing.
import type { Attached } from './attachments.ts';
import { boxOf } from './media-address.ts';

/** Px: a tile's side, and the room between two. */
const GAP = 4;
const PAIR = 140;
const TRIPLE = 104;

/** More than four stand in three columns. */
export function albumBox(count: number): { readonly columns: number; readonly side: number; readonly gap: number } {
  return count > 4 ? { columns: 3, side: TRIPLE, gap: GAP } : { columns: 2, side: PAIR, gap: GAP };
}

/** Of the whole bubble, about. */
export function albumHeight(count: number): number {
  const { columns, side, gap } = albumBox(count);
  return Math.ceil(count / columns) * (side + gap) + 40;
}

/** Of a file on its way, about. */
export function sendingHeight({ preview, size }: Attached): number {
  return (preview === undefined ? 56 : boxOf(size ?? {}).height) + 52;
}
