'use client';
// One message as a bubble. Its size never depends on its status: a rising tick moves nothing.
import type { Message, MessageKind, MessageStatus } from '@pulseline/protocol';
import clsx from 'clsx';
import { Bookmark, Pin, Star } from 'lucide-react';
import { lazy, memo, type ReactNode, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { NamedText, NoticeText, QuoteBlock, type Quoted, Reactions } from './bubble-parts.tsx';
import { useAction } from './controls.tsx';
import { Glyph } from './glyph.tsx';
import { type MessageEntry, timeOf } from './log-rows.ts';
import { boxOf } from './media-address.ts';
import { type MessageMenuProps, menuButtonLook } from './menu-button.ts';
import { isArriving, useShown } from './shown.ts';
import { Tick } from './tick.tsx';
import { clockTime, fullTime, type Place } from './time.ts';

// The first look at a conversation does not need it.
const NotChanged = lazy(async () => ({ default: (await import('./bubble-failures.tsx')).NotChanged }));
const NotSent = lazy(async () => ({ default: (await import('./bubble-failures.tsx')).NotSent }));
const Contents = lazy(async () => ({ default: (await import('./contents-part.tsx')).ContentsPart }));
const MessageMenu = lazy(async () => ({ default: (await import('./message-menu.tsx')).MessageMenu }));

export interface BubbleProps {
  readonly entry: MessageEntry;
  readonly first: boolean;
  readonly last: boolean;
  readonly group: boolean;
  /** Somebody has just jumped to it. */
  readonly found: boolean;
  readonly place: Place;
}

interface View {
  readonly id: string | undefined;
  readonly ours: boolean;
  readonly kind: MessageKind;
  readonly body: string;
  readonly status: MessageStatus | undefined;
  readonly author: string | undefined;
  readonly quote: Quoted | undefined;
  /** As the server has it. */
  readonly message: Message | undefined;
}

function viewOf(entry: MessageEntry): View {
  if (entry.type === 'unanswered') {
    const status = entry.message.error === undefined ? 'pending' : 'error';
    const { text, quote: about } = entry.message;
    const quote = about && { id: about.id, author: about.author ?? about.from, body: about.body };
    return {
      id: undefined,
      ours: true,
      kind: 'text',
      body: text,
      status,
      author: undefined,
      quote,
      message: undefined,
    };
  }
  const { message } = entry;
  const { id, fromMe, kind, body, status, authorName, author, quote } = message;
  return {
    id,
    ours: fromMe,
    kind,
    body,
    status: fromMe ? status : undefined,
    author: authorName ?? author?.split('@')[0],
    quote,
    message,
  };
}

export const Bubble = memo(function Bubble({ entry, first, last, group, found, place }: BubbleProps): ReactNode {
  const t = useTranslations('log');
  const kinds = useTranslations('kind');
  const { id, ours, kind, body, status, author, quote, message } = viewOf(entry);
  const words = useTranslations('message');
  const action = useAction();
  const deleted = message?.deleted === true;
  const at = timeOf(entry);
  const [arriving] = useState(() => entry.type === 'unanswered' || isArriving(id));
  useShown(id);
  if (kind === 'system') {
    return (
      <p data-message={id} className="px-6 py-2 text-center text-meta text-soft">
        {message?.notice ? <NoticeText message={message} /> : body || kinds('system')}
      </p>
    );
  }
  return (
    <div
      data-testid="message-bubble"
      data-message={id}
      className={clsx(
        'group/message flex flex-col px-4',
        arriving && 'animate-arrive',
        ours ? 'items-end' : 'items-start',
        // All room is above: what comes after a message must not move it.
        first ? 'pt-3' : 'pt-0.5',
      )}
    >
      <div className={clsx('flex w-full gap-1', ours ? 'flex-row-reverse' : 'flex-row')}>
        <div
          // The time stands where the last line ends, which in Arabic or Hebrew is the left.
          dir="auto"
          className={clsx(
            'relative max-w-[85%] rounded-card px-3 py-1.5 text-body pointer-coarse:text-title md:max-w-[min(70%,640px)]',
            ours ? 'bg-ours' : 'border border-line bg-theirs',
            last && (ours ? 'rounded-br-[3px]' : 'rounded-bl-[3px]'),
            found && 'outline-2 outline-accent',
          )}
        >
          {group && !ours && first && author !== undefined && (
            <p dir="auto" className="truncate text-second font-semibold text-soft">
              {author}
            </p>
          )}
          {quote !== undefined && !deleted && <QuoteBlock quote={quote} />}
          {message !== undefined && !deleted && hasContents(message) && (
            <Suspense fallback={<Reserved message={message} />}>
              <Contents message={message} />
            </Suspense>
          )}
          {kind !== 'text' && kind !== 'waiting' && !deleted && (message === undefined || !isShown(message)) && (
            <p dir="auto" className="text-second font-semibold text-soft">
              {kinds(kind)}
            </p>
          )}
          {/* Words under a picture keep to its width. */}
          <div className={clsx('whitespace-pre-wrap', hasPicture(message) && 'w-0 min-w-full')}>
            {deleted ? (
              <span className="text-soft italic">{words(message.gone ?? 'deleted')}</span>
            ) : kind === 'waiting' ? (
              <span className="text-soft">{t('waiting')}</span>
            ) : message?.notice !== undefined ? (
              <NoticeText message={message} />
            ) : message?.mentions === undefined ? (
              message !== undefined && saysAgain(message) ? null : (
                body
              )
            ) : (
              <NamedText body={body} mentions={message.mentions} />
            )}
            {/* Keeps the last line clear of the time. */}
            <span aria-hidden className="inline-block h-px" style={{ width: roomOf(message, ours) }} />
          </div>
          <span className="absolute end-2 bottom-1.5 flex h-4 items-center gap-1 text-meta text-soft">
            {message !== undefined && hasMarks(message) && <Marks message={message} />}
            {message?.edited && <span>{words('edited')}</span>}
            <time
              dateTime={new Date(at).toISOString()}
              // Worked out for whom points at it: few of the many that scroll by are.
              onPointerEnter={({ currentTarget }) => {
                currentTarget.title = fullTime(at, place);
              }}
            >
              {clockTime(at, place)}
            </time>
            {status !== undefined && <Tick status={status} />}
          </span>
        </div>
        {message !== undefined && !deleted && kind !== 'waiting' && <Menu message={message} run={action.run} />}
      </div>
      {message?.reactions !== undefined && <Reactions message={message} run={action.run} />}
      {(status === 'error' || action.error !== undefined || message?.error !== undefined) && (
        <Suspense>
          {status === 'error' ? (
            <NotSent entry={entry} />
          ) : (
            <NotChanged error={action.error} refusal={message?.error} />
          )}
        </Suspense>
      )}
    </div>
  );
});

function hasMarks({ kept, pinnedUntil, starred, deleted }: Message): boolean {
  return deleted !== true && (kept === true || starred === true || pinnedUntil !== undefined);
}

/** That it is kept although its chat forgets, or pinned in the chat. */
function Marks({ message: { kept, pinnedUntil, starred } }: { readonly message: Message }): ReactNode {
  const t = useTranslations('message');
  return (
    <>
      {starred && (
        <span title={t('starred')}>
          <Star aria-hidden size={12} strokeWidth={2} />
          <span className="sr-only">{t('starred')}</span>
        </span>
      )}
      {kept && (
        <span title={t('kept')}>
          <Bookmark aria-hidden size={12} strokeWidth={2} />
          <span className="sr-only">{t('kept')}</span>
        </span>
      )}
      {pinnedUntil !== undefined && pinnedUntil > Date.now() && (
        <span title={t('pinned')}>
          <Pin aria-hidden size={12} strokeWidth={2} />
          <span className="sr-only">{t('pinned')}</span>
        </span>
      )}
    </>
  );
}

/** Px that the time and what stands before it take. */
function roomOf(message: Message | undefined, ours: boolean): number {
  const { edited, kept, starred, pinnedUntil } = message ?? {};
  const marks = (kept ? 1 : 0) + (starred ? 1 : 0) + (pinnedUntil === undefined ? 0 : 1);
  return (ours ? 64 : 44) + (edited ? (ours ? 48 : 52) : 0) + marks * 16;
}

/** The menu's button. The menu itself is made when somebody asks for it: one for every message would cost more than the messages. */
function Menu(props: MessageMenuProps): ReactNode {
  const t = useTranslations('message');
  const [asked, setAsked] = useState(false);
  const button = (
    <button
      type="button"
      data-testid="message-menu"
      aria-label={t('menu')}
      aria-haspopup="menu"
      aria-expanded={asked}
      title={t('menu')}
      onClick={() => setAsked(true)}
      className={menuButtonLook}
    >
      <Glyph name="down" />
    </button>
  );
  if (!asked) return button;
  return (
    <Suspense fallback={button}>
      <MessageMenu {...props} />
    </Suspense>
  );
}

/** Is there anything beside the text? */
function hasContents({ media, location, contacts, poll, preview, forwarded, viewOnce }: Message): boolean {
  return [media, location, contacts, poll, preview, forwarded, viewOnce].some((each) => each !== undefined);
}

function hasPicture(message: Message | undefined): boolean {
  return message?.media !== undefined && message.deleted !== true && PICTURES.has(message.kind);
}

const PICTURES: ReadonlySet<string> = new Set(['image', 'video', 'gif']);

/** Is the text only a stand-in for what is shown anyway? */
function saysAgain({ body, media, location, contacts, poll }: Message): boolean {
  const names = [media?.name, location?.name, poll?.name, contacts?.map(({ name }) => name).join(', ')];
  return names.includes(body);
}

/** Does what is shown say by itself of which kind it is? */
function isShown({ media, location, contacts, poll }: Message): boolean {
  return [media, location, contacts, poll].some((each) => each !== undefined);
}

/** The room of a picture, while what draws it is on its way for the first time. */
function Reserved({ message: { kind, media } }: { readonly message: Message }): ReactNode {
  if (media === undefined || !PICTURES.has(kind)) return null;
  const { width, height } = boxOf(media);
  return <div className="-mx-2 mb-1 max-w-full bg-sunken" style={{ width, aspectRatio: `${width} / ${height}` }} />;
}
