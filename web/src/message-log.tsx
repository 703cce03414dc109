'use client';
// The messages of one conversation: virtual, stuck to the end unless one reads back, older pages before one reaches them. It alone moves the scroll position.
import type { Conversation } from '@pulseline/protocol';
import { ArrowDown } from 'lucide-react';
import {
  lazy,
  memo,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslations } from 'use-intl';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { albumHeight, sendingHeight } from './album-box.ts';
import { useSending } from './attachments.ts';
import { Bubble } from './bubble.tsx';
import { Jump } from './bubble-parts.tsx';
import { Empty, Failure, useAction } from './controls.tsx';
import { useDesk } from './desk.ts';
import { usePlace } from './language.tsx';
import { type Entry, firstUnread, holds, type LogRow, logRows } from './log-rows.ts';
import { readMessages, readNewerMessages, readOlderMessages } from './message-calls.ts';
import { messageShown } from './open-conversation.ts';
import { useOutbox } from './outbox.ts';
import { keepSizes, keptSizes, sameRows } from './row-sizes.ts';
import { useNow } from './ticking.ts';
import { dayLabel, type Place } from './time.ts';

// The first look at a conversation does not need them.
const AlbumBubble = lazy(async () => ({ default: (await import('./album-bubble.tsx')).AlbumBubble }));
const NoteBubble = lazy(async () => ({ default: (await import('./note-bubble.tsx')).NoteBubble }));
const SendingBubble = lazy(async () => ({ default: (await import('./sending-bubble.tsx')).SendingBubble }));

/** A bubble of one line, about, px. */
const TYPICAL = 44;
/** Nearer than this to the end is at the end, px. */
const AT_END = 40;
/** Older messages are asked for so many screens before the top. */
const SCREENS_AHEAD = 1.5;
/** Pages that a jump to a quoted message reads at most. */
const JUMP_PAGES = 40;

export interface MessageLogProps {
  readonly conversation: Conversation;
  readonly unreadAtOpening: number;
  /** A loaded message to lead to. */
  readonly at: string | undefined;
}

export function MessageLog({ conversation, unreadAtOpening, at }: MessageLogProps): ReactNode {
  const t = useTranslations('log');
  const { id, name, kind } = conversation;
  const window = useDesk(({ inbox }) => inbox.windows.get(id));
  const notes = useDesk(({ inbox }) => inbox.notes.get(id));
  const outbox = useOutbox();
  const sending = useSending(id);
  const place = usePlace();
  const loaded = window?.before !== undefined;
  const messages = window?.messages;
  // Found once, counted from the newest message at opening; later ones do not move the line.
  const line = useRef<string>(undefined);
  const newest = useRef<string>(undefined);
  if (loaded && messages !== undefined && line.current === undefined && unreadAtOpening > 0) {
    newest.current ??= messages.at(-1)?.id;
    line.current = newest.current && firstUnread(messages, newest.current, unreadAtOpening);
  }
  const answered = useRef(false);
  answered.current ||= sending.length > 0 || [...outbox.values()].some(({ conversation: of }) => of === id);
  // Whoever answers has read: the line has done its work.
  const lineId = answered.current ? undefined : line.current;
  const rows = useMemo(
    () =>
      logRows({
        messages: messages ?? [],
        notes: notes ?? [],
        atEnd: window?.atEnd === true,
        unanswered: [...outbox.values()].filter(({ conversation: of }) => of === id),
        sending,
        whole: window?.before === null,
        unread: lineId === undefined ? undefined : { id: lineId, count: unreadAtOpening },
        place,
      }),
    [messages, notes, outbox, sending, id, window?.before, window?.atEnd, lineId, unreadAtOpening, place],
  );
  if (!loaded) return <div className="min-h-0 flex-1" />;
  return (
    <div role="log" aria-label={t('label', { name })} className="relative flex min-h-0 flex-1 flex-col bg-bg pb-2">
      {rows.every(({ type }) => type === 'start') ? (
        <Empty title={t('empty')} />
      ) : (
        <Rows
          rows={rows}
          conversation={id}
          group={kind === 'group'}
          more={window?.before !== null}
          newest={window?.atEnd === true}
          at={at}
          place={place}
        />
      )}
    </div>
  );
}

