// One look at the running server: every passive fact that its own parts can tell, put together. It changes nothing, and what does not answer is left out.
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { Facts } from '@pulseline/diagnosis';
import { type Account, CodedError, parsePositions } from '@pulseline/protocol';
import type { Counters } from '../counters.ts';
import type { Commands } from '../inbox/commands.ts';
import type { Hub } from '../live/port.ts';
import type { Measured } from '../store/open.ts';
import type { Store } from '../store/port.ts';
import type { Flight } from './canary.ts';
import { disk, handles, holderOf, identityOf, memory } from './machine.ts';
import type { LooksMemory } from './memory-of-looks.ts';
import type { Pulse } from './pulse.ts';
import type { Refusals } from './refusals.ts';
import type { StageTimes } from './stage-times.ts';

export interface Looked {
  readonly store: Pick<Store<Commands>, 'kind' | 'queries'> & Measured;
  readonly hub: Pick<Hub, 'sessions' | 'stats' | 'heads'>;
  readonly counters: Pick<Counters, 'read'>;
  readonly hearing: () => readonly {
    readonly account: string;
    readonly socket: number;
    readonly listener: number;
    readonly silentMs: number;
  }[];
  readonly memory: LooksMemory;
  readonly pulse: Pulse;
  readonly refusals: Refusals;
  readonly stages: StageTimes;
  readonly dataDir: string;
  readonly database: string;
  /** The file that was opened, as identityOf has it. */
  readonly opened: Promise<string | undefined>;
  /** Hides whom a contact's address names; of this process alone. */
  readonly salt: string;
  readonly port: () => { readonly api: number; readonly web: number };
  readonly hosts: readonly string[];
}

/** What a part refused, and when. */
export interface Refusal {
  readonly code: string;
  readonly detail: string;
  readonly at: number;
  readonly count: number;
}

export interface LookState {
  /** The last flight of the canary. */
  readonly flight: Flight | undefined;
  /** The way out, as it was tried last; undefined where no account seeks it. */
  readonly egress?: NonNullable<Facts['wa.egress']> | undefined;
  readonly refusal: Refusal | undefined;
  /** Handles that the system refused, by code. */
  readonly resources: ReadonlyMap<string, { readonly count: number; readonly at: number }>;
}

/** A writer that is held up answers late; what it would tell is not worth the wait, ms. */
const SOON_MS = 500;

function soon<T>(answer: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), SOON_MS);
    answer.then(resolve, () => resolve(undefined)).finally(() => clearTimeout(timer));
  });
}

/** Ms within which a refusal of the store still says how it is. */
const FRESH_MS = 60_000;
const MOST_CLIENTS = 200;
const MOST_CONTACTS = 200;

export async function look(
  parts: Looked,
  { flight, egress, refusal, resources }: LookState,
  now: number,
): Promise<Facts> {
  const { store, hub, counters, pulse, refusals, stages, dataDir, database, port, hosts } = parts;
  const { api, web } = port();
  const [accounts, flow, tallies, room, open, waiting, opened, there] = await Promise.all([
    store.queries.accounts().catch(() => undefined),
    counters.read().catch(() => undefined),
    store.queries.tallies().catch(() => undefined),
    disk(dataDir, database),
    handles(),
    soon(store.stats()),
    parts.opened,
    identityOf(join(dataDir, database)),
  ]);
  const gone = opened !== undefined && there !== opened;
  const refusedNow = refusal !== undefined && now - refusal.at < FRESH_MS ? refusal : undefined;
  const written = flight?.stages['committed'] !== undefined;
  const isLocked = refusedNow !== undefined && /locked|busy/i.test(refusedNow.detail);
  const holder =
    isLocked || (flight?.outcome === 'late' && !written) ? await holderOf(join(dataDir, database)) : undefined;
  const { p99, max, starvedMs } = pulse.read();
  const withUnknown =
    open.refused === undefined ? resources : new Map([...resources, [open.refused, { count: 1, at: now }]]);
  return {
    'server.address': { port: api, webPort: web, hosts: [...hosts], source: 'server' },
    'clock.jumps': [...pulse.jumps],
    'doors.refused': refusals.read(),
    ...(egress !== undefined && { 'wa.egress': egress }),
    ...(accounts !== undefined && {
      accounts: accounts.map(({ account, proxy }) => accountOf(account, proxy, parts.memory, now)),
    }),
    ...(flow !== undefined &&
      accounts !== undefined && {
        'accounts.flow': accounts.map(({ account: { id, state } }) => {
          const counts = flow[id];
          const { wire = 0, stored = 0, delivered = 0, lost = 0, untold = 0 } = counts ?? {};
          const link = parts.hearing().find(({ account }) => account === id);
          const disagreesMs = parts.memory.disagreesMs(id, { lost, untold }, now);
          return {
            id,
            state,
            wire,
            stored,
            delivered,
            lost,
            untold,
            disagreesMs,
            waiting: Math.max(0, counts?.waiting ?? 0),
            ...(link !== undefined && {
              socketGeneration: link.socket,
              listenerGeneration: link.listener,
              silentMs: link.silentMs,
            }),
          };
        }),
      }),
    ...(tallies !== undefined && { decrypt: contactsOf(parts, tallies, now) }),
    store: {
      kind: store.kind,
      ok: refusedNow === undefined && holder === undefined && !gone,
      ...(gone && { gone }),
      ...(refusedNow !== undefined && {
        code: refusedNow.code,
        error: refusedNow.detail,
        lastRefusal: { code: refusedNow.code, at: refusedNow.at, count: refusedNow.count },
      }),
      ...(flight?.stages['committed'] !== undefined && { probeMs: flight.stages['committed'] }),
      ...room,
      ...(holder !== undefined && { holder }),
      ...(waiting !== undefined && { waiting: waiting.queued }),
    },
    'log.streams': Object.entries(hub.heads()).map(([stream, { epoch, seq }]) => ({
      stream,
      epoch,
      head: seq,
      gaps: 0,
      fed: seq,
    })),
    'hub.clients': clientsOf(hub, parts.memory, now),
    'hub.stats': Object.fromEntries(
      Object.entries(hub.stats()).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    ),
    bus: {
      kind: 'memory',
      ok: true,
      healed: hub.stats().healed,
      ...(flight?.stages['rung'] !== undefined && {
        echoMs: flight.stages['rung'] - (flight.stages['committed'] ?? 0),
      }),
    },
    ...(flight !== undefined && { canary: flight }),
    stages: stages.read(),
    resources: {
      eventLoopP99Ms: p99,
      eventLoopMaxMs: max,
      starvedMs,
      ...memory(),
      ...(open.fds !== undefined && { fds: open.fds }),
      ...(open.fdLimit !== undefined && { fdLimit: open.fdLimit }),
      refusals: [...withUnknown].map(([code, counted]) => ({ code, ...counted })),
    },
  };
}

