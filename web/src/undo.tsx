'use client';
// Says what was just done and lets it be undone for a few seconds, in place of asking before. One at a time; it does nothing by itself.
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { Failure, useAction } from './controls.tsx';

interface Done {
  readonly text: string;
  readonly undo: () => Promise<unknown>;
}

/** How long it can be undone, ms. It waits while somebody points at it or is in it by keys. */
const UNDO_FOR = 6_000;

const store = createStore<{ readonly done: Done | undefined }>(() => ({ done: undefined }));

/** To be told after it was done. */
export function offerUndo(text: string, undo: () => Promise<unknown>): void {
  store.setState({ done: { text, undo } });
}

export function Undo(): ReactNode {
  const t = useTranslations('team');
  const done = useStore(store, (state) => state.done);
  const [held, setHeld] = useState(false);
  const action = useAction();
  useEffect(() => {
    if (done === undefined || held || action.busy) return;
    const timer = setTimeout(() => store.setState({ done: undefined }), UNDO_FOR);
    return () => clearTimeout(timer);
  }, [done, held, action.busy]);
  return (
    <div
      role="status"
      data-testid="undo"
      className="pointer-events-none absolute inset-x-0 bottom-20 z-30 flex justify-center px-4 empty:hidden"
    >
      {done !== undefined && (
        <div
          onPointerEnter={() => setHeld(true)}
          onPointerLeave={() => setHeld(false)}
          onFocus={() => setHeld(true)}
          onBlur={() => setHeld(false)}
          className="pointer-events-auto flex max-w-full animate-arrive items-center gap-3 rounded-card bg-surface py-1 ps-4 pe-1 shadow-float"
        >
          <span className="min-w-0 truncate">{done.text}</span>
          <button
            type="button"
            disabled={action.busy}
            onClick={() =>
              void action.run(async () => {
                await done.undo();
                store.setState({ done: undefined });
              })
            }
            className="h-9 shrink-0 rounded-control px-3 font-semibold text-accent hover:bg-sunken pointer-coarse:h-11"
          >
            {t('undo')}
          </button>
          <Failure error={action.error} />
        </div>
      )}
    </div>
  );
}
