// R04 to R09, from a name to a browser's consent: who is dialled, who answers, and what is refused on the way.
import { addressOf, isLocalNetwork, isLoopback } from '../address.ts';
import { check, sure } from '../check.ts';
import type { Fact, Facts } from '../facts.ts';
import type { Suspicion } from '../model.ts';
import { differentialOf, isAnswering, refused } from './seen.ts';

const RESOLVER = /^(EAI_AGAIN|ETIMEOUT|ETIMEDOUT|ECONNREFUSED|ESERVFAIL|EREFUSED|SERVFAIL)$/;

export const names = [
  check('R04.nxdomain', { severity: 'critical' }, ({ 'dns.lookup': dns }) =>
    dns !== undefined && /^(ENOTFOUND|ENODATA|EAI_NONAME|EAI_NODATA)$/.test(dns.code ?? '')
      ? { params: { host: dns.host, code: dns.code ?? '' }, seen: ['dns.lookup'] }
      : undefined,
  ),
  check('R04.resolver-down', { severity: 'critical' }, ({ 'dns.lookup': dns }) =>
    dns !== undefined && RESOLVER.test(dns.code ?? '')
      ? { params: { host: dns.host, code: dns.code ?? '', resolver: dns.resolver ?? '' }, seen: ['dns.lookup'] }
      : undefined,
  ),
  check('R04.localhost-elsewhere', { severity: 'critical' }, ({ 'dns.lookup': dns }) => {
    const stray = dns?.addresses.find((address) => !isLoopback(address));
    if (dns === undefined || stray === undefined || !/^(.+\.)?localhost\.?$/i.test(dns.host)) return undefined;
    return { params: { host: dns.host, address: stray }, seen: ['dns.lookup'] };
  }),
  check('R04.localhost-incomplete', { severity: 'critical' }, ({ 'dns.lookup': dns, 'tcp.dials': dials = [] }) => {
    if (dns === undefined || dns.addresses.length === 0 || isLoopback(dns.addresses[0] ?? '') === false)
      return undefined;
    const named = dials.filter(({ address }) => dns.addresses.includes(address));
    const open = dials.find((dial) => dial.outcome === 'open' && !named.includes(dial));
    if (open === undefined || named.length === 0 || named.some(({ outcome }) => outcome === 'open')) return undefined;
    return {
      params: { host: dns.host, address: dns.addresses.join(', '), open: open.address },
      seen: ['dns.lookup', 'tcp.dials'],
    };
  }),
  check('R04.lookup-failed', { severity: 'critical', fallback: true }, ({ 'dns.lookup': dns }) =>
    dns !== undefined && (dns.code !== undefined || dns.addresses.length === 0)
      ? { params: { host: dns.host, code: dns.code ?? '' }, seen: ['dns.lookup'] }
      : undefined,
  ),
];

type Dial = Fact<'tcp.dials'>[number];

/** Dials of the API, when none of them got through. */
function failedDials(facts: Facts): readonly Dial[] {
  const dials = facts['tcp.dials'] ?? [];
  return dials.some(({ outcome }) => outcome === 'open') || isAnswering(facts) ? [] : dials;
}

const paramsOf = (dial: Dial | undefined): NonNullable<Suspicion['params']> => ({
  host: dial?.host ?? '',
  address: dial?.address ?? '',
  port: dial?.port ?? '',
  code: dial?.code ?? '',
  ms: Math.round(dial?.ms ?? 0),
});

/** Somebody does listen on the port that refused. */
function isListening(facts: Facts, port: number | undefined): boolean {
  return facts['port.owners']?.some((one) => one.port === port && /^(ours|other|unknown)$/.test(one.owner)) === true;
}

/** What a page can tell: both kinds of fetch fail at once, and its own web server finds nobody either. */
function isDeadForAll(facts: Facts, late: boolean): boolean {
  if (facts['tcp.dials'] !== undefined) return false;
  const seen = differentialOf(facts);
  return seen?.cors === false && seen.plain === false && seen.twin === false && seen.late === late;
}

function basePort(facts: Facts): number | string {
  return addressOf(facts['http.status']?.url ?? facts['page.context']?.apiBase)?.port ?? '';
}

