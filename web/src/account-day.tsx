'use client';
// What today has come to for one account, and the states of its last 24 hours: figures and a strip, each in words too. It shows, it never acts.
import type { Account } from '@pulseline/protocol';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { AccountWords } from './account-words.tsx';
import { useLinkState } from './connection.tsx';
import { Button, Notice } from './controls.tsx';
import { usePlace } from './language.tsx';
import { type Band, bandsOf, type Meaning, type Total, totalsOf, untilNow } from './strip.ts';
import { useNow } from './ticking.ts';
import { clockTime, span } from './time.ts';
import { readToday, useToday } from './today.ts';

const DAY = 86_400_000;

export function AccountDay({ account }: { readonly account: Account }): ReactNode {
  return (
    <AccountWords>
      <Day account={account} />
    </AccountWords>
  );
}

function Day({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('account');
  const actions = useTranslations('actions');
  const { timeZone } = usePlace();
  const { of, isRead, error } = useToday(account.id, timeZone);
  const isLive = useLinkState() === 'open';
  if (!isRead && error !== undefined && isLive) {
    return (
      <Notice tone="warn" text={t('dayFailed')}>
        <Button className="mt-2" onClick={() => void readToday()}>
          {actions('retry')}
        </Button>
      </Notice>
    );
  }
  const figures = [
    { key: 'received', value: of?.received ?? (isRead ? 0 : undefined), tone: '' },
    { key: 'sent', value: of?.sent ?? (isRead ? 0 : undefined), tone: '' },
    { key: 'waiting', value: account.queued ?? 0, tone: 'text-warn' },
    { key: 'failed', value: of?.failed.length ?? (isRead ? 0 : undefined), tone: 'text-bad' },
  ] as const;
  return (
    <>
      <section aria-label={t('todayIn', { zone: timeZone })} title={t('todayIn', { zone: timeZone })}>
        <h3 className="sr-only">{t('today')}</h3>
        <dl data-testid="account-today" className="grid grid-cols-4 gap-2">
          {figures.map(({ key, value, tone }) => (
            <div key={key} className="flex min-w-0 flex-col">
              <dt className="truncate text-meta text-faint">{t(key)}</dt>
              <dd
                data-figure={key}
                className={clsx('truncate text-title font-semibold', value !== undefined && value > 0 && tone)}
              >
                {value ?? '–'}
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <Strip account={account} states={of?.states ?? []} isLive={isLive} />
    </>
  );
}

const fill = {
  ready: 'fill-ok',
  busy: 'fill-info',
  down: 'fill-bad',
  off: 'fill-line',
} as const satisfies Record<Meaning, string>;

/** The strip is measured in minutes: browsers draw greater numbers inexactly. Whatever is on it is as wide as can be seen. */
const MINUTE = 60_000;
const WIDTH = DAY / MINUTE;
const LEAST = 6;

interface StripProps {
  readonly account: Account;
  readonly states: Parameters<typeof bandsOf>[0];
  readonly isLive: boolean;
}

function Strip({ account, states, isLive }: StripProps): ReactNode {
  const t = useTranslations('account');
  const place = usePlace();
  const now = useNow(15_000);
  const from = now - DAY;
  const known = isLive ? untilNow(states, account, now) : states;
  const bands = bandsOf(known, from, isLive ? now : (known.at(-1)?.to ?? now));
  const say = useTotal();
  const words = totalsOf(bands).map(say).join(' · ');
  return (
    <figure data-testid="account-strip" className="flex flex-col gap-1">
      <svg
        role="img"
        aria-label={`${t('strip')}: ${words || t('stripNone')}`}
        viewBox={`0 0 ${WIDTH} 8`}
        preserveAspectRatio="none"
        className="h-2 w-full overflow-hidden rounded-full bg-sunken"
      >
        {[...bands].sort(loudLast).map((band) => (
          <rect
            key={`${band.from} ${band.meaning}`}
            x={Math.min((band.from - from) / MINUTE, WIDTH - LEAST)}
            y={0}
            width={Math.max((band.to - band.from) / MINUTE, LEAST)}
            height={8}
            className={fill[band.meaning]}
          />
        ))}
      </svg>
      <figcaption className="flex flex-wrap justify-between gap-x-3 text-meta text-faint">
        <span>{clockTime(from, place)}</span>
        <span>{t('stripNow')}</span>
        {/* All of it, on a line of its own: a finger has no tooltip. */}
        <span aria-hidden className="w-full text-pretty text-soft">
          {words || t('stripNone')}
        </span>
      </figcaption>
    </figure>
  );
}

/** A short break must not be painted over by what came after it. */
function loudLast(one: Band, other: Band): number {
  return Number(one.meaning === 'down') - Number(other.meaning === 'down') || one.from - other.from;
}

/** One sum of the strip in words. */
function useTotal(): (total: Total) => string {
  const t = useTranslations('account');
  const spans = useTranslations('span');
  return ({ meaning, ms, times }) => {
    const { unit, value } = span(ms);
    const minutes = unit === 'hours' ? Math.floor((ms % 3_600_000) / 60_000) : 0;
    const text =
      minutes === 0 ? spans(unit, { n: value }) : `${spans('hours', { n: value })} ${spans('minutes', { n: minutes })}`;
    switch (meaning) {
      case 'ready':
        return t('stripReady', { span: text });
      case 'busy':
        return t('stripBusy', { span: text });
      case 'down':
        return t('stripDown', { span: text, n: times });
      case 'off':
        return t('stripOff', { span: text });
    }
  };
}
