// Which part of a day an account's link was well: the stretches in which it was seen, as bands of one meaning each. It draws nothing and reads no clock.
import type { Account, AccountState, Stretch } from '@pulseline/protocol';

/** `off`: nobody looked, so nothing is claimed. */
export type Meaning = 'ready' | 'busy' | 'down' | 'off';

export interface Band {
  readonly meaning: Meaning;
  /** Ms since epoch. */
  readonly from: number;
  readonly to: number;
}

const meanings = {
  INITIALIZING: 'busy',
  QR: 'busy',
  AUTHENTICATED: 'busy',
  SYNCING: 'busy',
  READY: 'ready',
  DEGRADED: 'down',
  DISCONNECTED: 'down',
  LOGGED_OUT: 'down',
  FAILED: 'down',
} as const satisfies Record<AccountState, Meaning>;

/** The stretches up to now. While the live link is open the present state is known to hold, as another would have been told. */
export function untilNow(
  stretches: readonly Stretch[],
  { state, since }: Pick<Account, 'state' | 'since'>,
  now: number,
): readonly Stretch[] {
  const last = stretches.at(-1);
  if (last?.state === state) return [...stretches.slice(0, -1), { ...last, to: Math.max(last.to, now) }];
  return [...stretches, { state, from: Math.max(since, last?.to ?? since), to: now }];
}

/** The bands between two moments, in order; neighbours of one meaning are one. Before the first stretch there is none. */
export function bandsOf(stretches: readonly Stretch[], from: number, to: number): readonly Band[] {
  const bands: Band[] = [];
  const add = (meaning: Meaning, begin: number, end: number): void => {
    if (end <= begin) return;
    const last = bands.at(-1);
    if (last?.meaning === meaning && last.to === begin) bands[bands.length - 1] = { ...last, to: end };
    else bands.push({ meaning, from: begin, to: end });
  };
  let reached: number | undefined;
  for (const stretch of stretches) {
    const begin = Math.max(stretch.from, from);
    const end = Math.min(stretch.to, to);
    if (end < begin) continue;
    if (reached !== undefined) add('off', reached, begin);
    add(meanings[stretch.state], begin, end);
    reached = end;
  }
  if (reached !== undefined) add('off', reached, to);
  return bands;
}

export interface Total {
  readonly meaning: Meaning;
  readonly ms: number;
  /** How often it began. */
  readonly times: number;
}

const order = ['ready', 'busy', 'down', 'off'] as const satisfies readonly Meaning[];

/** What the bands come to, by meaning; those that lasted less than a second are left out. */
export function totalsOf(bands: readonly Band[]): readonly Total[] {
  return order.flatMap((meaning) => {
    const own = bands.filter((band) => band.meaning === meaning);
    const ms = own.reduce((sum, band) => sum + band.to - band.from, 0);
    return ms < 1_000 ? [] : [{ meaning, ms, times: own.length }];
  });
}
