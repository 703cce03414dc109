// The common case of a turn, for thousands of connections at once: whoever is at the head, follows everything and keeps up gets the very same list, and nothing else happens. It only says until when; it changes no state.
import { PROBE_EVERY_BYTES, UNREAD_LIMIT_BYTES } from './back-pressure.ts';
import type { Cursor } from './positions.ts';
import type { ServerSession } from './server-session.ts';

/**
 * While no more than so many bytes have been written in all, a turn that begins where this connection stands goes out as it is: no
 * probe is due, and what is unread is within its limit. 0 = none may. The driver keeps this number and the place beside the state,
 * because a new state for each connection and turn would be most of the work, and puts the place back by {@link atPlace} before
 * any other step. What is unsent it has to look at itself; what stands still for long, the tick finds.
 */
export function straightUntil(session: ServerSession): number {
  if (session.phase !== 'live') return 0;
  const { streams, types } = session.filter;
  if (streams !== undefined || types !== undefined) return 0;
  return session.ackedBytes + (session.probe === undefined ? PROBE_EVERY_BYTES - 1 : UNREAD_LIMIT_BYTES);
}

/** The state with the place that the driver kept. */
export function atPlace(session: ServerSession, place: Cursor): ServerSession {
  return session.sent === place ? session : { ...session, sent: place };
}
