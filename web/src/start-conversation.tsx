'use client';
// The dialog that begins a conversation with a number, from a chosen account.
import type { Account } from '@pulseline/protocol';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Dialog, Failure, Field, inputLook, useAction } from './controls.tsx';
import { startConversation } from './desk.ts';
import { openConversation } from './open-conversation.ts';
import { readable } from './phone-number.ts';

export interface StartConversationProps {
  readonly accounts: readonly Account[];
  readonly onClose: () => void;
}

export function StartConversation({ accounts, onClose }: StartConversationProps): ReactNode {
  const t = useTranslations('inbox');
  const actions = useTranslations('actions');
  const [from, setFrom] = useState((accounts.find(({ state }) => state === 'READY') ?? accounts[0])?.id ?? '');
  const [to, setTo] = useState('');
  const action = useAction();
  const start = async (): Promise<void> => {
    const done = await action.run(async () => openConversation((await startConversation(from, to.trim())).id));
    if (done) onClose();
  };
  return (
    <Dialog title={t('startTitle')} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <label className="flex flex-col gap-1">
          <span className="text-second text-soft">{t('startFrom')}</span>
          <select value={from} onChange={(event) => setFrom(event.target.value)} className={inputLook}>
            {accounts.map(({ id, label, me }) => (
              <option key={id} value={id}>
                {[label, me && readable(me.phone)].filter(Boolean).join(' · ')}
              </option>
            ))}
          </select>
        </label>
        <Field
          label={t('startTo')}
          type="tel"
          autoFocus
          required
          placeholder="+86 138 0000 0000"
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
        <Failure error={action.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{actions('cancel')}</Button>
          <Button type="submit" look="primary" disabled={action.busy}>
            {t('startGo')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
