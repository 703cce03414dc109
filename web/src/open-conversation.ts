// The address of the open conversation. It changes without a page load, so that the back button of a phone closes the conversation.
import { detailsOf } from './details-state.ts';

/** Opens a conversation, at a message if one is named; with `undefined` goes back to the list. */
export function openConversation(id: string | undefined, message?: string): void {
  window.history.pushState(null, '', address(id, message));
}

/** The message that was to be shown is on show: from now on the conversation alone is the address. */
export function messageShown(id: string): void {
  window.history.replaceState(null, '', address(id));
}

/** The open conversation has become part of another one. */
export function conversationMoved(to: string): void {
  const url = new URL(window.location.href);
  url.searchParams.set('c', to);
  window.history.replaceState(null, '', url);
}

function address(id: string | undefined, message?: string): string {
  if (id === undefined) return '/inbox';
  const same = new URLSearchParams(window.location.search).get('c') === id;
  return `/inbox?${new URLSearchParams({ c: id, ...(message !== undefined && { m: message }), ...detailsOf(same) })}`;
}
