// The collectors of the page's vantage: each asks the browser or the network one thing, beside the page's own connection. What they mean is judged by the diagnosis.
import type { Collector, Facts } from '@pulseline/diagnosis';
import { DEAD_AFTER_MS, type Heads } from '@pulseline/protocol';
import type { PageError } from '../console-ring.ts';
import type { Closing } from '../proofs.ts';
import { askOpaquely, askPages, askStatus, askUpgrade } from './door-probes.ts';
import { type Addresses, cursorFacts, errorFacts, pageConfig, pageContext, renderingFacts } from './page-facts.ts';
import { probeResume, probeSocket } from './socket-probes.ts';
import type { Tab } from './tab.ts';

/** What the page's own connection and views know. */
export interface PageState {
  /** Up to where everything was applied, as text. */
  readonly cursor: () => string;
  readonly closings: () => readonly Closing[];
  readonly errors: () => readonly PageError[];
}

/** An error older than this says nothing of now, ms. */
const RECENT_MS = 10 * 60_000;
/** With this code the page itself leaves a connection on which nothing came any more. */
const LINK_DEAD = 4_000;

export function pageCollectors(tab: Tab, addresses: Addresses, page: PageState): readonly Collector[] {
  const { apiBase, wsUrl } = addresses;
  const violations: string[] = [];
  const forgetViolations = tab.violations((what) => {
    if (violations.length < 20 && (what.includes(apiBase) || what.includes(wsUrl))) violations.push(what);
  });
  let heads: Heads | undefined;
  return [
    {
      id: 'page-config',
      rung: 'R02',
      provides: ['page.config'],
      collect: async () => ({ 'page.config': pageConfig(tab, addresses) }),
    },
    {
      id: 'status',
      rung: 'R06',
      provides: ['http.status', 'http.cors'],
      deadlineMs: 4_000,
      collect: async () => {
        const seen = await askStatus(tab, apiBase);
        heads = seen.heads;
        return { 'http.status': seen.status, 'http.cors': seen.cors };
      },
    },
    {
      id: 'no-cors',
      rung: 'R08',
      provides: ['http.noCors'],
      deadlineMs: 4_000,
      collect: async () => ({ 'http.noCors': await askOpaquely(tab, apiBase) }),
    },
    {
      id: 'own-pages',
      rung: 'R05',
      provides: ['web.page', 'http.twin'],
      after: ['http.status'],
      deadlineMs: 7_000,
      // Only where the browser itself found nobody is a second opinion of use.
      collect: async ({ facts }): Promise<Facts> => {
        if (facts['http.status']?.outcome === 'answered') return {};
        const { page: answered, twin } = await askPages(tab);
        return { 'web.page': answered, ...(twin && { 'http.twin': twin }) };
      },
    },
    {
      id: 'upgrade',
      rung: 'R10',
      provides: ['ws.upgrade'],
      after: ['ws.open'],
      deadlineMs: 4_000,
      // The answer is a refusal by design, and browsers write those to the console: not where all is well.
      collect: async ({ facts }): Promise<Facts> =>
        facts['ws.open']?.outcome === 'open' ? {} : { 'ws.upgrade': await askUpgrade(tab, apiBase) },
    },
    {
      id: 'socket',
      rung: 'R11',
      provides: ['ws.open', 'ws.hello', 'ws.heartbeat', 'clock.offset'],
      deadlineMs: 8_000,
      collect: async () => {
        const { open, hello, heartbeat, clock } = await probeSocket(tab, wsUrl);
        return {
          'ws.open': open,
          ...(hello && { 'ws.hello': hello }),
          ...(heartbeat && { 'ws.heartbeat': heartbeat }),
          ...(clock && { 'clock.offset': clock }),
        };
      },
    },
    {
      id: 'resume',
      rung: 'R15',
      provides: ['ws.resume'],
      after: ['http.status'],
      deadlineMs: 6_000,
      collect: async (): Promise<Facts> =>
        heads === undefined ? {} : { 'ws.resume': await probeResume(tab, wsUrl, heads) },
    },
    {
      id: 'closings',
      rung: 'R14',
      provides: ['ws.closings', 'ws.stale'],
      collect: async (): Promise<Facts> => {
        const all = page.closings();
        const closings = all.map(({ at, code, ageMs }) => ({ at, code, ageMs, clean: code !== 1006 }));
        const dead = all.findLast(({ at, code }) => code === LINK_DEAD && tab.wall() - at < RECENT_MS);
        return {
          ...(closings.length > 0 && { 'ws.closings': closings }),
          ...(dead !== undefined && {
            'ws.stale': {
              silentMs: DEAD_AFTER_MS,
              recovered: dead.replayed !== undefined,
              ...(dead.replayed !== undefined && { replayed: dead.replayed }),
            },
          }),
        };
      },
    },
    {
      id: 'cursor',
      rung: 'R25',
      provides: ['page.cursor'],
      after: ['http.status'],
      deadlineMs: 7_000,
      collect: async (): Promise<Facts> => {
        if (heads === undefined || page.cursor() === '') return {};
        return { 'page.cursor': await cursorFacts(tab, page.cursor, heads) };
      },
    },
    {
      id: 'page-errors',
      rung: 'R26',
      provides: ['page.errors'],
      collect: async () => {
        const since = tab.wall() - RECENT_MS;
        return { 'page.errors': errorFacts(page.errors().filter(({ at }) => at > since)) };
      },
    },
    {
      id: 'rendering',
      rung: 'R26',
      provides: ['page.rendering'],
      // Last of all, so that a tab that stood still meanwhile is known as that.
      after: ['canary'],
      collect: async () => ({ 'page.rendering': await renderingFacts(tab) }),
    },
    {
      id: 'page-context',
      rung: 'R09',
      provides: ['page.context'],
      // What the content policy refuses shows only once it was tried.
      after: ['http.status', 'ws.open'],
      collect: async () => {
        const context = await pageContext(tab, addresses, violations);
        forgetViolations();
        return { 'page.context': context };
      },
    },
  ];
}
