// A dashboard without a browser: the project's own live client over `ws`, which keeps every event it was given and the order; it shows nothing.
import { createLiveClient, type LiveStatus } from '@pulseline/client';
import type { DurableFrame, Heads, Message, ServerFrameOf } from '@pulseline/protocol';
import WebSocket from 'ws';
import { until } from './until.ts';

export interface Dashboard {
  /** Every event of the log that it was given, in the order of arrival. */
  readonly events: readonly DurableFrame[];
  /** The messages among them. */
  messages(): readonly Message[];
  statuses(): readonly ServerFrameOf<'message_status'>['data'][];
  status(): LiveStatus;
  /** Resolves when it is connected and has been fed. */
  live(): Promise<void>;
  close(): void;
}

/** Joins at these heads, or from the beginning of each stream that is named. It comes back by itself, with its cursor. */
export function openDashboard(wsUrl: string, from: Heads): Dashboard {
  const events: DurableFrame[] = [];
  const client = createLiveClient(wsUrl, {
    clientName: 'test',
    WebSocket,

    onResync: async () => {
      throw new Error('the server could not resume');
    },
  });
  client.onEvent((event) => events.push(event));
  client.start(from);
  return {
    events,
    messages: () => events.flatMap((event) => (event.type === 'new_message' ? [event.data] : [])),
    statuses: () => events.flatMap((event) => (event.type === 'message_status' ? [event.data] : [])),
    status: () => client.snapshot(),
    live: async () => {
      // A test that has restarted the server does not wait for the end of a back-off, as a person would not.
      if (client.snapshot().phase === 'waiting') client.retry();
      await until('a live dashboard', () => client.snapshot().phase === 'live');
    },
    close: () => client.stop(),
  };
}
