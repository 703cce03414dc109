// The calls about the messages of a conversation: its pages, as windows that are kept for a quick return, and what is done to one message. They send no text.
import { type InboxState, openWindow, withPage } from '@pulseline/client';
import { type Message, message, shape } from '@pulseline/protocol';
import { changeInbox, deskNow, MOST_MESSAGES, messagePage, placed } from './desk.ts';
import { call } from './rest.ts';

const sent = shape.object({ message });

/** Message windows kept for a quick return; the one opened longest ago is let go. */
const MAX_WINDOWS = 20;

/** Messages in a page; the first one of a conversation also takes in the unread ones, as far as an answer goes. */
const MESSAGES = 50;

/** Without the window of this conversation, and with room for a new one. */
function withRoom(inbox: InboxState, id: string): InboxState {
  const windows = new Map(inbox.windows);
  windows.delete(id);
  for (const oldest of windows.keys()) {
    if (windows.size < MAX_WINDOWS) break;
    windows.delete(oldest);
  }
  return { ...inbox, windows };
}

/** Reads the newest messages of a conversation, of which `unread` are not read. */
export async function readMessages(id: string, unread: number): Promise<void> {
  changeInbox((inbox) => openWindow(withRoom(inbox, id), id));
  const limit = Math.min(MOST_MESSAGES, Math.max(MESSAGES, unread + 20));
  await readPage(id, 'newest', `limit=${limit}`);
}

export async function readOlderMessages(id: string): Promise<void> {
  const before = deskNow().inbox.windows.get(id)?.before;
  if (typeof before === 'string')
    await readPage(id, 'before', `limit=${MESSAGES}&before=${encodeURIComponent(before)}`);
}

export async function readNewerMessages(id: string): Promise<void> {
  const window = deskNow().inbox.windows.get(id);
  const last = window?.messages.at(-1)?.id;
  if (window?.atEnd === false && last !== undefined) await readPage(id, 'after', `limit=${MESSAGES}&after=${last}`);
}

/** Reads the messages before and after one, in place of those that were there. Errors: MESSAGE_NOT_FOUND and those of the way. */
export async function readAround(id: string, message: string): Promise<void> {
  const query = `limit=${MESSAGES}&around=${encodeURIComponent(message)}`;
  await placed(
    () => call('GET', `/api/conversations/${id}/messages?${query}`, messagePage),
    (inbox, page) => withPage(withRoom(inbox, id), id, { ...page, at: 'around' }),
    () => (concerned) => concerned === id,
  );
}

async function readPage(id: string, at: 'newest' | 'before' | 'after', query: string): Promise<void> {
  await placed(
    () => call('GET', `/api/conversations/${id}/messages?${query}`, messagePage),
    (inbox, page) => withPage(inbox, id, { ...page, at }),
    () => (concerned) => concerned === id,
  );
}

/** Asks for a change of a message; the live connection tells when WhatsApp has taken it. */
async function change({ id }: Message, what: string, body: Readonly<Record<string, unknown>>): Promise<void> {
  await call('POST', `/api/messages/${id}/${what}`, sent, { commandId: crypto.randomUUID(), ...body });
}

/** '' takes our reaction back. */
export async function reactTo(to: Message, emoji: string): Promise<void> {
  await change(to, 'reaction', { emoji });
}

export async function editText(of: Message, text: string): Promise<void> {
  await change(of, 'edit', { text });
}

export async function deleteForEveryone(one: Message): Promise<void> {
  await change(one, 'delete', {});
}

/** Another try for a message that WhatsApp refused. */
export async function retrySend({ id }: Message): Promise<void> {
  await call('POST', `/api/messages/${id}/retry`, sent);
}
