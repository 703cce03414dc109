'use client';
// One open conversation: who it is with, its messages, the composer. Opening it where somebody looks marks it read.
import type { Account, Conversation } from '@pulseline/protocol';
import clsx from 'clsx';
import { ArrowLeft, Ellipsis, FlaskConical } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { accountColour } from './account-state.tsx';
import { Avatar } from './avatar.tsx';
import { Composer } from './composer.tsx';
import { Button, Empty, Failure, IconButton, LinkButton, useAction } from './controls.tsx';
import { markRead, readConversation } from './conversation-calls.ts';
import { useDesk } from './desk.ts';
import { toggleDetails } from './details-state.ts';
import { useLooking } from './looking.ts';
import { readAround, readMessages } from './message-calls.ts';
import { MessageLog } from './message-log.tsx';
import { conversationMoved, messageShown, openConversation } from './open-conversation.ts';
import { readable } from './phone-number.ts';
import { RestError } from './rest.ts';
import { TeamHere, TeamReplying, useSeat } from './team.tsx';
import { readNotes } from './work.ts';

// The first look at a conversation does not need it.
const ConversationMenu = lazy(async () => ({
  default: (await import('./conversation-menu.tsx')).ConversationMenu,
}));

const AvatarPicture = lazy(async () => ({ default: (await import('./avatar-picture.tsx')).AvatarPicture }));
const Presence = lazy(async () => ({ default: (await import('./presence.tsx')).Presence }));
const Pinned = lazy(async () => ({ default: (await import('./pinned.tsx')).Pinned }));
const DropTarget = lazy(async () => ({ default: (await import('./drop-target.tsx')).DropTarget }));
const WorkBar = lazy(async () => ({ default: (await import('./work-bar.tsx')).WorkBar }));

export interface ChatProps {
  readonly id: string;
  /** The message to begin with; absent = the newest. */
  readonly at: string | undefined;
}

export function Chat({ id, at }: ChatProps): ReactNode {
  const conversation = useDesk(({ inbox }) => inbox.conversations.get(id));
  const account = useDesk(({ inbox }) => inbox.accounts.get(conversation?.account ?? ''));
  const joined = useDesk((desk) => desk.joined);
  const [error, setError] = useState<unknown>();
  const known = conversation !== undefined;
  const gone = useDesk((desk) => desk.gone.has(id));
  useEffect(() => {
    if (!joined || known || gone) return;
    readConversation(id).then((value) => {
      setError(undefined);
      if (value.id !== id) conversationMoved(value.id);
    }, setError);
  }, [gone, id, joined, known]);
  if (conversation === undefined) return <NotThere gone={gone} error={error} />;
  return <Open conversation={conversation} account={account} at={at} />;
}

function NotThere({ gone: removed, error }: { readonly gone: boolean; readonly error: unknown }): ReactNode {
  const t = useTranslations('inbox');
  const gone = removed || (error instanceof RestError && error.code === 'CONVERSATION_NOT_FOUND');
  if (!gone && error === undefined) return null;
  return (
    <Empty title={gone ? t('gone') : ''}>
      {!gone && <Failure error={error} />}
      <Button onClick={() => openConversation(undefined)}>{t('list')}</Button>
    </Empty>
  );
}

interface OpenProps {
  readonly conversation: Conversation;
  readonly account: Account | undefined;
}

function Open({ conversation, account, at }: OpenProps & Pick<ChatProps, 'at'>): ReactNode {
  const { id, unread } = conversation;
  const actions = useTranslations('actions');
  const t = useTranslations('log');
  // How many were unread when it was opened: the line stays there while one reads.
  const unreadAtOpening = useRef(unread).current;
  const loaded = useDesk(({ inbox }) => inbox.windows.get(id)?.before !== undefined);
  const [error, setError] = useState<unknown>();
  const read = useCallback(() => {
    readMessages(id, unreadAtOpening).then(() => setError(undefined), setError);
  }, [id, unreadAtOpening]);
  // Asked at every change: without a message to begin with nothing is looked through.
  const here = useDesk(
    ({ inbox }) => at !== undefined && (inbox.windows.get(id)?.messages.some((message) => message.id === at) ?? false),
  );
  useEffect(() => {
    if (at === undefined || here) {
      if (!loaded) read();
      return;
    }
    readAround(id, at).then(
      () => setError(undefined),
      (failed: unknown) => {
        // It is gone since it was found: the conversation is opened where it always is.
        messageShown(id);
        if (!(failed instanceof RestError && failed.code === 'MESSAGE_NOT_FOUND')) setError(failed);
      },
    );
  }, [at, here, id, loaded, read]);
  const noted = useDesk(({ inbox }) => inbox.notes.has(id));
  useEffect(() => {
    // Out of reach: the messages say so, and notes come with the next opening.
    if (loaded && !noted) readNotes(id).catch(() => undefined);
  }, [id, loaded, noted]);
  // Marked again while it is open, it stays so: that is for the next opening.
  const markedAtOpening = useRef(conversation.markedUnread === true);
  useMarkRead(id, unread, loaded, markedAtOpening);
  useLooking(id);
  useSeat(id);
  return (
    <>
      <Header conversation={conversation} account={account} />
      <Suspense>
        <Pinned key={id} conversation={id} />
      </Suspense>
      {error === undefined ? (
        <MessageLog conversation={conversation} unreadAtOpening={unreadAtOpening} at={here ? at : undefined} />
      ) : (
        <div className="m-auto p-6">
          <Failure error={error}>
            <Button className="mt-2" onClick={read}>
              {actions('retry')}
            </Button>
          </Failure>
        </div>
      )}
      <TeamReplying conversation={id} />
      {conversation.readOnly === true ? (
        <p className="shrink-0 border-t border-line bg-surface p-4 text-center text-second text-soft">
          {t('readOnly')}
        </p>
      ) : (
        <>
          <Composer conversation={conversation} account={account} />
          <Suspense>
            <DropTarget conversation={id} name={conversation.name} />
          </Suspense>
        </>
      )}
    </>
  );
}

