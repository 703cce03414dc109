'use client';
// One picture or video of a conversation, large: the next and the one before by keys, zoom by wheel, keys or press, download. It closes on Escape.
import type { Message } from '@pulseline/protocol';
import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from './controls.tsx';
import { useDesk } from './desk.ts';
import { usePlace, Words } from './language.tsx';
import { showLarge } from './lightbox-state.ts';
import { downloadAddress, mediaAddress } from './media-address.ts';
import { fullTime } from './time.ts';
import { lightboxWords as en } from './words/lightbox.en.ts';
import { lightboxWords as zh } from './words/lightbox.ts';

const words = { zh, en } as const;
const ZOOM = { least: 1, most: 5, step: 0.5 } as const;

export function Lightbox({ shown }: { readonly shown: Message }): ReactNode {
  return (
    <Words of={words}>
      <Large shown={shown} />
    </Words>
  );
}

function Large({ shown }: { readonly shown: Message }): ReactNode {
  const t = useTranslations('lightbox');
  const place = usePlace();
  const messages = useDesk(({ inbox }) => inbox.windows.get(shown.conversation)?.messages) ?? [];
  const all = messages.filter(({ kind, media }) => (kind === 'image' || kind === 'video') && media?.state === 'ready');
  const at = all.findIndex(({ id }) => id === shown.id);
  const [zoom, setZoom] = useState<number>(ZOOM.least);
  useEffect(() => setZoom(ZOOM.least), [shown.id]);
  const move = (by: number): void => {
    const next = all[at + by];
    if (next !== undefined) showLarge(next);
  };
  const scale = (by: number): void => setZoom((now) => Math.min(ZOOM.most, Math.max(ZOOM.least, now + by)));
  const { media, kind, body, timestamp } = shown;
  if (media === undefined) return null;
  const name = body === '' ? t('title') : body.slice(0, 200);
  return (
    <Dialog.Root open modal={false} onOpenChange={(open) => !open && showLarge(undefined)}>
      <Dialog.Portal>
        <Dialog.Content
          aria-describedby={undefined}
          data-testid="lightbox"
          onInteractOutside={(event) => event.preventDefault()}
          onKeyDown={(event) => {
            if (event.key === 'ArrowLeft') move(-1);
            else if (event.key === 'ArrowRight') move(1);
            else if (event.key === '+' || event.key === '=') scale(ZOOM.step);
            else if (event.key === '-') scale(-ZOOM.step);
            else return;
            event.preventDefault();
          }}
          className="fixed inset-0 z-40 flex flex-col bg-bg text-ink"
        >
          <div className="flex h-14 shrink-0 items-center gap-1 border-b border-line bg-surface px-2">
            <div className="min-w-0 flex-1 px-2">
              <Dialog.Title dir="auto" className="truncate font-semibold">
                {name}
              </Dialog.Title>
              <p className="truncate text-meta text-soft">{fullTime(timestamp, place)}</p>
            </div>
            {kind === 'image' && (
              <>
                <IconButton
                  icon={ZoomOut}
                  label={t('smaller')}
                  disabled={zoom <= ZOOM.least}
                  onClick={() => scale(-ZOOM.step)}
                />
                <IconButton
                  icon={ZoomIn}
                  label={t('larger')}
                  disabled={zoom >= ZOOM.most}
                  onClick={() => scale(ZOOM.step)}
                />
              </>
            )}
            <a
              href={downloadAddress(media)}
              download={media.name ?? ''}
              aria-label={t('download')}
              title={t('download')}
              className="inline-flex size-9 items-center justify-center rounded-control text-soft hover:bg-sunken hover:text-ink pointer-coarse:size-11"
            >
              <Download aria-hidden size={20} strokeWidth={1.75} />
            </a>
            <IconButton icon={X} label={t('close')} onClick={() => showLarge(undefined)} />
          </div>
          <div className="relative min-h-0 flex-1">
            <div
              tabIndex={0}
              role="group"
              aria-label={name}
              onWheel={(event) => kind === 'image' && scale(event.deltaY < 0 ? ZOOM.step : -ZOOM.step)}
              className="flex size-full overflow-auto p-2"
            >
              {kind === 'video' ? (
                <video src={mediaAddress(media)} controls autoPlay className="m-auto max-h-full max-w-full" />
              ) : (
                <img
                  src={mediaAddress(media)}
                  alt={body}
                  className="m-auto max-h-full max-w-full object-contain transition-transform"
                  style={{ transform: `scale(${zoom})` }}
                  onDoubleClick={() => setZoom(zoom > ZOOM.least ? ZOOM.least : 2)}
                />
              )}
            </div>
            {at > 0 && (
              <IconButton
                icon={ChevronLeft}
                label={t('previous')}
                onClick={() => move(-1)}
                className="absolute start-2 top-1/2 bg-surface shadow-float"
              />
            )}
            {at >= 0 && at < all.length - 1 && (
              <IconButton
                icon={ChevronRight}
                label={t('next')}
                onClick={() => move(1)}
                className="absolute end-2 top-1/2 bg-surface shadow-float"
              />
            )}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