export const tcp = [
  check('R05.refused', { severity: 'critical' }, (facts, around) => {
    if (isDeadForAll(facts, false))
      return {
        confidence: facts['http.twin']?.outcome === 'refused' ? 'proven' : 'likely',
        params: { host: '', address: '', port: basePort(facts), code: facts['http.twin']?.code ?? '', ms: 0 },
        seen: ['http.status', 'http.noCors', 'http.twin'],
        rivals: ['R05.firewall-reject'],
      };
    const dials = failedDials(facts);
    const [first] = dials;
    if (first === undefined || !dials.some(({ outcome }) => outcome === 'refused')) return undefined;
    if (dials.some(({ outcome }) => /^(timeout|unreachable|denied)$/.test(outcome)) || isListening(facts, first.port))
      return undefined;
    const nobody = facts['port.owners']?.some(({ port, owner }) => port === first.port && owner === 'nobody') === true;
    const here = isLoopback(first.host) || isLoopback(first.address);
    return {
      confidence: sure(nobody || (here && around.vantage === 'cli')),
      params: paramsOf(first),
      seen: ['tcp.dials', 'port.owners', 'server.lock'],
      rivals: nobody ? [] : ['R05.firewall-reject'],
    };
  }),
  check('R05.firewall-reject', { severity: 'critical' }, (facts) => {
    const dials = failedDials(facts);
    const hit = dials.find(
      ({ outcome, port }) =>
        /^(unreachable|denied)$/.test(outcome) || (outcome === 'refused' && isListening(facts, port)),
    );
    if (hit === undefined || dials.some(({ outcome }) => outcome === 'timeout')) return undefined;
    return {
      confidence: sure(isListening(facts, hit.port)),
      params: paramsOf(hit),
      seen: ['tcp.dials', 'port.owners'],
      rivals: ['R05.refused'],
    };
  }),
  check('R05.firewall-drop', { severity: 'critical' }, (facts) => {
    if (isDeadForAll(facts, true))
      return {
        confidence: 'likely',
        params: {
          host: '',
          address: '',
          port: basePort(facts),
          code: '',
          ms: Math.round(facts['http.status']?.ms ?? 0),
        },
        seen: ['http.status', 'http.noCors', 'http.twin'],
        rivals: ['R06.silent'],
      };
    const hit = failedDials(facts).find(({ outcome }) => outcome === 'timeout');
    if (hit === undefined) return undefined;
    return {
      confidence: sure(isLoopback(hit.address) || isListening(facts, hit.port)),
      params: paramsOf(hit),
      seen: ['tcp.dials', 'port.owners'],
    };
  }),
  check('R05.one-family', { severity: 'warning' }, (facts) => {
    const dials = facts['tcp.dials'] ?? [];
    const hit = dials.find(({ outcome }) => outcome === 'timeout');
    if (hit === undefined || !dials.some(({ outcome, port }) => outcome === 'open' && port === hit.port))
      return undefined;
    return { params: paramsOf(hit), seen: ['tcp.dials'] };
  }),
  check('R05.unreachable', { severity: 'critical', fallback: true }, (facts) => {
    const [hit] = failedDials(facts);
    return hit && { params: { ...paramsOf(hit), outcome: hit.outcome }, seen: ['tcp.dials'] };
  }),
];

