// One account's life: from the first connect to a new QR code, as a pure state machine. It opens no socket, sets no timer and reads no clock.
import type { AccountState, ErrorCode, Params } from '@pulseline/protocol';
import type { Ending } from './classify.ts';

/** Ms before the first new attempt; doubled each time. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;
/** A link that held this long was a good one: the next pause is short again. */
const GOOD_LINK = 30_000;
/** No more connects in a minute, whatever comes in. WhatsApp takes storms for abuse. */
export const CONNECTS_A_MINUTE = 12;
const MINUTE = 60_000;
/** Ms to wait for the end of the offline queue before going on without having seen it. */
const LONGEST_SYNC = 30_000;
/** Ms between proofs that the link works. */
const PROOF_EVERY = 20_000;

export interface Why {
  readonly code: ErrorCode;
  readonly params: Params;
}

/** Where the account stands. Each arm has what only it needs. */
type Place =
  | { readonly at: 'idle' }
  /** The end of the offline queue may come before the library says that it is open. */
  | { readonly at: 'connecting'; readonly drained: boolean }
  | { readonly at: 'scanning' }
  | { readonly at: 'paired' }
  | {
      readonly at: 'open';
      readonly openedAt: number;
      readonly drained: boolean;
      /** Undefined = not asked yet. */
      readonly proven: boolean | undefined;
      readonly proofAt: number;
    }
  | { readonly at: 'pausing'; readonly until: number }
  | { readonly at: 'halted'; readonly loggedOut: boolean };

/** What the world is told. */
interface Shown {
  readonly state: AccountState;
  readonly why?: Why;
  readonly since: number;
}

export interface Life {
  readonly place: Place;
  readonly shown: Shown;
  /** Attempts that failed in a row. */
  readonly attempts: number;
  /** When the last connects began, oldest first; at most CONNECTS_A_MINUTE. */
  readonly connects: readonly number[];
}

/** What a link tells of itself. */
type Progress =
  | { readonly type: 'qr' }
  | { readonly type: 'paired' }
  | { readonly type: 'open' }
  | { readonly type: 'drained' }
  | { readonly type: 'proof'; readonly holds: boolean };

export type Input =
  | Progress
  | { readonly type: 'start' }
  | { readonly type: 'restart' }
  | { readonly type: 'stop' }
  | { readonly type: 'wake' }
  | { readonly type: 'ended'; readonly ending: Ending }
  /** We unlinked ourselves; the login is already forgotten. */
  | { readonly type: 'unlinked' };

export type Effect =
  /** Open a link. At most one is open: end the one before. */
  | { readonly type: 'connect' }
  | { readonly type: 'disconnect' }
  /** Forget the login before the next connect. */
  | { readonly type: 'forget' }
  /** Ask the server for a sign of life and answer with `proof`. */
  | { readonly type: 'prove' }
  | {
      readonly type: 'report';
      readonly state: AccountState;
      readonly why?: Why;
      readonly since: number;
      readonly attempts: number;
      readonly nextTryAt?: number;
    }
  /** Send `wake` at that time; replaces the wake before. */
  | { readonly type: 'wake'; readonly at: number };

/** Before anything has begun. `connects` are those of an earlier life that count on: a restart must not make a storm. */
export function newLife(now: number, connects: readonly number[] = []): Life {
  // A clock that was set back meanwhile must not hold the account up until it has caught up again.
  const counted = connects.filter((at) => at <= now).slice(-CONNECTS_A_MINUTE);
  return { place: { at: 'idle' }, shown: { state: 'INITIALIZING', since: now }, attempts: 0, connects: counted };
}

/**
 * `now` is ms since epoch on a clock that never jumps; `random` is from 0 to 1. Inputs of a link that has ended must not come in any more.
 */
export function step(life: Life, input: Input, now: number, random: number): [Life, readonly Effect[]] {
  const { place } = life;
  switch (input.type) {
    case 'start':
      return place.at === 'idle' ? connect(life, now) : [life, []];
    case 'stop':
      return [{ ...life, place: { at: 'idle' } }, place.at === 'idle' ? [] : [{ type: 'disconnect' }]];
    case 'restart':
      return restart(life, now);
    case 'unlinked': {
      const halted: Life = { ...life, place: { at: 'halted', loggedOut: false }, attempts: 0 };
      return show(halted, 'LOGGED_OUT', undefined, now, [{ type: 'disconnect' }]);
    }
    case 'ended':
      return linked(place) ? ended(life, input.ending, now, random) : [life, []];
    case 'wake':
      return wake(life, now);
    default:
      return linked(place) ? progress(life, input, now) : [life, []];
  }
}

/** Is there a link, or one under way? */
function linked(place: Place): boolean {
  return place.at === 'connecting' || place.at === 'scanning' || place.at === 'paired' || place.at === 'open';
}

function progress(life: Life, input: Progress, now: number): [Life, readonly Effect[]] {
  const { place } = life;
  switch (input.type) {
    case 'qr':
      return show({ ...life, place: { at: 'scanning' } }, 'QR', undefined, now);
    case 'paired':
      return show({ ...life, place: { at: 'paired' } }, 'AUTHENTICATED', undefined, now);
    case 'open': {
      const drained = place.at === 'connecting' && place.drained;
      const proofAt = now + PROOF_EVERY;
      const open: Place = { at: 'open', openedAt: now, drained, proven: undefined, proofAt };
      const [next, effects] = evidence({ ...life, place: open }, now);
      return [next, [...effects, { type: 'prove' }, { type: 'wake', at: proofAt }]];
    }
    case 'drained':
      if (place.at === 'connecting') return [{ ...life, place: { ...place, drained: true } }, []];
      return place.at === 'open' ? evidence({ ...life, place: { ...place, drained: true } }, now) : [life, []];
    case 'proof':
      return place.at === 'open' ? evidence({ ...life, place: { ...place, proven: input.holds } }, now) : [life, []];
  }
}

