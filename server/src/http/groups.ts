// The routes of groups: made, looked at, changed, joined and left. Everything done at WhatsApp is an errand; they decide nothing.
import { CodedError, type Conversation, conversation as conversationShape, shape } from '@pulseline/protocol';
import { parseRecipient, phoneOf } from '../inbox/address.ts';
import type { ConversationRow } from '../store/port.ts';
import type { Party } from '../whatsapp/port.ts';
import { findAccount } from './accounts.ts';
import type { Api, Parts } from './parts.ts';
import { commanded, commandId, perform } from './perform.ts';
import { bodyOf, cursor, idOf, label, limit, pageSize, queryOf } from './shapes.ts';

const { boolean, list, nullable, object, oneOf, optional, string } = shape;

/** WhatsApp's own limits. */
const MOST_PEOPLE = 256;
const LONGEST_SUBJECT = 100;
const LONGEST_DESCRIPTION = 2_048;

const people = list(string(256, 1), MOST_PEOPLE);
export const groupListing = object({ cursor: optional(cursor), limit });
export const newGroup = object({ commandId, subject: label, people });
export const groupChange = object({
  commandId,
  subject: optional(label),
  description: optional(string(LONGEST_DESCRIPTION)),
  announce: optional(boolean()),
  locked: optional(boolean()),
  approval: optional(boolean()),
});
export const memberChange = object({ commandId, action: oneOf(['add', 'remove', 'promote', 'demote']), people });
/** A link or its code. */
export const joining = object({ commandId, link: string(200, 1) });

const member = object({
  address: string(256, 1),
  phone: optional(string(32)),
  lid: optional(string(256, 1)),
  name: string(300),
  role: oneOf(['member', 'admin', 'owner']),
  /** The account itself. */
  me: optional(boolean()),
});
export const groupAnswer = object({ conversation: conversationShape, members: list(member, 2_000) });
export const groupList = object({ items: list(conversationShape, 200), next: nullable(string(500)) });
export const memberResults = object({
  results: list(object({ address: string(256), ok: boolean(), code: string(32) }), MOST_PEOPLE),
});
export const invite = object({ code: string(64, 1), link: string(200, 1) });

const HOST = 'https://chat.whatsapp.com/';

