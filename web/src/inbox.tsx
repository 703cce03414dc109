'use client';
// /inbox: the list of conversations and the open one (`?c=` names it, `&m=` a message in it); on a phone one of the two at a time. What they hold is the desk's.
import clsx from 'clsx';
import { useSearchParams } from 'next/navigation';
import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Chat } from './chat.tsx';
import { Empty } from './controls.tsx';
import { ConversationList } from './conversation-list.tsx';
import { mergedInto, useDesk } from './desk.ts';
import { isOpenIn, useIsPhone } from './details-state.ts';
import { Words } from './language.tsx';
import { useLarge } from './lightbox-state.ts';
import { conversationMoved } from './open-conversation.ts';
import { Undo } from './undo.tsx';
import { inboxWords as inboxEn } from './words/inbox.en.ts';
import { inboxWords } from './words/inbox.ts';
import { kindsWords as kindsEn } from './words/kinds.en.ts';
import { kindsWords } from './words/kinds.ts';
import { sandboxWords as sandboxEn } from './words/sandbox.en.ts';
import { sandboxWords } from './words/sandbox.ts';

const words = {
  zh: { ...inboxWords, ...kindsWords, ...sandboxWords },
  en: { ...inboxEn, ...kindsEn, ...sandboxEn },
} as const;

const Details = lazy(async () => ({ default: (await import('./panel/details.tsx')).Details }));
const Lightbox = lazy(async () => ({ default: (await import('./lightbox.tsx')).Lightbox }));

export function Inbox(): ReactNode {
  return (
    <Words of={words}>
      <Suspense>
        <Panes />
      </Suspense>
    </Words>
  );
}

/** A file that misses its place would be opened by the browser instead of this page. */
function useNoOpening(): void {
  useEffect(() => {
    const stay = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
    };
    window.addEventListener('dragover', stay);
    window.addEventListener('drop', stay);
    return () => {
      window.removeEventListener('dragover', stay);
      window.removeEventListener('drop', stay);
    };
  }, []);
}

function Panes(): ReactNode {
  useNoOpening();
  const t = useTranslations('inbox');
  const params = useSearchParams();
  const asked = params.get('c') ?? undefined;
  const open = useDesk((desk) => (asked === undefined ? undefined : mergedInto(desk, asked)));
  const key = useKey(asked, open);
  const details = open !== undefined && isOpenIn(params);
  const isPhone = useIsPhone();
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
      <div
        // On a phone the panel covers it.
        inert={details && isPhone}
        className={clsx('min-h-0 min-w-0 flex-1 flex-col md:flex', open === undefined ? 'hidden' : 'flex')}
      >
        {open !== undefined ? (
          <Chat key={key} id={open} at={params.get('m') ?? undefined} />
        ) : (
          hasSome && <Empty title={t('pick')} text={t('pickText')} />
        )}
      </div>
      {details && (
        <Suspense>
          <Details id={open} />
        </Suspense>
      )}
      <Undo />
      {large !== undefined && (
        <Suspense>
          <Lightbox shown={large} />
        </Suspense>
      )}
    </div>
  );
}

/** Follows an open conversation into the one that it has become part of: the address changes, what is being written stays as it is. */
function useKey(asked: string | undefined, open: string | undefined): string | undefined {
  const kept = useRef(new Map<string, string>());
  const key = asked === undefined ? undefined : (kept.current.get(asked) ?? asked);
  useEffect(() => {
    if (open === undefined || key === undefined || open === asked) return;
    kept.current.set(open, key);
    conversationMoved(open);
  }, [asked, open, key]);
  return key;
}
