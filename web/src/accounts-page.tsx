'use client';
// The dashboard: one verdict, the accounts as cards, what is happening, and the guide's checklist.
import type { Account } from '@pulseline/protocol';
import clsx from 'clsx';
import { Plus } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { AccountCard } from './account-card.tsx';
import { type Tone, toneOf, toneText } from './account-state.tsx';
import type { AddKind } from './add-account.tsx';
import { useLinkState } from './connection.tsx';
import { Button } from './controls.tsx';
import { useDesk } from './desk.ts';
import { PageBody, PageHeader } from './shell.tsx';

// The cards come first.
const DashboardSide = lazy(async () => ({ default: (await import('./dashboard-side.tsx')).DashboardSide }));
const FirstSteps = lazy(async () => ({ default: (await import('./first-steps.tsx')).FirstSteps }));
const OtherLanguage = lazy(async () => ({ default: (await import('./first-steps.tsx')).OtherLanguage }));
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
        {joined && accounts.length === 0 && (
          <Suspense>
            <OtherLanguage />
          </Suspense>
        )}
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
              <Suspense>
                <FirstSteps onPhone={() => setAdding('phone')} />
              </Suspense>
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
            <Suspense>
              <DashboardSide />
            </Suspense>
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
