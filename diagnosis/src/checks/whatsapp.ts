// R16 to R20, the way to WhatsApp and back: the network out, the link, the login, the listener, decryption; each account is judged on its own.
import { check } from '../check.ts';
import type { Fact, Facts } from '../facts.ts';
import type { Check, Suspicion } from '../model.ts';
import { isMissingAt, slowStage } from './seen.ts';

type Account = Fact<'accounts'>[number];
type Analyse = Check['analyse'];

/** One suspicion for each account that `is` says it of. */
function each(is: (account: Account, now: number) => boolean): Analyse {
  return (facts, { now }) => accounts(facts, (account) => is(account, now));
}

function accounts({ accounts: all = [] }: Facts, is: (account: Account) => boolean): readonly Suspicion[] {
  return all.filter(is).map(about);
}

function about(account: Account) {
  return {
    subject: account.id,
    params: {
      account: account.id,
      state: account.state,
      reason: account.reason ?? '',
      raw: account.raw ?? '',
      attempts: account.attempts ?? 0,
    },
    seen: ['accounts'],
  } as const satisfies Suspicion;
}

const because = (codes: RegExp): Analyse => each(({ reason = '' }) => codes.test(reason));

const WHATSAPP = 'web.whatsapp.com';

/** What stands in brackets at the end of a reason: the error itself, of which the words around it say what ours say already. */
function coreOf(raw: string): string {
  return /[（(]([^（()）]+)[)）][.。]?$/.exec(raw)?.[1] ?? raw;
}

/** What the server's own probe of the way out said, or what an account met when it dialled. */
function egress(steps: readonly string[], codes: RegExp): Analyse {
  return (facts) => {
    const { accounts: all = [] } = facts;
    const way = facts['wa.egress'];
    const met = all
      .filter(({ reason = '' }) => codes.test(reason))
      .map((account) => {
        const one = about(account);
        const detail = coreOf(one.params.raw) || one.params.reason;
        return { ...one, params: { ...one.params, host: WHATSAPP, proxy: '', outcome: steps[0] ?? '', detail } };
      });
    if (way === undefined || !steps.includes(way.step)) return met;
    return {
      params: {
        host: way.host,
        proxy: way.proxy === undefined ? '' : `${way.proxy.scheme}://${way.proxy.host}:${way.proxy.port}`,
        step: way.step,
        outcome: way.outcome ?? '',
        detail: way.code ?? way.error ?? '',
      },
      seen: ['wa.egress', 'accounts'],
    };
  };
}

const NEVER = /^$(?=.)/;

/** How PROXY_FAILED ended is in the raw text of the account, and which proxy it was. */
function proxyMet(is: (raw: string) => boolean): Analyse {
  return ({ accounts: all = [] }) =>
    all
      .filter(({ reason, raw = '' }) => reason === 'PROXY_FAILED' && is(raw))
      .map((account) => {
        const [proxy = 'WA_PROXY'] = /\b(https?|socks\w*):\/\/[\w.:[\]-]+/i.exec(account.raw ?? '') ?? [];
        const one = about(account);
        return { ...one, params: { ...one.params, host: WHATSAPP, proxy, detail: coreOf(one.params.raw) } };
      });
}

function either(...ways: readonly Analyse[]): Analyse {
  return (facts, around) => {
    for (const way of ways) {
      const found = way(facts, around);
      if (found !== undefined && (!Array.isArray(found) || found.length > 0)) return found;
    }
    return undefined;
  };
}

const isDenied = (raw: string): boolean => /\b(407|401|403 Forbidden)\b|auth|credential|password/i.test(raw);
const isRefused = (raw: string): boolean => !isDenied(raw) && /HTTP \d|refused by (the )?proxy|rejected/i.test(raw);

export const egressChecks = [
  check('R16.proxy-credentials', {}, either(egress(['proxy-auth'], NEVER), proxyMet(isDenied))),
  check('R16.proxy-refused', {}, either(egress(['proxy-refused'], NEVER), proxyMet(isRefused))),
  check(
    'R16.proxy-unreachable',
    {},
    either(
      egress(['proxy-dns', 'proxy-dial'], NEVER),
      proxyMet((raw) => !isDenied(raw) && !isRefused(raw)),
    ),
  ),
  check('R16.egress-dns', {}, egress(['dns'], /^NETWORK_DNS$/)),
  check('R16.egress-tls', {}, egress(['tls'], /^(NETWORK_TLS|SERVER_UNPROVEN)$/)),
  check('R16.egress-intercepted', {}, egress(['http'], /^NETWORK_HTTP$/)),
  check('R16.egress-blocked', {}, egress(['dial'], /^(NETWORK_REFUSED|NETWORK_TIMEOUT)$/)),
  check('R16.egress-failed', { fallback: true }, (facts) => {
    const way = facts['wa.egress'];
    if (way === undefined || way.step === 'done') return undefined;
    return {
      confidence: 'likely',
      params: { host: way.host, step: way.step, detail: way.code ?? way.error ?? '' },
      seen: ['wa.egress'],
    };
  }),
];

/** Ms that an account may take for what usually takes seconds. */
const CONNECTING_MS = 60_000;
const PAIRING_MS = 90_000;
const QR_MS = 180_000;
const MANY_FLAPS = 6;

