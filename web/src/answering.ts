'use client';
// What the composer of each conversation is about: nothing, an answer to a message, or an edit of one. It sends nothing.
import type { Message } from '@pulseline/protocol';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { onMerge } from './desk.ts';

export interface Answering {
  readonly how: 'reply' | 'edit';
  readonly message: Message;
}

/** Conversations with something begun; the oldest is given up. */
const MAX_BEGUN = 50;

const store = createStore<{ readonly begun: ReadonlyMap<string, Answering> }>(() => ({ begun: new Map() }));

export function useAnswering(conversation: string): Answering | undefined {
  return useStore(store, ({ begun }) => begun.get(conversation));
}

export function beginAnswer(how: Answering['how'], message: Message): void {
  store.setState(({ begun }) => {
    const next = new Map(begun);
    next.delete(message.conversation);
    next.set(message.conversation, { how, message });
    const [oldest] = next.keys();
    if (next.size > MAX_BEGUN && oldest !== undefined) next.delete(oldest);
    return { begun: next };
  });
}

/** The conversation has become part of another one. */
function moveAnswer(from: string, into: string): void {
  const { begun } = store.getState();
  const answering = begun.get(from);
  if (answering === undefined) return;
  endAnswer(from);
  if (!begun.has(into)) beginAnswer(answering.how, { ...answering.message, conversation: into });
}

export function endAnswer(conversation: string): void {
  store.setState(({ begun }) => {
    if (!begun.has(conversation)) return { begun };
    const next = new Map(begun);
    next.delete(conversation);
    return { begun: next };
  });
}

onMerge(moveAnswer);
