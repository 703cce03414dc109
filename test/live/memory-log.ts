// An event log in memory for tests of the live part; it keeps what the store's log would keep, and can be cut, stalled and broken.
import type { DurableType, Heads } from '@pulseline/protocol';
import type { Commit, StoredEvent } from '../../server/src/store/port.ts';

export interface MemoryLog {
  /** Appends and answers the commit, as the writer would. */
  append(stream: string, type: DurableType, data: object): Commit;
  /** Forgets events below this seq. */
  cut(stream: string, firstSeq: number): void;
  heads(): Promise<Heads>;
  events(stream: string, after: number, limit: number): Promise<readonly StoredEvent[]>;
  /** Reads fail while this is true. */
  broken: boolean;
  reads: number;
}

export function createMemoryLog(epoch = 'e1', now: () => number = Date.now): MemoryLog {
  const streams = new Map<string, { events: StoredEvent[]; head: number }>();
  return {
    broken: false,
    reads: 0,
    append(stream, type, data) {
      const lane = streams.get(stream) ?? { events: [], head: 0 };
      streams.set(stream, lane);
      lane.head += 1;
      const at = now();
      const event: StoredEvent = { stream, epoch, seq: lane.head, type, data: JSON.stringify(data), at };
      lane.events.push(event);
      return { events: [event], at };
    },
    cut(stream, firstSeq) {
      const lane = streams.get(stream);
      if (lane !== undefined) lane.events = lane.events.filter(({ seq }) => seq >= firstSeq);
    },
    async heads() {
      if (this.broken) throw new Error('the log is broken');
      return Object.fromEntries([...streams].map(([stream, { head }]) => [stream, { epoch, seq: head }]));
    },
    async events(stream, after, limit) {
      this.reads += 1;
      if (this.broken) throw new Error('the log is broken');
      const events = streams.get(stream)?.events ?? [];
      const start = events.findIndex(({ seq }) => seq > after);
      return start < 0 ? [] : events.slice(start, start + limit);
    },
  };
}
