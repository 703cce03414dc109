'use client';
// The dialog that gives an account its colour, one of a set that can be told apart in light and dark; each has a name, so none is told by colour alone.
import type { Account } from '@pulseline/protocol';
import clsx from 'clsx';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { changeAccount } from './account-calls.ts';
import { accountColours } from './account-state.tsx';
import { Button, Failure, useAction } from './controls.tsx';
import { Dialog } from './dialog.tsx';

/** In the order of `accountColours`. */
const names = ['green', 'blue', 'purple', 'orange', 'olive', 'teal', 'rose', 'slate'] as const;

export function ColourDialog({
  account,
  onClose,
}: {
  readonly account: Account;
  readonly onClose: () => void;
}): ReactNode {
  const t = useTranslations('account');
  const action = useAction();
  const choose = async (colour: number | null): Promise<void> => {
    if (await action.run(() => changeAccount(account.id, { colour }))) onClose();
  };
  return (
    <Dialog title={`${t('colour')} · ${account.label}`} onClose={onClose}>
      <p className="text-soft">{t('colourText')}</p>
      <ul className="grid grid-cols-4 gap-2">
        {names.map((name, index) => (
          <li key={name}>
            <button
              type="button"
              aria-pressed={account.colour === index}
              disabled={action.busy}
              onClick={() => void choose(index)}
              className={clsx(
                'flex w-full flex-col items-center gap-1 rounded-control border py-2 text-second hover:bg-sunken',
                account.colour === index ? 'border-accent' : 'border-line',
                accountColours[index],
              )}
            >
              <span aria-hidden className="flex size-6 items-center justify-center rounded-full bg-(--account)">
                {account.colour === index && <Check size={16} strokeWidth={2.5} className="text-surface" />}
              </span>
              {t(name)}
            </button>
          </li>
        ))}
      </ul>
      <Failure error={action.error} />
      <Button
        className="self-start"
        aria-pressed={account.colour === undefined}
        disabled={action.busy}
        onClick={() => void choose(null)}
      >
        {t('colourAuto')}
      </Button>
    </Dialog>
  );
}
