// Sees to it that the log says no more of a removed conversation than that it is gone, whoever removed it: little by little, so that messages go first. It removes no event.
import { durableEvents } from '@pulseline/protocol';
import type { Commands } from './inbox/commands.ts';
import type { Log } from './log.ts';
import type { Commit, Queries, Writer } from './store/port.ts';

/** Events of the log that are looked at in one transaction, and ms between two of them. */
const EVENTS_AT_ONCE = 5_000;
const PAUSE_MS = 20;

export interface ForgettingParts {
  readonly queries: Pick<Queries, 'firstSeq'>;
  readonly writer: Pick<Writer<Commands>, 'run'>;
  readonly log: Pick<Log, 'warn'>;
}

export interface Forgetting {
  committed(commit: Commit): void;
  /** Resolves when nothing is under way any more. What is left then stays until its time is over. */
  close(): Promise<void>;
}

export function openForgetting({ queries, writer, log }: ForgettingParts): Forgetting {
  let closed = false;
  let running: Promise<void> = Promise.resolve();

  const forget = async (account: string, conversation: string, stream: string, upTo: number): Promise<void> => {
    for (let from = await queries.firstSeq(stream); from < upTo && !closed; from += EVENTS_AT_ONCE) {
      const to = Math.min(upTo, from + EVENTS_AT_ONCE);
      await writer.run('forget_texts', { account, stream, conversation, from, to });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };

  return {
    committed({ events }) {
      for (const { type, data, stream, seq } of events) {
        if (type !== 'conversation_removed') continue;
        const { account, id, into } = durableEvents.conversation_removed.parse(JSON.parse(data));
        // What became part of another conversation is still there.
        if (into !== undefined) continue;
        running = running
          .then(() => forget(account, id, stream, seq))
          .catch((error: unknown) => log.warn({ err: error, account }, 'the log keeps texts'));
      }
    },
    async close() {
      closed = true;
      await running;
    },
  };
}