interface RowsProps {
  readonly rows: readonly LogRow[];
  readonly conversation: string;
  readonly group: boolean;
  readonly more: boolean;
  /** Do the rows end at the newest message? */
  readonly newest: boolean;
  readonly at: string | undefined;
  readonly place: Place;
}

function Rows({ rows, conversation, group, more, newest, at, place }: RowsProps): ReactNode {
  const t = useTranslations('log');
  const list = useRef<VirtualizerHandle>(null);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const lastOffset = useRef(0);
  /** The day of the first row in sight, once its own label has left it; undefined at the top. */
  const [day, setDay] = useState<number>();
  /** The last bubble when one left the end; undefined at the end. */
  const [left, setLeft] = useState<string>();
  const older = useAction();
  const bubbles = useMemo(() => rows.filter((row) => row.type === 'bubble'), [rows]);
  const first = bubbles[0]?.key;
  const last = bubbles.at(-1);
  const lastKey = last?.key;
  const ownLast = last !== undefined && isOwn(last.entry);

  // virtua keeps the place of the reader only if it is told, in the same render, that rows came in front.
  const firstBefore = useRef(first);
  const prepended = firstBefore.current !== first && bubbles.some(({ key }) => key === firstBefore.current);
  useLayoutEffect(() => {
    firstBefore.current = first;
  }, [first]);

  // A jump may need older pages: each that comes is looked through, until the message is there or the beginning.
  const [wanted, setWanted] = useState<string>();
  const [found, setFound] = useState<string>();
  const loading = useRef(0);
  useEffect(() => {
    if (wanted === undefined) return;
    const index = rows.findIndex((row) => row.type === 'bubble' && holds(row.entry, wanted));
    if (index >= 0) {
      atEnd.current = false;
      loading.current = 0;
      list.current?.scrollToIndex(index, { align: 'center' });
      setFound(wanted);
      setWanted(undefined);
    } else if (more && loading.current < JUMP_PAGES) {
      loading.current += 1;
      void older.run(() => readOlderMessages(conversation)).then((done) => !done && setWanted(undefined));
    } else setWanted(undefined);
    // A page that comes changes the rows, and this runs again. Not on `older`: it is another object each time.
  }, [wanted, rows, more, conversation]);
  useEffect(() => {
    if (found === undefined) return;
    const timer = setTimeout(() => setFound(undefined), 1_500);
    return () => clearTimeout(timer);
  }, [found]);
  const jump = useCallback((id: string) => {
    loading.current = 0;
    setWanted(id);
  }, []);

  useEffect(() => {
    if (at === undefined) return;
    jump(at);
    messageShown(conversation);
  }, [at, conversation, jump]);

  // Reading on from a place in the middle; the newest messages take the place of it when one goes to the end, or writes.
  const newer = useAction();
  const toNewest = useCallback(() => {
    atEnd.current = true;
    setLeft(undefined);
    void newer.run(() => readMessages(conversation, 0));
    // Not on `newer`: it is another object each time.
  }, [conversation]);
  const writing = last?.entry.type === 'unanswered' || last?.entry.type === 'sending';
  useEffect(() => {
    if (writing && !newest) toNewest();
  }, [writing, newest, toNewest]);
  const toEnd = (): void => {
    if (newest) list.current?.scrollToIndex(rows.length - 1, { align: 'end' });
    else toNewest();
  };

  // Sizes that are known already are not found out, and scrolled after, once more.
  const [sizes] = useState(() => keptSizes(conversation, sameRows(rows, globalThis.innerWidth)));
  const drawn = useRef(rows);
  useLayoutEffect(() => {
    drawn.current = rows;
  }, [rows]);
  useLayoutEffect(() => {
    const handle = list.current;
    return () => {
      if (handle !== null) keepSizes(conversation, sameRows(drawn.current, globalThis.innerWidth), handle.cache);
    };
  }, [conversation]);

  // Opening: at the unread line, a third down, or at the end.
  const opened = useRef(false);
  useLayoutEffect(() => {
    const { current } = list;
    if (opened.current || current === null) return;
    opened.current = true;
    const unread = rows.findIndex(({ type }) => type === 'unread');
    if (unread < 0) {
      current.scrollToIndex(rows.length - 1, { align: 'end' });
      return;
    }
    atEnd.current = false;
    current.scrollToIndex(unread, { align: 'start', offset: -(box.current?.clientHeight ?? 0) / 3 });
    // Where all of it fits nothing is scrolled, and one is at the end all the same.
    requestAnimationFrame(() => {
      const { scrollSize = 0, viewportSize = 0, scrollOffset = 0 } = list.current ?? {};
      if (viewportSize > 0 && scrollSize - viewportSize - scrollOffset <= AT_END) atEnd.current = true;
    });
  }, [rows]);

  const lastBefore = useRef(lastKey);
  const newestBefore = useRef(newest);
  useLayoutEffect(() => {
    if (lastBefore.current === lastKey && newestBefore.current === newest) return;
    const readOn = !newestBefore.current && (!newest || bubbles.some(({ key }) => key === lastBefore.current));
    lastBefore.current = lastKey;
    newestBefore.current = newest;
    // A page that one has scrolled into moves nothing.
    if (readOn) return;
    if (atEnd.current || ownLast) list.current?.scrollToIndex(rows.length - 1, { align: 'end' });
  }, [bubbles, lastKey, newest, ownLast, rows.length]);

  // A keyboard that opens, a window that is resized, a composer that grows: the end stays the end.
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current && newestBefore.current) list.current?.scrollToIndex(Number.MAX_SAFE_INTEGER, { align: 'end' });
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);

  const away = left !== undefined || !newest;
  const fresh =
    left !== undefined && newest ? bubbles.length - 1 - bubbles.findLastIndex(({ key }) => key === left) : 0;
  return (
    <Jump.Provider value={jump}>
      <div className="relative min-h-0 flex-1">
        <div
          ref={box}
          tabIndex={0}
          className="relative flex h-full flex-col overflow-y-auto overscroll-contain px-[max(0px,calc((100%-1040px)/2))] [overflow-anchor:none]"
        >
          {/* A short log stands at the end, by the composer. */}
          <div className="flex-1" />
          <Virtualizer
            ref={list}
            data={rows}
            shift={prepended}
            {...(sizes !== undefined && { cache: sizes })}
            itemSize={TYPICAL}
            scrollRef={box}
            onScroll={(offset) => {
              const { current } = list;
              if (current === null) return;
              const below = current.scrollSize - current.viewportSize - offset;
              // Away from the end is who scrolled up. A scroll that is told late, after the log has grown, is not: it never goes up.
              if (below <= AT_END) atEnd.current = true;
              else if (offset < lastOffset.current) atEnd.current = false;
              lastOffset.current = offset;
              setDay(dayAbove(rows, current.findItemIndex(offset)));
              if (below > current.viewportSize) setLeft((before) => before ?? lastKey);
              else if (atEnd.current) setLeft(undefined);
              if (more && !older.busy && offset < current.viewportSize * SCREENS_AHEAD) {
                void older.run(() => readOlderMessages(conversation));
              }
              if (!newest && !newer.busy && below < current.viewportSize * SCREENS_AHEAD) {
                void newer.run(() => readNewerMessages(conversation));
              }
            }}
          >
            {(row) => <Row key={row.key} row={row} group={group} found={found} place={place} />}
          </Virtualizer>
        </div>
        {day !== undefined && (
          <div aria-hidden className="pointer-events-none absolute inset-x-0 top-0 -mt-2">
            <Day at={day} />
          </div>
        )}
        {older.busy && (
          <p role="status" className="pointer-events-none absolute inset-x-0 top-10 text-center">
            <span className="animate-arrive rounded-full bg-surface px-3 py-1 text-meta text-soft shadow-float">
              {t('older')}
            </span>
          </p>
        )}
        {(older.error ?? newer.error) !== undefined && (
          <div className="absolute inset-x-4 top-2">
            <Failure error={older.error ?? newer.error} />
          </div>
        )}
        {away && (
          <button
            type="button"
            aria-label={fresh > 0 ? t('latestNew', { n: String(fresh) }) : t('latest')}
            title={t('latest')}
            onClick={toEnd}
            className="absolute right-4 bottom-4 flex h-10 min-w-10 animate-arrive items-center justify-center gap-1 rounded-full bg-surface px-2.5 text-soft shadow-float hover:text-ink pointer-coarse:h-11"
          >
            {fresh > 0 && <span className="text-second font-semibold text-accent">{fresh}</span>}
            <ArrowDown aria-hidden size={20} strokeWidth={1.75} />
          </button>
        )}
      </div>
    </Jump.Provider>
  );
}

