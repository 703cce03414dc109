'use client';
// One conversation in the list: 72 px, the account's colour at its edge, the last message, what is unread.
import type { Account, Conversation, Message } from '@pulseline/protocol';
import clsx from 'clsx';
import { BellOff, type LucideIcon, Pin } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { accountColour } from './account-state.tsx';
import { Avatar } from './avatar.tsx';
import { NoticeText } from './bubble-parts.tsx';
import { useDesk } from './desk.ts';
import { useDraft } from './drafts.ts';
import { labelColour } from './label-chip.tsx';
import { usePlace } from './language.tsx';
import { openConversation } from './open-conversation.ts';
import { useShown } from './shown.ts';
import { Tick } from './tick.tsx';
import { rowTime } from './time.ts';

export interface ConversationRowProps {
  readonly conversation: Conversation;
  readonly account: Account | undefined;
  readonly showAccount: boolean;
  readonly open: boolean;
  /** Ms since epoch; for the words of the time. */
  readonly now: number;
}

/** In a burst most rows stay as they are: those are not drawn again. */
export const ConversationRow = memo(function ConversationRow({
  conversation,
  account,
  showAccount,
  open,
  now,
}: ConversationRowProps): ReactNode {
  const t = useTranslations('inbox');
  const place = usePlace();
  const {
    id,
    name,
    kind,
    unread,
    lastMessage,
    lastAt,
    muted,
    pinned,
    assignee,
    markedUnread,
    labels = [],
  } = conversation;
  const known = useDesk(({ inbox }) => inbox.labels);
  const draft = useDraft(id);
  useShown(lastMessage?.id);
  return (
    <a
      href={`/inbox?c=${encodeURIComponent(id)}`}
      data-testid="conversation-row"
      data-conversation={id}
      aria-current={open ? 'true' : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        openConversation(id);
      }}
      className={clsx(
        'relative flex h-[72px] items-center gap-3 border-b border-line pr-4 pl-4 -outline-offset-2',
        accountColour(account ?? { id: conversation.account }),
        open ? 'bg-wash' : 'hover:bg-sunken',
      )}
    >
      <span aria-hidden className="absolute inset-y-0 left-0 w-[3px] bg-(--account)" />
      <Avatar name={name} kind={kind} />
      <span className="flex min-w-0 flex-1 flex-col gap-0.5">
        <span className="flex items-baseline gap-2">
          <span dir="auto" className="min-w-0 truncate font-semibold">
            {name}
          </span>
          {showAccount && account !== undefined && (
            <span className="max-w-20 shrink-0 truncate text-meta text-soft">{account.label}</span>
          )}
          <span className="min-w-0 flex-1" />
          <time
            dateTime={new Date(lastAt).toISOString()}
            className={clsx(
              'shrink-0 text-meta',
              unread > 0 ? 'font-semibold text-accent' : open ? 'text-soft' : 'text-faint',
            )}
          >
            {lastMessage !== undefined && rowTime(lastAt, now, place)}
          </time>
        </span>
        <span className="flex h-5 items-center gap-1.5">
          {draft === '' || open ? (
            <LastMessage message={lastMessage} group={kind === 'group'} />
          ) : (
            <span dir="auto" className="min-w-0 flex-1 truncate text-second text-soft">
              <span className="text-bad">{t('draft')}</span>
              {draft.replaceAll(/\s+/g, ' ')}
            </span>
          )}
          {labels
            .flatMap((one) => known.get(one) ?? [])
            .slice(0, 3)
            .map((one) => (
              <span key={one.id} title={one.name} className={clsx('shrink-0', labelColour(one.colour))}>
                <span aria-hidden className="block size-2 rounded-full bg-(--account)" />
                <span className="sr-only">{one.name}</span>
              </span>
            ))}
          {assignee !== undefined && (
            <span title={t('assignedTo', { name: assignee })} className="shrink-0">
              <span
                aria-hidden
                className="flex size-5 items-center justify-center rounded-full border border-line bg-surface text-meta font-semibold text-soft"
              >
                {[...assignee][0]?.toLocaleUpperCase()}
              </span>
              <span className="sr-only">{t('assignedTo', { name: assignee })}</span>
            </span>
          )}
          {muted && <Sign icon={BellOff} label={t('muted')} />}
          {pinned && <Sign icon={Pin} label={t('pinned')} />}
          {unread === 0 && markedUnread === true && (
            <span title={t('unread')} className="shrink-0 p-1">
              <span aria-hidden className="block size-2.5 rounded-full bg-accent" />
              <span className="sr-only">{t('unread')}</span>
            </span>
          )}
          {unread > 0 && (
            <span
              className={clsx(
                'min-w-5 shrink-0 rounded-full px-1.5 text-center text-meta leading-5 font-semibold',
                muted ? 'bg-line text-soft' : 'bg-accent text-on-accent',
              )}
            >
              <span aria-hidden>{unread > 999 ? '999+' : unread}</span>
              <span className="sr-only">{t('unreadCount', { n: String(unread) })}</span>
            </span>
          )}
        </span>
      </span>
    </a>
  );
});

function Sign({ icon: Icon, label }: { readonly icon: LucideIcon; readonly label: string }): ReactNode {
  return (
    <span title={label} className="shrink-0 text-soft">
      <Icon aria-hidden size={16} strokeWidth={1.75} />
      <span className="sr-only">{label}</span>
    </span>
  );
}

function LastMessage({
  message,
  group,
}: {
  readonly message: Message | undefined;
  readonly group: boolean;
}): ReactNode {
  const t = useTranslations('inbox');
  const kinds = useTranslations('kind');
  const messages = useTranslations('message');
  if (message === undefined) return <span className="min-w-0 flex-1 truncate text-second text-soft">{t('quiet')}</span>;
  const { fromMe, status, kind, body, authorName, deleted } = message;
  const words = deleted
    ? messages(message.gone ?? 'deleted')
    : kind === 'text'
      ? body
      : kind === 'waiting'
        ? kinds('waiting')
        : `[${kinds(kind)}] ${body}`.trim();
  return (
    <>
      {fromMe && status !== undefined && <Tick status={status} />}
      <span dir="auto" className="min-w-0 flex-1 truncate text-second text-soft">
        {fromMe && <span className="sr-only">{t('you')}</span>}
        {group && !fromMe && authorName !== undefined && `${authorName}: `}
        {message.notice && !deleted ? <NoticeText message={message} /> : words.replaceAll(/\s+/g, ' ')}
      </span>
    </>
  );
}
