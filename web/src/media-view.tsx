'use client';
// The file of a message in its bubble, in each state it can be in: on its way, here, only at WhatsApp, gone, failed. Its box never changes its size.
import type { Media, Message } from '@pulseline/protocol';
import clsx from 'clsx';
import { Download, FileText, ImageOff, Play, RotateCw, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Failure, IconButton, useAction } from './controls.tsx';
import { showLarge } from './lightbox-state.ts';
import { boxOf, downloadAddress, mediaAddress, sizeText, spanText, thumbnailAddress } from './media-address.ts';
import { askForMedia } from './media-calls.ts';
import { Progress } from './progress.tsx';
import { breakOff, useTransfer } from './transfers.ts';
import { VoiceNote } from './voice-note.tsx';

/** What goes out at once needs no way out, ms. */
const WAITS_AFTER = 1_000;

export interface MediaViewProps {
  readonly message: Message;
  readonly media: Media;
}

export function MediaView({ message, media }: MediaViewProps): ReactNode {
  switch (message.kind) {
    case 'image':
    case 'video':
    case 'gif':
    case 'sticker':
      return <Picture message={message} media={media} />;
    case 'voice':
    case 'audio':
      return media.state === 'ready' ? (
        <VoiceNote message={message} media={media} />
      ) : (
        <Document message={message} media={media} />
      );
    default:
      return <Document message={message} media={media} />;
  }
}

/** What can be done about a file that is not here, and the word for its state. */
function useFetch(media: Media) {
  const t = useTranslations('contents');
  const action = useAction();
  const ask = (): void => void action.run(() => askForMedia(media));
  const words = {
    pending: t('loading'),
    ready: '',
    remote: t('fetch'),
    'too-large': t('tooLarge'),
    gone: t('gone'),
    failed: t('failed'),
  }[media.state];
  return { ask, action, words, canAsk: media.state !== 'ready' && media.state !== 'pending' };
}

/** How far it is on its way to or from WhatsApp, and the way out; nothing while it lies still. */
function useWay({ message, media }: MediaViewProps) {
  const t = useTranslations('contents');
  const transfer = useTransfer(media.id);
  const action = useAction();
  const leaves = message.fromMe && message.status === 'pending';
  // One that waits for its turn, or whose bytes are all written and not answered, is told of by nobody.
  const waits = useLasts(leaves, WAITS_AFTER);
  const moves = media.state === 'pending' || (leaves && (transfer !== undefined || waits));
  const { done = 0, total = 0 } = transfer ?? {};
  const part = total > 0 ? Math.min(1, done / total) : undefined;
  const text =
    transfer === undefined ? undefined : part === undefined ? sizeText(done) : `${sizeText(done)} / ${sizeText(total)}`;
  const name = media.name ?? media.mime;
  return {
    moves,
    text,
    error: action.error,
    bar:
      part === undefined ? null : (
        <Progress label={t('progress', { name })} part={part} className="absolute inset-x-0 bottom-0" />
      ),
    stop: (
      <IconButton
        icon={X}
        label={t('stop', { name })}
        disabled={action.busy}
        onClick={() => void action.run(() => breakOff(media.id))}
      />
    ),
  };
}

/** Has it been so for that many ms? */
function useLasts(is: boolean, ms: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!is) return;
    const timer = setTimeout(() => setLasts(true), ms);
    return () => {
      clearTimeout(timer);
      setLasts(false);
    };
  }, [is, ms]);
  return lasts;
}

function Picture({ message, media }: MediaViewProps): ReactNode {
  const t = useTranslations('contents');
  const kinds = useTranslations('kind');
  const { kind, body } = message;
  const { width, height } = kind === 'sticker' ? { width: 144, height: 144 } : boxOf(media);
  const [broken, setBroken] = useState(false);
  const [shown, setShown] = useState(false);
  const { ask, action, words, canAsk } = useFetch(media);
  const blurred = thumbnailAddress(media.thumbnail);
  const ready = media.state === 'ready' && !broken;
  const name = kind === 'system' || kind === 'text' ? '' : kinds(kind);
  const way = useWay({ message, media });
  const span = kind === 'video' && media.duration !== undefined ? spanText(media.duration) : undefined;
  return (
    <div className="-mx-2 mb-1 max-w-[calc(100%+16px)]">
      <div
        data-testid="media"
        data-state={broken ? 'failed' : media.state}
        className={clsx('relative max-w-full overflow-hidden rounded-control', kind !== 'sticker' && 'bg-sunken')}
        style={{ width, aspectRatio: `${width} / ${height}` }}
      >
        {blurred !== undefined && !shown && (
          <img src={blurred} alt="" className="absolute inset-0 size-full scale-110 object-cover blur-md" />
        )}
        {ready && kind !== 'sticker' && kind !== 'gif' && (
          <button
            type="button"
            aria-label={t('openLarge', {
              name: [body === '' ? name : body.slice(0, 80), span].filter(Boolean).join(' '),
            })}
            onClick={() => showLarge(message)}
            className="absolute inset-0 size-full"
          >
            {kind === 'video' ? (
              <span className="absolute inset-0 m-auto flex size-12 items-center justify-center rounded-full bg-black/60 text-white">
                <Play aria-hidden size={24} />
              </span>
            ) : (
              <img
                src={mediaAddress(media)}
                alt=""
                loading="lazy"
                decoding="async"
                onLoad={() => setShown(true)}
                onError={() => setBroken(true)}
                className="size-full object-cover"
              />
            )}
            {span !== undefined && (
              <span className="absolute start-2 bottom-2 rounded-full bg-black/60 px-2 text-meta text-white">
                {span}
              </span>
            )}
          </button>
        )}
        {ready && kind === 'sticker' && (
          <img
            src={mediaAddress(media)}
            alt={name}
            loading="lazy"
            onLoad={() => setShown(true)}
            onError={() => setBroken(true)}
            className="absolute inset-0 size-full object-contain"
          />
        )}
        {ready && kind === 'gif' && (
          <Moving media={media} name={name} onShown={() => setShown(true)} onBroken={() => setBroken(true)} />
        )}
        {!ready && (
          <button
            type="button"
            disabled={!canAsk && !broken}
            onClick={() => {
              if (broken) setBroken(false);
              else ask();
            }}
            className="absolute inset-0 flex size-full flex-col items-center justify-center gap-1 p-2 text-center text-second"
          >
            <span className="flex max-w-full flex-col items-center gap-1 rounded-card bg-surface/90 px-3 py-2 text-soft">
              {media.state === 'gone' ? (
                <ImageOff aria-hidden size={20} strokeWidth={1.75} />
              ) : canAsk || broken ? (
                <Download aria-hidden size={20} strokeWidth={1.75} />
              ) : null}
              <span>{broken ? t('failed') : words}</span>
              {(way.text !== undefined || media.size > 0) && (
                <span className="text-meta">{way.text ?? sizeText(media.size)}</span>
              )}
            </span>
          </button>
        )}
        {way.moves && <span className="absolute end-1 top-1 rounded-full bg-surface/90">{way.stop}</span>}
        {way.moves && way.bar}
      </div>
      <Failure error={action.error ?? way.error} />
    </div>
  );
}

