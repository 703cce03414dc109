// R21 to R24, R27 and R28, inside the server: the database, the log, the bus, the hub, webhooks, and what the machine gives.
import { check, sure } from '../check.ts';
import type { Facts } from '../facts.ts';
import type { RungId } from '../rungs.ts';
import { isAnswering, isMissingAt, slowStage } from './seen.ts';

const MB = 1_048_576;
/** Less is called full, and low. */
const FULL_BYTES = 2 * MB;
const LOW_BYTES = 200 * MB;
const WAL_BYTES = 256 * MB;

/** A server that ended for a fault told here is why nothing answers. */
const down: readonly RungId[] = ['R00', 'R03', 'R05', 'R06', 'R10', 'R11'];
/** A store that fails makes accounts wait and messages stay away. */
const above: readonly RungId[] = ['R06', 'R17', 'R18', 'R19'];

const MINUTE = 60_000;

interface Refusal {
  readonly text: string;
  readonly ended: boolean;
}

/** What the store or a start of the server said that failed, lately. */
function refusal(facts: Facts, now: number): Refusal | undefined {
  const { store, 'runtime.crash': crash, 'http.readyz': ready, accounts = [] } = facts;
  const last = store?.lastRefusal !== undefined && now - store.lastRefusal.at < MINUTE ? store.lastRefusal.code : '';
  const text = [store?.code, store?.error, last, store?.ok === false ? 'not ok' : undefined]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
  if (text !== '') return { text, ended: false };
  if (
    crash !== undefined &&
    !isAnswering(facts) &&
    /^(DISK_FULL|STORE_|SCHEMA_NEWER|DATA_DIR_UNWRITABLE|KEY_)/.test(crash.code ?? '')
  )
    return { text: `${crash.code} ${crash.text}`, ended: true };
  const account = accounts.find(({ reason = '' }) => /^(STORE_|DISK_FULL)/.test(reason));
  if (account !== undefined) return { text: `${account.reason} ${account.raw ?? ''}`, ended: false };
  return ready !== undefined && ready.status === 503
    ? { text: ready.problem ?? 'STORE_FAILED', ended: false }
    : undefined;
}

const explains = (found: Refusal | undefined): readonly RungId[] =>
  found?.ended === true ? [...down, ...above] : above;

const FULL = /SQLITE_FULL|ENOSPC|DISK_FULL|disk is full|no space left|EDQUOT|IOERR_WRITE/i;
const LOCKED = /SQLITE_BUSY|SQLITE_LOCKED|database is locked/i;
const CORRUPT = /SQLITE_CORRUPT|SQLITE_NOTADB|malformed|not a database/i;
const READ_ONLY = /SQLITE_READONLY|EROFS|EACCES|EPERM|readonly|DATA_DIR_UNWRITABLE|CANTOPEN/i;

