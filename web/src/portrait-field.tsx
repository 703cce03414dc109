'use client';
// The picture of an account or of a group, as others see it, with the means to choose another and to take it away. Each takes effect at once.
import clsx from 'clsx';
import { ImageUp, Trash2 } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Avatar, type AvatarProps } from './avatar.tsx';
import { Button, Failure, useAction } from './controls.tsx';
import { Words } from './language.tsx';
import { type Portrayed, setPicture } from './profile-calls.ts';
import { profileWords as en } from './words/profile.en.ts';
import { profileWords as zh } from './words/profile.ts';

const words = { zh, en } as const;

export interface PortraitFieldProps extends Pick<AvatarProps, 'name' | 'kind'> {
  readonly whose: Portrayed;
  readonly id: string;
  /** Of the picture as it is now. */
  readonly source: string;
}

export function PortraitField(props: PortraitFieldProps): ReactNode {
  return (
    <Words of={words}>
      <Portrait {...props} />
    </Words>
  );
}

function Portrait({ whose, id, source, name, kind = 'person' }: PortraitFieldProps): ReactNode {
  const t = useTranslations('profile');
  const input = useRef<HTMLInputElement>(null);
  const [here, setHere] = useState<string>();
  const action = useAction();
  const change = (file: File | undefined): void => void action.run(() => setPicture(whose, id, file));
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center gap-4">
        <span className="relative size-20 shrink-0">
          <Avatar name={name} kind={kind} className="size-full" />
          <img
            data-testid="portrait"
            src={source}
            alt=""
            onLoad={() => setHere(source)}
            onError={() => setHere(undefined)}
            className={clsx('absolute inset-0 size-full rounded-full object-cover', here !== source && 'opacity-0')}
          />
        </span>
        <div className="flex min-w-0 flex-wrap gap-2">
          <Button icon={ImageUp} disabled={action.busy} onClick={() => input.current?.click()}>
            {t(action.busy ? 'pictureBusy' : 'pictureChoose')}
          </Button>
          {here === source && (
            <Button look="quiet" icon={Trash2} disabled={action.busy} onClick={() => change(undefined)}>
              {t('pictureRemove')}
            </Button>
          )}
        </div>
        <input
          ref={input}
          type="file"
          data-testid="portrait-file"
          accept="image/jpeg,image/png,image/webp"
          aria-label={t('pictureChoose')}
          className="sr-only"
          tabIndex={-1}
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            // So that the same file can be chosen once more after a failure.
            target.value = '';
            if (file !== undefined) change(file);
          }}
        />
      </div>
      <Failure error={action.error} />
    </div>
  );
}
