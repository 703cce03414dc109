'use client';
// The dashboard: one verdict, the accounts as cards, what is happening, and the guide's checklist.
import type { Account } from '@pulseline/protocol';
import clsx from 'clsx';
import { FlaskConical, Languages, Plus, Smartphone } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { AccountCard } from './account-card.tsx';
import { type Tone, toneOf, toneText } from './account-state.tsx';
import type { AddKind } from './add-account.tsx';
import { Checklist } from './checklist.tsx';
import { useLinkState } from './connection.tsx';
import { Button, Failure, useAction } from './controls.tsx';
import { createAccount, useDesk } from './desk.ts';
import { EventFeed } from './event-feed.tsx';
import { useLanguage } from './language.tsx';
import { choose } from './preferences.ts';
import { PageBody, PageHeader } from './shell.tsx';

const AddAccount = lazy(async () => ({ default: (await import('./add-account.tsx')).AddAccount }));

export function Dashboard(): ReactNode {
  const t = useTranslations('accounts');
  const accountMap = useDesk(({ inbox }) => inbox.accounts);
  const joined = useDesk((desk) => desk.joined);
  const [adding, setAdding] = useState<AddKind>();
  const accounts = useMemo(() => [...accountMap.values()], [accountMap]);
  return (
    <>
      <PageHeader title={t('title')}>
        {joined && accounts.length === 0 && <OtherLanguage />}
        {accounts.length > 0 && (
          <Button icon={Plus} onClick={() => setAdding('sandbox')}>
            <span className="max-sm:sr-only">{t('add')}</span>
          </Button>
        )}
      </PageHeader>
      <PageBody>
        <div className="grid max-w-[1600px] items-start gap-6 p-4 md:p-6 xl:grid-cols-[minmax(0,1fr)_360px]">
          <div className="flex min-w-0 flex-col gap-4">
            <Verdict accounts={accounts} joined={joined} />
            {joined && accounts.length === 0 ? (
              <FirstSteps onPhone={() => setAdding('phone')} />
            ) : (
              <ul
                aria-label={t('list')}
                className="grid grid-cols-1 items-start gap-4 sm:grid-cols-[repeat(auto-fill,minmax(320px,1fr))]"
              >
                {accounts.map((account) => (
                  <li key={account.id}>
                    <AccountCard account={account} />
                  </li>
                ))}
              </ul>
            )}
          </div>
          <div className="flex min-w-0 flex-col gap-6">
            <Checklist />
            <EventFeed />
          </div>
        </div>
      </PageBody>
      {adding !== undefined && (
        <Suspense>
          <AddAccount first={adding} onClose={() => setAdding(undefined)} />
        </Suspense>
      )}
    </>
  );
}

/** On the very first page: who cannot read it would not find the settings either. */
function OtherLanguage(): ReactNode {
  const t = useTranslations('accounts');
  const other = useLanguage() === 'zh' ? 'en' : 'zh';
  return (
    <Button look="quiet" icon={Languages} lang={other} onClick={() => choose({ language: other })}>
      {t('otherLanguage')}
    </Button>
  );
}

/** One sentence on how everything is. */
function Verdict({ accounts, joined }: { readonly accounts: readonly Account[]; readonly joined: boolean }): ReactNode {
  const t = useTranslations('accounts');
  const link = useLinkState();
  const count = (fits: (account: Account) => boolean): number => accounts.filter(fits).length;
  const bad = count(({ state }) => toneOf(state) === 'bad' || state === 'DEGRADED' || state === 'DISCONNECTED');
  const scans = count(({ state }) => state === 'QR');
  const busy = count(({ state }) => ['INITIALIZING', 'AUTHENTICATED', 'SYNCING'].includes(state));
  const ready = count(({ state }) => state === 'READY');
  const [tone, text] = ((): readonly [Tone | undefined, string] => {
    if (link === 'waiting' || link === 'closed') return ['bad', t('verdictOffline')];
    if (!joined) return [undefined, t('loading')];
    if (accounts.length === 0) return [undefined, t('verdictNone')];
    if (bad > 0) return ['warn', t('verdictBad', { n: bad })];
    if (scans > 0) return ['info', t('verdictQr', { n: scans })];
    if (busy > 0) return ['info', t('verdictBusy', { n: busy })];
    return ['ok', t('verdictGood', { n: ready })];
  })();
  return (
    <p role="status" className={clsx('text-page font-semibold', tone && toneText[tone])}>
      {text}
    </p>
  );
}

/** With no account there are two ways to begin. The sandbox phone asks for nothing, so it is there at once. */
function FirstSteps({ onPhone }: { readonly onPhone: () => void }): ReactNode {
  const t = useTranslations('add');
  const action = useAction();
  const ways = [
    {
      icon: FlaskConical,
      title: t('sandboxTitle'),
      text: t('sandboxText'),
      look: 'primary',
      action: t('chooseSandbox'),
      choose: () => void action.run(() => createAccount(t('defaultSandbox'), 'sandbox')),
    },
    {
      icon: Smartphone,
      title: t('phoneTitle'),
      text: t('phoneText'),
      look: 'plain',
      action: t('choosePhone'),
      choose: onPhone,
    },
  ] as const;
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        {ways.map((way) => (
          <section key={way.title} className="flex flex-col gap-2 rounded-card border border-line bg-surface p-5">
            <way.icon aria-hidden size={20} strokeWidth={1.75} className="text-accent" />
            <h2 className="text-title font-semibold">{way.title}</h2>
            <p className="flex-1 text-soft">{way.text}</p>
            <Button look={way.look} className="mt-2 self-start" disabled={action.busy} onClick={way.choose}>
              {way.action}
            </Button>
          </section>
        ))}
      </div>
      <Failure error={action.error} />
    </>
  );
}
