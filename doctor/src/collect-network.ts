// The collectors that go to the server as a browser would, one step at a time: name, TCP, HTTP, clock, origin, TLS, upgrade. They send nothing that changes anything.
import { connect as tlsConnect } from 'node:tls';
import { type Collector, type Fact, type Facts, isLoopback } from '@pulseline/diagnosis';
import { shape } from '@pulseline/protocol';
import { parseJson } from './json.ts';
import type { Target } from './target.ts';
import { codeOf, type HttpAnswer, type World } from './world.ts';

const { integer, object, optional, record, string } = shape;

const status = object({
  product: string(100),
  version: optional(string(100)),
  instanceId: optional(string(100)),
  nonce: optional(string(200)),
  startedAt: optional(integer()),
  time: optional(integer()),
});
const problem = object({ code: string(100) });
const upgradeAnswer = object({ received: object({ headers: record(string(2_000)) }) });

/** Ms for one address; a packet that is dropped is never answered. */
const DIAL_MS = 2_000;
/** Below the collector's own deadline, so that what is late can still be said. */
const LOOKUP_MS = 2_500;
const CLOCK_ROUNDS = 8;
const MOST_BODY = 200;
/** Any 16 bytes. */
const KEY = 'cHVsc2VsaW5lLWRvY3RvciE=';

export function networkCollectors(world: World, target: Target): readonly Collector[] {
  const base = new URL(target.base);
  const host = base.hostname.replace(/^\[|\]$/g, '');
  const port = Number(base.port || (base.protocol === 'https:' ? 443 : 80));
  const nonce = `doctor-${world.pid}-${Math.round(world.now())}`;

  const name: Collector = {
    id: 'name',
    rung: 'R04',
    provides: ['dns.lookup'],
    collect: async () => ({ 'dns.lookup': await look(world, host) }),
  };
  const tcp: Collector = {
    id: 'tcp',
    rung: 'R05',
    provides: ['tcp.dials'],
    after: ['dns.lookup'],
    collect: async ({ facts }) => {
      const named = facts['dns.lookup']?.addresses ?? [];
      // Browsers dial either for "localhost".
      const addresses = new Set(host === 'localhost' ? ['127.0.0.1', '::1', ...named] : named);
      const dials = await Promise.all(
        [...addresses]
          .slice(0, 8)
          .map(async (address) => ({ host, address, port, ...(await world.dial(address, port, DIAL_MS)) })),
      );
      return { 'tcp.dials': dials };
    },
  };
  const http: Collector = {
    id: 'http',
    rung: 'R06',
    provides: ['http.status', 'http.livez', 'http.host'],
    after: ['tcp.dials'],
    deadlineMs: 4_500,
    collect: async ({ facts }) => {
      if (!reached(facts)) return {};
      const url = `${target.base}/status?nonce=${nonce}`;
      const answer = await world.request(url);
      const told = statusFact(url, answer, nonce);
      const plain = probeOf(url, answer);
      const same = { 'http.host': { ...plain, host: base.host, ...problemOf(answer) } };
      if (answer.outcome === 'answered' && answer.status < 500) return { 'http.status': told, ...same };
      const livez = `${target.base}/livez`;
      return {
        'http.status': told,
        ...same,
        'http.livez': probeOf(livez, await world.request(livez, { timeoutMs: 1_200 })),
      };
    },
  };
  const ready: Collector = {
    id: 'ready',
    rung: 'R06',
    provides: ['http.readyz'],
    after: ['http.status'],
    collect: async ({ facts }) => {
      if (facts['http.status']?.product !== 'pulseline') return {};
      const url = `${target.base}/readyz`;
      const answer = await world.request(url);
      return { 'http.readyz': { ...probeOf(url, answer), ...problemOf(answer) } };
    },
  };
  const clock: Collector = {
    id: 'clock',
    rung: 'R07',
    provides: ['clock.offset'],
    after: ['http.status'],
    collect: async ({ facts }) =>
      facts['http.status']?.product === 'pulseline' ? offset(world, `${target.base}/status`) : {},
  };
  const origin: Collector = {
    id: 'origin',
    rung: 'R08',
    provides: ['http.cors'],
    after: ['http.status'],
    collect: async ({ facts }) => {
      if (target.foreign || facts['http.status']?.outcome !== 'answered') return {};
      const url = `${target.base}/status`;
      const pages = new URL(target.webBase).origin;
      const answer = await world.request(url, { headers: { origin: pages } });
      const allowed = answer.outcome === 'answered' ? answer.headers['access-control-allow-origin'] : undefined;
      return {
        'http.cors': {
          ...probeOf(url, answer),
          origin: pages,
          ...(allowed !== undefined && { allowed }),
          ...problemOf(answer),
        },
      };
    },
  };
  const tls: Collector = {
    id: 'tls',
    rung: 'R09',
    provides: ['tls.dial'],
    after: ['tcp.dials'],
    collect: async ({ facts }) =>
      base.protocol === 'https:' && reached(facts)
        ? { 'tls.dial': await shakeHands(world, target.base, host, port) }
        : {},
  };
  const upgrade: Collector = {
    id: 'upgrade',
    rung: 'R10',
    provides: ['ws.upgrade'],
    after: ['http.status'],
    collect: async ({ facts }) => {
      if (facts['http.status']?.outcome !== 'answered') return {};
      const url = `${target.base}/ws?types=&streams=&probe=1`;
      const headers = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': KEY,
      };
      return { 'ws.upgrade': upgradeFact(url, await world.request(url, { headers })) };
    },
  };
  const pages: Collector = {
    id: 'pages',
    rung: 'R02',
    provides: ['web.page', 'page.config'],
    collect: async () => (target.foreign ? {} : lookAtPages(world, target)),
  };
  return [name, tcp, http, ready, clock, origin, tls, upgrade, pages];
}

