'use client';
// Where the canary is painted: in the document like everything else, for no eye and no reader.
import { type ReactNode, useEffect } from 'react';
import { mountCanary, useCanary } from './canary.ts';

export function CanaryOutput(): ReactNode {
  const { body, painted } = useCanary();
  useEffect(mountCanary, []);
  useEffect(() => {
    if (body === '') return;
    // Painted is what the second frame finds done; the task after it comes after that paint.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => setTimeout(painted, 0));
    });
    return () => cancelAnimationFrame(frame);
  }, [body, painted]);
  return (
    <span aria-hidden data-testid="canary" className="sr-only">
      {body}
    </span>
  );
}
