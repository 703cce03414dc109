// Holds what each fault of the catalogue looks like: facts over a healthy scene, and the check that must be the cause.
import { describe, expect, it } from 'vitest';
import { tell } from '../diagnose.ts';
import type { Facts } from '../facts.ts';
import type { Surroundings } from '../model.ts';
import { healthy, judged, NOW } from '../test/scene.ts';

const file = {
  path: 'web/.env.local',
  place: 'expected',
  readable: true,
  names: ['NEXT_PUBLIC_API_BASE_URL'],
  oddities: [],
} as const;
const value = 'http://localhost:4000';
const url = 'http://localhost:4000/status';
const failed = { url, outcome: 'error', ms: 3 } as const;
const silent = { url, outcome: 'timeout', ms: 3_000 } as const;
const answered = { url, outcome: 'answered', status: 200, ms: 4 } as const;
const noWs = {
  'ws.open': undefined,
  'ws.hello': undefined,
  'ws.upgrade': undefined,
  'ws.heartbeat': undefined,
  'ws.resume': undefined,
};
const dead = {
  ...noWs,
  'http.cors': undefined,
  'http.host': undefined,
  'http.status': { url, outcome: 'refused' },
} as const;
const page = {
  location: 'http://localhost:3000/test-ws',
  secure: true,
  apiBase: value,
  wsUrl: 'ws://localhost:4000/ws',
} as const;
const dial = { host: 'localhost', address: '127.0.0.1', port: 4_000 } as const;
const account = (state: 'DISCONNECTED' | 'FAILED' | 'LOGGED_OUT', reason: string, raw = ''): Partial<Facts> => ({
  accounts: [{ id: 'acc_a', kind: 'phone', state, reason, raw, since: NOW }],
  'accounts.flow': undefined,
});
const inPage: Partial<Surroundings> = { vantage: 'browser' };
const browser = {
  ...noWs,
  'tcp.dials': undefined,
  'http.cors': undefined,
  'http.host': undefined,
  'port.owners': undefined,
  'page.context': page,
} as const;

type Changes = { readonly [K in keyof Facts]?: Facts[K] | undefined };
type Row = readonly [cause: string, changes: Changes, where?: Partial<Surroundings>];