export const database = [
  check('R21.disk-full', { severity: 'critical', timeToVisibleMs: 2_000 }, (facts, { now }) => {
    const found = refusal(facts, now);
    const free = facts.store?.freeBytes;
    const said = FULL.test(found?.text ?? '');
    if (!said && (free === undefined || free >= FULL_BYTES)) return undefined;
    return {
      confidence: sure(said),
      params: { free: free === undefined ? '?' : megabytes(free), detail: found?.text ?? '' },
      seen: ['store', 'runtime.crash', 'http.readyz'],
      explains: explains(found),
    };
  }),
  check('R21.db-locked', { severity: 'critical' }, (facts, { now }) => {
    const found = refusal(facts, now);
    const held = facts.store?.ok === false && facts.store.holder !== undefined;
    if (found === undefined || (!LOCKED.test(found.text) && !held)) return undefined;
    return {
      params: { holder: facts.store?.holder ?? '?', detail: found.text },
      seen: ['store', 'runtime.crash'],
      explains: explains(found),
    };
  }),
  check('R21.db-corrupt', { severity: 'critical' }, (facts, { now }) => {
    const found = refusal(facts, now);
    const said = facts['data.check']?.said ?? facts.store?.quickCheck ?? 'ok';
    const bad = said !== 'ok';
    if (!bad && !CORRUPT.test(found?.text ?? '')) return undefined;
    return {
      params: { detail: bad ? said.slice(0, 200) : (found?.text ?? '') },
      seen: ['data.check', 'store', 'runtime.crash'],
      explains: bad && !isAnswering(facts) ? [...down, ...above] : explains(found),
    };
  }),
  check('R21.db-read-only', { severity: 'critical' }, (facts, { now }) => {
    const found = refusal(facts, now);
    const folder = facts['data.folder'];
    const closed = folder?.writable === false;
    if (facts.store?.readOnly !== true && !closed && !READ_ONLY.test(found?.text ?? '')) return undefined;
    return {
      params: { detail: found?.text ?? [folder?.code, folder?.path].join(' ') },
      seen: ['data.folder', 'store', 'runtime.crash'],
      // A start that could not even write down why it ended.
      explains: closed && !isAnswering(facts) ? [...down, ...above] : explains(found),
    };
  }),
  check('R21.data-gone', { severity: 'critical', timeToVisibleMs: 2_000 }, ({ store }) =>
    store?.gone === true ? { seen: ['store'] } : undefined,
  ),
  check('R21.store-lost', { severity: 'critical', timeToVisibleMs: 2_000 }, (facts, { now }) => {
    const found = refusal(facts, now);
    return found !== undefined && /STORE_LOST|writer (thread )?(has )?(ended|died|exited)/i.test(found.text)
      ? { params: { detail: found.text }, seen: ['store'], explains: explains(found) }
      : undefined;
  }),
  check('R21.disk-low', { severity: 'warning', timeToVisibleMs: MINUTE }, (facts) => {
    const { freeBytes: free } = facts.store ?? {};
    return free !== undefined && free < LOW_BYTES && free >= FULL_BYTES
      ? { params: { free: megabytes(free) }, seen: ['store'] }
      : undefined;
  }),
  check('R21.data-misplaced', { severity: 'warning' }, ({ 'data.folder': folder }) =>
    folder?.on === undefined
      ? undefined
      : { confidence: 'possible', params: { kind: folder.on, path: folder.path }, seen: ['data.folder'] },
  ),
  check('R21.wal-large', { severity: 'warning', timeToVisibleMs: MINUTE }, ({ store }) =>
    store?.walBytes !== undefined && store.walBytes > WAL_BYTES
      ? { params: { size: megabytes(store.walBytes) }, seen: ['store'] }
      : undefined,
  ),
  check('R21.slow-commit', { severity: 'warning', timeToVisibleMs: 30_000 }, (facts) => {
    const slow = slowStage(facts, ['committed'], 250);
    const probe = facts.store?.ok === true ? facts.store.probeMs : undefined;
    // Still on its way is slow; refused is another thing.
    const late = facts.canary?.outcome === 'late' && facts.canary.missing === 'committed' ? facts.canary.ms : undefined;
    const ms = slow?.p95 ?? late ?? probe ?? 0;
    if (slow === undefined && late === undefined && ms < 1_000) return undefined;
    return {
      confidence: sure(slow !== undefined),
      params: { ms: Math.round(ms) },
      seen: ['stages', 'store', 'canary'],
      rivals: late === undefined ? [] : ['R21.db-locked'],
    };
  }),
  check('R21.store-failed', { severity: 'critical', fallback: true }, (facts, { now }) => {
    const found = refusal(facts, now);
    if (found === undefined && !isMissingAt(facts, ['committed'])) return undefined;
    return {
      confidence: 'likely',
      params: { detail: found?.text ?? facts.canary?.code ?? facts.canary?.error ?? 'committed' },
      seen: ['store', 'canary', 'http.readyz', 'runtime.crash'],
      explains: explains(found),
    };
  }),
];

function megabytes(bytes: number): string {
  return bytes < 10 * MB ? `${(bytes / MB).toFixed(1)} MB` : `${Math.round(bytes / MB)} MB`;
}

export const log = [
  check('R22.log-gap', { severity: 'critical' }, ({ 'log.streams': streams = [] }) => {
    const hit = streams.find(({ gaps }) => gaps > 0);
    return hit && { params: { stream: hit.stream, gaps: hit.gaps, head: hit.head }, seen: ['log.streams'] };
  }),
  check('R22.feed-behind', {}, (facts) => {
    if (!isMissingAt(facts, ['rung', 'fed', 'written'])) return undefined;
    const hit = facts['log.streams']?.find(({ head, fed }) => fed !== undefined && head - fed > 0);
    return (
      hit && {
        confidence: 'likely',
        params: { stream: hit.stream, behind: hit.head - (hit.fed ?? 0) },
        seen: ['log.streams', 'canary'],
      }
    );
  }),
  check('R22.append-failed', { severity: 'critical', fallback: true }, ({ canary }) =>
    canary?.outcome === 'refused' && canary.missing === undefined
      ? { confidence: 'likely', params: { detail: canary.code ?? canary.error ?? '' }, seen: ['canary'] }
      : undefined,
  ),
];

export const bus = [
  check('R23.bus-down', { severity: 'critical' }, ({ bus: seen }) =>
    seen?.ok === false
      ? { params: { kind: seen.kind, error: seen.error ?? '', node: seen.nodes?.[0]?.node ?? '' }, seen: ['bus'] }
      : undefined,
  ),
  check('R23.no-echo', { severity: 'critical', fallback: true }, (facts) =>
    isMissingAt(facts, ['rung'])
      ? { confidence: 'likely', params: { detail: facts.canary?.error ?? '' }, seen: ['canary', 'bus'] }
      : undefined,
  ),
];

/** Ms for which a client may read slowly before it is a fault and not a hiccup. */
const STUCK_MS = 3_000;

