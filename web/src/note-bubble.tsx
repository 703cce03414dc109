'use client';
// A note between the messages: across the log, in its own colour and with its own words, so that nobody takes it for something that was sent.
import type { Note } from '@pulseline/protocol';
import { StickyNote } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { usePlace } from './language.tsx';
import { clockTime, fullTime } from './time.ts';

export const NoteBubble = memo(function NoteBubble({ note }: { readonly note: Note }): ReactNode {
  const t = useTranslations('team');
  const place = usePlace();
  const { id, body, author, at } = note;
  return (
    <div data-testid="note" data-note={id} className="flex justify-center px-4 pt-3">
      <div className="w-full max-w-xl rounded-card bg-note px-3 py-2 text-on-note">
        <p className="flex items-center gap-1.5 text-meta font-semibold">
          <StickyNote aria-hidden size={14} strokeWidth={1.75} className="shrink-0" />
          <span dir="auto" className="min-w-0 flex-1 truncate">
            {t('noteBy', { name: author })}
          </span>
          <time dateTime={new Date(at).toISOString()} title={fullTime(at, place)}>
            {clockTime(at, place)}
          </time>
        </p>
        <p dir="auto" className="break-words whitespace-pre-wrap">
          {body}
        </p>
      </div>
    </div>
  );
});
