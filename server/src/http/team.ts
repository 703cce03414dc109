// The routes of a team: who has a conversation, notes, labels, prepared replies. Names are believed as they are given until there are logins.
import { createHash, randomUUID } from 'node:crypto';
import { CodedError, cannedReply, label, MAX_NOTE, personName, shape } from '@pulseline/protocol';
import type { Api, Parts } from './parts.ts';
import { bodyOf, cursor, id, idOf, limit, pageSize, queryOf } from './shapes.ts';

const { nullable, object, optional, string } = shape;
export const assigning = object({ assignee: nullable(personName), by: optional(personName) });
export const noting = object({ commandId: optional(string(200, 1)), body: string(MAX_NOTE, 1), author: personName });
export const notesAsked = object({ cursor: optional(cursor), limit });
export const notesFound = object({ q: string(200, 1), conversation: optional(id), cursor: optional(cursor), limit });
export const freshLabel = object({ name: label.fields.name, colour: optional(label.fields.colour) });
export const changedLabel = object({ name: optional(label.fields.name), colour: optional(label.fields.colour) });
export const freshReply = object({ shortcut: cannedReply.fields.shortcut, body: cannedReply.fields.body });
export const changedReply = object({
  shortcut: optional(cannedReply.fields.shortcut),
  body: optional(cannedReply.fields.body),
});

export function teamRoutes(app: Api, { store }: Parts): void {
  const { queries, writer } = store;

  /** Errors: CONVERSATION_NOT_FOUND. */
  async function known(conversation: string): Promise<string> {
    if ((await queries.conversation(conversation)) === undefined)
      throw new CodedError('CONVERSATION_NOT_FOUND', { id: conversation });
    return conversation;
  }

  app.post('/api/conversations/:id/assignment', async (request) =>
    writer.run('assign', { conversation: idOf(request), ...bodyOf(assigning, request) }),
  );

  app.get('/api/conversations/:id/notes', async (request) => {
    const query = queryOf(notesAsked, request);
    return queries.notes({ ...query, conversation: await known(idOf(request)), limit: pageSize(query.limit) });
  });

  app.post('/api/conversations/:id/notes', async (request, reply) => {
    const { commandId, body, author } = bodyOf(noting, request);
    const conversation = idOf(request);
    if (body.trim() === '') throw new CodedError('BAD_REQUEST', { detail: 'body: text that is not blank' });
    const note = { id: noteId(conversation, commandId ?? randomUUID()), conversation, body, author };
    return reply.code(201).send(await writer.run('add_note', note));
  });

  app.get('/api/notes', async (request) => {
    const query = queryOf(notesFound, request);
    return queries.notes({ ...query, limit: pageSize(query.limit) });
  });

  app.get('/api/labels', async () => ({ items: await all('label'), next: null }));
  app.post('/api/labels', async (request, reply) => {
    const made = { id: `l_${randomUUID()}`, mustExist: false, ...bodyOf(freshLabel, request) };
    return reply.code(201).send(await writer.run('put_label', made));
  });
  app.patch('/api/labels/:id', async (request) =>
    writer.run('put_label', { id: idOf(request), mustExist: true, ...bodyOf(changedLabel, request) }),
  );
  app.delete('/api/labels/:id', async (request, reply) => {
    await writer.run('remove_label', { id: idOf(request) });
    return reply.code(204).send();
  });

  app.get('/api/replies', async () => ({ items: await all('reply'), next: null }));
  app.post('/api/replies', async (request, reply) => {
    const made = { id: `r_${randomUUID()}`, mustExist: false, ...bodyOf(freshReply, request) };
    return reply.code(201).send(await writer.run('put_reply', made));
  });
  app.patch('/api/replies/:id', async (request) =>
    writer.run('put_reply', { id: idOf(request), mustExist: true, ...bodyOf(changedReply, request) }),
  );
  app.delete('/api/replies/:id', async (request, reply) => {
    await writer.run('remove_reply', { id: idOf(request) });
    return reply.code(204).send();
  });

  async function all(kind: 'label' | 'reply'): Promise<readonly unknown[]> {
    return (await queries.team(kind)).map(({ data }): unknown => JSON.parse(data));
  }
}

/** The same command is the same note. */
function noteId(conversation: string, commandId: string): string {
  const hash = createHash('sha256').update(`${conversation}\n${commandId}`).digest('hex');
  return `n_${hash.slice(0, 32)}`;
}