export const identity = [
  check('R06.stale-instance', { severity: 'critical' }, (facts, around) => {
    const { 'http.status': status, 'server.lock': lock } = facts;
    if (status?.product !== 'pulseline') return undefined;
    const holder = facts['port.owners']?.find(({ port }) => port === around.port);
    const crash = facts['runtime.crash'];
    // The one that was started last ended for the one that answers.
    const inVain =
      lock?.alive !== true &&
      crash?.code === 'PORT_TAKEN' &&
      crash.at !== undefined &&
      status.startedAt !== undefined &&
      crash.at > status.startedAt;
    if (inVain)
      return {
        confidence: 'likely',
        params: { pid: holder?.pid ?? '?', lock: lock?.pid ?? '?', version: status.version ?? '' },
        seen: ['http.status', 'server.lock', 'port.owners', 'runtime.crash'],
      };
    const otherId =
      lock?.alive === true &&
      lock.instanceId !== undefined &&
      status.instanceId !== undefined &&
      lock.instanceId !== status.instanceId;
    const otherPid =
      lock?.alive === true &&
      lock.pid !== undefined &&
      holder?.pid !== undefined &&
      lock.pid !== holder.pid &&
      (lock.port ?? around.port) === around.port;
    if (!otherId && !otherPid) return undefined;
    // A second one that runs elsewhere by intent has its own port in its lock.
    const asked = addressOf(status.url)?.port;
    if (otherId && lock.port !== undefined && asked !== undefined && lock.port !== asked && !otherPid) return undefined;
    return {
      confidence: sure(otherId),
      params: { pid: holder?.pid ?? '?', lock: lock?.pid ?? '?', version: status.version ?? '' },
      seen: ['http.status', 'server.lock', 'port.owners'],
    };
  }),
  check('R06.server-error', { severity: 'critical' }, ({ 'http.status': status }) => {
    if (status?.outcome !== 'answered' || (status.status ?? 200) < 500) return undefined;
    return {
      confidence: sure(status.problem !== undefined),
      params: { status: status.status ?? 0, problem: status.problem ?? '', server: status.server ?? '' },
      seen: ['http.status'],
    };
  }),
  check('R06.foreign-server', { severity: 'critical' }, (facts) => {
    const status = facts['http.status'];
    if (status === undefined || isAnswering(facts)) return undefined;
    if (status.outcome !== 'not-http' && (status.outcome !== 'answered' || (status.status ?? 200) >= 500))
      return undefined;
    return {
      confidence: sure(status.outcome === 'not-http' || status.body !== undefined),
      params: {
        url: status.url,
        status: status.status ?? 0,
        server: status.server ?? '',
        body: (status.body ?? '').slice(0, 120),
      },
      seen: ['http.status', 'port.owners'],
    };
  }),
  check('R06.silent', { severity: 'critical' }, (facts) => {
    const { 'http.status': status } = facts;
    const open = facts['tcp.dials']?.some(({ outcome }) => outcome === 'open') === true;
    if (status?.outcome !== 'timeout' || !open) return undefined;
    return {
      confidence: 'likely',
      params: { url: status.url, ms: Math.round(status.ms ?? 0) },
      seen: ['http.status', 'tcp.dials', 'http.livez'],
      rivals: ['R28.event-loop-blocked', 'R03.process-stopped'],
    };
  }),
  check('R06.unexpected-answer', { severity: 'critical', fallback: true }, (facts) => {
    const { 'http.status': status } = facts;
    if (status === undefined || /^(tls|blocked)$/.test(status.outcome)) return undefined;
    if (isAnswering(facts) ? status.nonceMatches !== false : differentialOf(facts) !== undefined) return undefined;
    // A refusal or a silence without a TCP verdict is told here: nobody else saw it.
    if (/^(refused|unreachable|timeout)$/.test(status.outcome) && failedDials(facts).length > 0) return undefined;
    return {
      confidence: 'likely',
      params: {
        url: status.url,
        outcome: status.outcome,
        detail: status.code ?? status.error ?? '',
        status: status.status ?? 0,
      },
      seen: ['http.status'],
    };
  }),
];

/** So far apart are two clocks before it matters to anything. */
const SKEW_MS = 5_000;
/** A jump is told for so long. */
const JUMP_TOLD_MS = 600_000;

export const clocks = [
  check('R07.clock-skew', { severity: 'warning' }, ({ 'clock.offset': offset }) => {
    if (offset === undefined || Math.abs(offset.ms) - offset.uncertaintyMs < SKEW_MS) return undefined;
    return { params: { seconds: Math.round(offset.ms / 1_000) }, seen: ['clock.offset'] };
  }),
  check('R07.clock-jump', { severity: 'warning' }, ({ 'clock.jumps': jumps = [] }, { now }) => {
    const jump = jumps.findLast(
      (one) => Math.abs(one.ms) >= SKEW_MS && Math.abs(now - one.at) < JUMP_TOLD_MS + Math.abs(one.ms),
    );
    return jump && { params: { seconds: Math.round(jump.ms / 1_000), where: jump.where }, seen: ['clock.jumps'] };
  }),
];

