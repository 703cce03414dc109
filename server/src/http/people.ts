// The routes of people and of what is around a conversation: contacts, blocking, pictures, presence, typing, calls, older history, how it is arranged, its end. They decide nothing.
import { createHash, randomUUID } from 'node:crypto';
import { CodedError, contact, page, shape } from '@pulseline/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { newestOf } from '../inbox/arrangement.ts';
import { chatOf } from '../inbox/conversations.ts';
import type { ConversationRow } from '../store/port.ts';
import type { Chat } from '../whatsapp/port.ts';
import { findAccount } from './accounts.ts';
import { personOf } from './groups.ts';
import type { Api, Parts } from './parts.ts';
import { commandId, perform, shownOutcome } from './perform.ts';
import { bodyOf, cursor, idOf, limit, pageSize, queryOf } from './shapes.ts';

const { boolean, integer, object, oneOf, optional, string } = shape;

export const contactListing = object({
  q: optional(string(200)),
  /** `true`: only those who are blocked. */
  blocked: optional(oneOf(['true', 'false'])),
  cursor: optional(cursor),
  limit,
});
export const contactPage = page(contact);
export const blocking = object({ commandId, person: string(256, 1), blocked: boolean() });
/** `empty`: 204 where there is no picture, or it cannot be had now, so that a page that draws something else reports no error. */
export const looking = object({ none: optional(oneOf(['empty'])) });
export const typing = object({ state: oneOf(['composing', 'paused']) });
export const rejecting = object({ from: string(256, 1) });
export const older = object({ commandId, count: optional(integer(1)) });
export const olderAnswer = object({ messages: integer() });

/** Messages that the phone is asked for at once. */
const OLDER = 50;
const MOST_OLDER = 500;
const MESSAGES_AT_ONCE = 500;