/** Is there any sense in going on? Nobody who was not dialled is held to be away. */
function reached(facts: Facts): boolean {
  const dials = facts['tcp.dials'];
  return dials === undefined || dials.some(({ outcome }) => outcome === 'open');
}

async function look(world: World, host: string): Promise<Fact<'dns.lookup'>> {
  const began = world.clock();
  // An address in place of a name needs nobody.
  if (/^[\d.]+$/.test(host) || host.includes(':')) return { host, addresses: [host], ms: 0 };
  // A timer of its own: one that is left behind would keep the command from ending.
  const result = await new Promise<readonly string[] | string>((resolve) => {
    const timer = setTimeout(() => resolve('ETIMEOUT'), LOOKUP_MS);
    const end = (found: readonly string[] | string): void => {
      clearTimeout(timer);
      resolve(found);
    };
    world.lookup(host).then(end, (error: unknown) => end(codeOf(error) || 'UNKNOWN'));
  });
  const ms = world.clock() - began;
  return typeof result === 'string'
    ? { host, addresses: [], code: result, ms }
    : { host, addresses: result.slice(0, 16), ms };
}

/** What every probe tells, whatever became of it. */
function probeOf(url: string, answer: HttpAnswer) {
  const common = { outcome: answer.outcome, url, ms: answer.ms };
  return answer.outcome === 'answered'
    ? { ...common, status: answer.status }
    : { ...common, code: answer.code, error: answer.error.slice(0, 300) };
}

function problemOf(answer: HttpAnswer): { readonly problem?: string } {
  const told = answer.outcome === 'answered' ? parseJson(problem, answer.body) : undefined;
  return told === undefined ? {} : { problem: told.code };
}

function statusFact(url: string, answer: HttpAnswer, nonce: string): Fact<'http.status'> {
  if (answer.outcome !== 'answered') return probeOf(url, answer);
  const told = parseJson(status, answer.body);
  const { server } = answer.headers;
  const contentType = answer.headers['content-type'];
  return {
    ...probeOf(url, answer),
    ...(contentType !== undefined && { contentType }),
    ...(server !== undefined && { server }),
    // The pages' own server has no /status: its refusal does not make it the API.
    ...(answer.status !== 404 && problemOf(answer)),
    ...(told === undefined
      ? { body: answer.body.slice(0, MOST_BODY) }
      : {
          product: told.product,
          nonceMatches: told.nonce === nonce,
          ...(told.version !== undefined && { version: told.version }),
          ...(told.instanceId !== undefined && { instanceId: told.instanceId }),
          ...(told.startedAt !== undefined && { startedAt: told.startedAt }),
        }),
  };
}

