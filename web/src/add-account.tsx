'use client';
// The dialog that adds an account: a real phone (after the risk was accepted) or the sandbox phone.
import clsx from 'clsx';
import { FlaskConical, Smartphone } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { createAccount } from './account-calls.ts';
import { AccountWords } from './account-words.tsx';
import { Button, Failure, Field, useAction } from './controls.tsx';
import { Dialog } from './dialog.tsx';
import { choose, usePreferences } from './preferences.ts';
import { Risk } from './risk.tsx';

export type AddKind = 'phone' | 'sandbox';

export interface AddAccountProps {
  readonly first: AddKind;
  readonly onClose: () => void;
}

export function AddAccount(props: AddAccountProps): ReactNode {
  return (
    <AccountWords>
      <Form {...props} />
    </AccountWords>
  );
}

function Form({ first, onClose }: AddAccountProps): ReactNode {
  const t = useTranslations('add');
  const actions = useTranslations('actions');
  const [kind, setKind] = useState<AddKind>(first);
  const [label, setLabel] = useState('');
  const accepted = usePreferences(({ riskAccepted }) => riskAccepted);
  const [checked, setChecked] = useState(accepted);
  const action = useAction();
  const ways = [
    { value: 'sandbox', icon: FlaskConical, title: t('sandboxTitle'), text: t('sandboxText') },
    { value: 'phone', icon: Smartphone, title: t('phoneTitle'), text: t('phoneText') },
  ] as const;
  const create = async (): Promise<void> => {
    const name = label.trim() || t(kind === 'phone' ? 'defaultPhone' : 'defaultSandbox');
    const done = await action.run(() => createAccount(name, kind));
    if (!done) return;
    if (kind === 'phone') choose({ riskAccepted: true });
    onClose();
  };
  return (
    <Dialog title={t('title')} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-2 text-second text-soft">{t('intro')}</legend>
          {ways.map(({ value, icon: Icon, title, text }) => (
            <label
              key={value}
              className={clsx(
                'flex items-start gap-3 rounded-card border p-3 transition has-focus-visible:outline-2 has-focus-visible:outline-accent',
                kind === value ? 'border-accent bg-wash' : 'border-line hover:bg-sunken',
              )}
            >
              <input
                type="radio"
                name="kind"
                value={value}
                className="sr-only"
                checked={kind === value}
                onChange={() => setKind(value)}
              />
              <Icon aria-hidden size={20} strokeWidth={1.75} className="mt-0.5 shrink-0 text-accent" />
              <span className="flex flex-col">
                <span className="font-semibold">{title}</span>
                <span className="text-second text-soft">{text}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Field
          label={t('label')}
          maxLength={60}
          placeholder={t(kind === 'phone' ? 'labelPhone' : 'labelSandbox')}
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
        {kind === 'phone' && <Risk checked={checked} onChange={setChecked} />}
        <Failure error={action.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{actions('cancel')}</Button>
          <Button type="submit" look="primary" disabled={action.busy || (kind === 'phone' && !checked)}>
            {t('create')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
