'use client';
// The first step on the dashboard while there is no account: the sandbox phone at once, or a real one by its dialog.
import { FlaskConical, Languages, Smartphone } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { createAccount } from './account-calls.ts';
import { AccountWords } from './account-words.tsx';
import { Button, Failure, useAction } from './controls.tsx';
import { useLanguage } from './language.tsx';
import { choose } from './preferences.ts';

/** With no account there are two ways to begin. The sandbox phone asks for nothing, so it is there at once. */
export function FirstSteps(props: { readonly onPhone: () => void }): ReactNode {
  return (
    <AccountWords>
      <Ways {...props} />
    </AccountWords>
  );
}

function Ways({ onPhone }: { readonly onPhone: () => void }): ReactNode {
  const t = useTranslations('add');
  const action = useAction();
  const ways = [
    {
      icon: FlaskConical,
      title: t('sandboxTitle'),
      text: t('sandboxText'),
      look: 'primary',
      action: t('chooseSandbox'),
      choose: () => void action.run(() => createAccount(t('defaultSandbox'), 'sandbox')),
    },
    {
      icon: Smartphone,
      title: t('phoneTitle'),
      text: t('phoneText'),
      look: 'plain',
      action: t('choosePhone'),
      choose: onPhone,
    },
  ] as const;
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        {ways.map((way) => (
          <section key={way.title} className="flex flex-col gap-2 rounded-card border border-line bg-surface p-5">
            <way.icon aria-hidden size={20} strokeWidth={1.75} className="text-accent" />
            <h2 className="text-title font-semibold">{way.title}</h2>
            <p className="flex-1 text-soft">{way.text}</p>
            <Button look={way.look} className="mt-2 self-start" disabled={action.busy} onClick={way.choose}>
              {way.action}
            </Button>
          </section>
        ))}
      </div>
      <Failure error={action.error} />
    </>
  );
}

/** On the very first page: who cannot read it would not find the settings either. */
export function OtherLanguage(): ReactNode {
  const t = useTranslations('accounts');
  const other = useLanguage() === 'zh' ? 'en' : 'zh';
  return (
    <Button look="quiet" icon={Languages} lang={other} onClick={() => choose({ language: other })}>
      {t('otherLanguage')}
    </Button>
  );
}
