// The routes of conversations: the list, a conversation with a number, its messages, and reading them.
import { randomUUID } from 'node:crypto';
import { CodedError } from '@pulseline/protocol';
import { Type } from 'typebox';
import { parseRecipient } from '../inbox/address.ts';
import { findAccount } from './accounts.ts';
import type { Api, Parts } from './parts.ts';
import { byId, cursor, id, limit, pageSize } from './schemas.ts';

export function conversationRoutes(app: Api, parts: Parts): void {
  const { store, fleet } = parts;

  const list = Type.Object({
    account: Type.Optional(id),
    q: Type.Optional(Type.String({ maxLength: 200 })),
    filter: Type.Optional(Type.Enum(['all', 'unread', 'archived', 'pinned'])),
    cursor: Type.Optional(cursor),
    limit: Type.Optional(limit),
  });
  app.get('/api/conversations', { schema: { querystring: list } }, async ({ query }) =>
    store.queries.conversations({ ...query, limit: pageSize(query.limit) }),
  );

  const withNumber = Type.Object({ account: id, to: Type.String({ minLength: 1, maxLength: 256 }) });
  app.post('/api/conversations', { schema: { body: withNumber } }, async ({ body }) => {
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

  const page = Type.Object({
    before: Type.Optional(cursor),
    after: Type.Optional(cursor),
    around: Type.Optional(cursor),
    limit: Type.Optional(limit),
  });
  app.get('/api/conversations/:id', { schema: { params: byId } }, async ({ params }) => {
    const row = await store.queries.conversation(params.id);
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id: params.id });
    return row.conversation;
  });

  app.get(
    '/api/conversations/:id/messages',
    { schema: { params: byId, querystring: page } },
    async ({ params, query }) => {
      if ([query.before, query.after, query.around].filter((place) => place !== undefined).length > 1) {
        throw new CodedError('BAD_REQUEST', { detail: 'only one of before, after, around' });
      }
      if ((await store.queries.conversation(params.id)) === undefined) {
        throw new CodedError('CONVERSATION_NOT_FOUND', { id: params.id });
      }
      return store.queries.messages({ ...query, conversation: params.id, limit: pageSize(query.limit) });
    },
  );

  app.post('/api/conversations/:id/read', { schema: { params: byId } }, async ({ params }, reply) => {
    const read = await store.writer.run('mark_read', { conversation: params.id, jobId: `j_${randomUUID()}` });
    if (read.queued) fleet.ring(read.account);
    return reply.code(204).send();
  });
}
