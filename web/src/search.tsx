'use client';
// Messages found by their words: asking the server, and one found message as a row that leads to it. It changes nothing.
import { type SearchHit, type SearchPage, searchPage } from '@pulseline/protocol';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { usePlace } from './language.tsx';
import { openConversation } from './open-conversation.ts';
import { call } from './rest.ts';
import { rowTime } from './time.ts';

/** Hits in a page, and in all: whoever needs more writes another word. */
const PAGE = 30;
const MOST = 300;
/** Shown before the first place in a message, in UTF-16 units, and in all. */
const BEFORE = 12;
const SNIPPET = 120;

export interface Search {
  readonly q: string;
  /** An account, or '' for all. */
  readonly account: string;
  /** Within one conversation. */
  readonly conversation?: string;
}

/** Messages with every word of `q`, the newest first, and people whose names or numbers have it. Errors: those of the way. */
async function searchMessages({ q, account, conversation }: Search, cursor?: string): Promise<SearchPage> {
  const query = new URLSearchParams({
    q,
    limit: String(PAGE),
    ...(account !== '' && { account }),
    ...(conversation !== undefined && { conversation }),
    ...(cursor !== undefined && { cursor }),
  });
  return call('GET', `/api/search?${query}`, searchPage);
}

export interface Hits {
  readonly items: readonly SearchHit[];
  /** Is there an answer to what is asked now? */
  readonly answered: boolean;
  readonly indexing: boolean;
  readonly error: unknown;
  /** Reads the next page, if there is one. */
  more(): void;
}

type Found = Pick<SearchPage, 'items' | 'next' | 'indexing'>;
const nothing: Found = { items: [], next: null, indexing: false };

/** The hits of a search, asked `afterMs` after the last change of it; no `q`, no hits. */
export function useHits({ q, account }: Search, afterMs: number): Hits {
  const key = `${account} ${q}`;
  const [answer, setAnswer] = useState<{ key: string; found: Found; error: unknown }>();
  const reading = useRef(false);
  const current = useRef(key);
  current.current = key;
  const take = useCallback((of: string, found: Found, error?: unknown) => {
    if (current.current === of) setAnswer({ key: of, found, error });
  }, []);
  useEffect(() => {
    if (q === '') return;
    const timer = setTimeout(() => {
      searchMessages({ q, account }).then(
        (found) => take(key, found),
        (error: unknown) => take(key, nothing, error),
      );
    }, afterMs);
    return () => clearTimeout(timer);
  }, [account, afterMs, key, q, take]);
  const isAnswered = q !== '' && answer?.key === key;
  const found = isAnswered ? answer.found : nothing;
  return {
    items: found.items,
    answered: isAnswered,
    indexing: found.indexing,
    error: isAnswered ? answer.error : undefined,
    more: () => {
      if (found.next === null || reading.current || found.items.length >= MOST) return;
      reading.current = true;
      searchMessages({ q, account }, found.next)
        .then((page) => take(key, { ...page, items: [...found.items, ...page.items] }))
        .catch((error: unknown) => take(key, { ...found, next: null }, error))
        .finally(() => {
          reading.current = false;
        });
    },
  };
}

export function HitRow({ hit, now }: { readonly hit: SearchHit; readonly now: number }): ReactNode {
  const t = useTranslations('inbox');
  const place = usePlace();
  const { message, conversation, ranges } = hit;
  return (
    <a
      href={`/inbox?c=${encodeURIComponent(conversation.id)}&m=${encodeURIComponent(message.id)}`}
      data-testid="search-hit"
      data-message={message.id}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        openConversation(conversation.id, message.id);
      }}
      className="flex h-[72px] flex-col justify-center gap-0.5 border-b border-line px-4 -outline-offset-2 hover:bg-sunken"
    >
      <span className="flex items-baseline gap-2">
        <span dir="auto" className="min-w-0 flex-1 truncate font-semibold">
          {conversation.name}
        </span>
        <time dateTime={new Date(message.timestamp).toISOString()} className="shrink-0 text-meta text-faint">
          {rowTime(message.timestamp, now, place)}
        </time>
      </span>
      <span dir="auto" className="truncate text-second text-soft">
        {message.fromMe && t('you')}
        {conversation.kind === 'group' && !message.fromMe && message.authorName && `${message.authorName}: `}
        {parts(message.body, ranges).map(({ text, at, found }) =>
          found ? (
            <mark key={at} className="bg-transparent font-semibold text-accent">
              {text}
            </mark>
          ) : (
            <span key={at}>{text}</span>
          ),
        )}
      </span>
    </a>
  );
}

/** Where a text is in another, in any letter case. */
export function rangesIn(body: string, q: string): SearchHit['ranges'] {
  const [here, wanted] = [body.toLocaleLowerCase(), q.toLocaleLowerCase()];
  // Some letters grow when their case changes: then no place would be right.
  const at = here.length === body.length && wanted !== '' ? here.indexOf(wanted) : -1;
  return at < 0 ? [] : [[at, at + wanted.length]];
}

interface Part {
  readonly text: string;
  readonly at: number;
  readonly found: boolean;
}

/** The text from a little before its first place on, cut at the places. */
export function parts(body: string, ranges: SearchHit['ranges']): readonly Part[] {
  const first = ranges[0]?.[0] ?? 0;
  const start = first <= BEFORE + 3 ? 0 : first - BEFORE;
  const end = start + SNIPPET;
  const all: Part[] = start > 0 ? [{ text: '…', at: -1, found: false }] : [];
  let at = start;
  for (const [from = 0, to = 0] of ranges) {
    if (from >= end) break;
    if (from > at) all.push({ text: body.slice(at, from), at, found: false });
    all.push({ text: body.slice(from, Math.min(to, end)), at: from, found: true });
    at = to;
  }
  if (at < end && at < body.length) all.push({ text: body.slice(at, end), at, found: false });
  return all;
}
