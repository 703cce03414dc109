'use client';
// Runs the diagnosis in this tab: the page's own collectors, the server's evidence beside them, one verdict. It keeps the last report and repairs nothing.
import {
  type Clock,
  type Collector,
  type Evidence,
  type Fact,
  factsOf,
  ladder,
  parseEvidence,
  type Report,
  type Run,
  diagnose as report,
  type Shell,
  type Surroundings,
  type System,
} from '@pulseline/diagnosis';
import { shape } from '@pulseline/protocol';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { apiBase, socketUrl } from '../api-base.ts';
import { noteError, pageErrors } from '../console-ring.ts';
import { live } from '../live.ts';
import { preferences } from '../preferences.ts';
import { proofs } from '../proofs.ts';
import { call } from '../rest.ts';
import { afterAwake, ticking, watchFreezes } from './awake.ts';
import { flyCanary } from './canary.ts';
import { pageCollectors } from './collectors.ts';
import { thisTab, watchLongTasks } from './tab.ts';

interface Diagnosis {
  readonly running: boolean;
  /** Of the last run that came to its end. */
  readonly report: Report | undefined;
  readonly stages: Fact<'stages'>;
  /** The server could not be asked: the report is the browser's alone. */
  readonly alone: boolean;
}

const store = createStore<Diagnosis>(() => ({ running: false, report: undefined, stages: [], alone: false }));

export function useDiagnosis(): Diagnosis {
  return useStore(store);
}

export function diagnosis(): Diagnosis {
  return store.getState();
}

/** What a report was made of, to judge it again for another shell. */
let last: { readonly evidence: readonly Evidence[]; readonly around: Surroundings; readonly run: Run } | undefined;
let shell: Shell | undefined;
let runs = 0;

/** Looks at everything once. A later call overtakes one that is under way. It never throws: an error of its own is one of the page's. */
export async function diagnose(quiet = false): Promise<void> {
  runs += 1;
  const mine = runs;
  // A look that nobody asked for leaves the last report on the screen until it has its own.
  if (!quiet) store.setState({ running: true });
  try {
    const made = await look();
    if (mine === runs) made();
  } catch (error) {
    noteError('script', error);
    if (mine === runs) store.setState({ running: false, report: undefined });
  }
}

/** Resolves to what puts the report in place. */
async function look(): Promise<() => void> {
  watchLongTasks();
  const freezes = watchFreezes(ticking);
  const tab = thisTab(freezes.longestMs);
  const around = surroundings(tab.userAgent, tab.wall());
  const addresses = { apiBase: apiBase(), wsUrl: socketUrl(apiBase()) };
  const page = {
    cursor: () => (live().snapshot().phase === 'live' ? live().snapshot().cursor : ''),
    closings: () => proofs().closings,
    errors: () => pageErrors.list(),
  };
  const told: Evidence[] = [];
  const canary: Collector = {
    id: 'canary',
    rung: 'R24',
    provides: ['canary'],
    // What the server told of its own flights must not overtake this one.
    after: ['server.diagnosis'],
    deadlineMs: 8_000,
    collect: () => flyCanary(tab),
  };
  const collectors = [...pageCollectors(tab, addresses, page), serverCollector(told), canary];
  const { evidence, ms, rungMs } = await ladder(collectors, { clock, around }).finally(freezes.end);
  const seen = [...told, ...evidence];
  const { facts } = factsOf(seen);
  const version = facts['http.status']?.version ?? 'unknown';
  const run = { version, runId: tab.nonce(), lang: preferences().language, at: around.now, ms, rungMs };
  const made = report(seen, around, run);
  return () => {
    last = { evidence: seen, around, run };
    store.setState({ running: false, report: made, stages: facts.stages ?? [], alone: told.length === 0 });
  };
}

/** The same evidence, with the commands of another shell. */
export function rejudge(wanted: Shell): void {
  shell = wanted;
  if (last === undefined) return;
  const system: System = wanted === 'sh' ? (last.around.system === 'darwin' ? 'darwin' : 'linux') : 'win32';
  last = { ...last, around: { ...last.around, shell, system } };
  store.setState({ report: report(last.evidence, last.around, last.run) });
}

const answer = shape.object({ evidence: shape.list(shape.anything(), 1_000) });

/** Facts that the page sees better itself. */
const own = /^(runtime|env|page|web|port|dns|tcp|http|tls|ws|clock)\./;

/** What the server sees of itself and of WhatsApp; while it cannot be asked, its rungs stay unknown. */
function serverCollector(told: Evidence[]): Collector {
  return {
    id: 'server',
    rung: 'R06',
    provides: ['server.diagnosis'],
    deadlineMs: 6_000,
    collect: async () => {
      try {
        const { evidence } = await call('GET', '/api/diagnosis', answer);
        told.push(...evidence.flatMap(readable));
        return { 'server.diagnosis': { ok: true } };
      } catch (error) {
        return { 'server.diagnosis': { ok: false, error: error instanceof Error ? error.name : 'Error' } };
      }
    },
  };
}

/** A newer server may tell what this page does not know. */
function readable(given: unknown): readonly Evidence[] {
  try {
    return parseEvidence([given]).filter(({ key }) => !own.test(key));
  } catch {
    return [];
  }
}

const clock: Clock = {
  now: () => performance.now(),
  wall: () => performance.timeOrigin + performance.now(),
  timer: (ms, run) => afterAwake(ticking, ms, run),
  controller: () => new AbortController(),
};

/** The browser tells the system; the shell is a guess that the reader may correct. */
function surroundings(userAgent: string, now: number): Surroundings {
  const system: System = /Windows/.test(userAgent)
    ? 'win32'
    : /Mac OS|iPhone|iPad/.test(userAgent)
      ? 'darwin'
      : 'linux';
  return {
    system,
    shell: shell ?? (system === 'win32' ? 'powershell5' : 'sh'),
    vantage: 'browser',
    now,
    port: portOf(new URL(apiBase())),
    webPort: portOf(new URL(location.href)),
  };
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}
