'use client';
// Reasons in the reader's own language, with the error table loaded once there is something to tell: until then the server's own words stand.
import type { Language } from '@pulseline/protocol';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { Told } from './reasons.ts';

type Tell = (code: string, given: Told, language: Language) => Told;

const store = createStore<{ readonly tell: Tell }>(() => ({ tell: (_, { text, fix }) => ({ text, fix }) }));
let loading: Promise<void> | undefined;

async function load(): Promise<void> {
  const { tell } = await import('./reasons.ts');
  store.setState({ tell });
}

/** `needed`: there is something to tell. */
export function useTell(needed: boolean): Tell {
  useEffect(() => {
    if (!needed) return;
    loading ??= load().catch(() => {
      // The server's words stay; the next reason tries again.
      loading = undefined;
    });
  }, [needed]);
  return useStore(store, ({ tell }) => tell);
}
