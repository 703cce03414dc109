'use client';
// The button on the card of an account that begins anew, where the account does not come back by itself or a person is impatient.
import type { Account } from '@pulseline/protocol';
import { RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { restartAccount } from './account-calls.ts';
import { AccountWords } from './account-words.tsx';
import { Button, Failure, useAction } from './controls.tsx';

export function Restart(props: { readonly account: Account }): ReactNode {
  return (
    <AccountWords>
      <Begin {...props} />
    </AccountWords>
  );
}

function Begin({ account: { id, state, reason, nextTryAt } }: { readonly account: Account }): ReactNode {
  const t = useTranslations('account');
  const actions = useTranslations('actions');
  const action = useAction();
  const needsCode = state === 'LOGGED_OUT' || reason?.code === 'QR_EXPIRED';
  return (
    <>
      <Button
        look={needsCode ? 'primary' : 'plain'}
        icon={RotateCw}
        disabled={action.busy}
        onClick={() => action.run(() => restartAccount(id))}
      >
        {needsCode ? t('again') : nextTryAt !== undefined ? actions('retryNow') : t('restart')}
      </Button>
      <Failure error={action.error} />
    </>
  );
}
