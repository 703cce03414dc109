'use client';
// The panel beside the open conversation: who it is, what one can set and do, what was shared. On a phone it takes the screen; Escape closes it and gives the focus back.
import type { Account, Conversation } from '@pulseline/protocol';
import { Archive, ArchiveRestore, BellOff, Download, History, MailOpen, Pin, PinOff, Timer, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { AvatarPicture } from '../avatar-picture.tsx';
import { Failure, IconButton, useAction } from '../controls.tsx';
import { arrange } from '../conversation-calls.ts';
import { CopyButton } from '../copying.tsx';
import { useDesk } from '../desk.ts';
import { showDetails } from '../details-state.ts';
import { exportAddress } from '../export-address.ts';
import { usePlace } from '../language.tsx';
import { openConversation } from '../open-conversation.ts';
import { readable } from '../phone-number.ts';
import { Presence } from '../presence.tsx';
import { useNow } from '../ticking.ts';
import { momentTime } from '../time.ts';
import { offerUndo } from '../undo.tsx';
import { fetchOlder, markUnread, setDisappearing } from './calls.ts';
import { Ending } from './ending.tsx';
import { GroupSections } from './group.tsx';
import { muteFor, mutes } from './mutes.ts';
import { PanelWords } from './panel-words.tsx';
import { Act, Pick, Section } from './parts.tsx';
import { Shared } from './shared.tsx';

/** Those of WhatsApp, seconds. */
const timers = { timerOff: 0, timer1d: 86_400, timer7d: 7 * 86_400, timer90d: 90 * 86_400 } as const;

export function Details({ id }: { readonly id: string }): ReactNode {
  const conversation = useDesk(({ inbox }) => inbox.conversations.get(id));
  const account = useDesk(({ inbox }) => inbox.accounts.get(conversation?.account ?? ''));
  if (conversation === undefined) return null;
  return (
    <PanelWords>
      <Panel key={id} conversation={conversation} account={account} />
    </PanelWords>
  );
}

interface PanelProps {
  readonly conversation: Conversation;
  readonly account: Account | undefined;
}

function Panel({ conversation, account }: PanelProps): ReactNode {
  const t = useTranslations('panel');
  const actions = useTranslations('actions');
  const { id, kind, readOnly } = conversation;
  const box = useRef<HTMLElement>(null);
  const close = (): void => {
    showDetails(false);
    document.querySelector<HTMLElement>('[data-details-trigger]')?.focus();
  };
  useEffect(() => {
    // Opened by hand: whoever works by keys goes on in here. One that stays open beside the next conversation leaves the focus alone.
    if (document.activeElement?.closest('[data-details-trigger]')) box.current?.focus();
  }, []);
  return (
    <aside
      ref={box}
      tabIndex={-1}
      aria-label={t('title')}
      data-testid="details"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented || event.nativeEvent.isComposing) return;
        // A dialog in front of it closes first.
        if (document.querySelector('dialog[open], [role=menu]') !== null) return;
        event.preventDefault();
        close();
      }}
      className="absolute inset-y-0 end-0 z-20 flex w-full flex-col overflow-hidden bg-surface outline-none md:w-80 md:border-s md:border-line max-xl:md:shadow-float xl:static xl:shrink-0"
    >
      <div className="flex h-14 shrink-0 items-center justify-between border-b border-line ps-4 pe-2">
        <h2 className="text-title font-semibold">{t('title')}</h2>
        <IconButton icon={X} label={actions('close')} onClick={close} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain pb-safe">
        <Who conversation={conversation} account={account} />
        {readOnly !== true && <Settings conversation={conversation} />}
        {kind === 'group' && <GroupSections conversation={conversation} />}
        <Shared conversation={conversation} />
        <Section>
          {readOnly !== true && <Older id={id} />}
          <Export id={id} />
        </Section>
        <Ending conversation={conversation} />
      </div>
    </aside>
  );
}

function Who({ conversation, account }: PanelProps): ReactNode {
  const t = useTranslations('panel');
  const { name, kind, phone, group } = conversation;
  return (
    <div className="flex flex-col items-center gap-1 px-4 pt-6 pb-4 text-center">
      <AvatarPicture conversation={conversation} className="mb-2 size-24 [&>span]:text-number" />
      <p dir="auto" className="max-w-full text-title font-semibold break-words">
        {name}
      </p>
      {phone !== undefined && (
        <p className="flex items-center gap-1 text-soft">
          {readable(phone)}
          <CopyButton text={phone} label={t('number')} />
        </p>
      )}
      {kind === 'group' && group !== undefined && <p className="text-soft">{t('group', { n: String(group.size) })}</p>}
      <p className="flex min-h-[18px] max-w-full items-center gap-2 text-second text-soft">
        {kind === 'person' && <Presence conversation={conversation} />}
        {account !== undefined && <span className="truncate">{account.label}</span>}
      </p>
    </div>
  );
}

