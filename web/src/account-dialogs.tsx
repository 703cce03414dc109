'use client';
// What one can change about an account, each with its confirmation: name, login, proxy, existence.
import type { Account } from '@pulseline/protocol';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { changeAccount, logoutAccount, removeAccount } from './account-calls.ts';
import { AccountWords } from './account-words.tsx';
import { Button, Failure, Field, useAction } from './controls.tsx';
import { Dialog } from './dialog.tsx';

export interface AccountDialogProps {
  readonly account: Account;
  readonly onClose: () => void;
}

export function RenameDialog({ account, onClose }: AccountDialogProps): ReactNode {
  const t = useTranslations('account');
  const actions = useTranslations('actions');
  const [label, setLabel] = useState(account.label);
  const action = useAction();
  return (
    <Dialog title={t('renameTitle')} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={async (event) => {
          event.preventDefault();
          if (await action.run(() => changeAccount(account.id, { label: label.trim() }))) onClose();
        }}
      >
        <Field
          label={t('labelField')}
          data-focus-first
          required
          maxLength={60}
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
        <Failure error={action.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{actions('cancel')}</Button>
          <Button type="submit" look="primary" disabled={action.busy || label.trim() === ''}>
            {actions('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function LogoutDialog({ account, onClose }: AccountDialogProps): ReactNode {
  const t = useTranslations('account');
  return (
    <Confirm
      title={t('logoutTitle', { label: account.label })}
      text={t('logoutText')}
      action={t('logout')}
      run={() => logoutAccount(account.id)}
      onClose={onClose}
    />
  );
}

export function RemoveDialog({ account, onClose }: AccountDialogProps): ReactNode {
  const t = useTranslations('account');
  return (
    <Confirm
      title={t('removeTitle', { label: account.label })}
      text={t('removeText')}
      action={t('remove')}
      run={() => removeAccount(account.id)}
      onClose={onClose}
    />
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly run: () => Promise<void>;
  readonly onClose: () => void;
}

function Confirm({ title, text, action, run, onClose }: ConfirmProps): ReactNode {
  const actions = useTranslations('actions');
  const attempt = useAction();
  return (
    <Dialog title={title} onClose={onClose}>
      <p className="text-soft">{text}</p>
      <Failure error={attempt.error} />
      <div className="flex justify-end gap-2">
        <Button data-focus-first onClick={onClose}>
          {actions('cancel')}
        </Button>
        <Button
          look="danger"
          disabled={attempt.busy}
          onClick={async () => {
            if (await attempt.run(run)) onClose();
          }}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}

/** Where this network does not reach WhatsApp: how to go through a proxy. */
export function ProxyForm(props: { readonly account: Account }): ReactNode {
  return (
    <AccountWords>
      <FoldedProxy {...props} />
    </AccountWords>
  );
}

function FoldedProxy({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('account');
  return (
    <details className="mt-1">
      <summary className="w-fit cursor-pointer font-semibold text-accent">{t('proxyTitle')}</summary>
      <ProxyFields account={account} />
    </details>
  );
}

/** The same at any time, from the account's menu. */
export function ProxyDialog({ account, onClose }: AccountDialogProps): ReactNode {
  const t = useTranslations('account');
  return (
    <Dialog title={t('proxyField')} onClose={onClose}>
      <ProxyFields account={account} />
    </Dialog>
  );
}

function ProxyFields({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('account');
  const [proxy, setProxy] = useState(account.proxy ?? '');
  const [saved, setSaved] = useState(false);
  const action = useAction();
  return (
    <form
      className="mt-2 flex flex-col gap-2"
      onSubmit={async (event) => {
        event.preventDefault();
        setSaved(await action.run(() => changeAccount(account.id, { proxy: proxy.trim() || null })));
      }}
    >
      <p className="text-soft">{t('proxyText')}</p>
      <Field
        label={t('proxyField')}
        inputMode="url"
        spellCheck={false}
        placeholder={t('proxyPlaceholder')}
        value={proxy}
        onChange={(event) => setProxy(event.target.value)}
      />
      <Button type="submit" className="self-start" disabled={action.busy}>
        {t('proxySave')}
      </Button>
      {saved && (
        <p role="status" className="text-ok">
          {t('proxySaved')}
        </p>
      )}
      <Failure error={action.error} />
    </form>
  );
}
