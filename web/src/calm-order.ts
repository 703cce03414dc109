'use client';
// Keeps the order of a list still while a hand is on it, so that no row moves away under the pointer or the keys; for a few seconds at most.
import { useCallback, useEffect, useRef, useState } from 'react';

/** After the last movement the hand is taken to be away, ms. */
const HELD_FOR = 5_000;

interface Row {
  readonly id: string;
}

export interface CalmOrder<T> {
  readonly items: readonly T[];
  /** So many rows are new or would stand elsewhere. */
  readonly waiting: number;
  /** To be called with each movement over the list, and each key in it. */
  readonly hold: () => void;
  readonly release: () => void;
}

/** `key` names what is listed: another list has no order to keep. */
export function useCalmOrder<T extends Row>(items: readonly T[], key: string): CalmOrder<T> {
  const [held, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const order = useRef<{ readonly key: string; readonly ids: readonly string[] }>({ key, ids: [] });
  const release = useCallback(() => {
    clearTimeout(timer.current);
    setHeld(false);
  }, []);
  const hold = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setHeld(false), HELD_FOR);
    setHeld(true);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  if (!held || order.current.key !== key) order.current = { key, ids: items.map(({ id }) => id) };
  return { ...inOrder(items, order.current.ids), hold, release };
}

/** Those of `ids` in that order, with what is known of them now. */
export function inOrder<T extends Row>(
  items: readonly T[],
  ids: readonly string[],
): { readonly items: readonly T[]; readonly waiting: number } {
  const now = new Map(items.map((item) => [item.id, item]));
  const kept = ids.flatMap((id) => now.get(id) ?? []);
  const places = new Map(kept.map(({ id }, place) => [id, place]));
  // Newer than where it is kept, or not there at all.
  const waiting = items.filter(({ id }, place) => place < (places.get(id) ?? Number.POSITIVE_INFINITY)).length;
  return { items: kept, waiting };
}
