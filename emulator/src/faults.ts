// Faults that a test has ordered and that wait for their moment; it never carries one out.
import { EmulatorError } from './errors.ts';

/** At most this many wait at a time. */
const MAX_WAITING = 1_000;

/** Faults that happen at once, to every connection in reach. */
export const IMMEDIATE = ['drop', 'end', 'stream-error', 'failure', 'garbage', 'low-prekeys'] as const;
/** Faults that wait; each happens `n` times, `on: false` takes them back. */
export const WAITING = [
  'corrupt-next',
  'withhold-key',
  'refuse-message',
  'no-ack',
  'fail-login',
  'no-offline-end',
  'pull-mode',
  'silence',
  'hold',
  'unmarked',
  'forget-session',
  'media-fail',
  'media-slow',
  'media-cut',
  'media-corrupt',
  'media-lost',
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
  /** How often, or for low-prekeys the number that is said to be left; pull-mode, silence, hold, unmarked and no-offline-end last until they are taken back unless it is given. */
  readonly n?: number | undefined;
  /** false takes waiting faults of this kind and target back. */
  readonly on?: boolean | undefined;
  /** Delay of a slow media host. */
  readonly ms?: number | undefined;
  /** For stream-error: `replaced` or `device_removed`. */
  readonly conflict?: string | undefined;
}

interface Waiting {
  readonly fault: Fault;
  left: number;
}

const LASTING: ReadonlySet<string> = new Set(['pull-mode', 'silence', 'hold', 'unmarked', 'no-offline-end']);

export class Faults {
  readonly #waiting: Waiting[] = [];

  all(): readonly Readonly<Waiting>[] {
    return this.#waiting;
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  add(fault: Fault): void {
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const known = this.#waiting[i]?.fault;
      if (known?.kind === fault.kind && known.target === fault.target) this.#waiting.splice(i, 1);
    }
    if (fault.on === false) return;
    if (this.#waiting.length >= MAX_WAITING) throw new EmulatorError('BAD_FIELD', 'too many faults wait');
    this.#waiting.push({ fault, left: fault.n ?? (LASTING.has(fault.kind) ? Number.POSITIVE_INFINITY : 1) });
  }

  /** Does such a fault hit one of the names? It does not count as having happened. */
  hits(kind: WaitingKind, ...names: readonly string[]): boolean {
    return this.#waiting.some(
      ({ fault }) => fault.kind === kind && (fault.target === undefined || names.includes(fault.target)),
    );
  }

  /** The oldest waiting fault of the kind that hits one of the names, counted as having happened. */
  take(kind: WaitingKind, ...names: readonly string[]): Fault | undefined {
    const index = this.#waiting.findIndex(
      ({ fault }) => fault.kind === kind && (fault.target === undefined || names.includes(fault.target)),
    );
    const found = this.#waiting[index];
    if (!found) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.#waiting.splice(index, 1);
    return found.fault;
  }
}
