// When each of the last messages passed each stage, by message id; a bounded memory for latency pictures, never a source of truth.
import type { Stage } from '@pulseline/protocol';

export type Stamps = Readonly<Partial<Record<Stage, number>>>;

export interface TraceMemory {
  /** Ms since epoch with fractions. The first stamp of a stage stays. */
  stamp(messageId: string, stage: Stage, at: number): void;
  get(messageId: string): Stamps | undefined;
  readonly size: number;
}

/** Remembers the stamps of at most `limit` messages, the newest. A message begins with a stage of the server's own. */
export function createTraceMemory(limit: number): TraceMemory {
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
      stamps[stage] ??= at;
    },
    get: (messageId) => messages.get(messageId),
    get size() {
      return messages.size;
    },
  };
}