function accountOf(
  account: Account,
  proxy: string | undefined,
  memory: LooksMemory,
  now: number,
): NonNullable<Facts['accounts']>[number] {
  const { id, kind, state, reason, since, nextTryAt, attempts } = account;
  return {
    id,
    kind,
    state,
    since,
    ...(reason !== undefined && { reason: reason.code, raw: reason.text }),
    ...(nextTryAt !== undefined && { nextTryAt }),
    ...(attempts !== undefined && { attempts }),
    flaps: memory.flaps(id, now),
    proxy: proxy !== undefined,
  };
}

function contactsOf(
  { memory, salt }: Looked,
  tallies: Parameters<LooksMemory['unreadable']>[0],
  now: number,
): NonNullable<Facts['decrypt']> {
  return memory
    .unreadable(tallies, now)
    .toSorted((a, b) => b.recent - a.recent || b.waiting - a.waiting)
    .slice(0, MOST_CONTACTS)
    .map(({ address, ...rest }) => ({ ...rest, contact: pseudonymOf(address, salt) }));
}

/** The same person has the same name as long as this process lives. */
function pseudonymOf(address: string, salt: string): string {
  return `p_${createHmac('sha256', salt).update(address).digest('hex').slice(0, 10)}`;
}

function clientsOf(hub: Looked['hub'], memory: LooksMemory, now: number): NonNullable<Facts['hub.clients']> {
  const sessions = hub.sessions();
  const behind = sessions.filter(({ phase }) => phase === 'behind').map(({ id }) => id);
  const behindMs = memory.behindMs(behind, now);
  return sessions
    .toSorted((a, b) => b.bufferedBytes - a.bufferedBytes)
    .slice(0, MOST_CLIENTS)
    .map(({ id, client, phase, since, cursor, acked, bufferedBytes }) => {
      const stuckMs = behindMs.get(id);
      return {
        id,
        phase,
        ageMs: Math.max(0, now - since),
        bufferedBytes,
        unread: distance(cursor, acked),
        ...(client !== undefined && { client }),
        ...(stuckMs !== undefined && { stuckMs }),
      };
    });
}

/** Events between what was sent and what is known to be read. */
function distance(cursor: string, acked: string): number {
  const read = new Map((parsePositions(acked) ?? []).map(({ stream, seq }) => [stream, seq]));
  return (parsePositions(cursor) ?? []).reduce(
    (sum, { stream, seq }) => sum + Math.max(0, seq - (read.get(stream) ?? seq)),
    0,
  );
}

/** What a refusal of the store says, for a person. */
export function refusalOf(error: unknown, at: number, before: Refusal | undefined): Refusal {
  const count = (before?.count ?? 0) + 1;
  if (!(error instanceof CodedError)) return { code: 'STORE_FAILED', detail: String(error).slice(0, 500), at, count };
  return { code: error.code, detail: String(error.params['detail'] ?? error.message).slice(0, 500), at, count };
}