export const socket = [
  check(
    'R17.flapping',
    {},
    each(({ flaps = 0, reason }) => flaps >= MANY_FLAPS && reason !== 'REPLACED'),
  ),
  check('R17.keepalive-lost', {}, because(/^(NETWORK_LOST|PROBE_UNANSWERED)$/)),
  check(
    'R17.connecting-stuck',
    { severity: 'warning' },
    each(({ state, since }, now) => state === 'INITIALIZING' && now - since > CONNECTING_MS),
  ),
  check('R17.worker-died', { severity: 'critical' }, because(/^WORKER_DIED$/)),
  check(
    'R17.link-lost',
    { fallback: true },
    each(
      ({ state, reason = '' }) =>
        /^(STREAM_ERROR|INTERNAL|RESTART_REQUIRED)$/.test(reason) ||
        (state === 'DISCONNECTED' && reason !== '' && !known.test(reason)),
    ),
  ),
];

/** Reasons that another rung explains. */
const known =
  /^(QR_EXPIRED|LOGGED_OUT|REPLACED|ACCOUNT_|CLIENT_OUTDATED|PAIRING_REFUSED|CREDENTIALS_|NETWORK_|PROXY_FAILED|SERVER_UNPROVEN|STORE_|DISK_FULL|WORKER_DIED|PROBE_UNANSWERED)/;

export const login = [
  check('R18.qr-timeout', { severity: 'warning' }, because(/^QR_EXPIRED$/)),
  check(
    'R18.logged-out',
    {},
    each(({ state, reason }) => reason === 'LOGGED_OUT' || (state === 'LOGGED_OUT' && reason !== undefined)),
  ),
  check('R18.replaced', {}, because(/^REPLACED$/)),
  check('R18.locked-or-banned', { severity: 'critical' }, because(/^ACCOUNT_(BANNED|LOCKED|SUSPENDED|RESTRICTED)$/)),
  check('R18.client-outdated', { severity: 'critical' }, because(/^CLIENT_OUTDATED$/)),
  check('R18.pairing-refused', {}, because(/^PAIRING_REFUSED$/)),
  check('R18.credentials-unreadable', { severity: 'critical' }, because(/^CREDENTIALS_UNREADABLE$/)),
  check(
    'R18.qr-waiting',
    { severity: 'warning' },
    each(({ state, since, qrSince }, now) => state === 'QR' && now - (qrSince ?? since) > QR_MS),
  ),
  check(
    'R18.pairing-stuck',
    {},
    each(({ state, since }, now) => state === 'AUTHENTICATED' && now - since > PAIRING_MS),
  ),
  check(
    'R18.not-ready',
    { fallback: true },
    each(
      ({ state, reason = '' }) =>
        (state === 'FAILED' || state === 'DEGRADED') &&
        !known.test(reason) &&
        !/^(STREAM_ERROR|INTERNAL|RESTART_REQUIRED)$/.test(reason),
    ),
  ),
];

type Flow = Fact<'accounts.flow'>[number];
/** Counts that differ for a moment are messages on their way. */
const DISAGREE_MS = 10_000;

function flows({ 'accounts.flow': all = [] }: Facts, is: (flow: Flow) => boolean): readonly Suspicion[] {
  return all.filter(is).map((flow) => ({
    subject: flow.id,
    params: {
      account: flow.id,
      wire: flow.wire,
      stored: flow.stored,
      delivered: flow.delivered,
      lost: flow.lost,
      untold: flow.untold,
    },
    seen: ['accounts.flow', 'accounts'],
  }));
}

const disagrees = (flow: Flow): boolean => (flow.disagreesMs ?? 0) >= DISAGREE_MS;

export const listener = [
  check('R19.listener-detached', { severity: 'critical' }, (facts) =>
    flows(
      facts,
      ({ state, socketGeneration, listenerGeneration }) =>
        state === 'READY' && socketGeneration !== undefined && socketGeneration !== listenerGeneration,
    ),
  ),
  check('R19.messages-lost', { severity: 'critical' }, (facts) =>
    flows(facts, (flow) => flow.lost > 0 && disagrees(flow)),
  ),
  check('R19.messages-untold', {}, (facts) =>
    flows(facts, (flow) => flow.untold !== 0 && flow.lost <= 0 && disagrees(flow)),
  ),
  check('R19.slow-normalised', { severity: 'warning' }, (facts) => {
    const slow = slowStage(facts, ['normalised'], 500);
    return slow && { params: { stage: slow.stage, ms: Math.round(slow.p95) }, seen: ['stages'] };
  }),
  check('R19.silent-while-ready', { severity: 'critical', fallback: true }, (facts) =>
    isMissingAt(facts, ['heard', 'normalised'])
      ? {
          confidence: 'likely',
          params: { stage: facts.canary?.missing ?? '', detail: facts.canary?.code ?? facts.canary?.error ?? '' },
          seen: ['canary'],
        }
      : undefined,
  ),
];

type Contact = Fact<'decrypt'>[number];

function contacts({ decrypt = [] }: Facts, is: (contact: Contact) => boolean): readonly Suspicion[] {
  return decrypt
    .filter(is)
    .slice(0, 20)
    .map(({ account, contact, total, filled, waiting, recent }) => ({
      subject: account,
      params: { account, contact, total, filled, waiting, n: recent ?? waiting },
      seen: ['decrypt'],
    }));
}

export const decryption = [
  check('R20.decrypt-failing', {}, (facts) =>
    contacts(facts, ({ recent = 0, waiting }) => recent >= 3 || (waiting >= 3 && recent > 0)),
  ),
  check('R20.unreadable-messages', { severity: 'warning', fallback: true }, (facts) =>
    contacts(facts, ({ waiting, waitingMs = 0, recent = 0 }) => waiting > 0 && waitingMs > 60_000 && recent > 0),
  ),
];
