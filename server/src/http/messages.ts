// The routes of messages: send, try again, and the way one message took. What a send becomes is the inbox's decision.
import { randomBytes } from 'node:crypto';
import { CodedError } from '@pulseline/protocol';
import { Type } from 'typebox';
import type { EnqueueSend } from '../inbox/commands.ts';
import type { Api, Parts } from './parts.ts';
import { byId, id } from './schemas.ts';

const commandId = Type.String({ minLength: 1, maxLength: 200 });

export function messageRoutes(app: Api, parts: Parts): void {
  const { store, fleet } = parts;

  const send = Type.Object({
    commandId: Type.Optional(commandId),
    account: Type.Optional(id),
    to: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    conversation: Type.Optional(id),
    kind: Type.Optional(Type.Enum(['text'])),
    text: Type.String({ minLength: 1, maxLength: 65_536, pattern: '\\S' }),
  });
  app.post('/api/messages', { schema: { body: send } }, async ({ body, headers }, reply) => {
    const command = commandOf(body.commandId, headers['idempotency-key']);
    const { account, to } = await recipient(body);
    const input = { commandId: command, waId: whatsAppId(), account, to, text: body.text } satisfies EnqueueSend;
    const { message } = await store.writer.run('enqueue_send', input);
    fleet.ring(message.account);
    return reply.code(202).send({ commandId: command, message });
  });

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

  app.post('/api/messages/:id/retry', { schema: { params: byId } }, async ({ params }, reply) => {
    const { message } = await store.writer.run('retry_send', { messageId: params.id });
    fleet.ring(message.account);
    return reply.code(202).send({ message });
  });

  app.get('/api/messages/:id/trace', { schema: { params: byId } }, async ({ params }) => {
    const stamps = parts.live.trace(params.id);
    if (stamps === undefined && (await store.queries.message(params.id)) === undefined) {
      throw new CodedError('MESSAGE_NOT_FOUND', { id: params.id });
    }
    return { id: params.id, stamps: stamps ?? {} };
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
