'use client';
// Which picture or video is shown large; nothing is drawn here.
import type { Message } from '@pulseline/protocol';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

const store = createStore<{ readonly shown: Message | undefined }>(() => ({ shown: undefined }));

export function showLarge(shown: Message | undefined): void {
  store.setState({ shown });
}

export function useLarge(): Message | undefined {
  return useStore(store, (state) => state.shown);
}
