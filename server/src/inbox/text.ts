// Bounds for text that comes from outside: what is longer than our shapes allow is cut, so that no client ever meets a value it cannot parse.

/** The first `max` UTF-16 units, never half a character. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splits ? max - 1 : max);
}
