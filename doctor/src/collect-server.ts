// The collector that asks the server what it knows of itself (GET /api/diagnosis): WhatsApp, store, log, hub, resources. It takes its evidence, never its verdict.
import { type Collector, type Evidence, type Facts, factsOf, parseEvidence } from '@pulseline/diagnosis';
import { account, shape } from '@pulseline/protocol';
import { parseJson } from './json.ts';
import type { Target } from './target.ts';
import type { World } from './world.ts';

const answered = shape.object({ evidence: shape.list(shape.anything(), 1_000) });
const problem = shape.object({ code: shape.string(100) });
const status = shape.object({ accounts: shape.list(account) });

/** Facts that the doctor sees better from outside. */
const own = /^(runtime|env|page|web|port|dns|tcp|http|tls|ws)\./;

export function serverCollectors(world: World, target: Target): readonly Collector[] {
  return [
    {
      id: 'server',
      rung: 'R16',
      provides: [
        'server.diagnosis',
        'accounts',
        'accounts.flow',
        'wa.egress',
        'decrypt',
        'store',
        'log.streams',
        'bus',
        'hub.clients',
        'hub.stats',
        'doors.refused',
        'canary',
        'stages',
        'webhooks',
        'resources',
      ],
      after: ['http.status'],
      deadlineMs: 6_000,
      collect: async ({ facts }) => {
        if (facts['http.status']?.product !== 'pulseline') return {};
        const answer = await world.request(`${target.base}/api/diagnosis`, { timeoutMs: 5_500, most: 4_194_304 });
        if (answer.outcome !== 'answered')
          return { 'server.diagnosis': { ok: false, code: answer.code, error: answer.error.slice(0, 300) } };
        const told = answer.status === 200 ? parseJson(answered, answer.body) : undefined;
        if (told === undefined) {
          const code = parseJson(problem, answer.body)?.code ?? `HTTP ${answer.status}`;
          return { ...(await accountsOf(world, target)), 'server.diagnosis': { ok: false, code } };
        }
        return { ...factsOf(readable(told.evidence)).facts, 'server.diagnosis': { ok: true } };
      },
    },
  ];
}

/** What an older server says of its accounts. */
async function accountsOf(world: World, { base }: Target): Promise<Facts> {
  const answer = await world.request(`${base}/status`, { most: 4_194_304 });
  const told = answer.outcome === 'answered' ? parseJson(status, answer.body) : undefined;
  if (told === undefined) return {};
  const accounts = told.accounts.map(({ id, kind, state, reason, since, nextTryAt }) => ({
    id,
    kind,
    state,
    since,
    ...(reason !== undefined && { reason: reason.code }),
    ...(nextTryAt !== undefined && { nextTryAt }),
  }));
  return { accounts };
}

/** A newer server may tell what this doctor does not know. */
function readable(given: readonly unknown[]): readonly Evidence[] {
  return given.flatMap((one) => {
    try {
      return parseEvidence([one]).filter(({ key }) => !own.test(key));
    } catch {
      return [];
    }
  });
}
