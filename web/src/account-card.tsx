'use client';
// One account on the dashboard: who it is, how it is and since when, why it is not READY and what to do, and everything one can do with it.
import type { Account } from '@pulseline/protocol';
import clsx from 'clsx';
import { Ellipsis, Inbox } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { accountColour, StateBadge, toneOf, useReason } from './account-state.tsx';
import { IconButton, LinkButton, Notice } from './controls.tsx';
import { useDesk } from './desk.ts';
import { usePlace } from './language.tsx';
import { readable } from './phone-number.ts';
import { useNow } from './ticking.ts';
import { fullTime, span } from './time.ts';

// Not needed for the first look at the page.
const AccountMenu = lazy(async () => ({ default: (await import('./account-menu.tsx')).AccountMenu }));
const ProxyForm = lazy(async () => ({ default: (await import('./account-dialogs.tsx')).ProxyForm }));
const AccountDay = lazy(async () => ({ default: (await import('./account-day.tsx')).AccountDay }));
const Restart = lazy(async () => ({ default: (await import('./account-restart.tsx')).Restart }));
const QrCard = lazy(async () => ({ default: (await import('./qr-card.tsx')).QrCard }));

export function AccountCard({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('accounts');
  return (
    <article
      data-testid="account-card"
      data-account={account.id}
      aria-label={account.label}
      className={clsx(
        'relative flex flex-col gap-3 overflow-hidden rounded-card border border-line bg-surface p-4 pl-5',
        accountColour(account),
      )}
    >
      <span aria-hidden className="absolute inset-y-0 left-0 w-[3px] bg-(--account)" />
      <header className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-title font-semibold">{account.label}</h2>
          <p className="truncate text-second text-soft">
            {[
              t(account.kind === 'phone' ? 'kindPhone' : 'kindSandbox'),
              account.me === undefined ? t('noNumber') : readable(account.me.phone),
            ].join(' · ')}
          </p>
        </div>
        <Suspense fallback={<IconButton icon={Ellipsis} label="" disabled className="-mt-1 -mr-2" />}>
          <AccountMenu account={account} />
        </Suspense>
      </header>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StateBadge account={account} />
        <Since account={account} />
      </div>
      <Reason account={account} />
      <Progress account={account} />
      <Queue account={account} />
      {account.state === 'QR' && (
        <Suspense fallback={<div className="h-64" />}>
          <QrCard account={account} />
        </Suspense>
      )}
      {mayRestart(account) && (
        <Suspense fallback={<div className="h-9 pointer-coarse:h-11" />}>
          <Restart account={account} />
        </Suspense>
      )}
      {account.me !== undefined && account.state !== 'QR' && (
        <Suspense fallback={<div className="h-24" />}>
          <AccountDay account={account} />
        </Suspense>
      )}
      {account.state === 'READY' && <Figures account={account} />}
    </article>
  );
}

/** It does not come back by itself, or a person may be impatient. */
function mayRestart({ state, reason }: Account): boolean {
  return state === 'LOGGED_OUT' || state === 'DISCONNECTED' || state === 'FAILED' || reason?.code === 'QR_EXPIRED';
}

function Since({ account: { since } }: { readonly account: Account }): ReactNode {
  const t = useTranslations('accounts');
  const spans = useTranslations('span');
  const place = usePlace();
  const now = useNow(10_000);
  const { unit, value } = span(now - since);
  return (
    <time dateTime={new Date(since).toISOString()} title={fullTime(since, place)} className="text-second text-faint">
      {unit === 'seconds' ? t('sinceNow') : t('since', { span: spans(unit, { n: value }) })}
    </time>
  );
}

function Reason({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('accounts');
  const reason = useReason(account);
  if (reason === undefined) return null;
  const tone = toneOf(account.state) === 'bad' ? 'bad' : toneOf(account.state) === 'info' ? 'info' : 'warn';
  const byNetwork = account.kind === 'phone' && /^(NETWORK_|PROXY_)/.test(account.reason?.code ?? '');
  return (
    <Notice tone={tone} text={reason.text} fix={reason.fix}>
      {(account.nextTryAt !== undefined || account.attempts !== undefined) && (
        <p className="mt-1 text-soft">
          {[
            account.nextTryAt !== undefined && <Countdown key="next" until={account.nextTryAt} />,
            account.attempts !== undefined && account.attempts > 0 && (
              <span key="attempts">{t('attempts', { n: account.attempts })}</span>
            ),
          ]
            .filter(Boolean)
            .flatMap((part, index) => (index === 0 ? [part] : [' · ', part]))}
        </p>
      )}
      {byNetwork && (
        <Suspense>
          <ProxyForm account={account} />
        </Suspense>
      )}
    </Notice>
  );
}

function Countdown({ until }: { readonly until: number }): ReactNode {
  const t = useTranslations('accounts');
  const now = useNow(500);
  const seconds = Math.ceil((until - now) / 1_000);
  return <span>{seconds > 0 ? t('nextTry', { seconds: String(seconds) }) : t('nextTryNow')}</span>;
}

function Progress({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('accounts');
  const progress = useDesk((desk) => desk.progress.get(account.id));
  if (account.state !== 'SYNCING' || progress === undefined) return null;
  const { done, total } = progress;
  return (
    <div className="flex flex-col gap-1 text-second text-soft">
      {total === undefined
        ? t('syncing', { done: String(done) })
        : t('syncingOf', { done: String(done), total: String(total) })}
      {total !== undefined && <progress value={done} max={total} className="h-1 w-full accent-(--accent)" />}
    </div>
  );
}

/** What waits to be sent, and what it waits for. */
function Queue({ account: { queued = 0, state } }: { readonly account: Account }): ReactNode {
  const t = useTranslations('accounts');
  if (queued === 0) return null;
  return (
    <p data-testid="queued" className="text-second text-warn">
      {t(state === 'READY' ? 'queuedPaced' : 'queuedWaiting', { n: String(queued) })}
    </p>
  );
}

function Figures({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('accounts');
  const unread = useDesk(({ inbox }) => {
    let sum = 0;
    for (const { account: of, unread: n } of inbox.conversations.values()) if (of === account.id) sum += n;
    return sum;
  });
  const used = useDesk(({ inbox }) => [...inbox.conversations.values()].some(({ account: of }) => of === account.id));
  return (
    <>
      {!used && <p className="text-soft">{t('readyNext')}</p>}
      <p className="flex items-center gap-3 text-second text-soft">
        {used && <span>{t('unread', { n: String(unread) })}</span>}
        <LinkButton
          href="/inbox"
          icon={Inbox}
          look={used ? 'plain' : 'primary'}
          className={used ? 'ml-auto' : 'flex-1'}
        >
          {t('openInbox')}
        </LinkButton>
      </p>
    </>
  );
}
