'use client';
// Sends a `test` frame and waits for its `test_echo`: proof that the way to the server and back works, and how long it takes.
import { useFrame, useLiveClient } from '@pulseline/client/react';
import { shape } from '@pulseline/protocol';
import clsx from 'clsx';
import { Send } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { roundTrip, useLinkState } from './connection.tsx';
import { Button, Field } from './controls.tsx';
import { prove } from './proofs.ts';

/** An echo that takes longer is told as lost, ms. */
const PATIENCE = 5_000;

type Outcome =
  | { readonly state: 'none' }
  | { readonly state: 'waiting'; readonly id: string; readonly at: number }
  | { readonly state: 'back'; readonly ms: number }
  | { readonly state: 'lost' }
  | { readonly state: 'closed' };

const echo = shape.object({ id: shape.string(64) });

export function TestMessage(): ReactNode {
  const t = useTranslations('diagnosis');
  const client = useLiveClient();
  const link = useLinkState();
  const [text, setText] = useState<string>();
  const [outcome, setOutcome] = useState<Outcome>({ state: 'none' });
  const waiting = useRef<Extract<Outcome, { state: 'waiting' }>>(undefined);

  useFrame('test_echo', ({ data }) => {
    const sent = waiting.current;
    if (sent === undefined || !shape.fits(echo, data) || data.id !== sent.id) return;
    const ms = performance.now() - sent.at;
    waiting.current = undefined;
    setOutcome({ state: 'back', ms });
    prove({ echoMs: ms });
  });

  useEffect(() => {
    if (outcome.state !== 'waiting') return;
    const timer = setTimeout(() => setOutcome({ state: 'lost' }), PATIENCE);
    return () => clearTimeout(timer);
  }, [outcome]);

  const send = (): void => {
    const sent = { state: 'waiting', id: crypto.randomUUID(), at: performance.now() } as const;
    waiting.current = sent;
    const gone = client.send('test', { id: sent.id, text: text ?? t('testDefault') });
    setOutcome(gone ? sent : { state: 'closed' });
  };

  return (
    <section aria-label={t('test')} className="rounded-card border border-line bg-surface p-4">
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Field
          className="min-w-0 flex-1 basis-60"
          label={t('test')}
          maxLength={2_000}
          value={text ?? t('testDefault')}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" look={link === 'open' ? 'primary' : 'plain'} icon={Send} data-testid="test-send">
          {t('testSend')}
        </Button>
      </form>
      <p
        role="status"
        data-testid="test-outcome"
        data-state={outcome.state}
        className={clsx('mt-2 text-second', look(outcome))}
      >
        {words(outcome)}
      </p>
    </section>
  );

  function words(what: Outcome): string {
    switch (what.state) {
      case 'none':
        return t('testText');
      case 'waiting':
        return t('testWaiting');
      case 'back':
        return t('testBack', { ms: roundTrip(what.ms) });
      case 'lost':
        return t('testLost', { seconds: String(PATIENCE / 1_000) });
      case 'closed':
        return t('testClosed');
    }
  }
}

function look({ state }: Outcome): string {
  return state === 'back' ? 'text-ok' : state === 'lost' || state === 'closed' ? 'text-bad' : 'text-faint';
}
