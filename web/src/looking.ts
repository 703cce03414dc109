'use client';
// Which conversation somebody at this browser looks at right now, for all of its tabs: a shared lock with the conversation's name, which the browser frees even if the tab crashes.
import { useEffect } from 'react';

const NAME = 'pulseline.looking.';

/** Holds while the tab is visible and has the focus. */
export function useLooking(conversation: string): void {
  useEffect(() => {
    let letGo: (() => void) | undefined;
    const look = (): void => {
      const looks = document.visibilityState === 'visible' && document.hasFocus();
      if (looks === (letGo !== undefined)) return;
      if (!looks) {
        letGo?.();
        letGo = undefined;
        return;
      }
      const gone = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      // Old browsers have no locks: there every tab rings for itself.
      void navigator.locks?.request(NAME + conversation, { mode: 'shared' }, () => gone);
    };
    look();
    const events = ['focus', 'blur', 'visibilitychange'] as const;
    for (const event of events) window.addEventListener(event, look, { capture: true });
    return () => {
      for (const event of events) window.removeEventListener(event, look, { capture: true });
      letGo?.();
    };
  }, [conversation]);
}

export async function isLookedAt(conversation: string): Promise<boolean> {
  const locks = await navigator.locks?.query();
  return locks?.held?.some(({ name }) => name === NAME + conversation) ?? false;
}
