'use client';
// What a message bears beside its text: a file, a place, cards, a poll, a link's preview, and the marks of how it came. No third party is asked for anything.
import type { ContactCard, LinkPreview, Location, Message } from '@pulseline/protocol';
import { EyeOff, Forward, MapPin, MessageCircle, UserRound } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Failure, useAction } from './controls.tsx';
import { startConversation } from './conversation-calls.ts';
import { thumbnailAddress } from './media-address.ts';
import { MediaView } from './media-view.tsx';
import { openConversation } from './open-conversation.ts';
import { PollView } from './poll-view.tsx';

/** Above the words of a bubble; nothing for a plain text. */
export function Contents({ message }: { readonly message: Message }): ReactNode {
  const t = useTranslations('contents');
  const { media, location, contacts, poll, preview, forwarded, viewOnce } = message;
  return (
    <>
      {forwarded !== undefined && (
        <p className="flex items-center gap-1 text-meta text-soft">
          <Forward aria-hidden size={14} strokeWidth={1.75} />
          {forwarded === 'many' ? t('forwardedMany') : t('forwarded')}
        </p>
      )}
      {viewOnce === true && (
        <p className="flex items-center gap-1 text-meta text-soft">
          <EyeOff aria-hidden size={14} strokeWidth={1.75} />
          {media === undefined ? t('viewOnceGone') : t('viewOnce')}
        </p>
      )}
      {media !== undefined && <MediaView message={message} media={media} />}
      {location !== undefined && <Place location={location} />}
      {contacts?.map((card, index) => (
        // Cards have no ids, and never change their order.
        <Card key={`${index} ${card.name}`} card={card} account={message.account} />
      ))}
      {poll !== undefined && <PollView message={message} poll={poll} />}
      {preview !== undefined && <Preview preview={preview} />}
    </>
  );
}

function Place({ location }: { readonly location: Location }): ReactNode {
  const t = useTranslations('contents');
  const { latitude, longitude, name, address, thumbnail, live } = location;
  const point = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  const picture = thumbnailAddress(thumbnail);
  return (
    <div data-testid="location" className="mb-1 w-64 max-w-full overflow-hidden rounded-control bg-bg/60">
      {picture !== undefined && (
        <img src={picture} alt="" width={256} height={128} className="h-32 w-full object-cover" />
      )}
      <div className="flex items-start gap-2 p-2">
        <MapPin aria-hidden size={20} strokeWidth={1.75} className="shrink-0 text-accent" />
        <div className="min-w-0 flex-1 text-second">
          <p dir="auto" className="font-semibold">
            {name ?? (live === undefined ? t('location') : t('liveLocation'))}
          </p>
          {address !== undefined && <p dir="auto">{address}</p>}
          <p className="font-mono text-meta text-soft">{point}</p>
          {/* Opened only by a press: nothing of a map is loaded here. */}
          <a
            href={`https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`}
            target="_blank"
            rel="noopener noreferrer"
            className="font-semibold text-accent underline underline-offset-4"
          >
            {t('openMap')}
          </a>
        </div>
      </div>
    </div>
  );
}

function Card({ card, account }: { readonly card: ContactCard; readonly account: string }): ReactNode {
  const t = useTranslations('contents');
  const action = useAction();
  return (
    <div data-testid="contact-card" className="mb-1 w-64 max-w-full rounded-control bg-bg/60 p-2 text-second">
      <p className="flex items-center gap-2">
        <UserRound aria-hidden size={20} strokeWidth={1.75} className="shrink-0 text-soft" />
        <span dir="auto" className="min-w-0 truncate font-semibold">
          {card.name}
        </span>
      </p>
      {card.organisation !== undefined && (
        <p dir="auto" className="truncate text-soft">
          {card.organisation}
        </p>
      )}
      {card.phones.map(({ number, address }) => (
        <p key={number} className="flex items-center gap-2">
          <span className="min-w-0 flex-1 truncate">{number}</span>
          <button
            type="button"
            disabled={action.busy}
            onClick={() =>
              void action.run(async () => openConversation((await startConversation(account, address ?? number)).id))
            }
            className="inline-flex min-h-8 items-center gap-1 font-semibold text-accent pointer-coarse:min-h-11"
          >
            <MessageCircle aria-hidden size={16} strokeWidth={1.75} />
            {t('write')}
            <span className="sr-only"> {number}</span>
          </button>
        </p>
      ))}
      <Failure error={action.error} />
    </div>
  );
}

function Preview({ preview }: { readonly preview: LinkPreview }): ReactNode {
  const { url, title, description, thumbnail } = preview;
  const picture = thumbnailAddress(thumbnail);
  const [host] = useState(() => hostOf(url));
  // What is no web address is words, and never a link.
  if (host === undefined) return null;
  return (
    <a
      data-testid="link-preview"
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      className="mb-1 flex w-72 max-w-full gap-2 overflow-hidden rounded-control bg-bg/60 p-2 text-second"
    >
      {picture !== undefined && (
        <img src={picture} alt="" width={56} height={56} className="size-14 shrink-0 rounded-control object-cover" />
      )}
      <span className="min-w-0">
        <span dir="auto" className="line-clamp-2 font-semibold">
          {title ?? host}
        </span>
        {description !== undefined && (
          <span dir="auto" className="line-clamp-2 text-soft">
            {description}
          </span>
        )}
        <span className="block truncate text-meta text-soft">{host}</span>
      </span>
    </a>
  );
}

/** Undefined for what is no http or https address. */
function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host } = new URL(url);
  return protocol === 'http:' || protocol === 'https:' ? host : undefined;
}
