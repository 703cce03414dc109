// Readings of the facts that several rungs share: does Pulseline answer, what did the browser's differential say, what did the doors refuse.
import type { Fact, Facts } from '../facts.ts';

/** Something that is Pulseline answered GET /status, if only by refusing. */
export function isAnswering({ 'http.status': status }: Facts): boolean {
  return status?.outcome === 'answered' && (status.product === 'pulseline' || status.problem !== undefined);
}

export interface Differential {
  /** fetch with CORS, fetch without, the web server's own fetch: did they get through? undefined = not tried. */
  readonly cors: boolean | undefined;
  readonly plain: boolean | undefined;
  readonly twin: boolean | undefined;
  /** What failed did so only at its deadline. */
  readonly late: boolean;
}

/** What JavaScript in a page can tell apart: there every failure is a bare error. undefined where nobody looked so. */
export function differentialOf(facts: Facts): Differential | undefined {
  const { 'http.status': status, 'http.noCors': plain, 'http.twin': twin } = facts;
  if (plain === undefined && twin === undefined) return undefined;
  const through = (probe: { readonly outcome: string } | undefined): boolean | undefined =>
    probe === undefined ? undefined : probe.outcome === 'answered';
  return {
    cors: through(status),
    plain: through(plain),
    twin: through(twin),
    late: status?.outcome === 'timeout' || plain?.outcome === 'timeout',
  };
}

/** What the server's doors refused with this code. */
export function refused(facts: Facts, code: string): Fact<'doors.refused'>[number] | undefined {
  return facts['doors.refused']?.find((one) => one.code === code && one.count > 0);
}

/** The canary's first missing stage is one of these. */
export function isMissingAt({ canary }: Facts, stages: readonly string[]): boolean {
  return (
    canary !== undefined &&
    canary.outcome !== 'arrived' &&
    canary.missing !== undefined &&
    stages.includes(canary.missing)
  );
}

/** A stage that takes too long over enough messages, for longer than those behind a burst have to wait. */
export function slowStage(
  { stages = [] }: Facts,
  names: readonly string[],
  limitMs: number,
): Fact<'stages'>[number] | undefined {
  return stages.find(
    ({ stage, count, lasting, p95 }) =>
      names.includes(stage) && count >= 5 && p95 > limitMs && (lasting ?? p95) > limitMs,
  );
}
