// The address of the open conversation. It changes without a page load, so that the back button of a phone closes the conversation.

/** Opens a conversation, or with `undefined` goes back to the list. */
export function openConversation(id: string | undefined): void {
  window.history.pushState(null, '', id === undefined ? '/inbox' : `/inbox?c=${encodeURIComponent(id)}`);
}
