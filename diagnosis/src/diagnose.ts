// Puts a judgement into words: evidence in, the whole report in both languages out. Pure.
import { fill, type Language, type Params, type Words } from '@pulseline/protocol';
import { isAnswering } from './checks/seen.ts';
import { factsOf } from './evidence.ts';
import type { Facts } from './facts.ts';
import { checkIdOf } from './ids.ts';
import { docsOf, type Judgement, judge } from './judge.ts';
import type { Check, Evidence, Finding, Outcome, Surroundings } from './model.ts';
import type { Report, Tick, ToldFinding } from './report.ts';
import { type RungId, rungs } from './rungs.ts';
import { crashed, summaries, ticks, words } from './words/all.ts';

/** What the face knows of this run. */
export interface Run {
  readonly version: string;
  readonly runId: string;
  readonly lang: Language;
  /** When it began, ms since epoch. */
  readonly at: number;
  readonly ms?: number;
  /** Ms that each rung's collectors took. */
  readonly rungMs?: Readonly<Partial<Record<RungId, number>>>;
}

export function diagnose(
  evidence: readonly Evidence[],
  around: Surroundings,
  run: Run,
  checks?: readonly Check<string>[],
): Report {
  const judgement = judge(evidence, around, checks);
  const { facts } = factsOf(evidence);
  const verdict = verdictOf(judgement);
  const cause = judgement.cause && tell(judgement.cause);
  return {
    schema: 1,
    product: 'pulseline',
    version: run.version,
    runId: run.runId,
    at: run.at,
    ...(run.ms !== undefined && { ms: run.ms }),
    lang: run.lang,
    platform: around.system,
    shell: around.shell,
    vantage: around.vantage,
    verdict,
    cause: cause ?? null,
    rungs: judgement.rungs.map(({ rung, outcome, blockedBy }) => ({
      rung,
      name: rungs[rung].name,
      outcome,
      ...(run.rungMs?.[rung] !== undefined && { ms: run.rungMs[rung] }),
      ...(blockedBy !== undefined && { blockedBy }),
    })),
    findings: judgement.findings.map(tell),
    ticks: ticksOf(facts, around),
    summary: summaryOf(verdict, judgement, cause),
  };
}

function verdictOf({ cause, rungs: judged }: Judgement): Report['verdict'] {
  if (cause !== undefined) return cause.outcome === 'fail' ? 'fault' : 'warnings';
  const seen = judged.some(({ outcome }) => outcome === 'pass');
  return seen && !judged.some(({ outcome }) => outcome === 'crash') ? 'healthy' : 'incomplete';
}

function summaryOf(
  verdict: Report['verdict'],
  { findings, rungs: judged }: Judgement,
  cause: ToldFinding | undefined,
): Words {
  const n =
    verdict === 'warnings'
      ? findings.filter(({ outcome }) => outcome === 'warn').length
      : judged.filter(({ outcome }) => outcome === 'crash').length;
  const title = cause?.title ?? { zh: '', en: '' };
  return each(summaries[verdict], (language) => ({ n, rung: cause?.rung ?? '', title: title[language] }));
}

function each(text: Words, params: (language: Language) => Params): Words {
  const said = (language: Language) => fill(withoutEmpty(text[language], params(language)), params(language));
  return { zh: said('zh'), en: said('en') };
}

/** A detail in brackets that nobody knows leaves no brackets behind. */
function withoutEmpty(text: string, params: Params): string {
  return text.replace(/ ?[（(]\{(\w+)\}[）)]/g, (all, name: string) => ((params[name] ?? '') === '' ? '' : all));
}

/** A finding in words, as the report and live frames have it. */
export function tell(finding: Finding): ToldFinding {
  const { checkId, params, remediation, subject, blockedBy } = finding;
  const id = checkIdOf(checkId);
  const entry = id === undefined || finding.outcome === 'crash' ? crashed : words[id];
  const commands = remediation.commands.map(({ text }) => text);
  const fix = each(entry.fix, () => params);
  return {
    checkId,
    rung: finding.rung,
    outcome: finding.blockedBy === undefined ? finding.outcome : 'skip',
    severity: finding.severity,
    confidence: finding.confidence,
    impacts: finding.impacts,
    title: each(entry.title, () => params),
    params,
    evidence: finding.evidence.map((one) => ({ ...one })),
    causes: finding.causes.flatMap((cause) => {
      const known = checkIdOf(cause.checkId);
      return known === undefined ? [] : [{ ...cause, title: each(words[known].title, () => params) }];
    }),
    fix: {
      zh: { text: fix.zh, commands, docsUrl: docsOf(checkId) },
      en: { text: fix.en, commands, docsUrl: docsOf(checkId) },
    },
    ...(subject !== undefined && { subject }),
    ...(blockedBy !== undefined && { blockedBy }),
  };
}

/** What the guide asks the reader to tick, by evidence; `unknown` where nobody looked. */
function ticksOf(facts: Facts, { port, webPort }: Surroundings): readonly Tick[] {
  const { 'http.status': status, 'web.page': page, 'ws.hello': hello, accounts, canary, 'web.process': web } = facts;
  const seen = (known: boolean, good: boolean): Outcome => (known ? (good ? 'pass' : 'fail') : 'unknown');
  const connected = seen(hello !== undefined || facts['ws.open'] !== undefined, hello?.outcome === 'arrived');
  const here = facts['page.context'] !== undefined;
  const outcomes = {
    server: seen(status !== undefined || facts['tcp.dials'] !== undefined, isAnswering(facts)),
    web: here
      ? 'pass'
      : seen(
          page !== undefined || web !== undefined,
          page === undefined ? web?.running === true : page.outcome === 'answered' && (page.status ?? 200) < 400,
        ),
    connected,
    'test-ws': connected,
    // Nobody has to have an account.
    ready:
      accounts === undefined
        ? 'unknown'
        : accounts.length === 0
          ? 'skip'
          : seen(
              true,
              accounts.some(({ state }) => state === 'READY'),
            ),
    shown: seen(canary !== undefined, canary?.outcome === 'arrived'),
  } as const satisfies Record<keyof typeof ticks, Outcome>;
  return [
    tick('server', outcomes.server),
    tick('web', outcomes.web),
    tick('connected', outcomes.connected),
    tick('test-ws', outcomes['test-ws']),
    tick('ready', outcomes.ready),
    tick('shown', outcomes.shown),
  ];

  function tick(id: keyof typeof ticks, outcome: Outcome): Tick {
    return { id, text: each(ticks[id], () => ({ port, webPort })), outcome };
  }
}
