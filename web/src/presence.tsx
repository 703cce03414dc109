'use client';
// Is the person of a conversation online, or when was he last? WhatsApp is asked while the conversation is open; many people do not let it be seen, and then nothing is shown.
import type { Account, Conversation, EphemeralData } from '@pulseline/protocol';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useDesk } from './desk.ts';
import { usePlace } from './language.tsx';
import { live } from './live.ts';
import { watch } from './panel/calls.ts';
import { PanelWords } from './panel/panel-words.tsx';
import { useNow } from './ticking.ts';
import { momentTime } from './time.ts';

/** Who only passes by asks nothing, ms. */
const ASK_AFTER = 800;

type Seen = EphemeralData['presence'];

export function Presence(props: { readonly conversation: Conversation }): ReactNode {
  return (
    <PanelWords>
      <Line {...props} />
    </PanelWords>
  );
}

function Line({ conversation: { id, account, address } }: { readonly conversation: Conversation }): ReactNode {
  const t = useTranslations('panel');
  const place = usePlace();
  const state: Account['state'] | undefined = useDesk(({ inbox }) => inbox.accounts.get(account)?.state);
  const [seen, setSeen] = useState<Seen>();
  const now = useNow(60_000);
  useEffect(() => {
    setSeen(undefined);
    return live().on('presence', ({ data }) => {
      if (data.account === account && data.address === address) setSeen(data);
    });
  }, [account, address]);
  const ready = state === 'READY';
  useEffect(() => {
    if (!ready) return;
    // It is a kindness to the reader, not a promise: a failure shows as nothing.
    const timer = setTimeout(() => watch(id).catch(() => undefined), ASK_AFTER);
    return () => clearTimeout(timer);
  }, [id, ready]);
  if (!ready || seen === undefined) return null;
  const { lastSeen } = seen;
  if (seen.state === 'available') {
    return (
      <span data-testid="presence" className="shrink-0 text-ok">
        {t('online')}
      </span>
    );
  }
  // A clock that is ahead of ours says nothing wrong.
  if (lastSeen === undefined || lastSeen > now + 60_000) return null;
  return (
    <span data-testid="presence" className="min-w-0 truncate">
      {t('lastSeen', { time: momentTime(lastSeen, place) })}
    </span>
  );
}
