'use client';
// What was begun and not sent, per conversation: for the composer and the list. It survives the page; it is not shared with other browsers.
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { onMerge } from './desk.ts';
import { keepDraft, keptDrafts, shelf } from './kept.ts';

/** Typing is written down when it pauses this long, ms. */
const KEEP_AFTER = 300;

const store = createStore<{ readonly drafts: ReadonlyMap<string, string> }>(() => ({
  drafts: keptDrafts(shelf()),
}));
const waiting = new Map<string, ReturnType<typeof setTimeout>>();

export function useDraft(conversation: string): string {
  return useStore(store, ({ drafts }) => drafts.get(conversation) ?? '');
}

export function draftOf(conversation: string): string {
  return store.getState().drafts.get(conversation) ?? '';
}

/** The conversation has become part of another one: what was begun in both stands there, one after the other. */
function moveDraft(from: string, into: string): void {
  const text = draftOf(from);
  if (text === '') return;
  const there = draftOf(into);
  writeDraft(into, there === '' || there === text ? text : `${there}\n${text}`);
  writeDraft(from, '');
}

/** An empty text ends the draft at once: what was sent must not come back. */
export function writeDraft(conversation: string, text: string): void {
  store.setState(({ drafts }) => {
    const next = new Map(drafts);
    if (text === '') next.delete(conversation);
    else next.set(conversation, text);
    return { drafts: next };
  });
  clearTimeout(waiting.get(conversation));
  waiting.delete(conversation);
  if (text === '') return keep(conversation);
  waiting.set(
    conversation,
    setTimeout(() => keep(conversation), KEEP_AFTER),
  );
}

function keep(conversation: string): void {
  waiting.delete(conversation);
  keepDraft(shelf(), conversation, draftOf(conversation), Date.now());
}

/** Once, when the page lives. */
export function loadDrafts(): void {
  store.setState({ drafts: keptDrafts(shelf()) });
  // A page that is closed or reloaded within the pause.
  window.addEventListener('pagehide', () => {
    for (const conversation of waiting.keys()) keep(conversation);
  });
}

onMerge(moveDraft);
