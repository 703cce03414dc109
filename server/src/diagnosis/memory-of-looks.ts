// What one look cannot see: since when counts disagree, how often an account went off and on, how many messages could not be read lately. Bounded; it remembers and judges nothing.
import type { Counts } from '../counters.ts';
import type { Tally } from '../store/port.ts';

/** Ms in which changes of a link are counted, and in which unreadable messages are. */
const FLAPS_MS = 300_000;
const RECENT_MS = 600_000;
const MAX_REMEMBERED = 5_000;
const MAX_FLAPS = 100;

interface Unread {
  total: number;
  waitingSince: number | undefined;
  readonly came: { readonly at: number; readonly n: number }[];
}

export interface UnreadableContact {
  readonly account: string;
  readonly address: string;
  readonly total: number;
  readonly filled: number;
  readonly waiting: number;
  readonly recent: number;
  readonly waitingMs: number;
}

export class LooksMemory {
  readonly #disagreeing = new Map<string, { readonly since: number; readonly lost: number; readonly untold: number }>();
  readonly #flaps = new Map<string, number[]>();
  readonly #up = new Map<string, boolean>();
  readonly #behind = new Map<string, number>();
  readonly #unread = new Map<string, Unread>();
  #begun = false;

  /** An account's link came up or went down; each further attempt while it is down is no change. */
  flapped(account: string, up: boolean, at: number): void {
    if (this.#up.get(account) === up) return;
    this.#up.set(account, up);
    trim(this.#up);
    const flaps = (this.#flaps.get(account) ?? []).filter((one) => at - one < FLAPS_MS);
    flaps.push(at);
    this.#flaps.set(account, flaps.slice(-MAX_FLAPS));
    trim(this.#flaps);
  }

  flaps(account: string, now: number): number {
    return (this.#flaps.get(account) ?? []).filter((at) => now - at < FLAPS_MS).length;
  }

  /** Ms for which the counts of this account have disagreed by at least as much. */
  disagreesMs(account: string, { lost, untold }: Pick<Counts, 'lost' | 'untold'>, now: number): number {
    if (lost === 0 && untold === 0) {
      this.#disagreeing.delete(account);
      return 0;
    }
    const known = this.#disagreeing.get(account);
    // A count that moves is messages on their way; one that stands or grows is a fault.
    const since =
      known !== undefined && Math.abs(lost) >= Math.abs(known.lost) && Math.abs(untold) >= Math.abs(known.untold)
        ? known.since
        : now;
    this.#disagreeing.set(account, { since, lost, untold });
    trim(this.#disagreeing);
    return now - since;
  }

  /** Ms for which each of these connections has been behind. Others are forgotten. */
  behindMs(connections: readonly string[], now: number): ReadonlyMap<string, number> {
    for (const id of this.#behind.keys()) if (!connections.includes(id)) this.#behind.delete(id);
    for (const id of connections) if (!this.#behind.has(id)) this.#behind.set(id, now);
    trim(this.#behind);
    return new Map([...this.#behind].map(([id, since]) => [id, now - since]));
  }

  /** What came before the first look is old: only growth since is recent. */
  unreadable(tallies: ReadonlyMap<string, Tally>, now: number): readonly UnreadableContact[] {
    const found = [...tallies].flatMap(([account, tally]) =>
      Object.entries(tally).flatMap(([name, total]) => {
        const address = /^unreadable (.+)$/.exec(name)?.[1];
        return address === undefined
          ? []
          : [this.#contact(account, address, total, tally[`filled ${address}`] ?? 0, now)];
      }),
    );
    this.#begun = true;
    trim(this.#unread);
    return found;
  }

  #contact(account: string, address: string, total: number, filled: number, now: number): UnreadableContact {
    const key = `${account} ${address}`;
    const known = this.#unread.get(key) ?? { total: this.#begun ? 0 : total, waitingSince: undefined, came: [] };
    this.#unread.set(key, known);
    if (total > known.total) known.came.push({ at: now, n: total - known.total });
    known.total = total;
    while (known.came[0] !== undefined && now - known.came[0].at > RECENT_MS) known.came.shift();
    const waiting = total - filled;
    known.waitingSince = waiting > 0 ? (known.waitingSince ?? now) : undefined;
    const recent = known.came.reduce((sum, { n }) => sum + n, 0);
    return {
      account,
      address,
      total,
      filled,
      waiting,
      recent,
      waitingMs: known.waitingSince === undefined ? 0 : now - known.waitingSince,
    };
  }
}

/** The oldest go. */
function trim(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    if (map.size <= MAX_REMEMBERED) return;
    map.delete(key);
  }
}
