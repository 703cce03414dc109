// Which way the next connection takes: a WebSocket, or the event stream where a WebSocket cannot be had. Pure; it opens nothing.

export type Way = 'websocket' | 'event-stream';

/** So many attempts in a row that were never greeted, on a WebSocket: then the other way is tried once. */
export const FAILED_BEFORE_OTHER_WAY = 3;
/** Who had a WebSocket before knows that one can be had here: more likely the server is away, and comes back to it. */
export const FAILED_AFTER_A_WEBSOCKET = 8;
/** On the event stream a WebSocket is looked for again after this, and then after twice as long each time, up to the second. */
export const LOOK_AGAIN_MS = 30_000;
export const LOOK_AGAIN_MOST_MS = 600_000;

export interface WayState {
  readonly way: Way;
  /** Attempts in a row on this way that were never greeted. */
  readonly failed: number;
  readonly lookAfterMs: number;
  /** A WebSocket was greeted here once. */
  readonly known: boolean;
}

export const firstWay: WayState = { way: 'websocket', failed: 0, lookAfterMs: LOOK_AGAIN_MS, known: false };

/** `greeted`: `connected` came. `ended`: the attempt or connection is over. `found`: a WebSocket was tried beside the stream, and greeted. */
export type WayInput = 'greeted' | 'ended' | 'found' | 'not-found';

export function stepWay(state: WayState, input: WayInput, wasGreeted: boolean): WayState {
  switch (input) {
    case 'greeted':
      return { ...state, failed: 0, ...(state.way === 'websocket' && { lookAfterMs: LOOK_AGAIN_MS, known: true }) };
    case 'ended': {
      if (wasGreeted) return state;
      const failed = state.failed + 1;
      if (state.way === 'event-stream') return { ...state, way: 'websocket', failed: 0 };
      const most = state.known ? FAILED_AFTER_A_WEBSOCKET : FAILED_BEFORE_OTHER_WAY;
      return failed < most ? { ...state, failed } : { ...state, way: 'event-stream', failed: 0 };
    }
    case 'found':
      return { ...firstWay, known: true };
    case 'not-found':
      return { ...state, lookAfterMs: Math.min(state.lookAfterMs * 2, LOOK_AGAIN_MOST_MS) };
  }
}
