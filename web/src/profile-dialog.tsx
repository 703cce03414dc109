'use client';
// What others see of an account at WhatsApp: its picture, its name, the words about it. WhatsApp does not tell the words that stand there now, so only new ones are sent.
import type { Account } from '@pulseline/protocol';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Failure, Field, useAction } from './controls.tsx';
import { Dialog } from './dialog.tsx';
import { Words } from './language.tsx';
import { usePictureAddress } from './picture-address.ts';
import { PortraitField } from './portrait-field.tsx';
import { changeProfile } from './profile-calls.ts';
import { profileWords as en } from './words/profile.en.ts';
import { profileWords as zh } from './words/profile.ts';

const words = { zh, en } as const;
/** WhatsApp's own. */
const LONGEST_NAME = 25;
const LONGEST_ABOUT = 139;

export interface ProfileDialogProps {
  readonly account: Account;
  readonly onClose: () => void;
}

export function ProfileDialog(props: ProfileDialogProps): ReactNode {
  return (
    <Words of={words}>
      <Profile {...props} />
    </Words>
  );
}

function Profile({ account: { id, label, me }, onClose }: ProfileDialogProps): ReactNode {
  const t = useTranslations('profile');
  const actions = useTranslations('actions');
  const before = me?.name ?? '';
  const [name, setName] = useState(before);
  const [about, setAbout] = useState('');
  const source = usePictureAddress({ account: id, address: me?.id ?? '' });
  const action = useAction();
  const change = {
    ...(name.trim() !== before && name.trim() !== '' && { name: name.trim() }),
    ...(about.trim() !== '' && { about: about.trim() }),
  };
  const save = async (): Promise<void> => {
    if (Object.keys(change).length === 0) return onClose();
    if (await action.run(() => changeProfile(id, change))) onClose();
  };
  return (
    <Dialog title={`${t('title')} · ${label}`} onClose={onClose}>
      <p className="text-soft">{t('text')}</p>
      <PortraitField whose="accounts" id={id} source={source} name={before || label} />
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field
          label={t('name')}
          data-focus-first
          maxLength={LONGEST_NAME}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t('about')}
          placeholder={t('aboutHint')}
          maxLength={LONGEST_ABOUT}
          value={about}
          onChange={(event) => setAbout(event.target.value)}
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
