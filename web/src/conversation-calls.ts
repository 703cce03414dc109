// The calls about conversations: finding, opening, arranging and reading them. What the desk does not know yet, it learns from their answers.
import { withConversations } from '@pulseline/client';
import { type Conversation, conversation } from '@pulseline/protocol';
import { changeInbox, deskNow, readConversations } from './desk.ts';
import { call, tellServer } from './rest.ts';

/** Conversations that fit, as the server finds them; they become known to the desk. */
export async function findConversations(
  query: Readonly<Record<'q' | 'account' | 'filter' | 'assignee' | 'label', string>>,
): Promise<readonly string[]> {
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
  return (await readConversations(given)).items.map(({ id }) => id);
}

/** Reads one conversation that is not in the list; of one that has become part of another, that other. Errors: CONVERSATION_NOT_FOUND and those of the way. */
export async function readConversation(id: string): Promise<Conversation> {
  const value = await call('GET', `/api/conversations/${id}`, conversation);
  changeInbox((inbox) => withConversations(inbox, [value]));
  return value;
}

/** Opens a conversation with a number, after WhatsApp was asked whether it exists. Errors: NOT_ON_WHATSAPP, BAD_ADDRESS … */
export async function startConversation(from: string, to: string): Promise<Conversation> {
  const value = await call('POST', '/api/conversations', conversation, { account: from, to });
  changeInbox((inbox) => withConversations(inbox, [value]));
  return value;
}

export type Arrangement = Partial<Pick<Conversation, 'archived' | 'pinned' | 'muted' | 'mutedUntil'>>;

/** Archives, pins or mutes, at once on the screen and taken back if the server refuses; the live connection tells the others. */
export async function arrange(id: string, change: Arrangement): Promise<void> {
  const before = deskNow().inbox.conversations.get(id);
  if (before !== undefined) arranged(id, { ...arrangementOf(before), ...change });
  try {
    arranged(id, arrangementOf(await call('PATCH', `/api/conversations/${id}`, conversation, change)));
  } catch (error) {
    if (before !== undefined) arranged(id, arrangementOf(before));
    throw error;
  }
}

function arrangementOf({ archived, pinned, muted, mutedUntil }: Conversation): Arrangement {
  return { archived, pinned, muted, ...(mutedUntil !== undefined && { mutedUntil }) };
}

function arranged(id: string, to: Arrangement): void {
  changeInbox((inbox) => {
    const known = inbox.conversations.get(id);
    if (known === undefined) return inbox;
    const { mutedUntil: _, ...rest } = known;
    return { ...inbox, conversations: new Map(inbox.conversations).set(id, { ...rest, ...to }) };
  });
}

export async function markRead(id: string): Promise<void> {
  await tellServer('POST', `/api/conversations/${id}/read`);
}
