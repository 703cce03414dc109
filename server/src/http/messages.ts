// The routes of messages: send, change, try again, and the way one message took. What a send becomes is the inbox's decision.
import { randomBytes } from 'node:crypto';
import { CodedError, shape } from '@pulseline/protocol';
import type { FastifyRequest } from 'fastify';
import type { EnqueueChange, EnqueueSend } from '../inbox/commands.ts';
import { mediaKinds, suits } from '../media/kinds.ts';
import { bearsOf, fileOf, fresh, saying } from './message-kinds.ts';
import type { Api, Parts } from './parts.ts';
import { bodyOf, id, idOf, text } from './shapes.ts';

const { boolean, integer, list, object, oneOf, optional, string } = shape;
export const send = object({
  commandId: optional(string(200, 1)),
  account: optional(id),
  to: optional(string(256, 1)),
  conversation: optional(id),
  ...saying,
  text: optional(text),
  /** The id of a message of that conversation that this one answers. */
  quote: optional(id),
  /** Addresses, or phone numbers in any writing. */
  mentions: optional(list(string(256, 1), 256)),
});
/** A name, or a place. */
const choice: shape.Shape<string | number> = {
  ...string(300),
  schema: { anyOf: [string(300).schema, integer().schema] },
  parse: (value, path) => (typeof value === 'number' ? integer().parse(value, path) : string(300).parse(value, path)),
};
const commandId = optional(string(200, 1));
/** '' takes the reaction back. */
export const reacting = object({ commandId, emoji: string(32) });
export const editing = object({ commandId, text });
/** In the chat, for a day, a week or 30 days; 0 = no longer. */
export const pinning = object({ commandId, seconds: integer() });
export const starring = object({ commandId, on: boolean() });
/** For everyone, or, at once, for us alone: then our phone hears of it too. */
export const deleting = object({ commandId, for: optional(oneOf(['everyone', 'me'])) });
/** Names of options, or their places from 0; none takes the vote back. */
export const voting = object({ commandId, options: list(choice, 100) });
export const timing = object({
  commandId,
  /** 0, or those of a day, a week, 90 days. */
  seconds: integer(),
});