export const hub = [
  check('R24.slow-consumer', {}, ({ 'hub.clients': clients = [] }) =>
    clients
      .filter(({ phase, stuckMs = 0 }) => phase === 'behind' && stuckMs >= STUCK_MS)
      .slice(0, 20)
      .map(({ id, client, bufferedBytes, unread, stuckMs }) => ({
        subject: id,
        params: { id, client: client ?? '', bytes: bufferedBytes, unread, seconds: Math.round((stuckMs ?? 0) / 1_000) },
        seen: ['hub.clients'],
      })),
  ),
  check('R24.slow-feed', { severity: 'warning', timeToVisibleMs: 30_000 }, (facts) => {
    const slow = slowStage(facts, ['rung', 'fed', 'written'], 150);
    return slow && { params: { stage: slow.stage, ms: Math.round(slow.p95) }, seen: ['stages'] };
  }),
  check('R24.not-fed', { severity: 'critical', fallback: true }, (facts) =>
    isMissingAt(facts, ['fed', 'written'])
      ? { confidence: 'likely', params: { stage: facts.canary?.missing ?? '' }, seen: ['canary', 'hub.stats'] }
      : undefined,
  ),
];

export const webhooks = [
  check('R27.endpoint-failing', {}, ({ webhooks: all = [] }) =>
    all
      .filter(({ failing }) => failing)
      .map(({ id, status, error }) => ({
        subject: id,
        params: { id, detail: error ?? status ?? '' },
        seen: ['webhooks'],
      })),
  ),
];

/** Of the event loop's pauses, the hundredth longest. */
const BLOCKED_MS = 1_000;
/** Slower is felt by people. */
const FELT_MS = 1_500;
const answering: readonly RungId[] = ['R05', 'R06', 'R10', 'R11', 'R13', 'R14'];

export const resources = [
  check(
    'R28.fd-limit',
    { severity: 'critical', timeToVisibleMs: 2_000 },
    ({ resources: seen, 'runtime.crash': crash }) => {
      const hit = seen?.refusals?.find(({ code, count }) => /^(EMFILE|ENFILE)$/.test(code) && count > 0);
      const near = seen?.fds !== undefined && seen.fdLimit !== undefined && seen.fds >= seen.fdLimit * 0.95;
      const ended = /EMFILE|ENFILE|too many open files/i.test(`${crash?.code} ${crash?.text}`);
      if (hit === undefined && !near && !ended) return undefined;
      return {
        confidence: sure(hit !== undefined || ended),
        params: { used: seen?.fds ?? '?', limit: seen?.fdLimit ?? '?' },
        seen: ['resources', 'runtime.crash'],
        explains: ended ? down : answering,
      };
    },
  ),
  // One long pause is a start, or a machine that others keep busy; again and again is a block.
  check('R28.event-loop-blocked', {}, ({ resources: seen }) => {
    const usual = seen?.eventLoopP99Ms ?? 0;
    if (seen === undefined || usual < BLOCKED_MS) return undefined;
    return {
      params: { ms: Math.round(Math.max(seen.eventLoopMaxMs ?? 0, usual)) },
      seen: ['resources'],
      explains: answering,
    };
  }),
  check('R28.thread-dead', { severity: 'critical' }, ({ resources: seen }) => {
    const dead = seen?.threads?.find(({ alive }) => !alive);
    return dead && { params: { name: dead.name }, seen: ['resources'] };
  }),
  // A build or a scan beside it is no fault, unless it is felt here.
  check('R28.machine-busy', { severity: 'warning', timeToVisibleMs: MINUTE }, (facts) => {
    const waited = facts.resources?.starvedMs ?? 0;
    const felt =
      facts['http.status']?.outcome === 'timeout' ||
      (facts['http.status']?.ms ?? 0) > FELT_MS ||
      Math.min(...(facts['ws.heartbeat']?.rtt ?? [0])) > FELT_MS ||
      facts.canary?.outcome === 'late';
    if (waited < MINUTE / 2 || !felt) return undefined;
    return {
      params: { seconds: Math.round(waited / 1_000) },
      seen: ['resources', 'http.status', 'ws.heartbeat', 'canary'],
    };
  }),
  check('R28.memory-low', { severity: 'warning' }, ({ resources: seen }) => {
    const { heapUsed, heapLimit } = seen ?? {};
    if (heapUsed === undefined || heapLimit === undefined || heapUsed < heapLimit * 0.9) return undefined;
    return { params: { used: megabytes(heapUsed), limit: megabytes(heapLimit) }, seen: ['resources'] };
  }),
  check('R28.resource-refused', { fallback: true }, ({ resources: seen }) => {
    const hit = seen?.refusals?.find(({ count }) => count > 0);
    return hit && { confidence: 'likely', params: { code: hit.code, count: hit.count }, seen: ['resources'] };
  }),
];
