'use client';
// The last stage of a message's way: that it was painted in this tab. Each live message is reported once; no paint waits for it.
import { useEffect } from 'react';
import { prove } from './proofs.ts';

interface Awaited {
  /** When it was heard here, by the page's monotonic clock, ms. */
  readonly heardAt: number;
  /** Told once the time of the paint; answers how long it took since the commit, ms. */
  readonly report: (paintedAt: number) => number;
}

const MAX_AWAITED = 1_000;
/** Painted later than this, ms, a message was not on the screen when it came: somebody scrolled or opened it. */
const LIVE_WITHIN = 5_000;
/** A bubble slides in only for a message that came just now, ms. */
const ARRIVING_WITHIN = 500;

const awaited = new Map<string, Awaited>();

/** A live message came in. */
export function awaitPaint(id: string, report: Awaited['report']): void {
  awaited.set(id, { heardAt: performance.now(), report });
  for (const oldest of awaited.keys()) {
    if (awaited.size <= MAX_AWAITED) break;
    awaited.delete(oldest);
  }
}

function heardWithin(id: string | undefined, ms: number): boolean {
  const message = id === undefined ? undefined : awaited.get(id);
  return message !== undefined && performance.now() - message.heardAt < ms;
}

/** Did it come live and just now? */
export function isArriving(id: string | undefined): boolean {
  return heardWithin(id, ARRIVING_WITHIN);
}

/** To be used by whatever shows the message: stamps it after the frame in which it was painted, if the page is visible. */
export function useShown(id: string | undefined): void {
  useEffect(() => {
    if (id === undefined || !heardWithin(id, LIVE_WITHIN) || document.visibilityState !== 'visible') return;
    // The animation frame comes before the paint, the task after it.
    const frame = requestAnimationFrame(() => setTimeout(() => painted(id), 0));
    return () => cancelAnimationFrame(frame);
  }, [id]);
}

function painted(id: string): void {
  const message = awaited.get(id);
  if (message === undefined) return;
  awaited.delete(id);
  const at = Date.now();
  prove({ shown: { at, ms: message.report(at) } });
}
