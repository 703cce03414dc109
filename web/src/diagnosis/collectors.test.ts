// The page's eyes, in a browser of our own making: what each failure looks like from a page, and the cause that the diagnosis makes of it.
import { type Clock, diagnose, ladder, type Report, type Surroundings } from '@pulseline/diagnosis';
import { describe, expect, it } from 'vitest';
import { pageCollectors } from './collectors.ts';
import type { ProbeSocket, Tab } from './tab.ts';

const API = 'http://localhost:4000';
const PAGES = 'http://localhost:3000';
const heads = { acc_1: { epoch: 'e1', seq: 7 }, workspace: { epoch: 'e1', seq: 2 } };

type Reply = Response | 'refused' | 'silent';

interface Scene {
  /** By address without query; `no-cors` alone goes to `opaque`. */
  readonly answers?: Readonly<Record<string, (url: URL) => Reply>>;
  readonly opaque?: 'answered' | 'refused';
  readonly socket?: 'open' | 'refused' | 'mute' | 'silent';
  readonly tab?: Partial<Tab>;
}

const json = (body: unknown, status = 200): Response => Response.json(body, { status });

const healthy: NonNullable<Scene['answers']> = {
  [`${API}/status`]: (url) =>
    json({
      product: 'pulseline',
      version: '0.1.0',
      instanceId: 'i_1',
      nonce: url.searchParams.get('nonce'),
      startedAt: 1,
      heads,
    }),
};

/** Time that goes on only when everybody sleeps: what waits for a deadline waits no real time. */
function sleepers() {
  let now = 1_000;
  let asleep: { readonly at: number; readonly wake: () => void }[] = [];
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  let pumping = false;
  const pump = async (): Promise<void> => {
    pumping = true;
    while (asleep.length > 0) {
      for (let n = 0; n < 5; n++) await turn();
      const [first] = [...asleep].sort((a, b) => a.at - b.at);
      asleep = asleep.filter((one) => one !== first);
      now = Math.max(now, first?.at ?? now);
      first?.wake();
    }
    pumping = false;
  };
  return {
    now: () => now,
    sleep: (ms: number) =>
      new Promise<void>((wake) => {
        asleep.push({ at: now + ms, wake });
        if (!pumping) void pump();
      }),
  };
}

