'use client';
// What a conversation has shared: pictures and videos, files, links; a press leads to the message, or opens it large. It reads page by page, on demand.
import type { Conversation, Message } from '@pulseline/protocol';
import { FileText, Link2, Mic, Play } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Failure } from '../controls.tsx';
import { usePlace } from '../language.tsx';
import { mediaAddress, sizeText, thumbnailAddress } from '../media-address.ts';
import { openConversation } from '../open-conversation.ts';
import { Segments } from '../segments.tsx';
import { useNow } from '../ticking.ts';
import { rowTime } from '../time.ts';
import { readShared, type Shared as What } from './calls.ts';
import { Section } from './parts.tsx';

const kinds = ['media', 'files', 'links'] as const satisfies readonly What[];
/** Empty pages that are passed over by themselves: each has looked at thousands of messages. */
const MOST_EMPTY = 10;

interface Found {
  readonly items: readonly Message[];
  readonly next: string | null;
}

export function Shared({ conversation: { id } }: { readonly conversation: Conversation }): ReactNode {
  const t = useTranslations('panel');
  const [what, setWhat] = useState<(typeof kinds)[number]>('media');
  const { found, error, more } = useShared(id, what);
  return (
    <Section title={t('shared')}>
      <Segments
        label={t('shared')}
        value={what}
        options={kinds.map((value) => ({ value, label: t(value) }))}
        onChoose={setWhat}
        className="mb-2 text-second"
      />
      <div data-testid="shared" data-what={what} className="min-h-20">
        {found !== undefined && found.items.length === 0 && found.next === null && (
          <p className="py-6 text-center text-second text-soft">{t('sharedNone')}</p>
        )}
        {what === 'media' ? (
          <ul className="grid grid-cols-3 gap-1">
            {found?.items.map((message) => (
              <Tile key={message.id} message={message} />
            ))}
          </ul>
        ) : (
          <ul className="flex flex-col">
            {found?.items.map((message) => (
              <Line key={message.id} message={message} links={what === 'links'} />
            ))}
          </ul>
        )}
        <Failure error={error} />
        {found?.next !== null && found !== undefined && (
          <div className="pt-2 text-center">
            <Button look="quiet" onClick={more}>
              {t('sharedMore')}
            </Button>
          </div>
        )}
      </div>
    </Section>
  );
}

function useShared(id: string, what: What) {
  const [found, setFound] = useState<Found>();
  const [error, setError] = useState<unknown>();
  const read = useCallback(
    async (before: Found | undefined, isCurrent: () => boolean): Promise<void> => {
      let items = before?.items ?? [];
      let next: string | null | undefined = before?.next ?? undefined;
      try {
        for (let empty = 0; empty < MOST_EMPTY && next !== null; empty += 1) {
          const page: Found = await readShared(id, what, next);
          items = [...items, ...page.items];
          next = page.next;
          if (page.items.length > 0) break;
        }
        if (isCurrent()) setFound({ items, next: next ?? null });
      } catch (failed) {
        if (isCurrent()) setError(failed);
      }
    },
    [id, what],
  );
  useEffect(() => {
    let current = true;
    setFound(undefined);
    setError(undefined);
    void read(undefined, () => current);
    return () => {
      current = false;
    };
  }, [read]);
  return { found, error, more: () => void read(found, () => true) };
}

/** What a message is called where only one line is: its words, its file's name, or its kind. */
function useName(): (message: Message) => string {
  const words = useTranslations('kind');
  return ({ body, media, kind }) => media?.name ?? (body || (kind === 'text' ? '' : words(kind)));
}

function Tile({ message }: { readonly message: Message }): ReactNode {
  const t = useTranslations('panel');
  const name = useName()(message).slice(0, 80);
  const { id, conversation, media, kind } = message;
  const [here, setHere] = useState(false);
  if (media === undefined) return null;
  const blurred = thumbnailAddress(media.thumbnail);
  return (
    <li className="relative aspect-square overflow-hidden rounded-control bg-sunken">
      {blurred !== undefined && !here && (
        <img src={blurred} alt="" className="absolute inset-0 size-full scale-110 object-cover blur-sm" />
      )}
      {media.state === 'ready' && kind === 'image' && (
        <img
          src={mediaAddress(media)}
          alt=""
          loading="lazy"
          decoding="async"
          onLoad={() => setHere(true)}
          className="absolute inset-0 size-full object-cover"
        />
      )}
      <button
        type="button"
        aria-label={t('open', { name })}
        title={name}
        onClick={() => openConversation(conversation, id)}
        className="absolute inset-0 flex items-center justify-center -outline-offset-2"
      >
        {kind !== 'image' && (
          <span className="flex size-8 items-center justify-center rounded-full bg-black/60 text-white">
            <Play aria-hidden size={16} />
          </span>
        )}
      </button>
    </li>
  );
}

function Line({ message, links }: { readonly message: Message; readonly links: boolean }): ReactNode {
  const place = usePlace();
  const now = useNow(60_000);
  const named = useName();
  const { id, conversation, media, body, kind, preview, timestamp } = message;
  const [link = ''] = /https?:\/\/[^\s<>"']+/.exec(body) ?? [];
  const name = links ? (preview?.title ?? link) : named(message);
  const more = links ? link : media === undefined || media.size === 0 ? '' : sizeText(media.size);
  const Icon = links ? Link2 : kind === 'voice' || kind === 'audio' ? Mic : FileText;
  return (
    <li>
      <button
        type="button"
        onClick={() => openConversation(conversation, id)}
        className="flex h-14 w-full items-center gap-3 rounded-control px-2 text-start -outline-offset-2 hover:bg-sunken"
      >
        <Icon aria-hidden size={20} strokeWidth={1.75} className="shrink-0 text-soft" />
        <span className="min-w-0 flex-1">
          <bdi className="block truncate">{name}</bdi>
          <span className="block truncate text-meta text-soft">
            {[rowTime(timestamp, now, place), more === name ? '' : more].filter(Boolean).join(' · ')}
          </span>
        </span>
      </button>
    </li>
  );
}
