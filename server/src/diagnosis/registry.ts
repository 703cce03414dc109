// The faults that stand now, as findings: when each began, since when people may be told, and when it went. Pure; it looks at nothing itself.
import type { Finding } from '@pulseline/diagnosis';

export interface Standing {
  /** Check id, and the subject where there are several. */
  readonly id: string;
  readonly finding: Finding;
  /** Ms since epoch. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** People have been told. */
  readonly visible: boolean;
}

export type Registry = ReadonlyMap<string, Standing>;

export type Change =
  | { readonly change: 'appeared'; readonly standing: Standing }
  | { readonly change: 'gone'; readonly standing: Standing };

/** Of more, the first ones stand: causes come before effects. */
const MAX_STANDING = 100;

/** What was found now, against what stood before. Effects of another fault are not told. */
export function step(before: Registry, found: readonly Finding[], now: number): readonly [Registry, readonly Change[]] {
  const after = new Map<string, Standing>();
  const changes: Change[] = [];
  for (const finding of found) {
    if (finding.blockedBy !== undefined || finding.outcome === 'crash' || after.size >= MAX_STANDING) continue;
    const id = finding.subject === undefined ? finding.checkId : `${finding.checkId}:${finding.subject}`;
    if (after.has(id)) continue;
    const known = before.get(id);
    const firstSeen = known?.firstSeen ?? now;
    const visible = known?.visible === true || now - firstSeen >= finding.timeToVisibleMs;
    const standing = { id, finding, firstSeen, lastSeen: now, visible };
    after.set(id, standing);
    if (visible && known?.visible !== true) changes.push({ change: 'appeared', standing });
  }
  for (const standing of before.values()) {
    if (standing.visible && !after.has(standing.id)) changes.push({ change: 'gone', standing });
  }
  return [after, changes];
}
