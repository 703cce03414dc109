'use client';
// The dialog that says how long an account keeps its messages and files, and how much room its files may take. What is older is removed for good, so it says so first.
import type { Account } from '@pulseline/protocol';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { changeAccount } from './account-calls.ts';
import { Button, Failure, Field, useAction } from './controls.tsx';
import { Dialog } from './dialog.tsx';
import { Words } from './language.tsx';
import { sizeText } from './media-address.ts';
import { type FileUse, readFileUse } from './profile-calls.ts';
import { profileWords as en } from './words/profile.en.ts';
import { profileWords as zh } from './words/profile.ts';

const words = { zh, en } as const;
/** As the server has it. */
const MOST_DAYS = 3_650;
/** 10 TiB: no disk here is larger. */
const MOST_MB = 10 * 1_024 * 1_024;

export interface KeepingDialogProps {
  readonly account: Account;
  readonly onClose: () => void;
}

export function KeepingDialog(props: KeepingDialogProps): ReactNode {
  return (
    <Words of={words}>
      <Keeping {...props} />
    </Words>
  );
}

const numberOf = (text: string): number | null => (text.trim() === '' ? null : Number(text));

function Keeping({ account, onClose }: KeepingDialogProps): ReactNode {
  const t = useTranslations('keeping');
  const actions = useTranslations('actions');
  const [days, setDays] = useState(String(account.retentionDays ?? ''));
  const [fileDays, setFileDays] = useState(String(account.mediaDays ?? ''));
  const [fileMb, setFileMb] = useState(String(account.mediaBudgetMb ?? ''));
  const [use, setUse] = useState<FileUse>();
  const action = useAction();
  useEffect(() => {
    // What is there now only helps to choose.
    readFileUse(account.id).then(setUse, () => undefined);
  }, [account.id]);
  const save = async (): Promise<void> => {
    const change = {
      retentionDays: numberOf(days),
      mediaDays: numberOf(fileDays),
      mediaBudgetMb: numberOf(fileMb),
    };
    if (await action.run(() => changeAccount(account.id, change))) onClose();
  };
  const limit = { type: 'number', min: 1, step: 1, placeholder: t('unlimited'), inputMode: 'numeric' } as const;
  return (
    <Dialog title={`${t('title')} · ${account.label}`} onClose={onClose}>
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <fieldset className="flex min-w-0 flex-col gap-2">
          <legend className="mb-1 font-semibold">{t('messages')}</legend>
          <p className="text-second text-soft">{t('messagesText')}</p>
          <Field
            label={t('messagesDays')}
            data-focus-first
            {...limit}
            max={MOST_DAYS}
            value={days}
            onChange={(event) => setDays(event.target.value)}
          />
        </fieldset>
        <fieldset className="flex min-w-0 flex-col gap-2">
          <legend className="mb-1 font-semibold">{t('files')}</legend>
          <p className="text-second text-soft">{t('filesText')}</p>
          <div className="grid grid-cols-1 gap-2 sm:grid-cols-2">
            <Field
              label={t('filesDays')}
              {...limit}
              max={MOST_DAYS}
              value={fileDays}
              onChange={(event) => setFileDays(event.target.value)}
            />
            <Field
              label={t('filesMb')}
              {...limit}
              max={MOST_MB}
              value={fileMb}
              onChange={(event) => setFileMb(event.target.value)}
            />
          </div>
          <p data-testid="file-use" className="min-h-[18px] text-second text-soft">
            {use !== undefined && t('filesUse', { files: String(use.files), size: sizeText(use.bytes) })}
          </p>
        </fieldset>
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
