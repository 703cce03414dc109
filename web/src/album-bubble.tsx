'use client';
// The pictures and videos that somebody sent at once, as one bubble: a grid of tiles that each open large and have their own menu. Its size is known before a picture is here.
import type { Message } from '@pulseline/protocol';
import clsx from 'clsx';
import { Download, ImageOff, Play } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { albumBox } from './album-box.ts';
import { Reactions } from './bubble-parts.tsx';
import { Failure, useAction } from './controls.tsx';
import { usePlace, Words } from './language.tsx';
import { showLarge } from './lightbox-state.ts';
import type { AlbumEntry } from './log-rows.ts';
import { mediaAddress, spanText, thumbnailAddress } from './media-address.ts';
import { askForMedia } from './media-calls.ts';
import { MessageMenu } from './message-menu.tsx';
import { useShown } from './shown.ts';
import { Tick } from './tick.tsx';
import { clockTime, fullTime } from './time.ts';
import { contentsWords as en } from './words/contents.en.ts';
import { contentsWords as zh } from './words/contents.ts';

const words = { zh, en } as const;

export interface AlbumBubbleProps {
  readonly entry: AlbumEntry;
  readonly first: boolean;
  readonly last: boolean;
  readonly group: boolean;
  /** The message that somebody has just jumped to. */
  readonly found: string | undefined;
}

export function AlbumBubble(props: AlbumBubbleProps): ReactNode {
  return (
    <Words of={words}>
      <Album {...props} />
    </Words>
  );
}

function Album({ entry: { messages }, first, last, group, found }: AlbumBubbleProps): ReactNode {
  const t = useTranslations('contents');
  const place = usePlace();
  const action = useAction();
  const newest = messages.at(-1);
  if (newest === undefined) return null;
  const { fromMe: ours, status, authorName, author, timestamp } = newest;
  const { columns, side, gap } = albumBox(messages.length);
  const captions = [...new Set(messages.map(({ body, media }) => (body === media?.name ? '' : body)))].filter(Boolean);
  const who = authorName ?? author?.split('@')[0];
  return (
    <div
      data-testid="message-bubble"
      data-album={messages.length}
      className={clsx('flex flex-col px-4', ours ? 'items-end' : 'items-start', first ? 'pt-3' : 'pt-0.5')}
    >
      <div
        className={clsx(
          'relative max-w-full rounded-card p-1 text-body pointer-coarse:text-title',
          ours ? 'bg-ours' : 'border border-line bg-theirs',
          last && (ours ? 'rounded-br-[3px]' : 'rounded-bl-[3px]'),
        )}
      >
        {group && !ours && first && who !== undefined && (
          <p dir="auto" className="truncate px-2 pb-1 text-second font-semibold text-soft">
            {who}
          </p>
        )}
        <ul
          aria-label={t('album', { n: String(messages.length) })}
          className="grid"
          style={{ gap, gridTemplateColumns: `repeat(${columns}, minmax(0, ${side}px))` }}
        >
          {messages.map((message) => (
            <Tile key={message.id} message={message} found={message.id === found} run={action.run} />
          ))}
        </ul>
        <div dir="auto" className="px-2 pt-1 whitespace-pre-wrap">
          {captions.join('\n')}
          <span aria-hidden className={clsx('inline-block h-px', ours ? 'w-16' : 'w-11')} />
        </div>
        <span className="absolute end-2 bottom-1.5 flex h-4 items-center gap-1 text-meta text-soft">
          <time dateTime={new Date(timestamp).toISOString()} title={fullTime(timestamp, place)}>
            {clockTime(timestamp, place)}
          </time>
          {ours && status !== undefined && <Tick status={status} />}
        </span>
      </div>
      {messages.map(
        (message) =>
          message.reactions !== undefined && <Reactions key={message.id} message={message} run={action.run} />,
      )}
      <Failure error={action.error} />
    </div>
  );
}

interface TileProps {
  readonly message: Message;
  readonly found: boolean;
  readonly run: (action: () => Promise<unknown>) => Promise<boolean>;
}

function Tile({ message, found, run }: TileProps): ReactNode {
  const t = useTranslations('contents');
  const kinds = useTranslations('kind');
  const [here, setHere] = useState(false);
  const [broken, setBroken] = useState(false);
  const { id, media, kind, body } = message;
  useShown(id);
  if (media === undefined) return null;
  const ready = media.state === 'ready' && !broken;
  const name = body === '' ? kinds(kind === 'video' ? 'video' : 'image') : body.slice(0, 80);
  const span = ready && kind === 'video' && media.duration !== undefined ? spanText(media.duration) : undefined;
  const blurred = thumbnailAddress(media.thumbnail);
  const Sign = ready ? Play : media.state === 'gone' ? ImageOff : Download;
  return (
    <li
      data-message={id}
      className={clsx(
        'group/message relative aspect-square overflow-hidden rounded-control bg-sunken',
        found && 'outline-2 outline-accent',
      )}
    >
      {blurred !== undefined && !here && (
        <img src={blurred} alt="" className="absolute inset-0 size-full scale-110 object-cover blur-md" />
      )}
      {ready && kind === 'image' && (
        <img
          src={mediaAddress(media)}
          alt=""
          loading="lazy"
          decoding="async"
          onLoad={() => setHere(true)}
          onError={() => setBroken(true)}
          className="absolute inset-0 size-full object-cover"
        />
      )}
      <button
        type="button"
        aria-label={
          ready
            ? t('openLarge', { name: [name, span].filter(Boolean).join(' ') })
            : `${name}: ${t(media.state === 'pending' ? 'loading' : 'fetch')}`
        }
        disabled={media.state === 'pending'}
        onClick={() => {
          if (ready) showLarge(message);
          else if (broken) setBroken(false);
          else void run(() => askForMedia(media));
        }}
        className="absolute inset-0 flex items-center justify-center -outline-offset-2"
      >
        {(kind === 'video' || !ready) && media.state !== 'pending' && (
          <span className="flex size-9 items-center justify-center rounded-full bg-black/60 text-white">
            <Sign aria-hidden size={16} />
          </span>
        )}
        {span !== undefined && (
          <span className="absolute start-1 bottom-1 rounded-full bg-black/60 px-1.5 text-meta text-white">{span}</span>
        )}
      </button>
      <span className="absolute end-1 top-1 flex size-7 items-center justify-center rounded-full bg-surface/90 opacity-0 group-hover/message:opacity-100 has-focus-visible:opacity-100 has-data-[state=open]:opacity-100 pointer-coarse:opacity-80">
        <MessageMenu message={message} run={run} />
      </span>
    </li>
  );
}
