// When each of the last messages passed each stage, by message id; a bounded memory for latency pictures, never a source of truth.
import { type Stage, stages } from '@pulseline/protocol';

export type Stamps = Readonly<Partial<Record<Stage, number>>>;

export interface TraceMemory {
  /** Ms since epoch with fractions. The first stamp of a stage stays. */
  stamp(messageId: string, stage: Stage, at: number): void;
  get(messageId: string): Stamps | undefined;
  readonly size: number;
}

/** More between two stages is a clock's doing, or a tab's that slept. */
const LONGEST_MS = 600_000;

/**
 * Remembers the stamps of at most `limit` messages, the newest. A message begins with a stage of the server's own.
 * `onStage` hears how long each stage took, from the one before it that is known.
 */
export function createTraceMemory(limit: number, onStage?: (stage: Stage, ms: number) => void): TraceMemory {
  const messages = new Map<string, Partial<Record<Stage, number>>>();
  return {
    stamp(messageId, stage, at) {
      let stamps = messages.get(messageId);
      if (stamps === undefined) {
        // A client may stamp what is known here, and nothing else.
        if (stage === 'applied' || stage === 'shown') return;
        stamps = {};
        messages.set(messageId, stamps);
        const [oldest] = messages.keys();
        if (messages.size > limit && oldest !== undefined) messages.delete(oldest);
      }
      if (stamps[stage] !== undefined) return;
      stamps[stage] = at;
      if (onStage === undefined) return;
      const known = stamps;
      const before = stages.slice(0, stages.indexOf(stage)).findLast((one) => known[one] !== undefined);
      const from = before && known[before];
      const ms = from === undefined ? Number.NaN : at - from;
      if (ms >= 0 && ms < LONGEST_MS) onStage(stage, ms);
    },
    get: (messageId) => messages.get(messageId),
    get size() {
      return messages.size;
    },
  };
}
