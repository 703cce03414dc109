// React hooks as windows over the live client; they hold no connection logic of their own.

import type { ServerFrame, ServerFrameOf, TeamMember } from '@pulseline/protocol';
import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from 'react';
import type { LiveClient } from './live-client.ts';
import type { LiveStatus } from './status.ts';
import type { Team } from './team.ts';

const Live = createContext<LiveClient | undefined>(undefined);
/** Gives one client to every component below it. */
export const LiveProvider = Live.Provider;

/** The client of the nearest LiveProvider. */
export function useLiveClient(): LiveClient {
  const client = useContext(Live);
  if (client === undefined) throw new Error('useLiveClient needs a LiveProvider above it');
  return client;
}

/** The connection's status, and the means to use it. Renders again when something in the status changes. */
export function useWebSocket(given?: LiveClient) {
  const nearest = useContext(Live);
  const client = given ?? nearest;
  if (client === undefined) throw new Error('useWebSocket needs a client or a LiveProvider above it');
  const status: LiveStatus = useSyncExternalStore(client.subscribe, client.snapshot, client.snapshot);
  return { status, connected: status.phase === 'live' || status.phase === 'replaying', send: client.send, client };
}

/** One value of the status; renders again only when that value changes. */
export function useLive<T extends string | number | boolean | undefined>(pick: (status: LiveStatus) => T): T {
  const client = useLiveClient();
  const read = () => pick(client.snapshot());
  return useSyncExternalStore(client.subscribe, read, read);
}

/** Everybody of the team who is here. */
export function useTeam(team: Team): readonly TeamMember[] {
  return useSyncExternalStore(team.subscribe, team.people, team.people);
}

/** Calls back for each frame of a type while the component is there. The latest callback is used. */
export function useFrame<K extends ServerFrame['type']>(type: K, listener: (frame: ServerFrameOf<K>) => void): void {
  const client = useLiveClient();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => client.on(type, (frame) => latest.current(frame)), [client, type]);
}
