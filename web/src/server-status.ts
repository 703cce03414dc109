'use client';
// What /status says, asked again while somebody looks; it is for showing, no decision rests on it.
import { shape } from '@pulseline/protocol';
import { useEffect, useState } from 'react';
import { call } from './rest.ts';

const { integer, object, string } = shape;

const status = object({
  product: string(64),
  version: string(64),
  instanceId: string(200),
  startedAt: integer(),
  uptimeMs: integer(),
});

export type Answer =
  | { readonly state: 'asking' }
  | { readonly state: 'good'; readonly ms: number; readonly status: shape.Of<typeof status> }
  | { readonly state: 'bad'; readonly error: unknown };

/** Asks at once, every `interval` ms while the page is visible, and whenever `again` changes. */
export function useServerStatus(interval: number, again: unknown): Answer {
  const [answer, setAnswer] = useState<Answer>({ state: 'asking' });
  useEffect(() => {
    let current = true;
    const ask = async (): Promise<void> => {
      const begun = performance.now();
      try {
        const value = await call('GET', '/status', status);
        if (current) setAnswer({ state: 'good', ms: performance.now() - begun, status: value });
      } catch (error) {
        if (current) setAnswer({ state: 'bad', error });
      }
    };
    void ask();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void ask();
    }, interval);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [interval, again]);
  return answer;
}