function tabOf({ answers = healthy, opaque = 'answered', socket = 'open', tab = {} }: Scene): Tab {
  const { now, sleep } = sleepers();
  class Socket implements ProbeSocket {
    onopen: ((event: never) => void) | null = null;
    onmessage: ((event: never) => void) | null = null;
    onclose: ((event: never) => void) | null = null;
    onerror: ((event: never) => void) | null = null;
    readyState = 0;
    readonly #url: URL;
    constructor(url: string) {
      this.#url = new URL(url);
      void sleep(1).then(() => this.#begin());
    }
    #begin(): void {
      if (socket === 'silent') return;
      if (socket === 'refused') {
        this.readyState = 3;
        return call(this.onclose, { code: 1006 });
      }
      this.readyState = 1;
      call(this.onopen, {});
      if (socket === 'mute') return;
      this.#say('connected', { message: 'hi', connectionId: 'c', version: 1, heads, resumed: true, replayed: 0 });
      const [stream = '', , from = ''] = (this.#url.searchParams.get('cursor') ?? '').split(':');
      if (stream === '') return;
      // The stream with the longest log is asked for.
      for (let seq = Number(from) + 1; seq <= 7; seq++) {
        this.#say('note', { id: 'n', conversation: 'c', body: '', author: 'a', at: 1 }, { stream, seq });
      }
    }
    #say(type: string, data: object, place: object = {}): void {
      call(this.onmessage, { data: JSON.stringify({ type, data, timestamp: Math.round(now()), ...place }) });
    }
    send(text: string): void {
      const { data }: { readonly data: object } = JSON.parse(text);
      void sleep(2).then(() => this.#say('test_echo', data));
    }
    close(): void {
      this.readyState = 3;
    }
  }
  return {
    fetch: async (address, init) => {
      const url = new URL(address);
      await sleep(3);
      const reply: Reply =
        init.mode === 'no-cors'
          ? opaque === 'answered'
            ? Response.json({})
            : 'refused'
          : (answers[`${url.origin}${url.pathname}`]?.(url) ?? 'refused');
      if (reply === 'refused') throw new TypeError('Failed to fetch');
      if (reply === 'silent') {
        await sleep(3_000);
        throw new DOMException('timed out', 'TimeoutError');
      }
      return reply;
    },
    WebSocket: Socket,
    now,
    wall: now,
    sleep,
    nonce: () => 'nonce',
    location: `${PAGES}/test-ws`,
    secure: true,
    online: () => true,
    visible: () => true,
    userAgent: 'test',
    development: false,
    permission: async () => undefined,
    serviceWorker: () => false,
    violations: () => () => undefined,
    painted: async () => 16,
    longestTask: () => 0,
    frozen: () => 0,
    ...tab,
  };
}

function call(listener: ((event: never) => void) | null, event: object): void {
  if (listener !== null) Reflect.apply(listener, undefined, [event]);
}

const around: Surroundings = {
  system: 'linux',
  shell: 'sh',
  vantage: 'browser',
  now: 1_000,
  port: 4_000,
  webPort: 3_000,
};

async function reportOf(scene: Scene, cursor = 'acc_1:e1:7,workspace:e1:2'): Promise<Report> {
  const tab = tabOf(scene);
  const clock: Clock = {
    now: tab.now,
    wall: tab.wall,
    timer: () => () => undefined,
    controller: () => new AbortController(),
  };
  const collectors = pageCollectors(
    tab,
    { apiBase: API, wsUrl: 'ws://localhost:4000/ws' },
    { cursor: () => cursor, closings: () => [], errors: () => [] },
  );
  const { evidence, ms, rungMs } = await ladder(collectors, { clock, around });
  return diagnose(evidence, around, { version: 'test', runId: 'r', lang: 'en', at: 1_000, ms, rungMs });
}

const outcomeOf = (report: Report, rung: string): string | undefined =>
  report.rungs.find((one) => one.rung === rung)?.outcome;
const gone = { [`${PAGES}/diagnosis/twin`]: () => 'refused' as const };
const twin = (outcome: string) => ({
  [`${PAGES}/diagnosis/twin`]: () => json({ url: `${API}/status`, outcome, ms: 2 }),
});

describe('the diagnosis from a page', () => {
  it('finds nothing where all is well, and has looked', async () => {
    const report = await reportOf({});
    expect([report.verdict, report.findings]).toEqual(['healthy', []]);
    for (const rung of ['R02', 'R05', 'R06', 'R07', 'R08', 'R09', 'R10', 'R11', 'R13', 'R14', 'R15', 'R25', 'R26']) {
      expect([rung, outcomeOf(report, rung)]).toEqual([rung, 'pass']);
    }
  });

  it('a server that is gone with its pages is not running', async () => {
    const report = await reportOf({ answers: gone, opaque: 'refused', socket: 'refused' });
    expect(report.cause?.checkId).toBe('R05.refused');
    expect(report.cause?.fix.zh.text).toContain('npm');
  });

  it('a server that the pages’ own server cannot reach either is not running: proven', async () => {
    const report = await reportOf({ answers: twin('refused'), opaque: 'refused', socket: 'refused' });
    expect([report.cause?.checkId, report.cause?.confidence]).toEqual(['R05.refused', 'proven']);
  });

  it('one that this browser alone cannot reach is blocked in the browser', async () => {
    const report = await reportOf({ answers: twin('answered'), opaque: 'refused', socket: 'refused' });
    expect(report.cause?.checkId).toBe('R09.extension-block');
  });

  it('silence is a firewall that drops', async () => {
    const silent = { [`${API}/status`]: () => 'silent' as const, ...twin('timeout') };
    const report = await reportOf({ answers: silent, opaque: 'refused', socket: 'silent' });
    expect(report.cause?.checkId).toBe('R05.firewall-drop');
  });

  it('an answer that may not be read is a matter of origins', async () => {
    const report = await reportOf({ answers: twin('answered'), socket: 'refused' });
    expect(report.cause?.checkId).toMatch(/^R08\./);
  });

  it('another program on the port is named as one', async () => {
    const answers = { [`${API}/status`]: () => new Response('<html>hello</html>'), ...twin('answered') };
    const report = await reportOf({ answers, socket: 'refused' });
    expect(report.cause?.checkId).toBe('R06.foreign-server');
  });

  it('HTTP without WebSocket is a matter of the way between', async () => {
    const upgrade = {
      [`${API}/ws`]: () => json({ code: 'UPGRADE_REQUIRED', received: { headers: { connection: 'close' } } }, 426),
    };
    const report = await reportOf({ answers: { ...healthy, ...upgrade }, socket: 'refused' });
    expect(report.cause?.rung).toMatch(/^R1[01]$/);
  });

  it('a socket that opens and says nothing has no greeting', async () => {
    expect((await reportOf({ socket: 'mute' })).cause?.checkId).toBe('R13.no-hello');
  });

  it('a page behind the log is seen', async () => {
    const report = await reportOf({}, 'acc_1:e1:3,workspace:e1:2');
    expect(report.cause?.checkId).toBe('R25.page-behind');
  });

  it('a tab that was let stand still is told of as that, and not as slow', async () => {
    const report = await reportOf({ tab: { frozen: () => 4_000, longestTask: () => 4_000 } });
    expect(report.findings.map(({ checkId }) => checkId)).toEqual(['R26.tab-throttled']);
  });

  it('a public page and a local address are a matter of consent', async () => {
    const report = await reportOf({
      answers: { 'http://desk.example.com/diagnosis/twin': () => json({ url: API, outcome: 'answered', ms: 2 }) },
      opaque: 'refused',
      socket: 'refused',
      tab: { location: 'http://desk.example.com/test-ws', permission: async () => 'denied' },
    });
    expect(['R09.lna', 'R02.loopback-from-remote']).toContain(report.cause?.checkId);
  });
});
