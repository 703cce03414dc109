'use client';
// The present moment for what is counted on the screen (countdowns, "3 minutes ago"); nothing else in the pages reads the clock while rendering.
import { useEffect, useState } from 'react';

/** Now, ms since epoch, renewed every `interval` ms while the page is visible. */
export function useNow(interval: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const renew = (): void => {
      if (document.visibilityState === 'visible') setNow(Date.now());
    };
    const timer = setInterval(renew, interval);
    document.addEventListener('visibilitychange', renew);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', renew);
    };
  }, [interval]);
  return now;
}
