// The verdict: runs every check on what was seen, finds the lowest broken rung, and tells causes from their effects. Pure; a check that throws stops no other.
import { checks as allChecks } from './checks/all.ts';
import { isAnswering } from './checks/seen.ts';
import { commandsOf } from './commands.ts';
import { factsOf } from './evidence.ts';
import type { FactKey, Facts } from './facts.ts';
import { checkIdOf } from './ids.ts';
import {
  type Check,
  confidences,
  type Evidence,
  type Finding,
  type Outcome,
  type Surroundings,
  type Suspicion,
  severities,
} from './model.ts';
import { type RungId, rungIds, rungOf, under } from './rungs.ts';

export interface JudgedRung {
  readonly rung: RungId;
  readonly outcome: Outcome;
  readonly blockedBy?: string;
}

export interface Judgement {
  readonly rungs: readonly JudgedRung[];
  /** The cause first, then by rung; effects of a lower fault bear `blockedBy`. */
  readonly findings: readonly Finding[];
  /** What explains the rest: the first finding that is nobody's effect. */
  readonly cause: Finding | undefined;
}

/** What a rung is judged by: without any of it, its outcome is unknown. */
const needs: Readonly<Record<RungId, readonly FactKey[]>> = {
  R00: ['runtime.node', 'runtime.install', 'runtime.native'],
  R01: ['env.files', 'env.base'],
  R02: ['page.config', 'page.context', 'server.address', 'web.process', 'env.base'],
  R03: ['port.owners', 'server.lock'],
  R04: ['dns.lookup'],
  R05: ['tcp.dials'],
  R06: ['http.status'],
  R07: ['clock.offset', 'clock.jumps'],
  R08: ['http.cors', 'http.host', 'http.noCors'],
  R09: ['page.context', 'tls.dial'],
  R10: ['ws.upgrade', 'http.flow'],
  R11: ['ws.open'],
  R12: ['session'],
  R13: ['ws.hello'],
  R14: ['ws.heartbeat', 'ws.idle', 'ws.stale', 'ws.closings'],
  R15: ['ws.resume'],
  R16: ['wa.egress', 'accounts'],
  R17: ['accounts'],
  R18: ['accounts'],
  R19: ['accounts.flow'],
  R20: ['decrypt'],
  R21: ['store'],
  R22: ['log.streams'],
  R23: ['bus', 'canary'],
  R24: ['hub.clients', 'hub.stats', 'canary'],
  R25: ['page.cursor', 'canary'],
  R26: ['page.rendering', 'page.errors'],
  R27: ['webhooks'],
  R28: ['resources'],
};

/** Was what the rung stands for itself seen to work, though something below is broken? */
function isGood(rung: RungId, facts: Facts): boolean {
  switch (rung) {
    case 'R05':
      return facts['tcp.dials']?.some(({ outcome }) => outcome === 'open') === true;
    case 'R06':
      return isAnswering(facts);
    case 'R08':
      return facts['http.cors']?.outcome === 'answered';
    case 'R10':
    case 'R11':
      return facts['ws.open']?.outcome === 'open';
    case 'R13':
      return facts['ws.hello']?.outcome === 'arrived';
    case 'R14':
      return (facts['ws.heartbeat']?.answered ?? 0) > 0;
    default:
      return true;
  }
}

/** What holds because something above it was seen to work. */
function isImplied(rung: RungId, facts: Facts): boolean {
  const open = facts['ws.open']?.outcome === 'open';
  switch (rung) {
    case 'R04':
    case 'R05':
      return isAnswering(facts) || open;
    case 'R10':
      return open;
    case 'R12':
      return facts['ws.hello']?.outcome === 'arrived';
    default:
      return false;
  }
}

/** `checks`: all by default; fewer for `--only` and tests. */
export function judge(
  evidence: readonly Evidence[],
  around: Surroundings,
  checks: readonly Check<string>[] = allChecks,
): Judgement {
  const { facts, unreadable } = factsOf(evidence);
  const found = rungIds.flatMap((rung) => look(rung, checks, facts, around, evidence));
  const broken = unreadable.map(({ key, error }) => crash(`${ownerOf(key)}.evidence`, `${key}: ${error}`));
  const findings = rank([...found, ...broken]);
  const cause = findings.find(
    ({ outcome, blockedBy }) => (outcome === 'fail' || outcome === 'warn') && blockedBy === undefined,
  );
  return { findings, cause, rungs: rungIds.map((rung) => outcomeOf(rung, findings, facts)) };
}

function ownerOf(key: FactKey): RungId {
  return rungIds.find((rung) => needs[rung].includes(key)) ?? 'R28';
}

/** The fallback speaks only where nobody else of the rung does. */
function look(
  rung: RungId,
  checks: readonly Check<string>[],
  facts: Facts,
  around: Surroundings,
  evidence: readonly Evidence[],
): readonly Finding[] {
  const here = checks.filter(({ id }) => rungOf(id) === rung);
  const run = (fallback: boolean): readonly Finding[] =>
    here.filter((one) => one.fallback === fallback).flatMap((one) => ask(one, facts, around, evidence));
  const found = run(false);
  return found.some(({ outcome }) => outcome !== 'crash') ? found : [...found, ...run(true)];
}

function ask(
  check: Check<string>,
  facts: Facts,
  around: Surroundings,
  evidence: readonly Evidence[],
): readonly Finding[] {
  try {
    const answer = check.analyse(facts, around);
    const all: readonly Suspicion[] = answer === undefined ? [] : isList(answer) ? answer : [answer];
    return all.map((suspicion) => findingOf(check, suspicion, around, evidence));
  } catch (error) {
    return [crash(check.id, error instanceof Error ? error.message : String(error))];
  }
}

