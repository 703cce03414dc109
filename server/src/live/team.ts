// Who of the team is here, what each has open and where a reply is being written, by connection and in memory alone; it knows no socket and keeps nothing of whoever is gone.
import { type ClientData, type EphemeralData, MAX_TEAM, type TeamMember } from '@pulseline/protocol';

/** "Is replying" is said again while it is true; after so long without that, it is not any more. */
export const REPLYING_MS = 8_000;
/** Connections that may say who is there; it is bounded by the hub's clients too. */
const MAX_CONNECTIONS = 5_000;
const MAX_PLACES = 20;

interface Seat extends Omit<ClientData['team'], 'replying'> {
  readonly replyingUntil: number;
}

export interface Team {
  /**
   * What a connection says of itself. This is the one place where a person gets an identity: a name that the browser chose,
   * until logins give one. True if the picture changed.
   */
  sit(connection: string, said: ClientData['team'], now: number): boolean;
  /** The connection is gone. True if the picture changed. */
  leave(connection: string): boolean;
  /** True if somebody has stopped replying. */
  expire(now: number): boolean;
  picture(now: number): EphemeralData['team_presence'];
  readonly size: number;
}

export function createTeam(): Team {
  const seats = new Map<string, Seat>();
  return {
    sit(connection, { replying, ...said }, now) {
      if (said.name === '') return seats.delete(connection);
      const before = seats.get(connection);
      if (before === undefined && seats.size >= MAX_CONNECTIONS) return false;
      seats.set(connection, { ...said, replyingUntil: replying === true ? now + REPLYING_MS : 0 });
      const was = before !== undefined && before.replyingUntil > now;
      return (
        before === undefined ||
        was !== (replying === true) ||
        before.person !== said.person ||
        before.name !== said.name ||
        before.looking !== said.looking
      );
    },
    leave: (connection) => seats.delete(connection),
    expire(now) {
      let changed = false;
      for (const [connection, seat] of seats) {
        if (seat.replyingUntil === 0 || seat.replyingUntil > now) continue;
        seats.set(connection, { ...seat, replyingUntil: 0 });
        changed = true;
      }
      return changed;
    },
    picture(now) {
      const people = new Map<string, { id: string; name: string; looking: Set<string>; replying: Set<string> }>();
      for (const { person, name, looking, replyingUntil } of seats.values()) {
        const known = people.get(person) ?? { id: person, name, looking: new Set(), replying: new Set() };
        people.set(person, { ...known, name });
        if (looking === undefined) continue;
        if (known.looking.size < MAX_PLACES) known.looking.add(looking);
        if (replyingUntil > now && known.replying.size < MAX_PLACES) known.replying.add(looking);
      }
      const all = [...people.values()].map(
        (one): TeamMember => ({ ...one, looking: [...one.looking], replying: [...one.replying] }),
      );
      const more = all.length - MAX_TEAM;
      return { people: all.slice(0, MAX_TEAM), ...(more > 0 && { more }) };
    },
    get size() {
      return seats.size;
    },
  };
}
