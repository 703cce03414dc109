'use client';
// The guide's six ticks, each ticked by its own evidence while one looks; nothing is ticked by hand.

import { useLive } from '@pulseline/client/react';
import type { Account } from '@pulseline/protocol';
import clsx from 'clsx';
import { Circle, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { apiBase } from './api-base.ts';
import { roundTrip, useLinkState } from './connection.tsx';
import { CONNECTED_LINE } from './console-lines.ts';
import { useDesk } from './desk.ts';
import { useFailure } from './failure.tsx';
import { usePlace, Words } from './language.tsx';
import { useProofs } from './proofs.ts';
import { useServerStatus } from './server-status.ts';
import { clockTime, exactTime } from './time.ts';
import { checklistWords as en } from './words/checklist.en.ts';
import { checklistWords as zh } from './words/checklist.ts';

const words = { zh, en } as const;

const ASK_EVERY = 10_000;

interface Item {
  readonly key: string;
  readonly text: string;
  readonly done: boolean;
  readonly proof: string;
}

/** The port that an address means, said or not. */
export function portOf(base: string): string {
  const { port, protocol } = new URL(base);
  return port || (protocol === 'https:' ? '443' : '80');
}

function useItems(): readonly Item[] {
  const t = useTranslations('checklist');
  const states = useTranslations('states');
  const place = usePlace();
  const link = useLinkState();
  const server = useServerStatus(ASK_EVERY, link);
  const failure = useFailure(server.state === 'bad' ? server.error : undefined);
  const connectionId = useLive((status) => status.connectionId);
  const accounts = useDesk(({ inbox }) => inbox.accounts);
  const { openedAt, echoMs, shown } = useProofs();
  const open = link === 'open';
  const ready = [...accounts.values()].find(({ state }) => state === 'READY');
  const [first]: readonly (Account | undefined)[] = [...accounts.values()];
  return [
    {
      key: 'server',
      text: t('server', { port: portOf(apiBase()) }),
      done: server.state === 'good',
      proof:
        server.state === 'good'
          ? t('serverProof', { ms: roundTrip(server.ms), version: server.status.version })
          : (failure?.text ?? t('serverChecking')),
    },
    { key: 'web', text: t('web', { origin: window.location.origin }), done: true, proof: '' },
    {
      key: 'console',
      text: t('console', { line: CONNECTED_LINE }),
      done: open && openedAt !== undefined,
      proof: open && openedAt !== undefined ? t('consoleProof', { time: exactTime(openedAt, place) }) : '',
    },
    {
      key: 'page',
      text: t('page'),
      done: open,
      proof: open && connectionId !== undefined ? t('pageProof', { id: connectionId }) : '',
    },
    {
      key: 'whatsapp',
      text: t('whatsapp'),
      done: open && ready !== undefined,
      proof: !open
        ? t('whatsappUnknown')
        : ready !== undefined
          ? t('whatsappProof', { label: ready.label, time: clockTime(ready.since, place) })
          : first !== undefined
            ? t('whatsappWait', { label: first.label, state: states(first.state) })
            : t('whatsappNone'),
    },
    {
      key: 'message',
      text: t('message'),
      done: shown !== undefined || echoMs !== undefined,
      proof:
        shown !== undefined
          ? t('messageProof', { time: clockTime(shown.at, place), ms: roundTrip(shown.ms) })
          : echoMs !== undefined
            ? t('echoProof', { ms: roundTrip(echoMs) })
            : t('messageNone'),
    },
  ];
}

export function Checklist(): ReactNode {
  return (
    <Words of={words}>
      <Ticks />
    </Words>
  );
}

function Ticks(): ReactNode {
  const t = useTranslations('checklist');
  const items = useItems();
  const done = items.filter((item) => item.done).length;
  return (
    <section aria-label={t('title')} className="rounded-card border border-line bg-surface">
      <h2 className="flex items-baseline border-b border-line px-4 py-3 text-title font-semibold">
        <span className="flex-1">{t('title')}</span>
        <span className={clsx('text-second', done === items.length ? 'text-ok' : 'text-faint')}>
          {done} / {items.length}
        </span>
      </h2>
      <ol className="flex flex-col py-1">
        {items.map((item) => (
          <li
            key={item.key}
            data-testid="checklist-item"
            data-item={item.key}
            data-done={item.done}
            className="flex gap-2.5 px-4 py-2"
          >
            {item.done ? (
              <CircleCheck aria-hidden size={20} strokeWidth={1.75} className="shrink-0 text-ok" />
            ) : (
              <Circle aria-hidden size={20} strokeWidth={1.75} className="shrink-0 text-faint" />
            )}
            <span className="min-w-0">
              <span className="sr-only">{item.done ? t('done') : t('open')}: </span>
              <span className={item.done ? '' : 'text-soft'}>{item.text}</span>
              {item.proof !== '' && <span className="block text-second text-faint">{item.proof}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