function isList(answer: Suspicion | readonly Suspicion[]): answer is readonly Suspicion[] {
  return Array.isArray(answer);
}

function findingOf(
  check: Check<string>,
  suspicion: Suspicion,
  around: Surroundings,
  evidence: readonly Evidence[],
): Finding {
  const { confidence = 'proven', params = {}, seen, rivals = [], subject, explains } = suspicion;
  const id = checkIdOf(check.id);
  return {
    checkId: check.id,
    rung: rungOf(check.id),
    outcome: suspicion.outcome ?? (check.severity === 'critical' || check.severity === 'error' ? 'fail' : 'warn'),
    severity: check.severity,
    confidence,
    // The last entry of a fact is the one that was read.
    evidence: seen.flatMap((key) => evidence.findLast((one) => one.key === key) ?? []),
    messageKey: check.id,
    params,
    causes: [
      { checkId: check.id, confidence },
      ...rivals.map((rival) => ({ checkId: rival, confidence: 'possible' }) as const),
    ],
    remediation: {
      commands: id === undefined ? [] : commandsOf(id, params, around),
      textKey: check.id,
      docsUrl: docsOf(check.id),
    },
    impacts: check.impacts,
    timeToVisibleMs: check.timeToVisibleMs,
    ...(subject !== undefined && { subject }),
    ...(explains !== undefined && { explains }),
  };
}

function crash(checkId: string, error: string): Finding {
  return {
    checkId,
    rung: rungOf(checkId),
    outcome: 'crash',
    severity: 'warning',
    confidence: 'proven',
    evidence: [],
    messageKey: 'crashed',
    params: { check: checkId, error },
    causes: [],
    remediation: { commands: [], textKey: 'crashed', docsUrl: docsOf(checkId) },
    impacts: [],
    timeToVisibleMs: 0,
  };
}

/** Where a check is described, from the repository's root. */
export function docsOf(checkId: string): string {
  return `docs/checks.md#${checkId.toLowerCase().replaceAll('.', '')}`;
}

/** Effects get the name of their cause; causes come first. */
function rank(found: readonly Finding[]): readonly Finding[] {
  const named = found.map((finding) => {
    const cause = causeOf(finding, found);
    return cause === undefined ? finding : { ...finding, blockedBy: cause.checkId };
  });
  return [...named].sort(byWeight);
}

function causeOf(finding: Finding, found: readonly Finding[]): Finding | undefined {
  if (finding.outcome === 'crash') return undefined;
  const explained = found.find(
    (other) =>
      other !== finding &&
      other.outcome === 'fail' &&
      other.explains?.includes(finding.rung) === true &&
      other.explains !== undefined &&
      finding.explains?.includes(other.rung) !== true,
  );
  if (explained !== undefined) return explained;
  const below = under(finding.rung);
  return found
    .filter(
      ({ outcome, rung, subject }) =>
        outcome === 'fail' &&
        below.has(rung) &&
        finding.explains?.includes(rung) !== true &&
        (subject === undefined || subject === finding.subject),
    )
    .sort(byWeight)[0];
}

/** Causes before effects, faults before warnings, low before high, sure before unsure, grave before slight. */
function byWeight(a: Finding, b: Finding): number {
  return (
    Number(a.blockedBy !== undefined) - Number(b.blockedBy !== undefined) ||
    order[a.outcome] - order[b.outcome] ||
    rungIds.indexOf(a.rung) - rungIds.indexOf(b.rung) ||
    confidences.indexOf(a.confidence) - confidences.indexOf(b.confidence) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity)
  );
}

const order = { fail: 0, warn: 1, crash: 2, skip: 3 } as const;

function outcomeOf(rung: RungId, findings: readonly Finding[], facts: Facts): JudgedRung {
  const here = findings.filter((finding) => finding.rung === rung);
  const own = here.filter(({ blockedBy }) => blockedBy === undefined);
  const worst = own.find(({ outcome }) => outcome === 'fail') ?? own.find(({ outcome }) => outcome === 'warn');
  if (worst !== undefined) return { rung, outcome: worst.outcome };
  const [effect] = here.filter(({ blockedBy }) => blockedBy !== undefined);
  if (effect?.blockedBy !== undefined) return { rung, outcome: 'skip', blockedBy: effect.blockedBy };
  if (here.some(({ outcome }) => outcome === 'crash') || isUnlooked(rung, facts)) return { rung, outcome: 'crash' };
  const below = under(rung);
  const cause = findings.find(
    (finding) =>
      finding.outcome === 'fail' &&
      finding.blockedBy === undefined &&
      finding.subject === undefined &&
      (below.has(finding.rung) || finding.explains?.includes(rung) === true),
  );
  const isSeen = needs[rung].some((key) => facts[key] !== undefined);
  if (isImplied(rung, facts) || (isSeen && (cause === undefined || isGood(rung, facts))))
    return { rung, outcome: 'pass' };
  return cause === undefined ? { rung, outcome: 'unknown' } : { rung, outcome: 'skip', blockedBy: cause.checkId };
}

/** A collector of this rung broke, and nobody else saw what it was to see. */
function isUnlooked(rung: RungId, facts: Facts): boolean {
  return (facts.collectors ?? []).some(({ provides }) => {
    const own = needs[rung].filter((key) => provides.includes(key));
    return own.length > 0 && own.every((key) => facts[key] === undefined);
  });
}
