// R10 to R15, the live connection: the Upgrade and what lies between, the handshake, the first frame, the heartbeat, the resume.
import { addressOf } from '../address.ts';
import { check, sure } from '../check.ts';
import type { Facts } from '../facts.ts';
import { differentialOf, isAnswering, refused } from './seen.ts';

/** Answers to an upgrade that a rung below explains. */
const namedBelow: ReadonlySet<string | undefined> = new Set(['ORIGIN_REFUSED', 'HOST_REFUSED']);

/** A link that ended so soon was cut and not used, ms. */
const YOUNG_MS = 2_000;
/** What the doors refused longer ago was another attempt, ms. */
const LATELY_MS = 60_000;

function didOpen({ 'ws.open': open }: Facts): boolean {
  return open?.outcome === 'open';
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

export const proxy = [
  check('R10.upgrade-stripped', { severity: 'critical' }, (facts, { vantage, now }) => {
    if (didOpen(facts)) return undefined;
    const { 'ws.upgrade': upgrade, 'ws.open': open } = facts;
    // We asked with an Upgrade, and Pulseline says that none arrived. A page cannot ask so: there the door's count tells.
    const arrived = upgrade?.received;
    const lacks = arrived !== undefined && !/websocket/i.test(arrived['upgrade'] ?? '');
    const said =
      vantage !== 'browser' &&
      (upgrade?.problem === 'UPGRADE_REQUIRED' ||
        open?.problem === 'UPGRADE_REQUIRED' ||
        (lacks && upgrade?.status === 426));
    const heard = refused(facts, 'UPGRADE_REQUIRED');
    const counted =
      open !== undefined &&
      differentialOf(facts)?.cors === true &&
      heard?.detail === 'key' &&
      now - (heard.at ?? now) < LATELY_MS;
    const foreign =
      /^(400|404|426)$/.test(String(upgrade?.status)) &&
      upgrade?.problem === undefined &&
      /nginx|apache|caddy|haproxy|traefik|envoy|cloudflare|iis/i.test(upgrade?.by ?? '');
    if (!said && !counted && !foreign) return undefined;
    return {
      confidence: sure(said),
      params: { by: upgrade?.by ?? open?.by ?? '', status: upgrade?.status ?? open?.status ?? 426 },
      seen: ['ws.upgrade', 'ws.open', 'doors.refused'],
    };
  }),
  check('R10.proxy-buffering', {}, (facts) => {
    const flow = facts['http.flow'];
    if (flow !== undefined && flow.frames > 1 && flow.heldMs > 1_500 && flow.lumps <= Math.max(1, flow.frames / 2))
      return { params: { ms: Math.round(flow.heldMs) }, seen: ['http.flow'] };
    // Frames wait although a request of its own is answered at once.
    const { 'ws.heartbeat': beat, 'http.status': status } = facts;
    const rtt = median(beat?.rtt ?? []);
    if (rtt < 1_000 || status?.ms === undefined || status.ms * 4 > rtt) return undefined;
    return {
      confidence: 'likely',
      params: { ms: Math.round(rtt) },
      seen: ['ws.heartbeat', 'http.status'],
      rivals: ['R14.slow-link'],
    };
  }),
  check('R10.unexpected-answer', { severity: 'critical', fallback: true }, (facts) => {
    const upgrade = facts['ws.upgrade'];
    if (upgrade === undefined || didOpen(facts) || namedBelow.has(upgrade.problem)) return undefined;
    if (
      upgrade.outcome === 'answered'
        ? /^(101|401|404|503)$/.test(String(upgrade.status ?? 101))
        : /^(tls|blocked)$/.test(upgrade.outcome)
    )
      return undefined;
    if (upgrade.outcome === 'timeout' && facts['ws.open'] !== undefined) return undefined;
    return {
      confidence: 'likely',
      params: {
        outcome: upgrade.outcome,
        status: upgrade.status ?? 0,
        by: upgrade.by ?? '',
        detail: upgrade.problem ?? upgrade.code ?? upgrade.error ?? '',
      },
      seen: ['ws.upgrade'],
    };
  }),
];

export const handshake = [
  check('R11.wrong-path', { severity: 'critical' }, (facts) => {
    if (didOpen(facts)) return undefined;
    const { 'ws.open': open, 'ws.upgrade': upgrade } = facts;
    const path = (addressOf(open?.url)?.path ?? '').split('?', 1)[0];
    const said = open?.problem === 'NOT_FOUND' || upgrade?.problem === 'NOT_FOUND';
    const missing = open?.status === 404 || upgrade?.status === 404;
    const odd = open !== undefined && path !== undefined && path !== '/ws';
    if (!said && !missing && !odd) return undefined;
    return {
      confidence: sure(said || odd),
      params: { path: path ?? '', url: open?.url ?? '' },
      seen: ['ws.open', 'ws.upgrade'],
    };
  }),
  check('R11.strictmode-benign', { severity: 'info' }, ({ 'ws.mounts': mounts }) =>
    mounts !== undefined && mounts.development && mounts.open && mounts.abandoned > 0
      ? { params: { n: mounts.abandoned }, seen: ['ws.mounts'] }
      : undefined,
  ),
  check('R11.too-many-connections', { severity: 'critical' }, (facts) => {
    const hit = facts['ws.open']?.closeCode === 4_509 || facts['ws.hello']?.closeCode === 4_509;
    return hit ? { params: {}, seen: ['ws.open', 'ws.hello'] } : undefined;
  }),
  check('R11.handshake-timeout', { severity: 'critical' }, ({ 'ws.open': open }) =>
    open?.outcome === 'timeout'
      ? {
          params: { ms: Math.round(open.ms ?? 0) },
          seen: ['ws.open'],
          rivals: ['R10.unexpected-answer', 'R28.event-loop-blocked'],
        }
      : undefined,
  ),
  check('R11.handshake-failed', { severity: 'critical', fallback: true }, (facts) => {
    const open = facts['ws.open'];
    if (open === undefined || open.outcome === 'open' || namedBelow.has(open.problem)) return undefined;
    if (/^(tls|blocked)$/.test(open.outcome)) return undefined;
    return {
      confidence: 'likely',
      params: {
        outcome: open.outcome,
        status: open.status ?? 0,
        code: open.closeCode ?? open.code ?? '',
        detail: open.problem ?? open.error ?? '',
      },
      seen: ['ws.open', 'ws.upgrade'],
      rivals: isAnswering(facts) ? ['R10.upgrade-stripped'] : [],
    };
  }),
];

export const session = [
  check('R12.session-expired', {}, (facts) => {
    const code = facts.session?.closeCode ?? facts['ws.open']?.closeCode ?? facts['ws.hello']?.closeCode;
    return code === 4_010 || (facts.session?.required === true && !facts.session.valid && code === undefined)
      ? { params: { code: code ?? 4_010 }, seen: ['session', 'ws.hello', 'ws.open'] }
      : undefined;
  }),
  check('R12.session-refused', { fallback: true }, (facts) => {
    const code = facts.session?.closeCode ?? facts['ws.hello']?.closeCode ?? facts['ws.open']?.closeCode;
    const refusedBy = code === 4_501 || code === 4_503 || code === 4_505;
    const status = facts['ws.open']?.status;
    if (!refusedBy && status !== 401) return undefined;
    return { params: { code: code ?? status ?? '' }, seen: ['session', 'ws.hello', 'ws.open'] };
  }),
];

export const hello = [
  check('R13.no-hello', { severity: 'critical' }, ({ 'ws.hello': first }) =>
    first?.outcome === 'silent'
      ? {
          params: { ms: Math.round(first.ms ?? 0) },
          seen: ['ws.hello', 'ws.open'],
          rivals: ['R10.proxy-buffering', 'R28.event-loop-blocked'],
        }
      : undefined,
  ),
  check(
    'R13.malformed-hello',
    { severity: 'critical', fallback: true },
    ({ 'ws.hello': first, 'ws.closings': cut = [] }) => {
      if (first === undefined || first.outcome === 'arrived' || first.closeCode === 4_010) return undefined;
      // Cut again and again, it is not the frame that is wrong: R14.cut-at-once.
      if (first.outcome === 'closed' && cut.filter(({ ageMs }) => ageMs < YOUNG_MS).length > 1) return undefined;
      return {
        params: { outcome: first.outcome, detail: first.detail ?? String(first.closeCode ?? '') },
        seen: ['ws.hello'],
      };
    },
  ),
];

/** Closings that nobody asked for: without a word, or with a word that something is broken. */
function broken(facts: Facts, now: number): readonly { readonly ageMs: number }[] {
  const recent = (facts['ws.closings'] ?? []).filter(({ at }) => at === undefined || now - at < 300_000);
  return recent.filter(({ code }) => /^(1006|1011|4000|4012)$/.test(String(code)));
}

export const heartbeat = [
  check('R14.idle-cut', {}, (facts, { now }) => {
    const idle = facts['ws.idle'];
    if (idle?.cut === true) return { params: { seconds: Math.round(idle.watchedMs / 1_000) }, seen: ['ws.idle'] };
    const ages = broken(facts, now).map(({ ageMs }) => ageMs);
    const middle = median(ages);
    if (ages.length < 3 || middle < 5_000 || !ages.every((age) => Math.abs(age - middle) < 2_500)) return undefined;
    return {
      confidence: 'likely',
      params: { seconds: Math.round(middle / 1_000) },
      seen: ['ws.closings'],
      rivals: ['R14.link-lost'],
    };
  }),
  check('R14.half-open', {}, (facts) => {
    const { 'ws.stale': stale, 'ws.heartbeat': beat } = facts;
    if (stale !== undefined)
      return {
        outcome: stale.recovered ? 'warn' : 'fail',
        params: { seconds: Math.round(stale.silentMs / 1_000), n: stale.replayed ?? 0 },
        seen: ['ws.stale'],
      };
    if (beat === undefined || beat.sent === 0 || beat.answered > 0) return undefined;
    return {
      confidence: 'likely',
      params: { seconds: Math.round((beat.lastFrameAgeMs ?? 0) / 1_000), n: 0 },
      seen: ['ws.heartbeat'],
    };
  }),
  // Each of several links ended when it had hardly begun, and nobody asked for it.
  check('R14.cut-at-once', { severity: 'critical' }, (facts, { now, vantage }) => {
    const young = broken(facts, now).filter(({ ageMs }) => ageMs < YOUNG_MS);
    if (young.length < (vantage === 'cli' ? 2 : 3)) return undefined;
    return { params: { ms: Math.round(median(young.map(({ ageMs }) => ageMs))) }, seen: ['ws.closings'] };
  }),
  check('R14.slow-link', { severity: 'warning' }, (facts) => {
    const rtt = median(facts['ws.heartbeat']?.rtt ?? []);
    const http = facts['http.status']?.ms;
    // A request that is quick while frames are slow is a buffer's doing: R10.
    if (rtt < 750 || (http !== undefined && rtt >= 1_000 && http * 4 <= rtt)) return undefined;
    return { params: { ms: Math.round(rtt) }, seen: ['ws.heartbeat', 'http.status'] };
  }),
  check('R14.link-lost', { fallback: true }, (facts, { now }) => {
    const lost = broken(facts, now).length;
    const { 'ws.heartbeat': beat } = facts;
    const unanswered = beat === undefined ? 0 : beat.sent - beat.answered;
    if (lost < 3 && unanswered < 2) return undefined;
    return { confidence: 'likely', params: { n: lost, unanswered }, seen: ['ws.closings', 'ws.heartbeat'] };
  }),
];

export const resume = [
  check('R15.resume-silent', {}, ({ 'ws.resume': seen }) =>
    seen?.outcome === 'silent' ? { params: { asked: seen.asked ?? 0 }, seen: ['ws.resume'] } : undefined,
  ),
  check('R15.resync', { severity: 'warning' }, ({ 'ws.resume': seen }) =>
    seen?.outcome === 'resync'
      ? { params: { reason: seen.reason ?? '' }, seen: ['ws.resume', 'log.streams'] }
      : undefined,
  ),
  check('R15.resume-failed', { fallback: true }, ({ 'ws.resume': seen }) =>
    seen?.outcome === 'wrong'
      ? { params: { asked: seen.asked ?? 0, got: seen.got ?? 0, detail: seen.detail ?? '' }, seen: ['ws.resume'] }
      : undefined,
  ),
];
