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
}

const store = createStore<Proofs>(() => ({ openedAt: undefined, echoMs: undefined, shown: undefined }));

export function useProofs(): Proofs {
  return useStore(store);
}

export function prove(proof: Partial<Proofs>): void {
  store.setState(proof);
}
