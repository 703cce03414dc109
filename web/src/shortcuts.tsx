'use client';
// The keys of all pages: the palette, the sheet of keys, the next conversation, the panel beside it. A key that is typed into a field or an input method is never taken.

import { conversationList } from '@pulseline/client';
import { useRouter } from 'next/navigation';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { useDesk } from './desk.ts';
import { toggleDetails } from './details-state.ts';
import { isOpen } from './open-work.ts';
import { preferences } from './preferences.ts';

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));
const KeySheet = lazy(async () => ({ default: (await import('./key-sheet.tsx')).KeySheet }));

export type Sheet = 'palette' | 'keys';

export function Shortcuts(): ReactNode {
  const [open, setOpen] = useState<Sheet>();
  const router = useRouter();
  const inbox = useDesk((desk) => desk.inbox);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const meaning = meaningOf(event);
      if (meaning === undefined) return;
      event.preventDefault();
      if (meaning === 'palette' || meaning === 'keys') return setOpen(meaning);
      if (meaning === 'details') return toggleDetails();
      const ids = conversationList(inbox)
        .filter((one) => isOpen(one, Date.now()))
        .map(({ id }) => id);
      const at = ids.indexOf(new URLSearchParams(window.location.search).get('c') ?? '');
      const next = ids[at < 0 ? 0 : at + (meaning === 'next' ? 1 : -1)];
      if (next !== undefined) router.push(`/inbox?c=${encodeURIComponent(next)}`);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [inbox, router]);
  // A dialog tells that it was closed a moment later: by then a quick hand may have opened the other.
  const close = (sheet: Sheet) => (): void => setOpen((now) => (now === sheet ? undefined : now));
  return (
    <Suspense>
      {open === 'palette' && <Palette onClose={close('palette')} onKeys={() => setOpen('keys')} />}
      {open === 'keys' && <KeySheet onClose={close('keys')} />}
    </Suspense>
  );
}

function meaningOf(event: KeyboardEvent): Sheet | 'details' | 'next' | 'previous' | undefined {
  const { key, code, ctrlKey, metaKey, altKey, isComposing, keyCode, target } = event;
  // 229: the input method has it.
  if (isComposing || keyCode === 229 || document.querySelector('dialog[open]') !== null) return undefined;
  if ((ctrlKey || metaKey) && !altKey) return code === 'KeyK' ? 'palette' : code === 'Slash' ? 'keys' : undefined;
  const inChat = window.location.pathname.startsWith('/inbox') && window.location.search.includes('c=');
  if (altKey && code === 'KeyI') return inChat ? 'details' : undefined;
  if (altKey) return code === 'ArrowDown' ? 'next' : code === 'ArrowUp' ? 'previous' : undefined;
  const typing = target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
  if (typing || !preferences().keys) return undefined;
  if (key === '?') return 'keys';
  if (!window.location.pathname.startsWith('/inbox')) return undefined;
  if (code === 'BracketRight') return inChat ? 'details' : undefined;
  return code === 'KeyJ' ? 'next' : code === 'KeyK' ? 'previous' : undefined;
}
