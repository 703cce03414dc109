'use client';
// The calls around a conversation: people, groups, what is shared, older history, its end. What they change comes back by the live connection; they decide nothing.
import {
  type Contact,
  type Conversation,
  contact,
  conversation,
  heads,
  type Message,
  message,
  messageStatuses,
  page,
  shape,
} from '@pulseline/protocol';
import { changeInbox } from '../desk.ts';
import { call, RestError, tellServer } from '../rest.ts';

const { anything, boolean, integer, list, nullable, object, oneOf, optional, string } = shape;

const member = object({
  address: string(256, 1),
  phone: optional(string(32)),
  name: string(300),
  role: oneOf(['member', 'admin', 'owner']),
  me: optional(boolean()),
});
export type Member = shape.Of<typeof member>;
const group = object({ conversation, members: list(member, 2_000) });
export type Group = shape.Of<typeof group>;
const results = object({ results: list(object({ address: string(256), ok: boolean(), code: string(32) }), 256) });
export type MemberResult = shape.Of<typeof results>['results'][number];
const invite = object({ code: string(64, 1), link: string(200, 1) });
const waiting = object({ state: oneOf(['waiting']) });
const older = object({ messages: integer() });
const sharedPage = object({ items: list(message, 200), next: nullable(string(500)), heads });
const receipts = object({
  items: list(
    object({ address: string(256), status: optional(oneOf(messageStatuses)), at: optional(integer()) }),
    2_000,
  ),
});
export type Receipt = shape.Of<typeof receipts>['items'][number];

/** How often an errand that takes long is asked after, and the pause between, ms. */
const TRIES = 30;
const PAUSE = 1_000;

/** Has something done at WhatsApp. While it is under way the same command is asked again: it is done once. */
async function perform<T>(
  method: 'POST' | 'PATCH',
  path: string,
  answer: shape.Shape<T>,
  body: Readonly<Record<string, unknown>> = {},
): Promise<T> {
  const commandId = crypto.randomUUID();
  for (let tried = 0; tried < TRIES; tried += 1) {
    const told = await call(method, path, anything(), { commandId, ...body });
    if (!shape.fits(waiting, told)) {
      try {
        return answer.parse(told);
      } catch {
        throw new RestError('BAD_ANSWER', path);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new RestError('TIMEOUT', path);
}

const of = (id: string): string => `/api/conversations/${encodeURIComponent(id)}`;
const ofAccount = (id: string): string => `/api/accounts/${encodeURIComponent(id)}`;
const ofGroup = (id: string): string => `/api/groups/${encodeURIComponent(id)}`;

/** By a part of the name or the number. */
export async function readContacts(
  account: string,
  q: string,
  cursor?: string,
): Promise<{ readonly items: readonly Contact[]; readonly next: string | null }> {
  const query = new URLSearchParams({ q, limit: '50', ...(cursor !== undefined && { cursor }) });
  return call('GET', `${ofAccount(account)}/contacts?${query}`, page(contact));
}

/** What is known of the person of a conversation. */
export async function readContact({ account, address, phone }: Conversation): Promise<Contact | undefined> {
  const { items } = await readContacts(account, phone ?? address.replace(/@.*$/, ''));
  return items.find((each) => each.address === address || each.lid === address);
}

export async function block(account: string, person: string, blocked: boolean): Promise<Contact> {
  return perform('POST', `${ofAccount(account)}/blocked`, contact, { person, blocked });
}

/** From now on `presence` tells of this person. */
export async function watch(id: string): Promise<void> {
  await tellServer('POST', `${of(id)}/watch`);
}

export async function readGroup(id: string): Promise<Group> {
  return call('GET', ofGroup(id), group);
}

export type GroupChange = Partial<
  Record<'subject' | 'description', string> & Record<'announce' | 'locked' | 'approval', boolean>
>;

export async function changeGroup(id: string, change: GroupChange): Promise<Group> {
  return perform('PATCH', ofGroup(id), group, change);
}

export async function changeMembers(
  id: string,
  action: 'add' | 'remove' | 'promote' | 'demote',
  people: readonly string[],
): Promise<readonly MemberResult[]> {
  return (await perform('POST', `${ofGroup(id)}/members`, results, { action, people })).results;
}

export async function leaveGroup(id: string): Promise<void> {
  await tellServer('POST', `${ofGroup(id)}/leave`, { commandId: crypto.randomUUID() });
}

export async function readInvite(id: string): Promise<string> {
  return (await call('GET', `${ofGroup(id)}/invite`, invite)).link;
}

/** The link before is worth nothing from then on. */
export async function renewInvite(id: string): Promise<string> {
  return (await perform('POST', `${ofGroup(id)}/invite`, invite)).link;
}

export async function createGroup(account: string, subject: string, people: readonly string[]): Promise<string> {
  return taken(await perform('POST', `${ofAccount(account)}/groups`, group, { subject, people }));
}

export async function joinGroup(account: string, link: string): Promise<string> {
  return taken(await perform('POST', `${ofAccount(account)}/groups/join`, group, { link }));
}

/** The id of a group that the desk knows from now on. */
function taken({ conversation: made }: Group): string {
  changeInbox((inbox) =>
    inbox.conversations.has(made.id)
      ? inbox
      : { ...inbox, conversations: new Map(inbox.conversations).set(made.id, made) },
  );
  return made.id;
}

export type Shared = 'media' | 'files' | 'links' | 'pinned';

export async function readShared(
  id: string,
  what: Shared,
  cursor?: string,
): Promise<{ readonly items: readonly Message[]; readonly next: string | null }> {
  const query = new URLSearchParams({ what, limit: '24', ...(cursor !== undefined && { cursor }) });
  return call('GET', `${of(id)}/shared?${query}`, sharedPage);
}

export async function markUnread(id: string): Promise<void> {
  await tellServer('POST', `${of(id)}/unread`);
}

/** Seconds; 0 = messages stay. */
export async function setDisappearing(id: string, seconds: number): Promise<void> {
  await tellServer('POST', `${of(id)}/disappearing`, { commandId: crypto.randomUUID(), seconds });
}

/** Asks the phone for what came before; answers how many came, 0 = there is no more. */
export async function fetchOlder(id: string): Promise<number> {
  return (await perform('POST', `${of(id)}/history`, older, { count: 100 })).messages;
}

export async function deleteConversation(id: string): Promise<void> {
  await tellServer('DELETE', of(id));
}

/** Marks it for us alone, here and on the phone. */
export async function star({ id }: Message, on: boolean): Promise<void> {
  await tellServer('POST', `/api/messages/${encodeURIComponent(id)}/star`, { commandId: crypto.randomUUID(), on });
}

/** For everybody in the chat, for so many seconds; 0 takes it back. */
export async function pinMessage({ id }: Message, seconds: number): Promise<void> {
  await tellServer('POST', `/api/messages/${encodeURIComponent(id)}/pin`, { commandId: crypto.randomUUID(), seconds });
}

/** For us alone: the others keep it. */
export async function removeForMe({ id }: Message): Promise<void> {
  await tellServer('POST', `/api/messages/${encodeURIComponent(id)}/delete`, { for: 'me' });
}

export async function readReceipts(id: string): Promise<readonly Receipt[]> {
  return (await call('GET', `/api/messages/${encodeURIComponent(id)}/receipts`, receipts)).items;
}

export async function rejectCall(account: string, callId: string, from: string): Promise<void> {
  await tellServer('POST', `${ofAccount(account)}/calls/${encodeURIComponent(callId)}/reject`, { from });
}