const rows: readonly Row[] = [
  [
    'R00.exec-policy',
    { 'runtime.shell': { error: 'npm.ps1 cannot be loaded because running scripts is disabled' } },
    { system: 'win32', shell: 'powershell5' },
  ],
  ['R00.node-version', { 'runtime.node': { version: 'v18.20.0' } }],
  ['R01.env-utf16', { 'env.files': [{ ...file, encoding: 'utf-16le', value }] }],
  ['R01.env-mixed-encoding', { 'env.files': [{ ...file, encoding: 'mixed', value }] }],
  ['R01.env-wrong-name', { 'env.files': [{ ...file, place: 'wrong-name', path: 'web/.env.local.txt' }] }],
  ['R01.env-prefix', { 'env.files': [{ ...file, names: ['API_BASE_URL'] }] }],
  ['R01.env-misspelt', { 'env.files': [{ ...file, names: ['NEXT_PUBLIC_API_BASE_ULR'] }] }],
  ['R01.env-bad-url', { 'env.files': [{ ...file, value: 'ws://localhost:4000' }] }],
  ['R01.env-bad-url', { 'env.base': { refused: 'localhost:4000', source: '.env.local' } }],
  ['R01.env-not-as-meant', { 'env.files': [{ ...file, value, nextValue: '“http”', oddities: ['smart-quotes'] }] }],
  [
    'R02.env-stale',
    {
      'env.files': [{ ...file, value: 'http://localhost:4001', modifiedAt: NOW }],
      'web.process': { running: true, startedAt: NOW - 60_000, apiBase: value },
    },
  ],
  ['R02.port-mismatch', { ...dead, 'server.address': { port: 4_001, source: 'lock' } }],
  ['R02.loopback-from-remote', { 'page.context': { ...page, location: 'http://192.168.1.9:3000/' } }],
  ['R02.next-dev-origin', { 'web.devOrigin': { host: '192.168.1.9', blocked: true } }],
  ['R02.setting-refused', { ...dead, 'runtime.crash': { code: 'SETTING_INVALID', text: 'PORT' } }],
  [
    'R03.port-taken',
    {
      ...dead,
      'http.status': { ...answered, body: 'hi' },
      'port.owners': [{ port: 4_000, owner: 'other', pid: 7, name: 'python' }],
    },
  ],
  ['R03.port-reserved', { ...dead, 'port.owners': [{ port: 4_000, owner: 'nobody', bind: 'EACCES' }] }],
  ['R03.process-stopped', { ...dead, 'port.owners': [{ port: 4_000, owner: 'ours', pid: 7, stopped: true }] }],
  ['R04.nxdomain', { ...dead, 'tcp.dials': [], 'dns.lookup': { host: 'x.invalid', addresses: [], code: 'ENOTFOUND' } }],
  [
    'R04.resolver-down',
    { ...dead, 'tcp.dials': [], 'dns.lookup': { host: 'x.example', addresses: [], code: 'EAI_AGAIN' } },
  ],
  [
    'R05.refused',
    { ...dead, 'port.owners': [{ port: 4_000, owner: 'nobody' }], 'tcp.dials': [{ ...dial, outcome: 'refused' }] },
  ],
  [
    'R05.firewall-reject',
    { ...dead, 'port.owners': [{ port: 4_000, owner: 'unknown' }], 'tcp.dials': [{ ...dial, outcome: 'refused' }] },
  ],
  ['R05.firewall-reject', { ...dead, 'port.owners': [], 'tcp.dials': [{ ...dial, outcome: 'unreachable' }] }],
  ['R05.firewall-drop', { ...dead, 'port.owners': [], 'tcp.dials': [{ ...dial, outcome: 'timeout' }] }],
  ['R05.unreachable', { ...dead, 'port.owners': [], 'tcp.dials': [{ ...dial, outcome: 'error', code: 'EWHATEVER' }] }],
  ['R06.stale-instance', { 'server.lock': { pid: 11, alive: true, instanceId: 'i2', port: 4_000 } }],
  [
    'R06.foreign-server',
    { ...dead, 'port.owners': [], 'http.status': { ...answered, body: '<html>', server: 'nginx' } },
  ],
  ['R06.silent', { ...dead, 'http.status': silent }],
  ['R06.server-error', { ...dead, 'http.status': { ...answered, status: 502, server: 'nginx' } }],
  ['R07.clock-skew', { 'clock.offset': { ms: -90_000, uncertaintyMs: 4 } }],
  ['R07.clock-jump', { 'clock.jumps': [{ where: 'server', ms: 3_600_000, at: NOW }] }],
  [
    'R08.cors-origin',
    { 'http.cors': { ...answered, status: 403, origin: 'http://localhost:3001', problem: 'ORIGIN_REFUSED' } },
  ],
  [
    'R08.host-check',
    { ...noWs, 'http.host': { ...answered, status: 421, host: 'chat.example', problem: 'HOST_REFUSED' } },
  ],
  ['R08.cors-stripped', { ...browser, 'http.status': failed, 'http.noCors': answered, 'http.twin': answered }, inPage],
  [
    'R09.mixed-content',
    {
      ...browser,
      'page.context': {
        ...page,
        location: 'https://desk.example/',
        apiBase: 'http://api.example',
        wsUrl: 'ws://api.example/ws',
      },
    },
    inPage,
  ],
  [
    'R09.tls-to-plain',
    {
      ...noWs,
      'tls.dial': { url: 'https://localhost:4000', ok: false, code: 'EPROTO', error: 'wrong version number' },
    },
  ],
  [
    'R09.lna',
    {
      ...browser,
      'http.status': failed,
      'http.noCors': failed,
      'http.twin': answered,
      'page.context': {
        ...page,
        location: 'https://desk.example/',
        wsUrl: 'wss://localhost/ws',
        localNetwork: 'denied',
      },
    },
    inPage,
  ],
  ['R09.extension-block', { ...browser, 'http.status': failed, 'http.noCors': failed, 'http.twin': answered }, inPage],
  [
    'R05.refused',
    { ...browser, 'http.status': failed, 'http.noCors': failed, 'http.twin': { url, outcome: 'refused' } },
    inPage,
  ],
  ['R05.firewall-drop', { ...browser, 'http.status': silent, 'http.noCors': silent, 'http.twin': silent }, inPage],
  [
    'R10.upgrade-stripped',
    {
      ...noWs,
      'ws.upgrade': { ...answered, status: 426, problem: 'UPGRADE_REQUIRED', received: { connection: 'close' } },
      'ws.open': { url: 'ws://localhost:4000/ws', outcome: 'http', status: 426 },
    },
  ],
  ['R10.proxy-buffering', { 'http.flow': { frames: 5, heldMs: 5_000, lumps: 1 } }],
  ['R10.unexpected-answer', { ...noWs, 'ws.upgrade': { ...answered, status: 200, by: 'a gateway' } }],
  [
    'R11.wrong-path',
    { ...noWs, 'ws.open': { url: 'ws://localhost:4000/wss', outcome: 'http', status: 404, problem: 'NOT_FOUND' } },
  ],
  ['R11.strictmode-benign', { 'ws.mounts': { abandoned: 1, open: true, development: true } }],
  ['R11.handshake-failed', { ...noWs, 'ws.open': { url: 'ws://localhost:4000/ws', outcome: 'error', error: 'odd' } }],
  ['R12.session-expired', { 'ws.hello': { outcome: 'closed', closeCode: 4_010 } }],
  ['R13.no-hello', { 'ws.hello': { outcome: 'silent', ms: 1_000 } }],
  ['R14.half-open', { 'ws.stale': { silentMs: 25_000, recovered: true, replayed: 3 } }],
  ['R14.idle-cut', { 'ws.closings': [60_100, 59_800, 60_300].map((ageMs) => ({ ageMs, code: 1_006 })) }],
  ['R15.resume-failed', { 'ws.resume': { outcome: 'wrong', asked: 3, got: 2 } }],
  ['R16.proxy-unreachable', account('DISCONNECTED', 'PROXY_FAILED', 'http://127.0.0.1:1 (ECONNREFUSED)')],
  [
    'R16.proxy-credentials',
    account('DISCONNECTED', 'PROXY_FAILED', 'http://127.0.0.1:1 (407 Proxy Authentication Required)'),
  ],
  ['R16.proxy-credentials', account('DISCONNECTED', 'PROXY_FAILED', 'http://127.0.0.1:1 (HTTP 407)')],
  ['R16.proxy-refused', account('DISCONNECTED', 'PROXY_FAILED', 'http://127.0.0.1:1 (HTTP 403)')],
  ['R16.egress-dns', account('DISCONNECTED', 'NETWORK_DNS')],
  ['R16.egress-blocked', account('DISCONNECTED', 'NETWORK_REFUSED')],
  ['R17.keepalive-lost', account('DISCONNECTED', 'NETWORK_LOST')],
  ['R17.link-lost', account('DISCONNECTED', 'STREAM_ERROR')],
  ['R18.qr-timeout', account('DISCONNECTED', 'QR_EXPIRED')],
  ['R18.logged-out', account('LOGGED_OUT', 'LOGGED_OUT')],
  ['R18.replaced', account('FAILED', 'REPLACED')],
  ['R18.locked-or-banned', account('FAILED', 'ACCOUNT_BANNED')],
  ['R18.not-ready', account('FAILED', 'SOMETHING_NEW')],
  [
    'R19.messages-lost',
    {
      'accounts.flow': [
        {
          id: 'acc_a',
          state: 'READY',
          wire: 9,
          stored: 5,
          delivered: 5,
          lost: 4,
          untold: 0,
          disagreesMs: 20_000,
          waiting: 0,
        },
      ],
    },
  ],
  [
    'R20.decrypt-failing',
    { decrypt: [{ account: 'acc_a', contact: 'p_1', total: 9, filled: 2, waiting: 7, recent: 7 }] },
  ],
  ['R21.disk-full', { store: { kind: 'sqlite', ok: false, error: 'database or disk is full' } }],
  ['R21.disk-full', { store: { kind: 'sqlite', ok: true, freeBytes: 0 } }],
  ['R21.db-locked', { store: { kind: 'sqlite', ok: false, error: 'database is locked', holder: 'python3 (7)' } }],
  ['R21.db-corrupt', { store: { kind: 'sqlite', ok: true, quickCheck: 'row 3 missing from index' } }],
  [
    'R09.websocket-blocked',
    {
      ...browser,
      'http.noCors': answered,
      'ws.open': { url: 'ws://localhost:4000/ws', outcome: 'closed' },
      'ws.upgrade': { ...answered, status: 426, problem: 'UPGRADE_REQUIRED' },
      'doors.refused': [],
    },
    inPage,
  ],
  [
    'R04.localhost-incomplete',
    {
      'dns.lookup': { host: 'localhost', addresses: ['::1'] },
      'tcp.dials': [
        { ...dial, address: '::1', outcome: 'refused' },
        { ...dial, address: '127.0.0.1', outcome: 'open' },
      ],
    },
  ],
  ['R21.db-corrupt', { 'data.check': { said: 'row 7 missing from index messages' } }],
  ['R21.data-gone', { store: { kind: 'sqlite', ok: false, gone: true } }],
  ['R21.db-read-only', { ...dead, 'data.folder': { path: '/data', there: true, writable: false, code: 'EROFS' } }],
  ['R21.data-misplaced', { 'data.folder': { path: 'C:/Users/a/OneDrive/data', there: true, on: 'OneDrive' } }],
  [
    'R28.machine-busy',
    {
      resources: { eventLoopP99Ms: 5, starvedMs: 41_000 },
      'http.status': { ...answered, product: 'pulseline', ms: 2_000 },
    },
  ],
  [
    'R14.cut-at-once',
    {
      'ws.closings': [
        { ageMs: 290, code: 1_006, at: NOW },
        { ageMs: 310, code: 1_006, at: NOW },
      ],
    },
  ],
  ['R21.slow-commit', { stages: [{ stage: 'committed', count: 50, p50: 200, p95: 480, p99: 500 }] }],
  ['R21.store-failed', { store: { kind: 'sqlite', ok: false, error: 'something else' } }],
  ['R22.log-gap', { 'log.streams': [{ stream: 'acc_a', head: 9, gaps: 1 }] }],
  ['R23.bus-down', { bus: { kind: 'redis', ok: false, error: 'ECONNREFUSED' } }],
  ['R23.no-echo', { canary: { id: 'p', outcome: 'late', stages: {}, missing: 'rung' } }],
  [
    'R24.slow-consumer',
    {
      'hub.clients': [
        { id: 'c_1', phase: 'behind', ageMs: 9_000, bufferedBytes: 2_000_000, unread: 900, stuckMs: 8_000 },
      ],
    },
  ],
  ['R25.page-behind', { 'page.cursor': [{ stream: 'acc_a', seq: 3, head: 9, behindMs: 9_000 }] }],
  [
    'R26.tab-throttled',
    {
      'page.rendering': { visible: false },
      canary: { id: 'p', outcome: 'late', stages: {}, missing: 'shown', hidden: true },
    },
  ],
  ['R26.render-error', { 'page.errors': [{ text: 'TypeError: x', rendering: true }] }],
  ['R28.fd-limit', { resources: { refusals: [{ code: 'EMFILE', count: 3 }] } }],
  ['R28.event-loop-blocked', { resources: { eventLoopP99Ms: 9_000, eventLoopMaxMs: 9_000 } }],
];

describe('each fault', () => {
  it.each(rows)('%s is the cause', (cause, changes, where) => {
    const facts = Object.fromEntries(
      Object.entries({ ...healthy, ...changes }).filter(([, fact]) => fact !== undefined),
    );
    const verdict = judged(facts, where);
    expect([verdict.cause?.checkId, verdict.findings.filter(({ outcome }) => outcome === 'crash')]).toEqual([
      cause,
      [],
    ]);
    // Every place of its words is filled.
    const title = verdict.cause && tell(verdict.cause).title;
    for (const text of [title?.zh, title?.en]) expect(text).not.toMatch(/（\s*）|\(\s*\)|\{\w+\}/);
  });
});
