// The team as one dashboard sees it: says who sits here and what is open, and keeps the picture that the server tells. It knows no page, and without a connection it knows nobody.
import type { TeamMember } from '@pulseline/protocol';
import { type LiveEnvironment, machine } from './environment.ts';
import type { LiveClient } from './live-client.ts';

/** Who sits here. Until there are logins a browser chooses both; `person` is the same in each of its tabs. */
export interface TeamIdentity {
  readonly person: string;
  readonly name: string;
}

export interface Team {
  /** Everybody with a dashboard open, this person too; empty without a connection. A new list only when it changed. */
  people(): readonly TeamMember[];
  subscribe(listener: () => void): () => void;
  /** Another name, or none: then nobody is told that this person is here. */
  as(identity: TeamIdentity | undefined): void;
  /** This conversation is open here. */
  look(conversation: string | undefined): void;
  /** Call it with each key: a reply is being written in the open conversation. It ends by itself, or with `false`. */
  reply(writing: boolean): void;
  /** Leaves the team. */
  stop(): void;
}

/** No key for so long: nobody is replying any more. */
const STILL_MS = 5_000;
/** The server forgets after 8 s that a reply is being written. */
const AGAIN_MS = 3_000;

export function createTeam(
  live: Pick<LiveClient, 'on' | 'send' | 'subscribe' | 'snapshot'>,
  identity: TeamIdentity | undefined,
  environment: Pick<LiveEnvironment, 'now' | 'timer'> = machine,
): Team {
  const listeners = new Set<() => void>();
  let who = identity;
  let people: readonly TeamMember[] = [];
  let looking: string | undefined;
  let lastKeyAt: number | undefined;
  let cancel: (() => void) | undefined;

  function show(next: readonly TeamMember[]): void {
    if (next.length === 0 && people.length === 0) return;
    people = next;
    for (const listener of listeners) listener();
  }

  function say(): void {
    if (who === undefined) return;
    const replying = lastKeyAt !== undefined;
    live.send('team', { ...who, ...(looking !== undefined && { looking }), ...(replying && { replying }) });
  }

  function rest(): void {
    lastKeyAt = undefined;
    cancel?.();
    cancel = undefined;
  }

  /** Said again while it lasts. */
  function goOn(): void {
    cancel = environment.timer(AGAIN_MS, () => {
      if (lastKeyAt === undefined || environment.now() - lastKeyAt >= STILL_MS) {
        rest();
        return say();
      }
      say();
      goOn();
    });
  }

  const ends = [
    live.on('connected', () => say()),
    live.on('team_presence', ({ data }) => show(data.people)),
    live.subscribe(() => {
      const { phase } = live.snapshot();
      if (phase !== 'live' && phase !== 'replaying') show([]);
    }),
  ];

  return {
    people: () => people,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    as(next) {
      const before = who;
      if (next?.person === before?.person && next?.name === before?.name) return;
      who = next;
      if (next !== undefined) return say();
      if (before !== undefined) live.send('team', { person: before.person, name: '' });
    },
    look(conversation) {
      if (conversation === looking) return;
      looking = conversation;
      rest();
      say();
    },
    reply(writing) {
      if (!writing) {
        if (lastKeyAt === undefined) return;
        rest();
        return say();
      }
      const began = lastKeyAt === undefined;
      lastKeyAt = environment.now();
      if (!began) return;
      say();
      goOn();
    },
    stop() {
      rest();
      for (const end of ends) end();
      if (who !== undefined) live.send('team', { person: who.person, name: '' });
      who = undefined;
      show([]);
    },
  };
}
