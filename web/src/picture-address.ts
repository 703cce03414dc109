// Where the pictures of people, groups and accounts lie. One that was changed from here has a new address, so that no browser shows the old one from its cache.
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { apiBase } from './api-base.ts';

const changes = createStore<{ readonly n: number }>(() => ({ n: 0 }));

/** One of them was changed here. */
export function pictureChanged(): void {
  changes.setState(({ n }) => ({ n: n + 1 }));
}

/** Of a conversation, or of a contact of an account; without a picture the answer is empty, and no error. */
export function usePictureAddress(of: { readonly conversation: string } | Of): string {
  const n = useStore(changes, (state) => state.n);
  const path =
    'conversation' in of
      ? `/api/conversations/${encodeURIComponent(of.conversation)}`
      : `/api/accounts/${encodeURIComponent(of.account)}/contacts/${encodeURIComponent(of.address)}`;
  return `${apiBase()}${path}/picture?none=empty${n === 0 ? '' : `&n=${n}`}`;
}

interface Of {
  readonly account: string;
  readonly address: string;
}
