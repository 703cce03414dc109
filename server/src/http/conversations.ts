// The routes of conversations: the list, a conversation with a number, its messages, and reading them.
import { randomUUID } from 'node:crypto';
import { CodedError, type Conversation, personName, shape, workFields } from '@pulseline/protocol';
import { parseRecipient } from '../inbox/address.ts';
import { sharedKinds } from '../store/port.ts';
import { findAccount } from './accounts.ts';
import type { Api, Parts } from './parts.ts';
import { bodyOf, cursor, id, idOf, limit, pageSize, queryOf } from './shapes.ts';

const { boolean, integer, object, oneOf, optional, string } = shape;
export const listing = object({
  account: optional(id),
  q: optional(string(200)),
  filter: optional(oneOf(['all', 'unread', 'archived', 'pinned', 'unassigned', 'snoozed', 'closed'])),
  assignee: optional(personName),
  label: optional(id),
  cursor: optional(cursor),
  limit,
});
export const withNumber = object({ account: id, to: string(256, 1) });
export const arrangement = object({
  archived: optional(boolean()),
  pinned: optional(boolean()),
  muted: optional(boolean()),
  /** Silent until then, ms since epoch; a moment that is over ends it. */
  mutedUntil: optional(integer()),
  state: workFields.state,
  snoozedUntil: workFields.snoozedUntil,
  labels: workFields.labels,
});
type Arrangement = Omit<shape.Of<typeof arrangement>, 'state' | 'snoozedUntil' | 'labels'>;
export const sharing = object({ what: oneOf(sharedKinds), cursor: optional(cursor), limit });
export const place = object({ before: optional(cursor), after: optional(cursor), around: optional(cursor), limit });

export function conversationRoutes(app: Api, parts: Parts): void {
  const { store, fleet } = parts;

  app.get('/api/conversations', async (request) => {
    const query = queryOf(listing, request);
    return store.queries.conversations({ ...query, limit: pageSize(query.limit) });
  });

  app.post('/api/conversations', async (request) => {
    const body = bodyOf(withNumber, request);
    const { account } = await findAccount(store.queries, body.account);
    const chat = parseRecipient(body.to);
    const address = chat.kind === 'person' ? (chat.pn ?? chat.lid ?? '') : chat.address;
    const known = await store.queries.conversationByAddress(account.id, address);
    // One that is there already is proof enough, also while WhatsApp is out of reach.
    if (known !== undefined) return known.conversation;
    if (chat.kind !== 'person') throw new CodedError('CONVERSATION_NOT_FOUND', { id: body.to });
    const party = chat.pn === undefined ? chat : await fleet.lookUp(account.id, chat.pn.replace(/@.*$/, ''));
    if (party === undefined) throw new CodedError('NOT_ON_WHATSAPP', { to: body.to });
    const opened = await store.writer.run('open_conversation', {
      account: account.id,
      ...(party.pn !== undefined && { pn: party.pn }),
      ...(party.lid !== undefined && { lid: party.lid }),
    });
    const row = await store.queries.conversation(opened.conversation);
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id: opened.conversation });
    return row.conversation;
  });

  app.get('/api/conversations/:id', async (request) => {
    const row = await store.queries.conversation(idOf(request));
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id: idOf(request) });
    return row.conversation;
  });

  /** Here at once, and on the account's other devices by an errand. */
  async function arrange(conversation: string, change: Arrangement): Promise<Conversation> {
    const newest = (await store.queries.conversation(conversation))?.conversation.lastMessage?.id;
    const arranged = await store.writer.run('change_conversation', {
      conversation,
      ...change,
      jobId: `j_${randomUUID()}`,
      ...(newest !== undefined && { newest }),
    });
    fleet.ring(arranged.account);
    return arranged;
  }

  app.patch('/api/conversations/:id', async (request) => {
    const { state, snoozedUntil, labels, ...change } = bodyOf(arrangement, request);
    const conversation = idOf(request);
    if (state === undefined && labels === undefined) return arrange(conversation, change);
    const arranged = await store.writer.run('arrange_work', {
      conversation,
      ...(state !== undefined && { state }),
      ...(snoozedUntil !== undefined && { snoozedUntil }),
      ...(labels !== undefined && { labels }),
    });
    if (Object.keys(change).length === 0) return arranged;
    return arrange(conversation, change);
  });

  app.get('/api/conversations/:id/messages', async (request) => {
    const query = queryOf(place, request);
    const conversation = idOf(request);
    if ([query.before, query.after, query.around].filter((each) => each !== undefined).length > 1) {
      throw new CodedError('BAD_REQUEST', { detail: 'only one of before, after, around' });
    }
    if ((await store.queries.conversation(conversation)) === undefined) {
      throw new CodedError('CONVERSATION_NOT_FOUND', { id: conversation });
    }
    return store.queries.messages({ ...query, conversation, limit: pageSize(query.limit) });
  });

  app.get('/api/conversations/:id/shared', async (request) => {
    const query = queryOf(sharing, request);
    const row = await store.queries.conversation(idOf(request));
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id: idOf(request) });
    return store.queries.shared({
      conversation: row.conversation.id,
      what: query.what,
      now: parts.now(),
      limit: pageSize(query.limit),
      ...(query.cursor !== undefined && { before: query.cursor }),
    });
  });

  app.post('/api/conversations/:id/read', async (request, reply) => {
    const conversation = idOf(request);
    const newest = (await store.queries.conversation(conversation))?.conversation.lastMessage?.id;
    const read = await store.writer.run('mark_read', {
      conversation,
      jobId: `j_${randomUUID()}`,
      ...(newest !== undefined && { newest }),
    });
    if (read.queued) fleet.ring(read.account);
    return reply.code(204).send();
  });
}