export const origins = [
  check('R08.cors-origin', { severity: 'critical' }, (facts) => {
    const { 'http.cors': cors, 'http.status': status, 'ws.open': ws, 'page.context': page } = facts;
    const said = [cors?.problem, status?.problem, ws?.problem].includes('ORIGIN_REFUSED');
    const seen = differentialOf(facts);
    const counted = refused(facts, 'ORIGIN_REFUSED');
    const unseen = seen !== undefined && seen.cors !== true && seen.plain === true;
    if (
      !said &&
      !(unseen && counted !== undefined) &&
      !(cors?.status === 403 && cors.problem === undefined && isAnswering(facts))
    )
      return undefined;
    const origin = cors?.origin ?? originOnly(page?.location) ?? counted?.detail ?? '';
    return {
      confidence: sure(said || counted?.detail === origin),
      params: { origin },
      seen: ['http.cors', 'http.noCors', 'doors.refused', 'http.status'],
    };
  }),
  check('R08.host-check', { severity: 'critical' }, (facts) => {
    const { 'http.host': host, 'http.status': status, 'http.cors': cors, 'ws.open': ws, 'ws.upgrade': upgrade } = facts;
    const said = [host, status, cors, ws, upgrade].find((one) => one?.problem === 'HOST_REFUSED');
    if (said === undefined) return undefined;
    const name = host?.host ?? addressOf(said.url)?.host ?? refused(facts, 'HOST_REFUSED')?.detail ?? '';
    return { params: { host: name }, seen: ['http.host', 'http.status', 'doors.refused'] };
  }),
  check('R08.cors-stripped', { severity: 'critical' }, (facts) => {
    const { 'http.cors': cors, 'page.context': page } = facts;
    const seen = differentialOf(facts);
    const stripped =
      cors?.outcome === 'answered' &&
      (cors.status ?? 500) < 300 &&
      cors.allowed === undefined &&
      cors.problem === undefined;
    const unread =
      seen !== undefined && seen.cors !== true && seen.plain === true && refused(facts, 'ORIGIN_REFUSED') === undefined;
    if (!stripped && !unread) return undefined;
    return {
      confidence: stripped ? 'proven' : 'likely',
      params: { origin: cors?.origin ?? originOnly(page?.location) ?? '' },
      seen: ['http.cors', 'http.status', 'http.noCors'],
      rivals: stripped ? [] : ['R08.cors-origin'],
    };
  }),
  check('R08.refused', { severity: 'critical', fallback: true }, (facts) => {
    const hit = [facts['http.cors'], facts['http.host'], facts['http.status']].find(
      (one) => one?.outcome === 'answered' && (one.status ?? 200) >= 400 && (one.status ?? 200) < 500,
    );
    if (hit === undefined || !isAnswering(facts)) return undefined;
    return {
      confidence: 'likely',
      params: { status: hit.status ?? 0, problem: hit.problem ?? '' },
      seen: ['http.cors', 'http.host', 'http.status'],
    };
  }),
];

function originOnly(location: string | undefined): string | undefined {
  return /^[a-z]+:\/\/[^/]+/i.exec(location ?? '')?.[0];
}

/** What the doors refused longer ago was another attempt, ms. */
const LATELY_MS = 60_000;
const PLAIN = /EPROTO|WRONG_VERSION_NUMBER|wrong version number|packet length too long|http request/i;

/** Nothing that needs a browser's consent got through. */
function isStopped(facts: Facts): boolean {
  const seen = differentialOf(facts);
  return seen !== undefined
    ? seen.cors !== true && seen.plain !== true
    : facts['ws.open'] !== undefined && facts['ws.open'].outcome !== 'open';
}