/** In a burst the server is told once for many, ms. */
const READ_EVERY = 500;

/** Whoever looks at the messages has read them. */
function useMarkRead(id: string, unread: number, loaded: boolean, marked: { current: boolean }): void {
  const [visible, setVisible] = useState(() => document.visibilityState === 'visible');
  useEffect(() => {
    const look = (): void => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  const toldAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (!visible || !loaded || (unread === 0 && !marked.current)) return;
    const timer = setTimeout(
      () => {
        toldAt.current = performance.now();
        marked.current = false;
        // A failed call is tried again with the next message or the next look; the count stays and says so.
        markRead(id).catch(() => undefined);
      },
      Math.max(0, toldAt.current + READ_EVERY - performance.now()),
    );
    return () => clearTimeout(timer);
  }, [id, unread, visible, loaded, marked]);
}

function Header({ conversation, account }: OpenProps): ReactNode {
  const t = useTranslations('log');
  const actions = useTranslations('actions');
  const sandbox = useTranslations('sandbox');
  const { name, phone, kind } = conversation;
  const action = useAction();
  return (
    <>
      <header
        className={clsx(
          'flex h-14 shrink-0 items-center gap-3 border-b border-line bg-surface px-2 md:px-4',
          accountColour(account ?? { id: conversation.account }),
        )}
      >
        <IconButton
          icon={ArrowLeft}
          label={actions('back')}
          className="md:hidden"
          onClick={() => openConversation(undefined)}
        />
        <Suspense fallback={<Avatar name={name} kind={kind} className="size-9" />}>
          <AvatarPicture conversation={conversation} className="size-9" />
        </Suspense>
        <div className="relative min-w-0 flex-1">
          <h1 dir="auto" className="truncate font-semibold">
            <button
              type="button"
              data-details-trigger
              data-testid="details-open"
              onClick={toggleDetails}
              title={t('details')}
              // The whole of the name and the number is the button.
              className="max-w-full truncate after:absolute after:inset-0 after:-inset-y-2 after:-start-14 after:rounded-control hover:after:bg-ink/5"
            >
              {name}
            </button>
          </h1>
          <p className="flex items-center gap-2 truncate text-meta text-soft">
            {kind === 'person' && conversation.readOnly !== true && (
              <Suspense>
                <Presence conversation={conversation} />
              </Suspense>
            )}
            {phone !== undefined && phone !== name && <span className="shrink-0">{readable(phone)}</span>}
            {account !== undefined && (
              <span className="flex min-w-0 items-center gap-1.5">
                <span aria-hidden className="h-3 w-[3px] shrink-0 rounded-full bg-(--account)" />
                <span className="truncate">{t('via', { label: account.label })}</span>
              </span>
            )}
          </p>
        </div>
        <TeamHere conversation={conversation.id} />
        {account?.kind === 'sandbox' && kind === 'person' && phone !== undefined && (
          <LinkButton
            href={`/sandbox?phone=${encodeURIComponent(phone)}`}
            look="quiet"
            icon={FlaskConical}
            className="max-w-[40%]"
          >
            <span className="truncate max-md:sr-only">{sandbox('play', { name })}</span>
          </LinkButton>
        )}
        <Suspense fallback={<IconButton icon={Ellipsis} label={actions('more')} disabled />}>
          <ConversationMenu conversation={conversation} run={action.run} />
        </Suspense>
      </header>
      <Suspense fallback={<div className="h-10 shrink-0 border-b border-line bg-surface pointer-coarse:h-12" />}>
        <WorkBar conversation={conversation} run={action.run} />
      </Suspense>
      {action.error !== undefined && <Failure error={action.error} />}
    </>
  );
}