interface MovingProps {
  readonly media: Media;
  readonly name: string;
  readonly onShown: () => void;
  readonly onBroken: () => void;
}

/** A GIF of WhatsApp is a silent video. It moves when somebody asks it to, and never by itself. */
function Moving({ media, name, onShown, onBroken }: MovingProps): ReactNode {
  const t = useTranslations('contents');
  const video = useRef<HTMLVideoElement>(null);
  const [plays, setPlays] = useState(false);
  return (
    <button
      type="button"
      aria-label={`${t(plays ? 'pause' : 'play')} ${name}`}
      onClick={() => {
        if (plays) video.current?.pause();
        else void video.current?.play().catch(() => undefined);
      }}
      className="absolute inset-0 size-full"
    >
      <video
        ref={video}
        src={mediaAddress(media)}
        tabIndex={-1}
        muted
        loop
        playsInline
        preload="metadata"
        onLoadedData={onShown}
        onError={onBroken}
        onPlay={() => setPlays(true)}
        onPause={() => setPlays(false)}
        className="size-full object-cover"
      />
      {!plays && (
        <span
          aria-hidden
          className="absolute inset-0 m-auto flex size-12 items-center justify-center rounded-full bg-black/60 text-second font-semibold text-white"
        >
          GIF
        </span>
      )}
    </button>
  );
}

/** A document, or a sound that is not here yet: a row of one height in every state. */
function Document({ message, media }: MediaViewProps): ReactNode {
  const t = useTranslations('contents');
  const kinds = useTranslations('kind');
  const { ask, action, words, canAsk } = useFetch(media);
  const { kind } = message;
  const name = media.name ?? (kind === 'text' || kind === 'system' ? media.mime : kinds(kind));
  const way = useWay({ message, media });
  const size = way.moves && way.text !== undefined ? way.text : media.size > 0 ? sizeText(media.size) : '';
  const details = [extensionOf(media), size, words].filter(Boolean).join(' · ');
  const look = clsx('flex h-14 w-full items-center gap-2 px-2 text-start text-second', way.moves && 'pe-11');
  const inner = (
    <>
      {media.state === 'failed' || media.state === 'gone' ? (
        <RotateCw aria-hidden size={20} strokeWidth={1.75} className="shrink-0 text-soft" />
      ) : (
        <FileText aria-hidden size={20} strokeWidth={1.75} className="shrink-0 text-accent" />
      )}
      <span className="min-w-0 flex-1">
        <bdi className="block truncate font-semibold">{name}</bdi>
        <span className="block truncate text-meta text-soft">{details}</span>
      </span>
    </>
  );
  return (
    <div data-testid="media" data-state={media.state}>
      <div className="relative mb-1 w-64 max-w-full overflow-hidden rounded-control bg-bg/60">
        {media.state === 'ready' ? (
          <a href={downloadAddress(media)} download={media.name ?? ''} title={t('download')} className={look}>
            {inner}
            {!way.moves && <Download aria-hidden size={16} strokeWidth={1.75} className="shrink-0 text-soft" />}
          </a>
        ) : (
          <button type="button" disabled={!canAsk} onClick={ask} className={look}>
            {inner}
          </button>
        )}
        {way.moves && <span className="absolute inset-y-0 end-1 flex items-center">{way.stop}</span>}
        {way.moves && way.bar}
      </div>
      <Failure error={action.error ?? way.error} />
    </div>
  );
}

function extensionOf({ name = '', mime }: Media): string {
  const [, extension] = /\.([a-z0-9]{1,8})$/i.exec(name) ?? [];
  return (extension ?? mime.split('/')[1]?.split(';')[0] ?? '').toUpperCase().slice(0, 12);
}