export function messageRoutes(app: Api, parts: Parts): void {
  const { store, fleet } = parts;

  app.post('/api/messages', async (request, reply) => {
    const body = bodyOf(send, request);
    const command = commandOf(body.commandId, request.headers['idempotency-key']);
    const { account, to } = await recipient(body);
    const file = fileOf(body);
    const bears = file === undefined ? bearsOf(body) : undefined;
    const media = file && (await attached(file));
    if (file === undefined && bears === undefined && body.text === undefined)
      throw new CodedError('BAD_REQUEST', { detail: 'text: expected a value' });
    const input = {
      commandId: command,
      waId: whatsAppId(),
      account,
      to,
      text: file?.caption ?? body.text ?? '',
      ...(media && { media }),
      ...(bears && { bears }),
      ...(body.forward !== undefined && { forward: body.forward }),
      ...(body.quote !== undefined && { quote: body.quote }),
      ...(body.mentions !== undefined && { mentions: body.mentions }),
    } satisfies EnqueueSend;
    const { message } = await store.writer.run('enqueue_send', input);
    fleet.ring(message.account, 'sends');
    return reply.code(202).send({ commandId: command, message });
  });

  /** As what an upload is sent. Errors: UPLOAD_NOT_FOUND, UPLOAD_KIND. */
  const attached = async ({ id: upload, kind: asked }: NonNullable<ReturnType<typeof fileOf>>) => {
    const row = await store.queries.media(upload);
    const found = row && mediaKinds.find((each) => each === row.kind);
    if (row === undefined || found === undefined || row.message !== undefined) {
      throw new CodedError('UPLOAD_NOT_FOUND', { id: upload });
    }
    const kind = asked ?? found;
    const { mime } = row.media;
    if (kind !== found && !suits(kind, mime)) throw new CodedError('UPLOAD_KIND', { mime, kind });
    return { id: upload, kind };
  };

  const recipient = async (body: {
    readonly account?: string;
    readonly to?: string;
    readonly conversation?: string;
  }): Promise<Pick<EnqueueSend, 'account' | 'to'>> => {
    if ((body.to === undefined) === (body.conversation === undefined)) {
      throw new CodedError('BAD_REQUEST', { detail: 'either to or conversation' });
    }
    if (body.conversation === undefined) {
      if (body.account === undefined) throw new CodedError('BAD_REQUEST', { detail: 'account: expected an id' });
      return { account: body.account, to: { address: body.to ?? '' } };
    }
    const row = await store.queries.conversation(body.conversation);
    if (row === undefined || (body.account !== undefined && row.conversation.account !== body.account)) {
      throw new CodedError('CONVERSATION_NOT_FOUND', { id: body.conversation });
    }
    return { account: row.conversation.account, to: { conversation: body.conversation } };
  };

  const change = async (request: FastifyRequest, given: string | undefined, what: EnqueueChange['change']) => {
    const command = commandOf(given, request.headers['idempotency-key']);
    const found = await store.queries.message(idOf(request));
    const home = found && (await store.queries.conversation(found.conversation));
    if (found === undefined || home === undefined) throw new CodedError('MESSAGE_NOT_FOUND', { id: idOf(request) });
    const { account, id: conversation, kind, address } = home.conversation;
    const input = {
      commandId: command,
      waId: whatsAppId(),
      account,
      conversation,
      messageId: found.id,
      change: what,
      ...(kind === 'group' && { group: address }),
    } satisfies EnqueueChange;
    const { message } = await store.writer.run('enqueue_change', input);
    fleet.ring(account);
    return { commandId: command, message };
  };

  app.post('/api/messages/:id/reaction', async (request, reply) => {
    const { commandId: given, emoji } = bodyOf(reacting, request);
    return reply.code(202).send(await change(request, given, { kind: 'reaction', emoji }));
  });

  app.post('/api/messages/:id/edit', async (request, reply) => {
    const { commandId: given, text: words } = bodyOf(editing, request);
    return reply.code(202).send(await change(request, given, { kind: 'edit', text: words }));
  });

  app.post('/api/messages/:id/delete', async (request, reply) => {
    const { commandId: given, for: whom } = bodyOf(deleting, request);
    if (whom === 'me') {
      const { message } = await store.writer.run('remove_message', await forUs(request));
      fleet.ring(message.account);
      return reply.code(202).send({ commandId: given ?? fresh(16), message });
    }
    return reply.code(202).send(await change(request, given, { kind: 'revoke' }));
  });

  /** Doing it twice is doing it once, so that a new errand does no harm. */
  const forUs = async (request: FastifyRequest) => {
    const messageId = idOf(request);
    const found = await store.queries.message(messageId);
    if (found === undefined) throw new CodedError('MESSAGE_NOT_FOUND', { id: messageId });
    return { messageId, conversation: found.conversation, jobId: `j_${fresh(16)}` };
  };

  app.post('/api/messages/:id/star', async (request, reply) => {
    const { commandId: given, on } = bodyOf(starring, request);
    const { message } = await store.writer.run('star_message', { ...(await forUs(request)), on });
    fleet.ring(message.account);
    return reply.code(202).send({ commandId: given ?? fresh(16), message });
  });

  app.post('/api/messages/:id/pin', async (request, reply) => {
    const { commandId: given, seconds } = bodyOf(pinning, request);
    return reply.code(202).send(await change(request, given, { kind: 'pin', seconds }));
  });

  app.post('/api/messages/:id/votes', async (request, reply) => {
    const { commandId: given, options } = bodyOf(voting, request);
    return reply.code(202).send(await change(request, given, { kind: 'vote', options, iv: fresh(12) }));
  });

  app.post('/api/conversations/:id/disappearing', async (request, reply) => {
    const { commandId: given, seconds } = bodyOf(timing, request);
    const command = commandOf(given, request.headers['idempotency-key']);
    const home = await store.queries.conversation(idOf(request));
    if (home === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id: idOf(request) });
    const { account, id: conversation } = home.conversation;
    const to = { conversation };
    const input = { commandId: command, waId: whatsAppId(), account, to, text: '', bears: { timer: seconds } };
    const { message } = await store.writer.run('enqueue_send', input);
    fleet.ring(account);
    return reply.code(202).send({ commandId: command, message });
  });

  app.post('/api/messages/:id/retry', async (request, reply) => {
    const { message } = await store.writer.run('retry_send', { messageId: idOf(request) });
    fleet.ring(message.account);
    return reply.code(202).send({ message });
  });

  app.get('/api/messages/:id/receipts', async (request) => {
    const messageId = idOf(request);
    if ((await store.queries.message(messageId)) === undefined) {
      throw new CodedError('MESSAGE_NOT_FOUND', { id: messageId });
    }
    const rows = await store.queries.recipients(messageId);
    const items = rows.map(({ address, pn, status, at }) => ({
      address: pn ?? address,
      ...(status !== undefined && { status }),
      ...(at !== undefined && { at }),
    }));
    return { items, next: null };
  });

  app.get('/api/messages/:id/trace', async (request) => {
    const messageId = idOf(request);
    // Asked first: the stamps of a removed account's messages are remembered a while longer.
    if ((await store.queries.message(messageId)) === undefined) {
      throw new CodedError('MESSAGE_NOT_FOUND', { id: messageId });
    }
    return { id: messageId, stamps: parts.live.trace(messageId) ?? {} };
  });
}

/** The caller's own id of the command, from the body or the header (there it may stand in quotes). */
function commandOf(inBody: string | undefined, header: string | readonly string[] | undefined): string {
  const inHeader = typeof header === 'string' ? header.trim().replace(/^"(.*)"$/, '$1') : undefined;
  if (inBody !== undefined && inHeader !== undefined && inBody !== inHeader) {
    throw new CodedError('BAD_REQUEST', { detail: 'commandId and Idempotency-Key differ' });
  }
  const command = inBody ?? inHeader;
  if (command === undefined || command === '' || command.length > 200) {
    throw new CodedError('BAD_REQUEST', { detail: 'commandId: expected text of 1 to 200 characters' });
  }
  return command;
}

/** As Baileys makes them for its own sends. */
function whatsAppId(): string {
  return `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
}
