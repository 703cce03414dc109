'use client';
// Calls the reader: the dot on the tab's icon and the number on the app's, a sound, a notification. Of all tabs of a browser one alone rings. What may ring is attention-rules.ts's decision.
import type { Message } from '@pulseline/protocol';
import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { mayRing } from './attention-rules.ts';
import { useDesk } from './desk.ts';
import { Words } from './language.tsx';
import { live } from './live.ts';
import { isLookedAt } from './looking.ts';
import { preferences } from './preferences.ts';
import { kindsWords as kindsEn } from './words/kinds.en.ts';
import { kindsWords } from './words/kinds.ts';

const words = { zh: kindsWords, en: kindsEn } as const;

/** Characters of a message in a notification. */
const MOST = 160;

export function Attention({ unread }: { readonly unread: number }): ReactNode {
  useEffect(() => mark(unread), [unread]);
  return (
    <Words of={words}>
      <Bell />
    </Words>
  );
}

function Bell(): null {
  useRinging();
  return null;
}

function useRinging(): void {
  const kinds = useTranslations('kind');
  const router = useRouter();
  const conversations = useDesk(({ inbox }) => inbox.conversations);
  const now = useRef({ kinds, conversations, router });
  useEffect(() => {
    now.current = { kinds, conversations, router };
  });
  useEffect(() => {
    const leader = lead();
    let rangAt = 0;
    const stop = live().onEvent((frame) => {
      if (frame.type !== 'new_message' || !leader.leads()) return;
      const { data: message, timestamp: committedAt } = frame;
      void isLookedAt(message.conversation).then((looking) => {
        const { quietFrom, quietTo, sound, notify } = preferences();
        const date = new Date();
        const conversation = now.current.conversations.get(message.conversation);
        const hearing = { message, conversation, committedAt, looking, quietFrom, quietTo, rangAt };
        const minute = date.getHours() * 60 + date.getMinutes();
        if (!mayRing({ ...hearing, minute, now: date.getTime() + (live().snapshot().clockOffset ?? 0) })) return;
        rangAt = date.getTime();
        if (sound) chime();
        if (!notify) return;
        const words = message.kind === 'text' ? message.body : `[${now.current.kinds(message.kind)}] ${message.body}`;
        show(conversation?.name ?? message.authorName ?? '', words, message, (id) =>
          now.current.router.push(`/inbox?c=${encodeURIComponent(id)}`),
        );
      });
    });
    return () => {
      stop();
      leader.resign();
    };
  }, []);
}

/** One tab of a browser leads; when it closes, the next one does. Without locks each visible tab does. */
function lead(): { readonly leads: () => boolean; readonly resign: () => void } {
  let leads = false;
  let resign: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    resign = resolve;
  });
  if (navigator.locks === undefined) return { leads: () => document.visibilityState === 'visible', resign };
  void navigator.locks.request('pulseline.attention', () => {
    leads = true;
    return over;
  });
  return { leads: () => leads, resign };
}

function show(title: string, words: string, message: Message, open: (conversation: string) => void): void {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  // One per conversation: the newer message takes the place of the older.
  const shown = new Notification(title, {
    body: words.slice(0, MOST),
    tag: message.conversation,
    icon: icon(true),
    silent: true,
  });
  shown.onclick = () => {
    window.focus();
    open(message.conversation);
    shown.close();
  };
}

let audio: AudioContext | undefined;

/** Two soft tones, made here: nothing is loaded. Before the first click of a page browsers allow none. */
function chime(): void {
  try {
    audio ??= new AudioContext();
    if (audio.state === 'suspended') void audio.resume().catch(() => undefined);
    const volume = audio.createGain();
    volume.connect(audio.destination);
    const begin = audio.currentTime;
    volume.gain.setValueAtTime(0.0001, begin);
    volume.gain.exponentialRampToValueAtTime(0.08, begin + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.4);
    for (const [hertz, after] of [
      [660, 0],
      [880, 0.12],
    ] as const) {
      const tone = audio.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(volume);
      tone.start(begin + after);
      tone.stop(begin + 0.42);
    }
  } catch {
    // No sound device.
  }
}

function mark(unread: number): void {
  const shown = icon(unread > 0);
  // An icon that is set again is loaded again.
  for (const link of document.querySelectorAll('link[rel~=icon]'))
    if (link.getAttribute('href') !== shown) link.setAttribute('href', shown);
  if (!('setAppBadge' in navigator)) return;
  // Only installed apps have a badge.
  void (unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge()).catch(() => undefined);
}

/** The mark, with or without a dot. */
function icon(dot: boolean): string {
  const spot = dot ? '<circle cx="18.5" cy="5.5" r="5.5" fill="#B3261E" stroke="none"/>' : '';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#0B7A5E" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"><path d="M6.5 12h2.2l1.8-4 3 8 1.8-4H21A9 9 0 1 0 4 16.1L2.5 21.5 7.9 20"/>${spot}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
