'use client';
// How far the files are that are on their way between the server and WhatsApp, as it tells; it breaks one off when asked to.
import type { EphemeralData } from '@pulseline/protocol';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { live } from './live.ts';
import { tellServer } from './rest.ts';

export type Transfer = EphemeralData['media_progress'];

/** So many are remembered; whatever is not told of for long is forgotten first. */
const MOST = 200;

const store = createStore<{ readonly transfers: ReadonlyMap<string, Transfer> }>(() => ({ transfers: new Map() }));
let heard = false;

/** Listens from the first file that is drawn on. */
function hear(): void {
  if (heard) return;
  heard = true;
  live().on('media_progress', ({ data }) => {
    store.setState(({ transfers }) => {
      const next = new Map(transfers);
      next.delete(data.media);
      if (data.total === 0 || data.done < data.total) next.set(data.media, data);
      for (const oldest of next.keys())
        if (next.size > MOST) next.delete(oldest);
        else break;
      return { transfers: next };
    });
  });
}

/** Undefined while nothing is told of it. */
export function useTransfer(media: string): Transfer | undefined {
  useEffect(hear, []);
  return useStore(store, ({ transfers }) => transfers.get(media));
}

/** A download is then to be had on demand; a message that was not sent yet becomes an error that can be retried. */
export async function breakOff(media: string): Promise<void> {
  await tellServer('POST', `/api/media/${encodeURIComponent(media)}/cancel`);
}