function isOwn(entry: Entry): boolean {
  return entry.type === 'unanswered' || entry.type === 'sending' || (entry.type === 'message' && entry.message.fromMe);
}

interface RowProps {
  readonly row: LogRow;
  readonly group: boolean;
  readonly found: string | undefined;
  readonly place: Place;
}

/** When the day began to which the row at `index` belongs; undefined if its label is that row, or above everything. */
function dayAbove(rows: readonly LogRow[], index: number): number | undefined {
  const row = rows[index];
  if (row === undefined || row.type === 'start' || row.type === 'day') return undefined;
  const label = rows.findLast((one, at) => at < index && one.type === 'day');
  return label?.type === 'day' ? label.at : undefined;
}

/** Scrolling draws those alone that come into sight. */
const Row = memo(function Row({ row, group, found, place }: RowProps): ReactNode {
  switch (row.type) {
    case 'start':
      return <Start />;
    case 'day':
      return <Day at={row.at} />;
    case 'unread':
      return <UnreadLine count={row.count} />;
    case 'bubble':
      return <BubbleRow row={row} group={group} found={found} place={place} />;
  }
});

function Start(): ReactNode {
  const t = useTranslations('log');
  return <p className="px-4 pt-4 text-center text-meta text-faint">{t('start')}</p>;
}

