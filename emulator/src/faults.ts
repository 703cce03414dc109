// Faults that a test has ordered and that wait for their moment; it never carries one out.
import { EmulatorError } from './errors.ts';
import type { Store, Table } from './store.ts';

/** At most this many wait at a time. */
const MAX_WAITING = 1_000;

/** Faults that happen at once, to every connection in reach. */
export const IMMEDIATE = [
  'drop',
  'end',
  'stream-error',
  'failure',
  'garbage',
  'half-frame',
  'low-prekeys',
  'lose-session',
  'clock-skew',
] as const;
/** Faults that wait; each happens `n` times, `on: false` takes them back. */
export const WAITING = [
  'corrupt-next',
  'withhold-key',
  'refuse-message',
  'no-ack',
  'late-ack',
  'fail-login',
  'no-offline-end',
  'late-offline-end',
  'pull-mode',
  'silence',
  'hold',
  'unmarked',
  'lose',
  'duplicate',
  'delay',
  'reorder',
  'few-refs',
  'edge-routing',
  'forget-session',
  'media-fail',
  'media-slow',
  'media-cut',
  'media-corrupt',
  'media-lost',
  'silent-phone',
  'overtaken',
] as const;
/** Targets that are nobody: requests to the media host. */
export const MEDIA_PARTS: readonly string[] = ['upload', 'download'];

type ImmediateKind = (typeof IMMEDIATE)[number];
export type WaitingKind = (typeof WAITING)[number];

export interface Fault {
  readonly kind: ImmediateKind | WaitingKind;
  /** Of a failure that is a ban for a time: its seconds. */
  readonly expire?: number | undefined;
  /** Person or device address that it hits; for the media host also `upload` or `download`; none = everybody. */
  readonly target?: string | undefined;
  readonly code?: number | undefined;
  /** How often, or for low-prekeys and few-refs the number that there are; pull-mode, silence, hold, unmarked, no-offline-end and what has a probability last until they are taken back unless it is given. */
  readonly n?: number | undefined;
  /** false takes waiting faults of this kind and target back. */
  readonly on?: boolean | undefined;
  /** Delay, or of clock-skew how far the server's clock is ahead. */
  readonly ms?: number | undefined;
  /** Probability, from 0 to 1, that it happens at each occasion. */
  readonly p?: number | undefined;
  /** Of the probability: the same seed, the same occasions. */
  readonly seed?: number | undefined;
  /** Stanzas that lose, duplicate, delay and reorder mean: message, receipt, notification or call; none = all of them. */
  readonly tag?: string | undefined;
  /** For stream-error: `replaced` or `device_removed`. */
  readonly conflict?: string | undefined;
}

interface Waiting {
  readonly fault: Fault;
  left: number;
  /** State of the seeded chance. */
  chance: number;
}

const LASTING: ReadonlySet<string> = new Set(['pull-mode', 'silence', 'hold', 'unmarked', 'no-offline-end']);
const ROW = 'waiting';

/** One step of a small generator (mulberry32). @returns its next state and a number from 0 to 1. */
function draw(state: number): readonly [number, number] {
  const next = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(next ^ (next >>> 15), 1 | next);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return [next, ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32];
}

/** What waits is kept: an emulator that was killed and comes back is as faulty as it was. */
export class Faults {
  readonly #table: Table;
  readonly #waiting: Waiting[] = [];

  constructor(store: Store) {
    this.#table = store.table('fault');
    for (const [, row] of this.#table.rows()) {
      // The emulator wrote this row itself; JSON has no infinity.
      const rows = JSON.parse(String(row)) as (Omit<Waiting, 'left'> & { left: number | null })[];
      for (const { left, ...rest } of rows) this.#waiting.push({ ...rest, left: left ?? Number.POSITIVE_INFINITY });
    }
  }

  all(): readonly Readonly<Waiting>[] {
    return this.#waiting;
  }

  clear(): void {
    this.#waiting.length = 0;
    this.#save();
  }

  add(fault: Fault): void {
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const known = this.#waiting[i]?.fault;
      if (known?.kind === fault.kind && known.target === fault.target) this.#waiting.splice(i, 1);
    }
    if (fault.on !== false) {
      if (this.#waiting.length >= MAX_WAITING) throw new EmulatorError('BAD_FIELD', 'too many faults wait');
      if (fault.p !== undefined && !(fault.p >= 0 && fault.p <= 1)) throw new EmulatorError('BAD_FIELD', 'p');
      const lasts = LASTING.has(fault.kind) || fault.p !== undefined;
      const times = fault.kind === 'few-refs' ? 1 : fault.n;
      this.#waiting.push({ fault, left: times ?? (lasts ? Number.POSITIVE_INFINITY : 1), chance: fault.seed ?? 1 });
    }
    this.#save();
  }

  /** Does such a fault hit one of the names? It does not count as having happened. */
  hits(kind: WaitingKind, ...names: readonly string[]): boolean {
    return this.#waiting.length > 0 && this.#waiting.some(({ fault }) => fault.kind === kind && meets(fault, names));
  }

  /** The oldest waiting fault of the kind that hits one of the names, counted as having happened. */
  take(kind: WaitingKind, ...names: readonly string[]): Fault | undefined {
    return this.takeFor(kind, names, undefined);
  }

  /** @param tag of the stanza that it would happen to. */
  takeFor(kind: WaitingKind, names: readonly string[], tag: string | undefined): Fault | undefined {
    if (this.#waiting.length === 0) return undefined;
    const found = this.#waiting.find(
      ({ fault }) => fault.kind === kind && meets(fault, names) && (fault.tag === undefined || fault.tag === tag),
    );
    if (!found) return undefined;
    if (found.fault.p !== undefined) {
      const [state, value] = draw(found.chance);
      found.chance = state;
      if (value >= found.fault.p) {
        this.#save();
        return undefined;
      }
    }
    found.left -= 1;
    if (found.left <= 0) this.#waiting.splice(this.#waiting.indexOf(found), 1);
    this.#save();
    return found.fault;
  }

  #save(): void {
    this.#table.put(ROW, () => JSON.stringify(this.#waiting));
  }
}

function meets({ target }: Fault, names: readonly string[]): boolean {
  return target === undefined || names.includes(target);
}
