'use client';
// The list of conversations: newest first, searched and filtered, virtual. It opens conversations and changes none.
import { conversationList } from '@pulseline/client';
import {
  type Account,
  type Conversation,
  type Note,
  type SearchHit,
  type WorkState,
  workStateAt,
} from '@pulseline/protocol';
import clsx from 'clsx';
import { MessageCirclePlus, Search } from 'lucide-react';
import Link from 'next/link';
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { VList, type VListHandle } from 'virtua';
import { useCalmOrder } from './calm-order.ts';
import { Button, Empty, Failure, IconButton, inputLook, useAction } from './controls.tsx';
import { findConversations } from './conversation-calls.ts';
import { ConversationRow } from './conversation-row.tsx';
import { readOlderConversations, useDesk } from './desk.ts';
import { NoteRow, useFoundNotes } from './found-notes.tsx';
import { isOpen } from './open-work.ts';
import { usePreferences } from './preferences.ts';
import { HitRow, useHits } from './search.tsx';
import { PageHeader } from './shell.tsx';
import { useNow } from './ticking.ts';

const FirstMessage = lazy(async () => ({ default: (await import('./first-message.tsx')).FirstMessage }));
const StartConversation = lazy(async () => ({
  default: (await import('./start-conversation.tsx')).StartConversation,
}));

/** How long typing must pause before the server is asked, ms. */
const SEARCH_AFTER = 200;
/** The next page is asked for this far before the end, px. */
const AHEAD = 800;

interface Query {
  readonly q: string;
  readonly account: string;
  readonly filter: Filter;
  readonly label: string;
}

type Filter = '' | 'unread' | 'mine' | 'archived' | 'unassigned' | 'snoozed' | 'closed';
const shortFilters = ['', 'unread', 'mine', 'archived'] as const;
const moreFilters = ['unassigned', 'snoozed', 'closed'] as const;

const everything: Query = { q: '', account: '', filter: '', label: '' };

export function ConversationList({ open }: { readonly open: string | undefined }): ReactNode {
  const t = useTranslations('inbox');
  const accounts = useDesk(({ inbox }) => inbox.accounts);
  const joined = useDesk((desk) => desk.joined);
  const next = useDesk((desk) => desk.next);
  const [query, setQuery] = useState<Query>(everything);
  const [starting, setStarting] = useState(false);
  // Who presses Enter waits for no pause.
  const [entered, setEntered] = useState<string>();
  const after = entered === query.q ? 0 : SEARCH_AFTER;
  const found = useFound(query, after);
  const { items, waiting, hold, release } = useCalmOrder(found.items, JSON.stringify(query));
  const words = query.filter === '' && query.label === '' ? query.q.trim() : '';
  const hits = useHits({ q: words, account: query.account }, after);
  const notes = useFoundNotes(words, query.account, after);
  const rows = listRows(items, hits.items, notes);
  const older = useAction();
  const now = useNow(60_000);
  const list = useRef<VListHandle>(null);
  // By keys one may go beyond what is in sight.
  const at = items.findIndex(({ id }) => id === open);
  useEffect(() => {
    if (at >= 0) list.current?.scrollToIndex(at, { align: 'nearest' });
    // Only where one goes, not where the conversation goes: the list must not move under the reader.
  }, [open]);
  const filtered = query.q !== '' || query.account !== '' || query.filter !== '' || query.label !== '';
  return (
    <>
      <PageHeader title={t('title')}>
        {accounts.size > 0 && (
          <IconButton icon={MessageCirclePlus} label={t('start')} onClick={() => setStarting(true)} />
        )}
      </PageHeader>
      <div className="flex flex-col gap-2 border-b border-line p-3">
        <div className="relative">
          <Search
            aria-hidden
            size={16}
            strokeWidth={1.75}
            className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-faint"
          />
          <input
            type="search"
            aria-label={t('search')}
            placeholder={t('search')}
            maxLength={200}
            value={query.q}
            onChange={(event) => setQuery({ ...query, q: event.target.value })}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.nativeEvent.isComposing) setEntered(query.q);
            }}
            className={clsx(inputLook, 'pl-9')}
          />
        </div>
        <div className="flex flex-wrap gap-2">
          <div role="group" className="flex rounded-control bg-sunken p-0.5">
            {shortFilters.map((filter) => (
              <button
                key={filter}
                type="button"
                aria-pressed={query.filter === filter}
                onClick={() => setQuery({ ...query, filter })}
                className="h-8 rounded-control px-2.5 text-second text-soft aria-pressed:bg-surface aria-pressed:font-semibold aria-pressed:text-accent pointer-coarse:h-11"
              >
                {filter === '' ? t('all') : t(filter)}
              </button>
            ))}
          </div>
          <WorkFilter query={query} onChoose={(change) => setQuery({ ...query, ...change })} />
          {accounts.size > 1 && (
            <select
              aria-label={t('account')}
              value={query.account}
              onChange={(event) => setQuery({ ...query, account: event.target.value })}
              className={clsx(inputLook, 'min-w-28 flex-1 basis-0')}
            >
              <option value="">{t('allAccounts')}</option>
              {[...accounts.values()].map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </select>
          )}
        </div>
      </div>
      <Failure error={found.error ?? hits.error} />
      {hits.indexing && <p className="px-4 py-2 text-second text-soft">{t('indexing')}</p>}
      {rows.length === 0 ? (
        <Nothing
          joined={joined}
          filtered={filtered}
          searching={words !== '' && !hits.answered}
          accounts={[...accounts.values()]}
          onClear={() => setQuery(everything)}
        />
      ) : (
        <div
          className="relative flex min-h-0 flex-1 flex-col"
          onPointerMove={hold}
          onPointerLeave={release}
          onKeyDown={hold}
        >
          {waiting > 0 && (
            <button
              type="button"
              onClick={release}
              className="absolute inset-x-0 top-2 z-10 mx-auto w-fit rounded-full border border-line bg-surface px-3 py-1 text-meta font-semibold text-accent shadow-float pointer-coarse:py-3"
            >
              {t('updates', { n: waiting })}
            </button>
          )}
          <VList
            ref={list}
            data={rows}
            itemSize={72}
            className="min-h-0 flex-1"
            onScroll={(offset) => {
              const { current } = list;
              if (current === null || current.scrollSize - current.viewportSize - offset >= AHEAD) return;
              if (filtered) hits.more();
              else if (next !== null && !older.busy) void older.run(readOlderConversations);
            }}
          >
            {(row) =>
              row.type === 'conversation' ? (
                <ConversationRow
                  key={row.conversation.id}
                  conversation={row.conversation}
                  account={accounts.get(row.conversation.account)}
                  showAccount={accounts.size > 1}
                  open={row.conversation.id === open}
                  now={now}
                />
              ) : row.type === 'heading' ? (
                <h2 key={row.of} className="bg-sunken px-4 py-1.5 text-second font-semibold text-soft">
                  {t(row.of)}
                </h2>
              ) : row.type === 'note' ? (
                <NoteRow key={row.note.id} found={row.note} q={words} now={now} />
              ) : (
                <HitRow key={row.hit.message.id} hit={row.hit} now={now} />
              )
            }
          </VList>
        </div>
      )}
      <Failure error={older.error} />
      {starting && (
        <Suspense>
          <StartConversation accounts={[...accounts.values()]} onClose={() => setStarting(false)} />
        </Suspense>
      )}
    </>
  );
}