export function groupRoutes(app: Api, parts: Parts): void {
  const { store, fleet } = parts;
  const { queries } = store;

  /** Errors: CONVERSATION_NOT_FOUND, NOT_A_GROUP. */
  async function groupOf(id: string): Promise<ConversationRow> {
    const row = await queries.conversation(id);
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id });
    if (row.conversation.kind !== 'group') throw new CodedError('NOT_A_GROUP');
    return row;
  }

  async function shown({ conversation }: ConversationRow): Promise<shape.Of<typeof groupAnswer>> {
    const { account, address } = conversation;
    const { me } = (await findAccount(queries, account)).account;
    const rows = await queries.members(account, address);
    // Whoever has only written is known by the conversation with him.
    const chatName = async (of: string) => (await queries.conversationByAddress(account, of))?.conversation.name;
    const members = await Promise.all(
      rows.map(async ({ address: known, pn, role }) => {
        const form = pn ?? known;
        const own = [known, pn].some((each) => each !== undefined && (each === me?.id || each === me?.lid));
        const contact = (await queries.contact(account, form)) ?? (await queries.contact(account, known));
        const phone = phoneOf(form);
        return {
          address: form,
          ...(phone !== undefined && { phone }),
          ...(known.endsWith('@lid') && { lid: known }),
          name: contact?.name ?? (own ? me?.name : undefined) ?? (await chatName(form)) ?? phone ?? form,
          role,
          ...(own && { me: true }),
        };
      }),
    );
    return { conversation, members };
  }

  app.get('/api/accounts/:id/groups', async (request) => {
    const query = queryOf(groupListing, request);
    const { account } = await findAccount(queries, idOf(request));
    const most = pageSize(query.limit);
    const items: Conversation[] = [];
    // Groups stand among all others: some pages of these at most, so that the answer stays quick.
    let next = query.cursor;
    for (let page = 0; page < 20; page++) {
      const read = await queries.conversations({
        account: account.id,
        limit: most - items.length,
        ...(next !== undefined && { cursor: next }),
      });
      items.push(...read.items.filter(({ kind }) => kind === 'group'));
      next = read.next ?? undefined;
      if (next === undefined || items.length >= most) break;
    }
    return { items, next: next ?? null };
  });

  app.post('/api/accounts/:id/groups', async (request, reply) => {
    const { commandId: command, subject, people: wanted } = bodyOf(newGroup, request);
    const { account } = await findAccount(queries, idOf(request));
    if (subject.length > LONGEST_SUBJECT)
      throw new CodedError('BAD_REQUEST', { detail: `subject: at most ${LONGEST_SUBJECT} characters` });
    const done = await perform(parts, account, command, { do: 'create-group', subject, people: wanted.map(personOf) });
    if (done.state === 'waiting') return reply.code(202).send(done);
    const row = await queries.conversationByAddress(account.id, groupIn(done.result));
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id: groupIn(done.result) });
    reply.code(201).header('location', `/api/groups/${row.conversation.id}`);
    return shown(row);
  });

  app.post('/api/accounts/:id/groups/join', async (request, reply) => {
    const { commandId: command, link } = bodyOf(joining, request);
    const { account } = await findAccount(queries, idOf(request));
    const code = /^[\w-]{10,64}$/.exec(
      link.replace(/^https?:\/\/chat\.whatsapp\.com\/(invite\/)?/, '').replace(/[/?#].*$/, ''),
    );
    if (code === null) throw new CodedError('INVITE_INVALID');
    const done = await perform(parts, account, command, { do: 'join-group', code: code[0] });
    if (done.state === 'waiting') return reply.code(202).send(done);
    const row = await queries.conversationByAddress(account.id, groupIn(done.result));
    if (row === undefined) throw new CodedError('CONVERSATION_NOT_FOUND', { id: groupIn(done.result) });
    return shown(row);
  });

  app.get('/api/groups/:id', async (request) => shown(await groupOf(idOf(request))));

  app.patch('/api/groups/:id', async (request, reply) => {
    const { commandId: command, subject, ...settings } = bodyOf(groupChange, request);
    const { conversation } = await groupOf(idOf(request));
    const { account } = await findAccount(queries, conversation.account);
    if (subject !== undefined && subject.length > LONGEST_SUBJECT)
      throw new CodedError('BAD_REQUEST', { detail: `subject: at most ${LONGEST_SUBJECT} characters` });
    const done = await perform(parts, account, command, {
      do: 'change-group',
      group: conversation.address,
      ...(subject !== undefined && { subject }),
      settings,
    });
    if (done.state === 'waiting') return reply.code(202).send(done);
    return shown(await groupOf(conversation.id));
  });

  app.post('/api/groups/:id/members', async (request, reply) => {
    const { commandId: command, action, people: named } = bodyOf(memberChange, request);
    const { conversation } = await groupOf(idOf(request));
    const { account } = await findAccount(queries, conversation.account);
    const done = await perform(parts, account, command, {
      do: 'change-members',
      group: conversation.address,
      how: action,
      people: named.map(personOf),
    });
    if (done.state === 'waiting') return reply.code(202).send(done);
    return { results: memberResults.parse(done.result).results };
  });

  app.post('/api/groups/:id/leave', async (request, reply) => {
    const { commandId: command } = bodyOf(commanded, request);
    const { conversation } = await groupOf(idOf(request));
    const { account } = await findAccount(queries, conversation.account);
    const done = await perform(parts, account, command, { do: 'leave-group', group: conversation.address });
    return done.state === 'waiting' ? reply.code(202).send(done) : reply.code(204).send();
  });

  app.get('/api/groups/:id/invite', async (request) => {
    const { conversation } = await groupOf(idOf(request));
    const answer = await fleet.ask(conversation.account, { do: 'invite', group: conversation.address });
    const code = string(64, 1).parse(answer);
    return { code, link: HOST + code };
  });

  /** The link before is worth nothing from then on. */
  app.post('/api/groups/:id/invite', async (request, reply) => {
    const { commandId: command } = bodyOf(commanded, request);
    const { conversation } = await groupOf(idOf(request));
    const { account } = await findAccount(queries, conversation.account);
    const done = await perform(parts, account, command, { do: 'renew-invite', group: conversation.address });
    if (done.state === 'waiting') return reply.code(202).send(done);
    const { code } = object({ code: string(64, 1) }).parse(done.result);
    return { code, link: HOST + code };
  });
}

/** Errors: BAD_ADDRESS. */
export function personOf(text: string): Party {
  const chat = parseRecipient(text);
  if (chat.kind !== 'person') throw new CodedError('BAD_ADDRESS', { to: text.slice(0, 100) });
  const { pn, lid } = chat;
  return { ...(pn !== undefined && { pn }), ...(lid !== undefined && { lid }) };
}

function groupIn(result: unknown): string {
  return object({ group: string(256, 1) }).parse(result).group;
}
