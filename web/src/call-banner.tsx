'use client';
// A call that rings, over every page: who it is, to which account, and rejecting it. Calls are answered on the phone.
import { Phone, PhoneMissed, PhoneOff, Video, X } from 'lucide-react';
import Link from 'next/link';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Call, current, withCall } from './calls-state.ts';
import { Button, Failure, IconButton, useAction } from './controls.tsx';
import { useDesk } from './desk.ts';
import { live } from './live.ts';
import { rejectCall } from './panel/calls.ts';
import { PanelWords } from './panel/panel-words.tsx';
import { readable } from './phone-number.ts';

/** How often it is looked whether a call is over, ms. */
const LOOK_EVERY = 2_000;

export function CallBanner(): ReactNode {
  const [calls, setCalls] = useState<readonly Call[]>([]);
  useEffect(
    () =>
      live().on('call', ({ data, timestamp }) => {
        const now = Date.now() + (live().snapshot().clockOffset ?? 0);
        setCalls((known) => withCall(known, data, timestamp, now));
      }),
    [],
  );
  const some = calls.length > 0;
  useEffect(() => {
    if (!some) return;
    const timer = setInterval(
      () => setCalls((known) => current(known, Date.now() + (live().snapshot().clockOffset ?? 0))),
      LOOK_EVERY,
    );
    return () => clearInterval(timer);
  }, [some]);
  if (!some) return null;
  return (
    <PanelWords>
      <div // On a phone it takes the place of the header, so that nothing below it is half covered.
        className="pointer-events-none absolute inset-x-0 top-0 z-40 flex flex-col items-center md:top-2 md:gap-2 md:px-3"
      >
        {calls.map((call) => (
          <Banner
            key={call.id}
            call={call}
            onClose={() => setCalls((known) => known.filter(({ id }) => id !== call.id))}
          />
        ))}
      </div>
    </PanelWords>
  );
}

function Banner({ call, onClose }: { readonly call: Call; readonly onClose: () => void }): ReactNode {
  const t = useTranslations('call');
  const { id, account, from, conversation, video, state } = call;
  const label = useDesk(({ inbox }) => inbox.accounts.get(account)?.label);
  const number = readable(`+${from.replace(/@.*$/, '')}`);
  const name = useDesk(({ inbox }) => inbox.conversations.get(conversation ?? '')?.name) ?? number;
  const action = useAction();
  const ringing = state === 'ringing';
  const Icon = !ringing ? PhoneMissed : video ? Video : Phone;
  const words = !ringing ? t('missed', { name }) : video ? t('ringingVideo', { name }) : t('ringing', { name });
  return (
    <div
      role="alert"
      data-testid="call"
      data-state={state}
      className="pointer-events-auto flex min-h-14 w-full animate-arrive flex-wrap items-center gap-x-2 gap-y-1 bg-surface py-1 ps-3 pe-1 shadow-float md:w-[min(520px,100%)] md:gap-x-3 md:rounded-card md:py-2 md:ps-4 md:pe-2"
    >
      <Icon
        aria-hidden
        size={20}
        strokeWidth={1.75}
        className={ringing ? 'shrink-0 text-accent' : 'shrink-0 text-warn'}
      />
      <div className="min-w-0 flex-1">
        <p dir="auto" className="truncate font-semibold">
          {words}
        </p>
        <p className="truncate text-meta text-soft">{[label, ringing ? t('hint') : ''].filter(Boolean).join(' · ')}</p>
      </div>
      {conversation !== undefined && (
        <Link
          href={`/inbox?c=${encodeURIComponent(conversation)}`}
          className="inline-flex h-9 shrink-0 items-center rounded-control px-2 font-semibold text-accent hover:bg-sunken pointer-coarse:h-11"
        >
          {t('open')}
        </Link>
      )}
      {ringing && (
        <Button
          look="danger"
          icon={PhoneOff}
          disabled={action.busy}
          onClick={() => void action.run(() => rejectCall(account, id, from)).then((done) => done && onClose())}
        >
          {t('reject')}
        </Button>
      )}
      <IconButton icon={X} label={t('dismiss')} onClick={onClose} />
      <Failure error={action.error} />
    </div>
  );
}
