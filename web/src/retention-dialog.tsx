'use client';
// The dialog that says how long an account keeps its messages. What is older is removed for good, so it says so first.
import type { Account } from '@pulseline/protocol';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Dialog, Failure, Field, useAction } from './controls.tsx';
import { changeAccount } from './desk.ts';

const MOST_DAYS = 3_650;

export function RetentionDialog({
  account,
  onClose,
}: {
  readonly account: Account;
  readonly onClose: () => void;
}): ReactNode {
  const t = useTranslations('account');
  const actions = useTranslations('actions');
  const [days, setDays] = useState(String(account.retentionDays ?? ''));
  const action = useAction();
  const save = async (): Promise<void> => {
    const retentionDays = days.trim() === '' ? null : Number(days);
    if (await action.run(() => changeAccount(account.id, { retentionDays }))) onClose();
  };
  return (
    <Dialog title={t('retention')} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <p className="text-soft">{t('retentionText')}</p>
        <Field
          label={t('retentionDays')}
          type="number"
          min={1}
          max={MOST_DAYS}
          step={1}
          value={days}
          onChange={(event) => setDays(event.target.value)}
        />
        <Failure error={action.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{actions('cancel')}</Button>
          <Button type="submit" look="primary" disabled={action.busy}>
            {actions('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
