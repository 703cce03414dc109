// Bounds for text that comes from outside: what is longer than our shapes allow is cut, so that no client ever meets a value it cannot parse.

/** WhatsApp's limit of a text, and ours of a body, in UTF-16 units. */
export const MAX_BODY = 65_536;

/** The first `max` UTF-16 units, never half a character. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splits ? max - 1 : max);
}