/** The server read its clock about half a round trip before its answer came; the fastest round is the best. */
async function offset(world: World, url: string): Promise<Facts> {
  let best: { readonly ms: number; readonly uncertaintyMs: number } | undefined;
  for (let round = 0; round < CLOCK_ROUNDS; round++) {
    const [sent, from] = [world.now(), world.clock()];
    const answer = await world.request(url, { timeoutMs: 1_000 });
    const ms = world.clock() - from;
    const time = answer.outcome === 'answered' ? parseJson(status, answer.body)?.time : undefined;
    if (time === undefined) break;
    if (best === undefined || ms / 2 < best.uncertaintyMs) best = { ms: time - (sent + ms / 2), uncertaintyMs: ms / 2 };
    // A slow way would cost the ladder its time.
    if (ms > 150) break;
  }
  return best === undefined ? {} : { 'clock.offset': best };
}

function upgradeFact(url: string, answer: HttpAnswer): Fact<'ws.upgrade'> {
  if (answer.outcome !== 'answered') return probeOf(url, answer);
  const told = parseJson(upgradeAnswer, answer.body);
  const by = [answer.headers['server'], answer.headers['via'], answer.headers['x-powered-by']]
    .filter(Boolean)
    .join(', ');
  return {
    ...probeOf(url, answer),
    headers: Object.fromEntries(Object.entries(answer.headers).filter(([header]) => telling.has(header))),
    ...(told !== undefined && { received: told.received.headers }),
    ...(by !== '' && { by }),
    ...problemOf(answer),
    ...(told === undefined && answer.status !== 101 && { body: answer.body.slice(0, MOST_BODY) }),
  };
}

/** Of an answer to an upgrade; a cookie is not among them. */
const telling = new Set([
  'connection',
  'upgrade',
  'server',
  'via',
  'content-type',
  'sec-websocket-accept',
  'x-powered-by',
  'x-cache',
]);

/** The page as it is served says by which address its API is asked; `next dev` says nothing. */
async function lookAtPages(world: World, target: Target): Promise<Facts> {
  const url = `${target.webBase}/`;
  const answer = await world.request(url, { headers: { accept: 'text/html' }, most: 20_000 });
  const page = { 'web.page': probeOf(url, answer) };
  if (answer.outcome !== 'answered') return page;
  const tag = /<html\b[^>]*>/i.exec(answer.body)?.[0] ?? '';
  const port = /\bdata-api-port="(\d+)"/.exec(tag)?.[1];
  const given = /\bdata-api-base="([^"]+)"/.exec(tag)?.[1];
  const host = new URL(target.webBase).hostname;
  if (port !== undefined)
    return {
      ...page,
      'page.config': {
        apiBase: loopbackAs(given ?? `http://${host}:${port}`, host),
        location: url,
        mode: 'production',
      },
    };
  if (!answer.body.includes('/_next/')) return page;
  return { ...page, 'page.config': { apiBase: loopbackAs(target.base, host), location: url, mode: 'development' } };
}

/** As web/src/api-base.ts does it: loopback is named as the page is. */
function loopbackAs(address: string, host: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (isLoopback(url.hostname)) url.hostname = host;
  return url.origin;
}

function shakeHands(world: World, url: string, host: string, port: number): Promise<Fact<'tls.dial'>> {
  const began = world.clock();
  return new Promise((resolve) => {
    const named = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = tlsConnect({ host, port, ...named, rejectUnauthorized: true });
    const end = (result: {
      readonly ok: boolean;
      readonly code?: string;
      readonly error?: string;
      readonly validTo?: number;
    }): void => {
      socket.destroy();
      resolve({ url, ms: world.clock() - began, ...result });
    };
    socket.setTimeout(2_500, () => end({ ok: false, code: 'ETIMEDOUT', error: 'no TLS handshake in 2.5 s' }));
    socket.once('secureConnect', () => {
      const validTo = Date.parse(socket.getPeerCertificate().valid_to);
      end({ ok: true, ...(Number.isFinite(validTo) && { validTo }) });
    });
    socket.once('error', (error) =>
      end({ ok: false, code: codeOf(error) || 'UNKNOWN', error: error.message.slice(0, 300) }),
    );
  });
}