/** READY is evidence: open, drained (or waited for long enough) and proven. */
function evidence(life: Life, now: number): [Life, readonly Effect[]] {
  const { place } = life;
  if (place.at !== 'open') return [life, []];
  if (place.proven === false) return show(life, 'DEGRADED', { code: 'PROBE_UNANSWERED', params: {} }, now);
  const drained = place.drained || now - place.openedAt >= LONGEST_SYNC;
  return show(life, drained && place.proven === true ? 'READY' : 'SYNCING', undefined, now);
}

function wake(life: Life, now: number): [Life, readonly Effect[]] {
  const { place } = life;
  if (place.at === 'pausing') {
    return now >= place.until ? connect(life, now) : [life, [{ type: 'wake', at: place.until }]];
  }
  if (place.at !== 'open') return [life, []];
  if (now < place.proofAt) return [life, [{ type: 'wake', at: place.proofAt }]];
  const proofAt = now + PROOF_EVERY;
  const [next, effects] = evidence({ ...life, place: { ...place, proofAt } }, now);
  return [next, [...effects, { type: 'prove' }, { type: 'wake', at: proofAt }]];
}

function restart(life: Life, now: number): [Life, readonly Effect[]] {
  const { place } = life;
  const forget: readonly Effect[] = place.at === 'halted' && place.loggedOut ? [{ type: 'forget' }] : [];
  const cut: readonly Effect[] = linked(place) ? [{ type: 'disconnect' }] : [];
  const [fresh, shown] = show({ ...life, attempts: 0 }, 'INITIALIZING', undefined, now);
  const [next, effects] = connect(fresh, now);
  return [next, [...cut, ...forget, ...shown, ...effects]];
}

/** Connects, or pauses if the last minute has had its share. */
function connect(life: Life, now: number): [Life, readonly Effect[]] {
  const connects = life.connects.filter((at) => at > now - MINUTE);
  const oldest = connects[0];
  if (oldest !== undefined && connects.length >= CONNECTS_A_MINUTE) {
    const until = oldest + MINUTE;
    return [{ ...life, connects, place: { at: 'pausing', until } }, [report(life, until), { type: 'wake', at: until }]];
  }
  const next: Life = { ...life, connects: [...connects, now], place: { at: 'connecting', drained: false } };
  const first = life.place.at === 'idle' ? [report({ ...life, shown: { state: 'INITIALIZING', since: now } })] : [];
  const shown: Shown = life.place.at === 'idle' ? { state: 'INITIALIZING', since: now } : life.shown;
  return [{ ...next, shown }, [...first, { type: 'connect' }]];
}

function ended(life: Life, ending: Ending, now: number, random: number): [Life, readonly Effect[]] {
  const { place } = life;
  const held = place.at === 'open' && now - place.openedAt >= GOOD_LINK;
  switch (ending.type) {
    case 'restart':
      return connect(life, now);
    case 'qr-expired':
      return halt(life, 'DISCONNECTED', { code: 'QR_EXPIRED', params: {} }, now);
    case 'logged-out':
      return halt(life, 'LOGGED_OUT', { code: 'LOGGED_OUT', params: {} }, now);
    case 'halt':
      return halt(life, ending.code === 'REPLACED' ? 'DISCONNECTED' : 'FAILED', ending, now);
    case 'retry': {
      const attempts = (held ? 0 : life.attempts) + 1;
      const full = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(attempts - 1, 20));
      // Half of it is chance, so that many accounts do not come back in step.
      const until = now + full / 2 + (full / 2) * random;
      const pausing: Life = { ...life, place: { at: 'pausing', until }, attempts };
      const why: Why = { code: ending.code, params: ending.params };
      const since = life.shown.state === 'DISCONNECTED' ? life.shown.since : now;
      const next: Life = { ...pausing, shown: { state: 'DISCONNECTED', why, since } };
      return [next, [report(next, until), { type: 'wake', at: until }]];
    }
  }
}

function halt(life: Life, state: AccountState, why: Why, now: number): [Life, readonly Effect[]] {
  const halted: Life = { ...life, place: { at: 'halted', loggedOut: state === 'LOGGED_OUT' }, attempts: 0 };
  return show(halted, state, { code: why.code, params: why.params }, now);
}

/** Tells the world if it is something new. */
function show(
  life: Life,
  state: AccountState,
  why: Why | undefined,
  now: number,
  before: readonly Effect[] = [],
): [Life, readonly Effect[]] {
  const attempts = state === 'READY' || state === 'SYNCING' ? 0 : life.attempts;
  const { shown } = life;
  if (shown.state === state && shown.why?.code === why?.code) return [life, before];
  const next: Life = { ...life, shown: { state, since: now, ...(why !== undefined && { why }) } };
  return [next, [...before, report({ ...next, attempts })]];
}

function report({ shown, attempts }: Life, nextTryAt?: number): Effect {
  return {
    type: 'report',
    state: shown.state,
    ...(shown.why !== undefined && { why: shown.why }),
    since: shown.since,
    attempts,
    ...(nextTryAt !== undefined && { nextTryAt }),
  };
}
