'use client';
// What this tab has seen with its own eyes, for the checklist: the console line, the echo of a test, the last live message on the screen.
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

export interface Proofs {
  /** When the console said that the connection is open, ms since epoch. */
  readonly openedAt: number | undefined;
  /** Round trip of the last test message, ms. */
  readonly echoMs: number | undefined;
  /** The last live message that was painted: when, and how long after its commit. */
  readonly shown: { readonly at: number; readonly ms: number } | undefined;
  /** How the last connections ended, oldest first. */
  readonly closings: readonly Closing[];
}

export interface Closing {
  /** Ms since epoch. */
  readonly at: number;
  readonly code: number;
  /** How long the connection had been open, ms. */
  readonly ageMs: number;
  /** Events that came when the next connection stood: what was missed meanwhile. */
  readonly replayed?: number;
}

const MAX_CLOSINGS = 50;

const store = createStore<Proofs>(() => ({ openedAt: undefined, echoMs: undefined, shown: undefined, closings: [] }));

export function useProofs(): Proofs {
  return useStore(store);
}

export function proofs(): Proofs {
  return store.getState();
}

/** A connection that was open has ended. */
export function proveClosing(closing: Closing): void {
  store.setState(({ closings }) => ({ closings: [...closings, closing].slice(-MAX_CLOSINGS) }));
}

/** The connection after it stands, and so many events are on their way. */
export function proveReturn(replayed: number): void {
  store.setState(({ closings }) => {
    const last = closings.at(-1);
    if (last === undefined || last.replayed !== undefined) return {};
    return { closings: [...closings.slice(0, -1), { ...last, replayed }] };
  });
}

export function prove(proof: Partial<Proofs>): void {
  store.setState(proof);
}
