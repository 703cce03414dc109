'use client';
// The last stage of a message's way: that it was painted in this tab. Each live message is reported once; no paint waits for it.
import { useEffect } from 'react';
import { prove } from './proofs.ts';

/** Live messages that were heard and not yet painted; what nobody ever opens is let go. */
const MAX_AWAITED = 1_000;
const awaited = new Map<string, (paintedAt: number) => number>();

/** A live message came in. `report` is called once with the time of its paint and answers how long it took since its commit, ms. */
export function awaitPaint(id: string, report: (paintedAt: number) => number): void {
  awaited.set(id, report);
  for (const oldest of awaited.keys()) {
    if (awaited.size <= MAX_AWAITED) break;
    awaited.delete(oldest);
  }
}

/** Did it come live, and is it not painted yet? */
export function isArriving(id: string | undefined): boolean {
  return id !== undefined && awaited.has(id);
}

/** To be used by whatever shows the message: stamps it after the frame in which it was painted, if the page is visible. */
export function useShown(id: string | undefined): void {
  useEffect(() => {
    if (id === undefined || !awaited.has(id) || document.visibilityState !== 'visible') return;
    // The animation frame comes before the paint, the task after it.
    const frame = requestAnimationFrame(() => setTimeout(() => painted(id), 0));
    return () => cancelAnimationFrame(frame);
  }, [id]);
}

function painted(id: string): void {
  const report = awaited.get(id);
  if (report === undefined) return;
  awaited.delete(id);
  const at = Date.now();
  prove({ shown: { at, ms: report(at) } });
}
