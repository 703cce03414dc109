// Which way the next connection takes, step by step.
import { describe, expect, it } from 'vitest';
import {
  FAILED_AFTER_A_WEBSOCKET,
  FAILED_BEFORE_OTHER_WAY,
  firstWay,
  LOOK_AGAIN_MOST_MS,
  LOOK_AGAIN_MS,
  stepWay,
} from './way.ts';

describe('the way to the server', () => {
  it('is the event stream once after three attempts that were never greeted, then a WebSocket again', () => {
    let state = firstWay;
    for (let n = 1; n < FAILED_BEFORE_OTHER_WAY; n++) state = stepWay(state, 'ended', false);
    expect(state.way).toBe('websocket');
    state = stepWay(state, 'ended', false);
    expect(state.way).toBe('event-stream');
    expect(stepWay(state, 'ended', false)).toEqual(firstWay);
  });

  it('stays what it is for who was greeted on it', () => {
    const once = stepWay(firstWay, 'ended', false);
    expect(stepWay(stepWay(once, 'greeted', true), 'ended', true)).toEqual({ ...firstWay, known: true });
    const stream = stepWay({ ...firstWay, way: 'event-stream' }, 'greeted', true);
    expect(stepWay(stream, 'ended', true).way).toBe('event-stream');
  });

  it('is not left so soon by who had a WebSocket here before: a server that starts anew is no proxy', () => {
    let state = stepWay(firstWay, 'greeted', true);
    for (let n = 1; n < FAILED_AFTER_A_WEBSOCKET; n++) state = stepWay(state, 'ended', false);
    expect(state.way).toBe('websocket');
    expect(stepWay(state, 'ended', false).way).toBe('event-stream');
  });

  it('is a WebSocket again as soon as one is found, and the search for it gets rarer', () => {
    const stream = { ...firstWay, way: 'event-stream' } as const;
    const later = stepWay(stream, 'not-found', true);
    expect(later.lookAfterMs).toBe(2 * LOOK_AGAIN_MS);
    expect(stepWay({ ...stream, lookAfterMs: LOOK_AGAIN_MOST_MS }, 'not-found', true).lookAfterMs).toBe(
      LOOK_AGAIN_MOST_MS,
    );
    expect(stepWay(later, 'found', true)).toEqual({ ...firstWay, known: true });
  });
});
