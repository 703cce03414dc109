// A healthy Pulseline as facts, and short ways to judge one that is not; for the tests of the diagnosis alone.
import { evidenceOf } from '../evidence.ts';
import type { Facts } from '../facts.ts';
import { type Judgement, judge } from '../judge.ts';
import type { Surroundings } from '../model.ts';

export const NOW = 1_732_280_000_000;
export const around: Surroundings = {
  system: 'linux',
  shell: 'sh',
  vantage: 'cli',
  now: NOW,
  port: 4_000,
  webPort: 3_000,
};

const answered = { outcome: 'answered', url: 'http://localhost:4000/status', status: 200, ms: 4 } as const;

/** Everything was looked at, and all is well. */
export const healthy: Facts = {
  'runtime.node': { version: 'v20.20.0' },
  'runtime.install': { missing: [], pages: true },
  'runtime.native': { module: '@photostructure/sqlite', ok: true },
  'env.files': [],
  'env.base': {},
  'page.config': { apiBase: 'http://localhost:4000', location: 'http://localhost:3000', mode: 'production' },
  'server.address': { port: 4_000, webPort: 3_000, source: 'status' },
  'web.process': { running: true, startedAt: NOW - 60_000, mode: 'production' },
  'web.page': { ...answered, url: 'http://localhost:3000/' },
  'port.owners': [
    { port: 4_000, owner: 'ours', pid: 10, name: 'node' },
    { port: 3_000, owner: 'ours', pid: 10, name: 'node' },
  ],
  'server.lock': { pid: 10, alive: true, instanceId: 'i1', port: 4_000 },
  'dns.lookup': { host: 'localhost', addresses: ['127.0.0.1', '::1'], ms: 1 },
  'tcp.dials': [
    { host: 'localhost', address: '127.0.0.1', port: 4_000, outcome: 'open', ms: 1 },
    { host: 'localhost', address: '::1', port: 4_000, outcome: 'refused', code: 'ECONNREFUSED', ms: 1 },
  ],
  'http.status': { ...answered, product: 'pulseline', version: '0.1.0', instanceId: 'i1', nonceMatches: true },
  'http.cors': { ...answered, origin: 'http://localhost:3000', allowed: 'http://localhost:3000' },
  'http.host': { ...answered, host: 'localhost:4000' },
  'clock.offset': { ms: 1, uncertaintyMs: 2 },
  'clock.jumps': [],
  'ws.upgrade': { ...answered, url: 'http://localhost:4000/ws', status: 101 },
  'ws.open': { url: 'ws://localhost:4000/ws', outcome: 'open', ms: 5 },
  'ws.hello': { outcome: 'arrived', ms: 3, version: 1 },
  'ws.heartbeat': { sent: 3, answered: 3, rtt: [1, 2, 1] },
  'ws.resume': { outcome: 'replayed', asked: 3, got: 3, inOrder: true },
  accounts: [{ id: 'acc_a', kind: 'sandbox', state: 'READY', since: NOW - 60_000 }],
  'accounts.flow': [
    {
      id: 'acc_a',
      state: 'READY',
      wire: 5,
      stored: 5,
      delivered: 5,
      lost: 0,
      untold: 0,
      waiting: 0,
      socketGeneration: 1,
      listenerGeneration: 1,
    },
  ],
  decrypt: [],
  store: { kind: 'sqlite', ok: true, probeMs: 2, freeBytes: 1e10, walBytes: 1e6, quickCheck: 'ok' },
  'log.streams': [{ stream: 'acc_a', head: 5, gaps: 0, fed: 5 }],
  bus: { kind: 'memory', ok: true, echoMs: 0.1 },
  'hub.clients': [{ id: 'c_1', phase: 'live', ageMs: 1_000, bufferedBytes: 0, unread: 0 }],
  'hub.stats': { clients: 1 },
  'doors.refused': [],
  canary: { id: 'p', outcome: 'arrived', stages: { heard: 0, written: 4 } },
  stages: [{ stage: 'committed', count: 100, p50: 2, p95: 6, p99: 9 }],
  resources: {
    eventLoopP99Ms: 12,
    eventLoopMaxMs: 80,
    heapUsed: 5e7,
    heapLimit: 2e9,
    fds: 40,
    fdLimit: 1_048_576,
    refusals: [],
  },
};

/** Facts -> judgement, over the healthy ones or bare. */
export function judged(facts: Facts, where: Partial<Surroundings> = {}): Judgement {
  return judge(evidenceOf(facts, 'test', NOW), { ...around, ...where });
}

/** The healthy facts without some. */
export function without(...keys: readonly (keyof Facts)[]): Facts {
  return Object.fromEntries(Object.entries(healthy).filter(([key]) => !keys.some((other) => other === key)));
}
