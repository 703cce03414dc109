'use client';
// Asks the reader for the name that colleagues will see, once it is needed. Logins will answer this one day.
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Field } from './controls.tsx';
import { Dialog } from './dialog.tsx';
import { chooseName } from './preferences.ts';

export interface NameDialogProps {
  readonly onClose: () => void;
  readonly onName: (name: string) => void;
}

export function NameDialog({ onClose, onName }: NameDialogProps): ReactNode {
  const t = useTranslations('team');
  const actions = useTranslations('actions');
  const [name, setName] = useState('');
  return (
    <Dialog title={t('yourName')} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const own = name.trim();
          if (own === '') return;
          chooseName(own);
          onClose();
          onName(own);
        }}
      >
        <p className="text-soft">{t('yourNameText')}</p>
        <Field
          label={t('name')}
          data-focus-first
          required
          maxLength={80}
          autoComplete="nickname"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{actions('cancel')}</Button>
          <Button type="submit" look="primary" disabled={name.trim() === ''}>
            {actions('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
