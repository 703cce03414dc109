'use client';
// Internal notes found by their words, for the search of the inbox: asking the server, and one note as a row that leads to its conversation. It changes nothing.
import { type Note, note, shape } from '@pulseline/protocol';
import { StickyNote } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { readConversation } from './conversation-calls.ts';
import { useDesk } from './desk.ts';
import { usePlace } from './language.tsx';
import { openConversation } from './open-conversation.ts';
import { call } from './rest.ts';
import { parts, rangesIn } from './search.tsx';
import { rowTime } from './time.ts';

/** Whoever needs more writes another word. */
const MOST = 30;

const answer = shape.object({ items: shape.list(note, 200) });

/** The newest notes that have `q`, asked `afterMs` after the last change of it; no `q`, no notes. Out of reach: none, as the messages beside them say so. */
export function useFoundNotes(q: string, account: string, afterMs: number): readonly Note[] {
  const [found, setFound] = useState<{ readonly q: string; readonly items: readonly Note[] }>();
  const conversations = useDesk(({ inbox }) => inbox.conversations);
  useEffect(() => {
    if (q === '') return;
    let current = true;
    const take = (items: readonly Note[]): void => {
      if (current) setFound({ q, items });
    };
    const timer = setTimeout(() => {
      call('GET', `/api/notes?${new URLSearchParams({ q, limit: String(MOST) })}`, answer).then(
        ({ items }) => take(items),
        () => take([]),
      );
    }, afterMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [q, afterMs]);
  const items = q !== '' && found?.q === q ? found.items : [];
  const unknown = items.map(({ conversation }) => conversation).filter((id) => !conversations.has(id));
  const missing = [...new Set(unknown)].join(' ');
  useEffect(() => {
    // A note whose conversation is gone meanwhile is left out.
    for (const id of missing === '' ? [] : missing.split(' ')) readConversation(id).catch(() => undefined);
  }, [missing]);
  return items.filter(({ conversation }) => {
    const known = conversations.get(conversation);
    return known !== undefined && (account === '' || known.account === account);
  });
}

export interface NoteRowProps {
  readonly found: Note;
  readonly q: string;
  readonly now: number;
}

export function NoteRow({ found: { conversation, body, author, at }, q, now }: NoteRowProps): ReactNode {
  const place = usePlace();
  const name = useDesk(({ inbox }) => inbox.conversations.get(conversation)?.name);
  return (
    <a
      href={`/inbox?c=${encodeURIComponent(conversation)}`}
      data-testid="note-hit"
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        openConversation(conversation);
      }}
      className="flex h-[72px] flex-col justify-center gap-0.5 border-b border-line px-4 -outline-offset-2 hover:bg-sunken"
    >
      <span className="flex items-baseline gap-2">
        <span dir="auto" className="min-w-0 flex-1 truncate font-semibold">
          {name}
        </span>
        <time dateTime={new Date(at).toISOString()} className="shrink-0 text-meta text-faint">
          {rowTime(at, now, place)}
        </time>
      </span>
      <span dir="auto" className="flex min-w-0 items-center gap-1.5 text-second text-soft">
        <StickyNote aria-hidden size={16} strokeWidth={1.75} className="shrink-0" />
        <span className="truncate">
          {author}:{' '}
          {parts(body, rangesIn(body, q)).map(({ text, at: where, found: isFound }) =>
            isFound ? (
              <mark key={where} className="bg-transparent font-semibold text-accent">
                {text}
              </mark>
            ) : (
              <span key={where}>{text}</span>
            ),
          )}
        </span>
      </span>
    </a>
  );
}
