'use client';
// /test-ws, an instrument: the state of the live connection with its cause and its fix, every frame, a test message, the guide's checks and commands.
import { useLive, useLiveClient } from '@pulseline/client/react';
import clsx from 'clsx';
import { RotateCw, Unplug } from 'lucide-react';
import Link from 'next/link';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { Checklist } from './checklist.tsx';
import { Commands } from './commands.tsx';
import { type LinkState, reconnect, roundTrip, useLinkState, useNextTry } from './connection.tsx';
import { Button, Notice } from './controls.tsx';
import { CopyButton } from './copying.tsx';
import { FrameTable } from './frame-table.tsx';
import { useFrames } from './frames.ts';
import { useLanguage, Words } from './language.tsx';
import { useProofs } from './proofs.ts';
import { PageBody, PageHeader } from './shell.tsx';
import { TestMessage } from './test-message.tsx';
import { useNow } from './ticking.ts';
import { span } from './time.ts';
import { diagnosisWords as diagnosisEn } from './words/diagnosis.en.ts';
import { diagnosisWords } from './words/diagnosis.ts';

const words = { zh: diagnosisWords, en: diagnosisEn } as const;

// The checks and their words are many, and the frames below work without them.
const Ladder = lazy(() => import('./diagnosis/ladder.tsx').catch(() => ({ default: Missing })));
const StageTimes = lazy(() => import('./diagnosis/stage-times.tsx').catch(() => ({ default: Nothing })));

function Missing(): ReactNode {
  const t = useTranslations('diagnosis');
  return <Notice tone="warn" text={t('missing')} />;
}

function Nothing(): ReactNode {
  return null;
}

export function Diagnosis(): ReactNode {
  return (
    <Words of={words}>
      <Body />
    </Words>
  );
}

function Body(): ReactNode {
  const t = useTranslations('diagnosis');
  return (
    <>
      <PageHeader title={t('title')}>
        <Link href="/guide" className="text-second text-info underline">
          {t('guide')}
        </Link>
      </PageHeader>
      <PageBody>
        <div className="grid max-w-[1600px] items-start gap-4 p-4 md:p-6 xl:grid-cols-[minmax(0,1fr)_360px]">
          <div className="flex min-w-0 flex-col gap-4">
            <Suspense fallback={<div className="rounded-card border border-line bg-surface lg:h-72" />}>
              <Ladder />
            </Suspense>
            <Verdict />
            <Figures />
            <TestMessage />
            <FrameTable />
            <Suspense>
              <StageTimes />
            </Suspense>
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            <Checklist />
            <Types />
            <Commands />
          </div>
        </div>
      </PageBody>
    </>
  );
}

const sign = { open: '✅', connecting: '⏳', waiting: '❌', closed: '❌' } as const satisfies Record<LinkState, string>;
const tone = {
  open: 'text-ok',
  connecting: 'text-warn',
  waiting: 'text-bad',
  closed: 'text-bad',
} as const satisfies Record<LinkState, string>;

function Verdict(): ReactNode {
  const t = useTranslations('diagnosis');
  const client = useLiveClient();
  const state = useLinkState();
  const word = state === 'open' ? t('open') : state === 'connecting' ? t('connecting') : t('closed');
  const url = useLive((status) => status.url);
  return (
    <section
      data-testid="verdict"
      data-state={state}
      className="flex flex-wrap items-start gap-x-6 gap-y-3 rounded-card border border-line bg-surface p-4"
    >
      <div className="min-w-0 flex-1 basis-80">
        <p role="status" className={clsx('flex items-center gap-2 text-page font-semibold', tone[state])}>
          <span aria-hidden>{sign[state]}</span>
          {word}
        </p>
        <Explanation state={state} />
        <p className="mt-2 flex flex-wrap items-center gap-x-2 text-second text-soft">
          {t('address')}
          <code className="font-mono text-ink">{url}</code>
          <CopyButton text={url} />
        </p>
      </div>
      <div className="flex gap-2">
        <Button icon={Unplug} disabled={state === 'closed'} onClick={client.stop}>
          {t('disconnect')}
        </Button>
        <Button
          icon={RotateCw}
          look={state === 'open' ? 'plain' : 'primary'}
          onClick={() => {
            // From an open connection too: the reader wants to see one come up.
            if (state === 'open') client.stop();
            reconnect(client);
          }}
        >
          {t('reconnect')}
        </Button>
      </div>
    </section>
  );
}

