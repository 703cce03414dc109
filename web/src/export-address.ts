// Where the text of a conversation, or of all of an account, is downloaded from.
import { apiBase } from './api-base.ts';

/** With times as this reader's clock shows them. */
export function exportAddress(
  of: 'conversations' | 'accounts',
  id: string,
  format: 'txt' | 'html' | 'jsonl' = 'txt',
): string {
  const query = new URLSearchParams({ format, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  return `${apiBase()}/api/${of}/${encodeURIComponent(id)}/export?${query}`;
}
