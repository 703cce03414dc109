// R25 and R26, the page: does it get what the server has, and is it painted.
import { check } from '../check.ts';
import { isMissingAt, slowStage } from './seen.ts';

export const receive = [
  check('R25.page-behind', {}, ({ 'page.cursor': cursors = [] }) => {
    const hit = cursors.find(({ seq, head, behindMs = 0 }) => head > seq && behindMs >= 5_000);
    return hit && { params: { stream: hit.stream, behind: hit.head - hit.seq }, seen: ['page.cursor'] };
  }),
  check('R25.not-received', { severity: 'critical', fallback: true }, (facts) =>
    isMissingAt(facts, ['applied'])
      ? { confidence: 'likely', params: { id: facts.canary?.id ?? '' }, seen: ['canary', 'page.cursor'] }
      : undefined,
  ),
];

/** Ms for which a tab did nothing at all: longer than any work of ours keeps it. */
const FROZEN_MS = 3_000;

export const render = [
  check('R26.render-error', { severity: 'critical', timeToVisibleMs: 0 }, ({ 'page.errors': errors = [] }) => {
    const hit = errors.findLast(({ rendering }) => rendering);
    return hit && { params: { error: hit.text.slice(0, 300) }, seen: ['page.errors'] };
  }),
  check('R26.tab-throttled', { severity: 'info' }, (facts) => {
    const { 'page.rendering': page, canary } = facts;
    const frozen = page?.frozenMs ?? 0;
    const unseen = (page?.visible === false || canary?.hidden === true) && isMissingAt(facts, ['shown']);
    if (!unseen && frozen < FROZEN_MS) return undefined;
    return { params: { seconds: Math.round(frozen / 1_000) }, seen: ['page.rendering', 'canary'] };
  }),
  check('R26.page-outdated', { severity: 'warning' }, ({ 'page.rendering': page }) =>
    page?.build !== undefined && page.serverBuild !== undefined && page.build !== page.serverBuild
      ? { params: { build: page.build, server: page.serverBuild }, seen: ['page.rendering'] }
      : undefined,
  ),
  check('R26.script-error', { severity: 'warning' }, ({ 'page.errors': errors = [] }) => {
    const hit = errors.findLast(({ rendering }) => !rendering);
    return (
      hit && {
        confidence: 'possible',
        params: { error: hit.text.slice(0, 300), source: hit.source ?? '' },
        seen: ['page.errors'],
      }
    );
  }),
  check('R26.slow-render', { severity: 'warning', timeToVisibleMs: 30_000 }, (facts) => {
    const slow = slowStage(facts, ['applied', 'shown'], 500);
    const page = facts['page.rendering'];
    // A tab that stood still is slow in every stage that it took part in; why it stood still has a check of its own.
    if ((page?.frozenMs ?? 0) >= FROZEN_MS) return undefined;
    const paint = page?.visible === true ? Math.max(page.paintMs ?? 0, page.longTaskMs ?? 0) : 0;
    if (slow === undefined && paint < 1_000) return undefined;
    return { params: { ms: Math.round(slow?.p95 ?? paint) }, seen: ['stages', 'page.rendering'] };
  }),
  check('R26.not-shown', { severity: 'critical', fallback: true }, (facts) =>
    isMissingAt(facts, ['shown'])
      ? { confidence: 'likely', params: { id: facts.canary?.id ?? '' }, seen: ['canary', 'page.rendering'] }
      : undefined,
  ),
];
