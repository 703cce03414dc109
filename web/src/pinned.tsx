'use client';
// The pinned messages of the open conversation, one at a time below its header; a press leads to it, and the next press to the next one. It pins nothing.
import type { Message } from '@pulseline/protocol';
import { Pin } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useDesk } from './desk.ts';
import { openConversation } from './open-conversation.ts';
import { readShared } from './panel/calls.ts';
import { PanelWords } from './panel/panel-words.tsx';
import { useNow } from './ticking.ts';

/** Who only passes by asks nothing, ms. */
const ASK_AFTER = 600;

export function Pinned(props: { readonly conversation: string }): ReactNode {
  return (
    <PanelWords>
      <Strip {...props} />
    </PanelWords>
  );
}

function Strip({ conversation }: { readonly conversation: string }): ReactNode {
  const t = useTranslations('pins');
  const kinds = useTranslations('kind');
  const pins = usePins(conversation);
  const [at, setAt] = useState(0);
  const shown = pins[at % Math.max(1, pins.length)];
  if (shown === undefined) return null;
  const { id, kind, body } = shown;
  const words = kind === 'text' ? body.replaceAll(/\s+/g, ' ') : `[${kinds(kind)}] ${body}`.trim();
  return (
    <button
      type="button"
      data-testid="pinned"
      aria-label={`${t('label')}: ${words}`}
      title={pins.length > 1 ? t('next', { n: String(pins.length) }) : t('label')}
      onClick={() => {
        openConversation(conversation, id);
        setAt((now) => (now + 1) % pins.length);
      }}
      className="flex h-9 shrink-0 items-center gap-2 border-b border-line bg-surface px-3 text-start text-second -outline-offset-2 hover:bg-sunken pointer-coarse:h-11 md:px-4"
    >
      <Pin aria-hidden size={16} strokeWidth={1.75} className="shrink-0 text-accent" />
      <span dir="auto" className="min-w-0 flex-1 truncate">
        {words}
      </span>
      {pins.length > 1 && (
        <span className="shrink-0 text-meta text-soft">
          {(at % pins.length) + 1} / {pins.length}
        </span>
      )}
    </button>
  );
}

const nothing: readonly Message[] = [];

/** Those that the server found when it was opened, as they are now, and those that were pinned since; the newest first. */
function usePins(conversation: string): readonly Message[] {
  const [found, setFound] = useState(nothing);
  const messages = useDesk(({ inbox }) => inbox.windows.get(conversation)?.messages) ?? nothing;
  const now = useNow(60_000);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(
      () =>
        readShared(conversation, 'pinned').then(
          ({ items }) => current && setFound(items),
          () => undefined,
        ),
      ASK_AFTER,
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [conversation]);
  return useMemo(() => pinsOf(found, messages, now), [found, messages, now]);
}

/** Where both know a message, the loaded one has heard more. */
export function pinsOf(found: readonly Message[], loaded: readonly Message[], now: number): readonly Message[] {
  const wanted = new Set(found.map(({ id }) => id));
  const all = new Map(found.map((message) => [message.id, message]));
  for (const message of loaded) {
    if (wanted.has(message.id) || message.pinnedUntil !== undefined) all.set(message.id, message);
  }
  return [...all.values()]
    .filter(({ pinnedUntil = 0, deleted }) => pinnedUntil > now && deleted !== true)
    .sort((a, b) => b.timestamp - a.timestamp);
}
