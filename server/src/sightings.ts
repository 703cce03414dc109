// Sees to it that the states of accounts are remembered: each change of one when it is told, and each minute that it still holds, so that a time in which this process did not run is never taken for a good one.
import { durableEvents } from '@pulseline/protocol';
import type { Commands } from './inbox/commands.ts';
import type { Log } from './log.ts';
import type { Commit, Queries, Writer } from './store/port.ts';

/** Well within `UNSEEN`. */
const EVERY_MS = 60_000;

export interface Sightings {
  committed(commit: Commit): void;
  close(): void;
}

export interface SightingParts {
  readonly queries: Pick<Queries, 'accounts'>;
  readonly writer: Pick<Writer<Commands>, 'run'>;
  readonly log: Pick<Log, 'warn'>;
  /** Ms since epoch. */
  readonly now: () => number;
  /** Calls back every so many ms; returns the way to stop. */
  readonly every: (ms: number, call: () => void) => () => void;
}

export function openSightings({ queries, writer, log, now, every }: SightingParts): Sightings {
  const see = (account: string, state: Commands['see_state']['input']['state'], at: number): void => {
    writer
      .run('see_state', { account, state, at })
      .catch((error: unknown) => log.warn({ err: error, account }, 'a state was not remembered'));
  };
  const stop = every(EVERY_MS, () => {
    queries
      .accounts()
      .then((rows) => {
        for (const { account } of rows) see(account.id, account.state, now());
      })
      .catch((error: unknown) => log.warn({ err: error }, 'the states of accounts were not read'));
  });
  return {
    committed({ events }) {
      for (const { type, data, at } of events) {
        if (type !== 'whatsapp_status') continue;
        const { account, status } = durableEvents.whatsapp_status.parse(JSON.parse(data));
        see(account, status, at);
      }
    },
    close: stop,
  };
}