/** Cause, fix and the next try. */
function Explanation({ state }: { readonly state: LinkState }): ReactNode {
  const t = useTranslations('diagnosis');
  const language = useLanguage();
  const client = useLiveClient();
  const phase = useLive((status) => status.phase);
  const next = useNextTry();
  const code = useLive((status) => status.failure?.code);
  const { failure } = client.snapshot();
  if (state === 'open') return <p className="text-soft">{t('openText')}</p>;
  if (state === 'connecting') return <p className="text-soft">{t('connectingText')}</p>;
  if (phase === 'idle') return <p className="text-soft">{t('byHand')}</p>;
  return (
    <div className="text-soft">
      {failure !== undefined && (
        <>
          <p className="text-ink">
            {failure.title[language]} ({code})
          </p>
          <p>{failure.fix[language]}</p>
        </>
      )}
      {phase !== 'failed' && <p>{next}</p>}
    </div>
  );
}

function Figures(): ReactNode {
  const t = useTranslations('diagnosis');
  const spans = useTranslations('span');
  const now = useNow(1_000);
  const state = useLinkState();
  const latency = useLive((status) => status.latency);
  const received = useLive((status) => status.counters.received);
  const duplicates = useLive((status) => status.counters.duplicates);
  const gaps = useLive((status) => status.counters.gaps);
  const reconnects = useLive((status) => status.counters.reconnects);
  const sent = useFrames((frames) => frames.sent);
  const { openedAt } = useProofs();
  const uptime = state === 'open' && openedAt !== undefined ? span(now - openedAt) : undefined;
  const figures = [
    {
      name: t('latency'),
      value: latency === undefined || state !== 'open' ? '–' : `${roundTrip(latency)} ms`,
      bad: false,
    },
    { name: t('uptime'), value: uptime === undefined ? '–' : spans(uptime.unit, { n: uptime.value }), bad: false },
    { name: t('received'), value: String(received), bad: false },
    { name: t('sent'), value: String(sent), bad: false },
    { name: t('gaps'), value: String(gaps), bad: gaps > 0 },
    { name: t('duplicates'), value: String(duplicates), bad: false },
    { name: t('reconnects'), value: String(reconnects), bad: false },
  ];
  return (
    <dl
      aria-label={t('counters')}
      className="grid grid-cols-2 gap-px overflow-hidden rounded-card border border-line bg-line sm:grid-cols-4 lg:grid-cols-7"
    >
      {figures.map(({ name, value, bad }) => (
        <div key={name} className="flex flex-col bg-surface px-3 py-2 last:max-lg:col-span-2 last:max-lg:sm:col-span-1">
          <dt className="truncate text-meta text-faint">{name}</dt>
          <dd className={clsx('text-title font-semibold', bad && 'text-warn')}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Types(): ReactNode {
  const t = useTranslations('diagnosis');
  const byType = useFrames((frames) => frames.byType);
  const types = [
    { type: 'connected', text: t('typeConnected') },
    { type: 'new_message', text: t('typeNewMessage') },
    { type: 'whatsapp_status', text: t('typeStatus') },
    { type: 'qr_update', text: t('typeQr') },
    { type: 'message_status', text: t('typeMessageStatus') },
  ];
  return (
    <section aria-label={t('types')} className="rounded-card border border-line bg-surface">
      <h2 className="border-b border-line px-4 py-3 text-title font-semibold">
        {t('types')}
        <span className="block text-second font-normal text-faint">{t('typesText')}</span>
      </h2>
      <dl className="py-1">
        {types.map(({ type, text }) => (
          <div key={type} className="flex items-baseline gap-3 px-4 py-1.5">
            <dt className="min-w-0 flex-1">
              <code className="font-mono text-second">{type}</code>
              <span className="block text-second text-faint">{text}</span>
            </dt>
            <dd className={clsx('font-semibold', (byType.get(type) ?? 0) === 0 && 'text-faint')}>
              {byType.get(type) ?? 0}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
