// The shapes that several routes take: ids, labels, page sizes. Unknown fields are ignored everywhere.
import { Type } from 'typebox';

export const id = Type.String({ minLength: 1, maxLength: 128 });
export const byId = Type.Object({ id });
export const label = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' });
/** `next` of the page before. */
export const cursor = Type.String({ maxLength: 500 });
export const limit = Type.Integer({ minimum: 1 });

/** How many items a page has: 50 if nothing is said, never more than 200. */
export function pageSize(wanted: number | undefined): number {
  return Math.min(wanted ?? 50, 200);
}
