'use client';
// /inbox: the list of conversations and the open one (`?c=` names it, `&m=` a message in it); on a phone one of the two at a time. What they hold is the desk's.
import clsx from 'clsx';
import { useSearchParams } from 'next/navigation';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { Chat } from './chat.tsx';
import { Empty } from './controls.tsx';
import { ConversationList } from './conversation-list.tsx';
import { useDesk } from './desk.ts';
import { useLarge } from './lightbox-state.ts';
import { Undo } from './undo.tsx';

const Lightbox = lazy(async () => ({ default: (await import('./lightbox.tsx')).Lightbox }));

export function Inbox(): ReactNode {
  return (
    <Suspense>
      <Panes />
    </Suspense>
  );
}

function Panes(): ReactNode {
  const t = useTranslations('inbox');
  const params = useSearchParams();
  const open = params.get('c') ?? undefined;
  const large = useLarge();
  const hasSome = useDesk(({ inbox }) => inbox.conversations.size > 0);
  return (
    <div className="relative flex min-h-0 flex-1" data-pane={open === undefined ? 'list' : 'chat'}>
      <section
        aria-label={t('list')}
        className={clsx(
          'min-h-0 min-w-0 flex-col bg-surface max-md:flex-1 md:flex md:w-72 md:shrink-0 md:border-r md:border-line lg:w-80',
          open === undefined ? 'flex' : 'hidden',
        )}
      >
        <ConversationList open={open} />
      </section>
      <div className={clsx('min-h-0 min-w-0 flex-1 flex-col md:flex', open === undefined ? 'hidden' : 'flex')}>
        {open !== undefined ? (
          <Chat key={open} id={open} at={params.get('m') ?? undefined} />
        ) : (
          hasSome && <Empty title={t('pick')} />
        )}
      </div>
      <Undo />
      {large !== undefined && (
        <Suspense>
          <Lightbox shown={large} />
        </Suspense>
      )}
    </div>
  );
}