type ListRow =
  | { readonly type: 'conversation'; readonly conversation: Conversation }
  | { readonly type: 'heading'; readonly of: 'foundNotes' | 'foundMessages' }
  | { readonly type: 'note'; readonly note: Note }
  | { readonly type: 'hit'; readonly hit: SearchHit };

function listRows(
  conversations: readonly Conversation[],
  hits: readonly SearchHit[],
  notes: readonly Note[],
): readonly ListRow[] {
  return [
    ...conversations.map((conversation) => ({ type: 'conversation', conversation }) as const),
    ...(notes.length > 0 ? [{ type: 'heading', of: 'foundNotes' } as const] : []),
    ...notes.map((note) => ({ type: 'note', note }) as const),
    ...(hits.length > 0 ? [{ type: 'heading', of: 'foundMessages' } as const] : []),
    ...hits.map((hit) => ({ type: 'hit', hit }) as const),
  ];
}

/** What fits the query: of what is known here at once, and of the rest when the server has answered. */
function useFound(query: Query, after: number): { readonly items: readonly Conversation[]; readonly error: unknown } {
  const inbox = useDesk((desk) => desk.inbox);
  const horizon = useDesk((desk) => desk.horizon);
  const [found, setFound] = useState<{ query: Query; ids: readonly string[]; error: unknown }>();
  const all = useMemo(() => conversationList(inbox), [inbox.conversations]);
  const now = useNow(30_000);
  const name = usePreferences((preferences) => preferences.name);
  const asks = query.q !== '' || query.account !== '' || query.filter !== '' || query.label !== '';
  useEffect(() => {
    if (!asks) return;
    let current = true;
    const timer = setTimeout(
      () => {
        const { account, label } = query;
        const mine = query.filter === 'mine';
        if (mine && name === '') return setFound({ query, ids: [], error: undefined });
        const filter = mine ? '' : query.filter;
        findConversations({ q: query.q.trim(), account, filter, label, assignee: mine ? name : '' }).then(
          (ids) => current && setFound({ query, ids, error: undefined }),
          (error: unknown) => current && setFound({ query, ids: [], error }),
        );
      },
      query.q === '' ? 0 : after,
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [after, asks, query, name]);
  const items = useMemo(() => {
    if (!asks) return all.filter((one) => isOpen(one, now) && (one.pinned || one.lastAt >= horizon));
    const ids = new Set(found?.query === query ? found.ids : []);
    // What the server found fits by its words; whether it is archived, or read by now, is known here first.
    return all.filter((one) => fits(one, ids.has(one.id) ? { ...query, q: '' } : query, now, name));
  }, [all, asks, found, horizon, query, now, name]);
  return { items, error: found?.query === query ? found.error : undefined };
}

function fits(one: Conversation, query: Query, now: number, me: string): boolean {
  const { name, phone, account, unread, archived, assignee, labels = [] } = one;
  const q = query.q.trim().toLocaleLowerCase();
  if (archived !== (query.filter === 'archived') || (query.account !== '' && account !== query.account)) return false;
  if (query.label !== '' && !labels.includes(query.label)) return false;
  if (!fitsWork(query, workStateAt(one, now))) return false;
  if (query.filter === 'unread' && unread === 0 && one.markedUnread !== true) return false;
  if (query.filter === 'mine' && (assignee !== me || me === '')) return false;
  if (query.filter === 'unassigned' && assignee !== undefined) return false;
  return q === '' || name.toLocaleLowerCase().includes(q) || (phone ?? '').includes(q.replace(/[\s-]/g, ''));
}

/** What is put off or done is shown where it is asked for, and where somebody looks for a name or a label. */
function fitsWork({ filter, q, label }: Query, state: WorkState): boolean {
  if (filter === 'snoozed' || filter === 'closed') return state === filter;
  return state === 'open' || filter === 'archived' || q !== '' || label !== '';
}

interface WorkFilterProps {
  readonly query: Query;
  readonly onChoose: (change: Partial<Query>) => void;
}

/** Filters that are wanted less often: where the work stands, and labels. */
function WorkFilter({ query, onChoose }: WorkFilterProps): ReactNode {
  const t = useTranslations('inbox');
  const labels = useDesk(({ inbox }) => inbox.labels);
  const more = moreFilters.find((one) => one === query.filter);
  return (
    <select
      data-testid="work-filter"
      aria-label={t('works')}
      value={query.label === '' ? (more ?? '') : `label ${query.label}`}
      onChange={({ target: { value } }) => {
        const filter = moreFilters.find((one) => one === value) ?? '';
        onChoose({ filter, label: value.startsWith('label ') ? value.slice(6) : '' });
      }}
      className={clsx(inputLook, 'min-w-28 flex-1 basis-0')}
    >
      <option value="">{t('worksAll')}</option>
      {moreFilters.map((filter) => (
        <option key={filter} value={filter}>
          {t(filter)}
        </option>
      ))}
      {labels.size > 0 && (
        <optgroup label={t('withLabel')}>
          {[...labels.values()].map(({ id, name }) => (
            <option key={id} value={`label ${id}`}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
    </select>
  );
}

interface NothingProps {
  readonly joined: boolean;
  readonly filtered: boolean;
  /** The server has not answered yet. */
  readonly searching: boolean;
  readonly accounts: readonly Account[];
  readonly onClear: () => void;
}

/** An empty list says the next step. */
function Nothing({ joined, filtered, searching, accounts, onClear }: NothingProps): ReactNode {
  const t = useTranslations('inbox');
  if (!joined) return <p className="p-4 text-soft">{t('loading')}</p>;
  // Nothing is said before it is known; a search takes no time that needs a word.
  if (searching) return null;
  if (filtered) {
    return (
      <Empty title={t('emptyFilter')}>
        <Button onClick={onClear}>{t('clearFilter')}</Button>
      </Empty>
    );
  }
  const way = 'font-semibold text-accent underline underline-offset-4';
  if (accounts.length === 0) {
    return (
      <Empty title={t('empty')} text={t('emptyNoAccount')}>
        <Link href="/" className={way}>
          {t('emptyAccounts')}
        </Link>
      </Empty>
    );
  }
  const sandbox = accounts.filter(({ kind }) => kind === 'sandbox');
  const ready = sandbox.find(({ state }) => state === 'READY');
  return (
    <Empty title={t('empty')} text={t('emptyText')}>
      {ready !== undefined && (
        <Suspense>
          <FirstMessage account={ready.id} />
        </Suspense>
      )}
      {sandbox.length > 0 && (
        <Link href="/sandbox" className={clsx(way, 'flex min-h-9 items-center')}>
          {t('emptySandbox')}
        </Link>
      )}
    </Empty>
  );
}