export function peopleRoutes(app: Api, parts: Parts): void {
  const { store, fleet } = parts;
  const { queries, writer } = store;

  /** Errors: CONVERSATION_NOT_FOUND. */
  async function rowOf(id: string): Promise<ConversationRow> {
    const row = await queries.conversation(id);
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id });
    return row;
  }

  app.get('/api/accounts/:id/contacts', async (request) => {
    const query = queryOf(contactListing, request);
    const { account } = await findAccount(queries, idOf(request));
    const { q, blocked, cursor: from } = query;
    return queries.contacts({
      account: account.id,
      limit: pageSize(query.limit),
      ...(q !== undefined && { q }),
      ...(blocked === 'true' && { blocked: true }),
      ...(from !== undefined && { cursor: from }),
    });
  });

  app.post('/api/accounts/:id/blocked', async (request, reply) => {
    const body = bodyOf(blocking, request);
    const { account } = await findAccount(queries, idOf(request));
    const person = personOf(body.person);
    const done = await perform(parts, account, body.commandId, { do: 'block', person, on: body.blocked });
    if (done.state === 'waiting') return reply.code(202).send(done);
    const known = await queries.contact(account.id, person.pn ?? person.lid ?? '');
    return reply.code(200).send(known ?? { account: account.id, address: person.pn ?? person.lid, name: body.person });
  });

  const answerPicture = async (request: FastifyRequest, reply: FastifyReply, account: string, chat: Chat) => {
    const { none } = queryOf(looking, request);
    const known = request.headers['if-none-match'];
    const bytes = await parts.pictures.of(account, chat).catch((error: unknown) => {
      if (none === 'empty') return undefined;
      throw error;
    });
    if (bytes === undefined && none === 'empty')
      return reply.header('cache-control', 'private, max-age=60').code(204).send();
    if (bytes === undefined) throw new CodedError('PICTURE_NOT_FOUND');
    const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
    reply.headers({
      // Kept, and asked after each time: it may have been changed.
      'cache-control': 'private, no-cache',
      etag,
      'content-security-policy': "default-src 'none'; sandbox",
    });
    if (known === etag) return reply.code(304).send();
    return reply.type('image/jpeg').send(bytes);
  };

  app.get('/api/conversations/:id/picture', async (request, reply) => {
    const row = await rowOf(idOf(request));
    return answerPicture(request, reply, row.conversation.account, chatOf(row));
  });

  app.get('/api/accounts/:id/contacts/:address/picture', async (request, reply) => {
    const { account } = await findAccount(queries, idOf(request));
    const { address } = object({ address: string(256, 1) }).parse(request.params, 'path');
    const chat: Chat = { kind: 'person', ...personOf(address) };
    return answerPicture(request, reply, account.id, chat);
  });

  app.post('/api/conversations/:id/watch', async (request, reply) => {
    const row = await rowOf(idOf(request));
    await fleet.ask(row.conversation.account, { do: 'watch', chat: chatOf(row) });
    return reply.code(204).send();
  });

  app.post('/api/conversations/:id/typing', async (request, reply) => {
    const { state } = bodyOf(typing, request);
    const row = await rowOf(idOf(request));
    fleet.typing(row.conversation.account, chatOf(row), state);
    return reply.code(204).send();
  });

  app.post('/api/accounts/:id/calls/:call/reject', async (request, reply) => {
    const { from } = bodyOf(rejecting, request);
    const { account } = await findAccount(queries, idOf(request));
    const { call } = object({ call: string(200, 1) }).parse(request.params, 'path');
    await fleet.ask(account.id, { do: 'reject-call', callId: call, from: personOf(from) });
    return reply.code(204).send();
  });

  app.post('/api/conversations/:id/unread', async (request) => {
    const { conversation } = await rowOf(idOf(request));
    const marked = await writer.run('change_conversation', {
      conversation: conversation.id,
      markedUnread: true,
      jobId: `j_${randomUUID()}`,
      ...(conversation.lastMessage && { newest: conversation.lastMessage.id }),
    });
    fleet.ring(conversation.account);
    return marked;
  });

  app.post('/api/conversations/:id/history', async (request, reply) => {
    const { commandId: command, count = OLDER } = bodyOf(older, request);
    const row = await rowOf(idOf(request));
    const { account } = await findAccount(queries, row.conversation.account);
    if (row.conversation.readOnly === true) throw new CodedError('CONVERSATION_READ_ONLY');
    const { oldest } = await queries.edges(row.conversation.id);
    if (oldest === undefined) throw new CodedError('HISTORY_AT_ITS_END');
    const done = await perform(parts, account, command, {
      do: 'history',
      chat: chatOf(row),
      oldest: newestOf(row, oldest),
      count: Math.min(count, MOST_OLDER),
    });
    return done.state === 'waiting' ? reply.code(202).send(done) : olderAnswer.parse(done.result);
  });

  app.delete('/api/conversations/:id', async (request, reply) => {
    const { conversation } = await rowOf(idOf(request));
    const { id, account, lastMessage } = conversation;
    // Little by little, so that nobody's message waits for it; the last step tells it.
    const before = parts.now();
    for (let first: string | undefined; ; ) {
      const { items } = await queries.messages({ conversation: id, after: '~0', limit: MESSAGES_AT_ONCE });
      if (items.length < MESSAGES_AT_ONCE || items[0]?.id === first) break;
      first = items[0]?.id;
      await writer.run('expire_messages', { conversation: id, before });
    }
    await writer.run('delete_conversation', {
      conversation: id,
      jobId: `j_${randomUUID()}`,
      ...(lastMessage && { newest: lastMessage.id }),
    });
    fleet.ring(account);
    return reply.code(204).send();
  });

  app.get('/api/commands/:id', async (request) => {
    const command = idOf(request);
    const row = await queries.jobOfCommand(command);
    if (row === undefined || row.type !== 'errand') throw new CodedError('COMMAND_NOT_FOUND');
    return shownOutcome(row, command);
  });
}