function UnreadLine({ count }: { readonly count: number }): ReactNode {
  const t = useTranslations('log');
  return (
    <p className="flex items-center gap-3 px-4 py-2 text-meta font-semibold text-accent">
      <span aria-hidden className="h-px flex-1 bg-accent/40" />
      {t('unread', { n: count })}
      <span aria-hidden className="h-px flex-1 bg-accent/40" />
    </p>
  );
}

function BubbleRow({
  row: { entry, first, last },
  group,
  found,
  place,
}: RowProps & { readonly row: Extract<LogRow, { readonly type: 'bubble' }> }): ReactNode {
  if (entry.type === 'note') {
    return (
      <Suspense fallback={<div className="h-16" />}>
        <NoteBubble note={entry.note} />
      </Suspense>
    );
  }
  if (entry.type === 'sending') {
    return (
      <Suspense fallback={<div style={{ height: sendingHeight(entry.file) }} />}>
        <SendingBubble file={entry.file} first={first} />
      </Suspense>
    );
  }
  const [only] = entry.type === 'album' ? entry.messages : [];
  if (entry.type === 'album' && entry.messages.length > 1) {
    return (
      <Suspense fallback={<div style={{ height: albumHeight(entry.messages.length) }} />}>
        <AlbumBubble entry={entry} first={first} last={last} group={group} found={found} />
      </Suspense>
    );
  }
  const shown = entry.type === 'album' ? only && { type: 'message' as const, message: only } : entry;
  return (
    shown && (
      <Bubble
        entry={shown}
        first={first}
        last={last}
        group={group}
        found={found !== undefined && holds(shown, found)}
        place={place}
      />
    )
  );
}

function Day({ at }: { readonly at: number }): ReactNode {
  const place = usePlace();
  const now = useNow(60_000);
  return (
    <p className="flex justify-center px-4 pt-4 pb-1">
      <time
        dateTime={new Date(at).toISOString()}
        className="rounded-full border border-line bg-surface px-3 py-0.5 text-meta text-soft"
      >
        {dayLabel(at, now, place)}
      </time>
    </p>
  );
}
