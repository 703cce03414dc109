// JSON that comes from elsewhere, as a value of a shape; it never throws at a text.
import { shape } from '@pulseline/protocol';

/** undefined: no JSON, or none of this shape. */
export function parseJson<T>(of: shape.Shape<T>, text: string): T | undefined {
  try {
    return of.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
