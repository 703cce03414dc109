// The canary: a message of our own on its whole way through handler, store, log, bus and hub, on a stream that nobody sees; it makes nothing that a person would find.
import { randomUUID } from 'node:crypto';
import type { Fact } from '@pulseline/diagnosis';
import { CANARY_STREAM, CodedError, type Message, type Stage } from '@pulseline/protocol';
import type { Ring } from '../bus/port.ts';
import type { Hub } from '../live/port.ts';
import type { Commit, Queries } from '../store/port.ts';

export interface CanaryParts {
  /** An account's worker, which takes its text in as a contact's, and writes it; undefined while none runs. */
  readonly tester: () => Tester | undefined;
  /** Writes it without a worker: one transaction with its place in the log. */
  readonly write: (data: string) => Promise<unknown>;
  /** Told of each that could not be written, also of one that was given up before. */
  readonly refused: (error: unknown) => void;
  readonly queries: Pick<Queries, 'canary'>;
  readonly ring: (ring: Ring) => void;
  readonly hub: Pick<Hub, 'tellOne'>;
  /** Ms since epoch with fractions. */
  readonly now: () => number;
  readonly after: (ms: number, call: () => void) => () => void;
}

export interface Tester {
  /** When it was heard and put into our words, ms since epoch with fractions. */
  takeIn(text: string): Promise<{ readonly heard: number; readonly normalised: number }>;
  write(data: string): Promise<unknown>;
}

export type Flight = Fact<'canary'>;

/** One asks at most so often; a beat of our own does not count. */
const APART_MS = 1_000;
/** Longer on its way is lost; what holds it up is then known elsewhere. */
const LATE_MS = 2_000;
/** Flights whose end is not known yet; each ends after {@link LATE_MS}. */
const MAX_FLYING = 16;

interface Flying {
  readonly stamps: Partial<Record<Stage, number>>;
  readonly rung: () => void;
}

export class Canary {
  readonly #parts: CanaryParts;
  readonly #flying = new Map<string, Flying>();
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: CanaryParts) {
    this.#parts = parts;
  }

  get flying(): number {
    return this.#flying.size;
  }

  /** For somebody who asks. Errors: CANARY_TOO_SOON. */
  ask(probeId: string, connection?: string): Promise<Flight> {
    const now = this.#parts.now();
    if (now - this.#askedAt < APART_MS) throw new CodedError('CANARY_TOO_SOON');
    this.#askedAt = now;
    return this.fly(probeId, connection);
  }

  /** Never rejects: how it ended is the answer. Without a connection it ends when the bus has rung. */
  async fly(probeId: string, connection?: string): Promise<Flight> {
    if (this.#flying.size >= MAX_FLYING) return { id: probeId, outcome: 'refused', stages: {}, code: 'BUSY' };
    const { now } = this.#parts;
    const from = now();
    const stamps: Partial<Record<Stage, number>> = { heard: from };
    const message = canaryMessage(probeId, from);
    const data = JSON.stringify(message);
    let cancel = (): void => undefined;
    const late = new Promise<'late'>((resolve) => {
      cancel = this.#parts.after(LATE_MS, () => resolve('late'));
    });
    let error: unknown;
    const flight = this.#way(message, data, stamps, connection).catch((failed: unknown) => {
      error = failed;
      return 'failed' as const;
    });
    const ended = await Promise.race([flight, late]);
    cancel();
    this.#flying.delete(message.id);
    const stages = Object.fromEntries(Object.entries(stamps).map(([stage, at]) => [stage, at - from]));
    const wanted: readonly Stage[] =
      connection === undefined
        ? ['normalised', 'committed', 'rung']
        : ['normalised', 'committed', 'rung', 'fed', 'written'];
    const missing = wanted.find((stage) => stamps[stage] === undefined);
    const coded = error instanceof CodedError ? error : undefined;
    return {
      id: probeId,
      outcome: ended === 'late' ? 'late' : ended === 'failed' ? 'refused' : missing === undefined ? 'arrived' : 'lost',
      stages,
      ...(missing !== undefined && { missing }),
      ...(coded !== undefined && { code: coded.code }),
      ...(error !== undefined && { error: detailOf(error) }),
      ms: now() - from,
    };
  }

  /** A commit on the canary's stream. */
  committed({ events, at }: Commit): void {
    for (const { data, stream, epoch, seq } of events) {
      const flying = this.#flying.get(idIn(data));
      if (flying !== undefined) flying.stamps.committed = at;
      this.#parts.ring({ stream, epoch, seq });
    }
  }

  /** The bus rang for the canary's stream. Rings may be lost, doubled and late: whoever flies looks into the log. */
  rung({ seq }: Ring): void {
    void this.#parts.queries
      .canary(seq)
      .then((event) => event && this.#flying.get(idIn(event.data))?.rung())
      // The one who flies ends late, and says where.
      .catch(() => undefined);
  }

  async #way(
    message: Message,
    data: string,
    stamps: Partial<Record<Stage, number>>,
    connection?: string,
  ): Promise<'through'> {
    const { write, hub, now } = this.#parts;
    const rung = new Promise<void>((resolve) => {
      this.#flying.set(message.id, {
        stamps,
        rung() {
          stamps.rung ??= now();
          resolve();
        },
      });
    });
    const tester = this.#parts.tester();
    if (tester === undefined) stamps.normalised = now();
    else ({ heard: stamps.heard, normalised: stamps.normalised } = await tester.takeIn(message.body));
    await (tester?.write ?? write)(data).catch((error: unknown) => {
      this.#parts.refused(error);
      throw error;
    });
    await rung;
    if (connection === undefined) return 'through';
    await hub.tellOne(
      connection,
      'canary',
      () => ({ probeId: message.body, message, stages: Object.fromEntries(Object.entries(stamps)) }),
      (stage) => {
        stamps[stage] = now();
      },
    );
    return 'through';
  }
}

function detailOf(error: unknown): string {
  if (!(error instanceof CodedError)) return String(error).slice(0, 500);
  const { detail } = error.params;
  return String(detail ?? error.message).slice(0, 500);
}

function canaryMessage(probeId: string, at: number): Message {
  return {
    id: `canary_${randomUUID().replaceAll('-', '')}`,
    account: CANARY_STREAM,
    conversation: CANARY_STREAM,
    stream: CANARY_STREAM,
    seq: 0,
    from: CANARY_STREAM,
    to: CANARY_STREAM,
    fromMe: false,
    kind: 'text',
    body: probeId,
    timestamp: Math.round(at),
  };
}

function idIn(data: string): string {
  const value: unknown = JSON.parse(data);
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : '';
}
