// A made-up conversation of a made-up account, for tests; it is never read, nor changed by anybody.
import type { Conversation } from '@pulseline/protocol';

/** Nothing was said in it yet. */
export function aConversation(id: string, more: Partial<Conversation> = {}): Conversation {
  return {
    id,
    account: 'acc_1',
    address: `${id}@s.whatsapp.net`,
    name: id,
    kind: 'person',
    unread: 0,
    lastAt: 0,
    archived: false,
    pinned: false,
    muted: false,
    ...more,
  };
}