export const browser = [
  check('R09.mixed-content', { severity: 'critical', cost: 'instant' }, (facts) => {
    const page = facts['page.context'];
    const to = addressOf(page?.wsUrl ?? page?.apiBase);
    if (
      page === undefined ||
      to === undefined ||
      !page.location.startsWith('https:') ||
      /^(https|wss)$/.test(to.scheme)
    )
      return undefined;
    // Browsers trust plain loopback; only where it failed can this be why.
    if (isLoopback(to.host) && !isStopped(facts)) return undefined;
    return {
      confidence: sure(!isLoopback(to.host)),
      params: { url: page.wsUrl },
      seen: ['page.context'],
      // What else a browser says of such an address is said before it would have got there.
      explains: ['R05', 'R06', 'R08'],
    };
  }),
  check('R09.tls-to-plain', { severity: 'critical' }, (facts) => {
    const { 'tls.dial': tls, 'http.status': status, 'ws.open': ws } = facts;
    const said = tls?.ok === false ? tls : status?.outcome === 'tls' ? status : ws?.outcome === 'tls' ? ws : undefined;
    if (said === undefined || !PLAIN.test(`${said.code} ${said.error}`)) return undefined;
    return { params: { url: said.url, code: said.code ?? '' }, seen: ['tls.dial', 'http.status', 'ws.open'] };
  }),
  check('R09.certificate', { severity: 'critical' }, (facts) => {
    const { 'tls.dial': tls, 'http.status': status, 'ws.open': ws } = facts;
    const said = tls?.ok === false ? tls : status?.outcome === 'tls' ? status : ws?.outcome === 'tls' ? ws : undefined;
    if (
      said === undefined ||
      !/CERT|SELF_SIGNED|UNABLE_TO|HOSTNAME|ALTNAME|expired/i.test(`${said.code} ${said.error}`)
    )
      return undefined;
    return { params: { url: said.url, code: said.code ?? '' }, seen: ['tls.dial', 'http.status', 'ws.open'] };
  }),
  check('R09.lna', { severity: 'critical' }, (facts) => {
    const page = facts['page.context'];
    const [from, to] = [addressOf(page?.location), addressOf(page?.apiBase)];
    if (page === undefined || from === undefined || to === undefined) return undefined;
    const outside = !isLoopback(from.host) && !isLocalNetwork(from.host);
    const inside = isLoopback(to.host) || isLocalNetwork(to.host);
    if (!outside || !inside || page.localNetwork === 'granted' || differentialOf(facts)?.cors === true)
      return undefined;
    return {
      confidence: sure(page.localNetwork === 'denied'),
      params: { page: from.host, base: to.host },
      seen: ['page.context', 'http.status'],
    };
  }),
  check('R09.policy', { severity: 'critical' }, ({ 'page.context': page }) => {
    const [violation] = page?.violations ?? [];
    return violation === undefined ? undefined : { params: { violation }, seen: ['page.context'] };
  }),
  check('R09.offline', { severity: 'critical' }, (facts) => {
    const page = facts['page.context'];
    const to = addressOf(page?.apiBase);
    if (page?.online !== false || to === undefined || isLoopback(to.host) || !isStopped(facts)) return undefined;
    return { params: {}, seen: ['page.context'] };
  }),
  check('R09.extension-block', { severity: 'critical' }, (facts) => {
    const seen = differentialOf(facts);
    const { 'http.status': status, 'ws.open': ws, 'http.noCors': plain } = facts;
    const named = [status, ws, plain].some(
      (one) => one?.outcome === 'blocked' || /BLOCKED_BY_CLIENT/.test(one?.code ?? ''),
    );
    const inferred = seen?.cors === false && seen.plain === false && seen.twin === true && !seen.late && isHere(facts);
    if (!named && !inferred) return undefined;
    return {
      confidence: named ? 'proven' : 'likely',
      params: {},
      seen: ['http.status', 'http.noCors', 'http.twin', 'ws.open'],
      rivals: named ? [] : ['R09.policy'],
    };
  }),
  // The door says to a plain request that it is here; of the WebSocket it has heard nothing.
  check('R09.websocket-blocked', { severity: 'critical' }, (facts, { vantage, now }) => {
    const { 'ws.open': ws, 'ws.upgrade': upgrade, 'doors.refused': doors } = facts;
    if (vantage !== 'browser' || doors === undefined || differentialOf(facts)?.cors !== true) return undefined;
    if (upgrade?.status !== 426 || !/^(closed|error|blocked)$/.test(ws?.outcome ?? '')) return undefined;
    if (doors.some(({ at = 0 }) => now - at < LATELY_MS)) return undefined;
    return {
      confidence: 'likely',
      params: {},
      seen: ['ws.open', 'ws.upgrade', 'doors.refused', 'http.status'],
      rivals: ['R10.upgrade-stripped'],
    };
  }),
  check('R09.blocked', { severity: 'critical', fallback: true }, (facts) => {
    const seen = differentialOf(facts);
    const tls = facts['tls.dial'];
    const stopped = seen?.cors === false && seen.plain === false && seen.twin === true;
    const failed = tls?.ok === false || facts['http.status']?.outcome === 'tls' || facts['ws.open']?.outcome === 'tls';
    if (!stopped && !failed) return undefined;
    return {
      confidence: 'likely',
      params: { detail: tls?.code ?? tls?.error ?? facts['http.status']?.error ?? '' },
      seen: ['http.status', 'http.noCors', 'http.twin', 'tls.dial'],
    };
  }),
];

/** The page and the API are on this computer: no consent of any network is needed. */
function isHere({ 'page.context': page }: Facts): boolean {
  const [from, to] = [addressOf(page?.location), addressOf(page?.apiBase)];
  return from === undefined || to === undefined || (isLoopback(from.host) && isLoopback(to.host));
}