function Settings({ conversation }: { readonly conversation: Conversation }): ReactNode {
  const t = useTranslations('panel');
  const inbox = useTranslations('inbox');
  const place = usePlace();
  const now = useNow(60_000);
  const action = useAction();
  const { id, kind, archived, pinned, muted, mutedUntil, disappearing = 0, unread, markedUnread, group } = conversation;
  const isMuted = muted && (mutedUntil === undefined || mutedUntil > now);
  const muteValue = !isMuted ? 'muteOff' : mutedUntil === undefined ? 'muteAlways' : 'until';
  const mute = (value: string): void => {
    const before = { muted, ...(mutedUntil !== undefined && { mutedUntil }) };
    const span = mutes.find((one) => one === value);
    const next = span === undefined ? { muted: false } : muteFor(span, Date.now());
    void action
      .run(() => arrange(id, next))
      .then((done) => {
        if (done && next.muted && !isMuted)
          offerUndo(inbox('muted'), () => arrange(id, before.muted ? before : { muted: false }));
      });
  };
  const timer = Object.entries(timers).find(([, seconds]) => seconds === disappearing)?.[0] ?? 'other';
  const canTime = kind === 'person' || (kind === 'group' && group?.role !== 'none');
  const archive = (): void => {
    void action
      .run(() => arrange(id, { archived: !archived }))
      .then((done) => {
        if (done) offerUndo(inbox(archived ? 'unarchivedDone' : 'archivedDone'), () => arrange(id, { archived }));
      });
  };
  return (
    <Section>
      <div className="-mx-2 flex flex-col">
        <Pick
          icon={BellOff}
          label={t('muteLabel')}
          value={muteValue}
          disabled={action.busy}
          onPick={mute}
          options={[
            ['muteOff', t('muteOff')],
            ...(muteValue === 'until'
              ? [['until', t('muteUntil', { time: momentTime(mutedUntil ?? now, place) })] as const]
              : []),
            ...mutes.map((span) => [span, t(span)] as const),
          ]}
        />
        {canTime && (
          <Pick
            icon={Timer}
            label={t('timer')}
            value={timer}
            disabled={action.busy}
            onPick={(value) => {
              const [, seconds] = Object.entries(timers).find(([key]) => key === value) ?? [];
              if (seconds !== undefined) void action.run(() => setDisappearing(id, seconds));
            }}
            options={[
              ['timerOff', t('timerOff')],
              ['timer1d', t('timer1d')],
              ['timer7d', t('timer7d')],
              ['timer90d', t('timer90d')],
              ...(timer === 'other'
                ? [['other', t('timerOther', { n: String(Math.max(1, Math.round(disappearing / 86_400))) })] as const]
                : []),
            ]}
          />
        )}
        <Act
          icon={pinned ? PinOff : Pin}
          text={pinned ? inbox('unpin') : inbox('pin')}
          disabled={action.busy}
          onPress={() => void action.run(() => arrange(id, { pinned: !pinned }))}
        />
        <Act
          icon={archived ? ArchiveRestore : Archive}
          text={archived ? inbox('unarchive') : inbox('archive')}
          disabled={action.busy}
          onPress={archive}
        />
        <Act
          icon={MailOpen}
          text={t('markUnread')}
          disabled={action.busy || markedUnread === true || unread > 0}
          onPress={() =>
            void action
              .run(() => markUnread(id))
              // Looking at it would read it again.
              .then((done) => done && openConversation(undefined))
          }
        />
      </div>
      <Failure error={action.error} />
    </Section>
  );
}

function Older({ id }: { readonly id: string }): ReactNode {
  const t = useTranslations('panel');
  const action = useAction();
  const [came, setCame] = useState<number>();
  return (
    <div className="-mx-2">
      <Act
        icon={History}
        text={t('history')}
        disabled={action.busy || came === 0}
        onPress={() => void action.run(async () => setCame(await fetchOlder(id)))}
      />
      <p role="status" className="px-2 text-second text-soft empty:hidden">
        {action.busy
          ? t('historyBusy')
          : came === undefined
            ? ''
            : came === 0
              ? t('historyEnd')
              : t('historyDone', { n: String(came) })}
      </p>
      <Failure error={action.error} />
    </div>
  );
}

function Export({ id }: { readonly id: string }): ReactNode {
  const t = useTranslations('panel');
  const formats = [
    ['txt', t('exportText')],
    ['html', t('exportHtml')],
    ['jsonl', t('exportJson')],
  ] as const;
  return (
    <div className="-mx-2 flex min-h-9 flex-wrap items-center gap-x-3 px-2 py-1.5">
      <Download aria-hidden size={20} strokeWidth={1.75} className="shrink-0 text-soft" />
      <span id="export-chat" className="flex-1">
        {t('export')}
      </span>
      <span className="flex gap-1">
        {formats.map(([format, text]) => (
          <a
            key={format}
            href={exportAddress('conversations', id, format)}
            download
            aria-label={`${t('export')}: ${text}`}
            className="inline-flex h-8 items-center rounded-control border border-line px-2 text-second hover:bg-sunken pointer-coarse:h-11"
          >
            {text}
          </a>
        ))}
      </span>
    </div>
  );
}
