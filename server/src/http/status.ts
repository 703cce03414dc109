// How the product is: /status for people and the doctor, /livez and /readyz for supervisors, /metrics for Prometheus.
import { CodedError, shape } from '@pulseline/protocol';
import { findAccount } from './accounts.ts';
import type { Api, Parts } from './parts.ts';
import { idOf, queryOf } from './shapes.ts';

export const asked = shape.object({ nonce: shape.optional(shape.string(200)) });

/** Contacts in an answer; those with the most are told. */
const MOST_CONTACTS = 1_000;
/** Ms after which the store counts as not answering. */
const PROBE_TIMEOUT = 2_000;
/** Ms for which an answer of the store holds, so that asking often costs no commits. */
const PROBE_HOLDS = 1_000;

export function statusRoutes(app: Api, parts: Parts): void {
  const { store, live, instance } = parts;
  const writable = prober(parts);

  app.get('/status', async (request) => {
    const { nonce } = queryOf(asked, request);
    const [ok, heads, rows, counters] = await Promise.all([
      writable(),
      store.queries.heads(),
      store.queries.accounts(),
      parts.counters.read(),
    ]);
    return {
      product: 'pulseline',
      version: instance.version,
      instanceId: instance.id,
      ...(nonce !== undefined && { nonce }),
      startedAt: instance.startedAt,
      uptimeMs: parts.now() - instance.startedAt,
      time: parts.now(),
      ws: { path: '/ws', clients: live.clients },
      store: { kind: store.kind, ok },
      heads,
      accounts: rows.map(({ account }) => account),
      counters,
    };
  });

  app.get('/api/accounts/:id/unreadable', async (request) => {
    const { account } = await findAccount(store.queries, idOf(request));
    const tally = (await store.queries.tallies()).get(account.id) ?? {};
    const items = Object.entries(tally).flatMap(([name, total]) => {
      const address = /^unreadable (.+)$/.exec(name)?.[1];
      if (address === undefined) return [];
      const filled = tally[`filled ${address}`] ?? 0;
      return [{ address, total, filled, waiting: total - filled }];
    });
    return { items: items.sort((a, b) => b.total - a.total).slice(0, MOST_CONTACTS), next: null };
  });

  app.get('/livez', async () => ({ ok: true }));

  app.get('/readyz', async () => {
    if (!(await writable())) throw new CodedError('STORE_FAILED', { detail: 'probe' });
    return { ok: true };
  });

  app.get('/metrics', async (_request, reply) => {
    reply.type(parts.metrics.contentType);
    return parts.metrics.metrics();
  });
}

/** Is the store writable? One question at a time; a silent store is not. */
function prober({ store, now }: Parts): () => Promise<boolean> {
  let last: { readonly at: number; readonly answer: Promise<boolean> } | undefined;
  return () => {
    if (last === undefined || now() - last.at > PROBE_HOLDS) last = { at: now(), answer: probe(store) };
    return last.answer;
  };
}

async function probe(store: Parts['store']): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PROBE_TIMEOUT);
  });
  try {
    return await Promise.race([store.probe().catch(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}
