'use client';
// The state of this tab's live connection, in words: a pill that is always there, and a strip when it lasts badly. It decides nothing about the connection.

import type { LiveClient, LivePhase } from '@pulseline/client';
import { useLive, useLiveClient } from '@pulseline/client/react';
import clsx from 'clsx';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from './controls.tsx';
import { useForemostFault } from './findings.ts';
import { useFrames } from './frames.ts';
import { useLanguage } from './language.tsx';
import { Mark } from './mark.tsx';
import { useNow } from './ticking.ts';

export type LinkState = 'open' | 'connecting' | 'waiting' | 'closed';

/** The phases of the client as a reader tells them apart. */
function linkState(phase: LivePhase, failed: boolean): LinkState {
  switch (phase) {
    case 'live':
    case 'replaying':
      return 'open';
    case 'joining':
    case 'connecting':
      return failed ? 'waiting' : 'connecting';
    case 'waiting':
      return 'waiting';
    case 'idle':
    case 'failed':
      return 'closed';
  }
}

export function useLinkState(): LinkState {
  return useLive(({ phase, failure }) => linkState(phase, failure !== undefined));
}

const colour = {
  open: 'text-ok',
  connecting: 'text-warn',
  waiting: 'text-warn',
  closed: 'text-bad',
} as const satisfies Record<LinkState, string>;

/** Whole ms; below one it says so. */
export function roundTrip(ms: number): string {
  return ms < 1 ? '<1' : String(Math.round(ms));
}

/** Always visible: colour, glyph, word and round trip. Leads to the diagnosis. */
export function ConnectionPill({ upright = false }: { readonly upright?: boolean }): ReactNode {
  const t = useTranslations('connection');
  const state = useLinkState();
  const latency = useLive((status) => status.latency);
  const url = useLive((status) => status.url);
  const way = useLive((status) => status.way);
  const messages = useFrames(({ byType }) => byType.get('new_message') ?? 0);
  const ms = latency === undefined ? undefined : roundTrip(latency);
  const sentence =
    state === 'open'
      ? ms === undefined
        ? t('openNoLatency')
        : t('openLong', { ms })
      : state === 'connecting'
        ? t('connectingLong', { url })
        : t('closedLong');
  const detour = state === 'open' && way === 'event-stream';
  return (
    <Link
      href="/test-ws"
      data-testid="ws-state"
      data-state={state}
      title={detour ? t('byStream') : sentence}
      data-way={way}
      className={clsx(
        'flex items-center rounded-card border border-line bg-surface text-meta transition hover:bg-sunken',
        colour[state],
        upright ? 'w-12 flex-col gap-0.5 py-2' : 'h-9 gap-1.5 px-2.5 pointer-coarse:h-11',
      )}
    >
      <span className="sr-only">{t('label')}: </span>
      <Mark size={20} flat={state !== 'open'} beat={messages} />
      <span className="font-semibold">{t(state)}</span>
      {state === 'open' && ms !== undefined && (
        <span className="whitespace-nowrap text-faint">{detour ? 'HTTP' : t('latency', { ms })}</span>
      )}
    </Link>
  );
}

/** A short break is no news: the strip waits this long, ms. */
const STRIP_AFTER = 2_000;
/** From then on the page looks for the cause, ms after the strip came. */
const CAUSE_AFTER = 3_000;
/** What explains a break must be there before it: afterwards no script can be fetched. Ms after a connection. */
const PREPARE_AFTER = 3_000;

const loadCause = () => import('./diagnosis/break-cause.tsx');
// The words of the close code stand where it could not be loaded.
const BreakCause = lazy(() => loadCause().catch(() => ({ default: Otherwise })));

const FindingBanner = lazy(() => import('./diagnosis/finding-banner.tsx').catch(() => ({ default: () => null })));

function Otherwise({ otherwise }: { readonly otherwise: ReactNode }): ReactNode {
  return otherwise;
}

/** Over every page while the link stays down: what happened, what to do, when the next try is. */
export function ConnectionStrip(): ReactNode {
  const fault = useForemostFault();
  const state = useLinkState();
  const path = usePathname();
  const [late, setLate] = useState(false);
  const down = state === 'waiting' || state === 'closed';
  useEffect(() => {
    if (!down) return setLate(false);
    const timer = setTimeout(() => setLate(true), STRIP_AFTER);
    return () => clearTimeout(timer);
  }, [down]);
  useEffect(() => {
    if (state !== 'open') return;
    const timer = setTimeout(() => void loadCause().catch(() => undefined), PREPARE_AFTER);
    return () => clearTimeout(timer);
  }, [state]);
  // The diagnosis says all of it, larger.
  if (path === '/test-ws') return null;
  if (down) return late ? <Strip state={state} /> : null;
  // One thing at a time: a link that is down comes before all that the server had told.
  return fault === undefined ? null : (
    <Suspense>
      <FindingBanner fault={fault} />
    </Suspense>
  );
}

function Strip({ state }: { readonly state: LinkState }): ReactNode {
  const t = useTranslations('connection');
  const actions = useTranslations('actions');
  const language = useLanguage();
  const client = useLiveClient();
  const next = useNextTry();
  const { failure } = client.snapshot();
  const lasting = useAfter(CAUSE_AFTER);
  // Left by hand: there is no cause to look for.
  const byHand = useLive(({ phase }) => phase === 'idle');
  const closeWords =
    failure === undefined ? null : <span className="min-w-0 flex-1 basis-72">{failure.fix[language]}</span>;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-note px-4 py-2 text-second text-on-note">
      {/* Said once; the countdown beside it would be read out every second. */}
      <span role="status" className="sr-only">
        {t('closedLong')}
      </span>
      <span className="font-semibold">{state === 'closed' ? t('closedLong') : next}</span>
      {lasting && !byHand ? (
        <Suspense fallback={closeWords}>
          <BreakCause otherwise={closeWords} />
        </Suspense>
      ) : (
        closeWords
      )}
      <Link href="/test-ws" className="inline-flex items-center font-semibold underline pointer-coarse:h-11">
        {t('details')}
      </Link>
      <Button className="ml-auto" onClick={() => reconnect(client)}>
        {actions('retryNow')}
      </Button>
    </div>
  );
}

/** True from so many ms after the first render. */
function useAfter(ms: number): boolean {
  const [past, setPast] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setPast(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return past;
}

/** When the next attempt is, counted down, or that one is under way. */
export function useNextTry(): string {
  const t = useTranslations('connection');
  const now = useNow(500);
  const nextTryAt = useLive((status) => status.nextTryAt);
  const attempt = String(useLive((status) => status.attempts) + 1);
  if (nextTryAt === undefined || nextTryAt <= now) return t('retryingLong', { attempt });
  return t('waitingLong', { seconds: String(Math.ceil((nextTryAt - now) / 1_000)), attempt });
}

/** An attempt now, from any state but an open connection. */
export function reconnect(client: LiveClient): void {
  if (client.snapshot().phase === 'idle') client.start();
  else client.retry();
}
