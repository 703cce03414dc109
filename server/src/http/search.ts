// The route of the search over messages and people. What finds what is the store's business.
import { CodedError, shape } from '@pulseline/protocol';
import { findAccount } from './accounts.ts';
import type { Api, Parts } from './parts.ts';
import { cursor, id, limit, pageSize, queryOf, text } from './shapes.ts';

const { object, optional } = shape;
export const searching = object({
  q: text,
  account: optional(id),
  conversation: optional(id),
  cursor: optional(cursor),
  limit,
});

/** Longer queries are cut: what is that long is no query. */
const MOST_LETTERS = 200;
/** People beside a page of messages. */
const PEOPLE = 20;

export function searchRoutes(app: Api, { store: { queries } }: Pick<Parts, 'store'>): void {
  app.get('/api/search', async (request) => {
    const { limit: wanted, ...asked } = queryOf(searching, request);
    if (asked.account !== undefined) await findAccount(queries, asked.account);
    if (asked.conversation !== undefined && (await queries.conversation(asked.conversation)) === undefined) {
      throw new CodedError('CONVERSATION_NOT_FOUND', { id: asked.conversation });
    }
    const q = asked.q.slice(0, MOST_LETTERS);
    const first = asked.cursor === undefined && asked.conversation === undefined;
    const people = first
      ? await queries.conversations({
          q,
          limit: PEOPLE,
          ...(asked.account !== undefined && { account: asked.account }),
        })
      : { items: [] };
    return { ...(await queries.search({ ...asked, q, limit: pageSize(wanted) })), people: people.items };
  });
}
