// The common case of a turn, for thousands of connections at once: whoever is at the head, follows everything and keeps up gets the very same list. It only says so; it changes no state.
import {
  EPHEMERAL_LIMIT_BYTES,
  type Gauge,
  isClogged,
  PROBE_EVERY_BYTES,
  UNSENT_LIMIT_BYTES,
} from './back-pressure.ts';
import type { Item, Turn } from './delivery.ts';
import type { Cursor } from './positions.ts';
import type { ServerSession } from './server-session.ts';

/**
 * May the turn's list go out as it is, with nothing else to do? `place` is what has been sent: the driver keeps it beside the state
 * while turns go straight, because a new state for each connection and turn would be most of the work. It puts it back by
 * {@link atPlace} before any other step.
 */
export function goesStraight<I extends Item>(
  session: ServerSession,
  place: Cursor,
  turn: Turn<I>,
  gauge: Gauge,
): boolean {
  if (session.phase !== 'live' || place !== turn.from) return false;
  const { streams, types } = session.filter;
  if (streams !== undefined || types !== undefined) return false;
  if (gauge.unsent > EPHEMERAL_LIMIT_BYTES || gauge.unsent + turn.size > UNSENT_LIMIT_BYTES) return false;
  // Behind many bytes a probe is due.
  const probed = session.probe !== undefined || gauge.written + turn.size - session.ackedBytes < PROBE_EVERY_BYTES;
  return probed && !isClogged(session, gauge);
}

/** The state with the place that the driver kept. */
export function atPlace(session: ServerSession, place: Cursor): ServerSession {
  return session.sent === place ? session : { ...session, sent: place };
}
