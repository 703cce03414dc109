'use client';
// Is the panel beside the open conversation open? The address says so (`&d=1`), so that the back button of a phone closes it.
import { useSyncExternalStore } from 'react';

const NAME = 'd';
/** Below this the panel takes the whole screen; from the other on it stands beside the messages. */
const PHONE = '(max-width: 767px)';
const WIDE = '(min-width: 1280px)';

/** Was it opened as a step of its own, which closing takes back? */
let stepped = false;

export function isOpenIn(search: URLSearchParams): boolean {
  return search.has(NAME);
}

export function showDetails(open: boolean): void {
  const url = new URL(window.location.href);
  if (open === url.searchParams.has(NAME)) return;
  if (!open && stepped) {
    stepped = false;
    window.history.back();
    return;
  }
  if (open) url.searchParams.set(NAME, '1');
  else url.searchParams.delete(NAME);
  stepped = open && window.matchMedia(PHONE).matches;
  if (stepped) window.history.pushState(null, '', url);
  else window.history.replaceState(null, '', url);
}

export function toggleDetails(): void {
  showDetails(!new URLSearchParams(window.location.search).has(NAME));
}

/** What another conversation's address takes over: where there is room the panel stays. */
export function detailsOf(sameConversation: boolean): Readonly<Record<string, string>> {
  const open = new URLSearchParams(window.location.search).has(NAME);
  return open && (sameConversation || window.matchMedia(WIDE).matches) ? { [NAME]: '1' } : {};
}

function watchPhone(told: () => void): () => void {
  const query = window.matchMedia(PHONE);
  query.addEventListener('change', told);
  return () => query.removeEventListener('change', told);
}

export function useIsPhone(): boolean {
  return useSyncExternalStore(
    watchPhone,
    () => window.matchMedia(PHONE).matches,
    () => false,
  );
}
