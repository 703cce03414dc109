'use client';
// A person or a group with the picture they have chosen, over the circle with the first letter until it is here. One that has none stays the circle.
import type { Conversation } from '@pulseline/protocol';
import clsx from 'clsx';
import { type ReactNode, useState } from 'react';
import { Avatar } from './avatar.tsx';
import { usePictureAddress } from './picture-address.ts';

export interface AvatarPictureProps {
  readonly conversation: Conversation;
  readonly className: string;
}

export function AvatarPicture({ conversation, className }: AvatarPictureProps): ReactNode {
  const { id, name, kind, readOnly } = conversation;
  const source = usePictureAddress({ conversation: id });
  const [here, setHere] = useState<string>();
  return (
    <span className={clsx('relative shrink-0', className)}>
      <Avatar name={name} kind={kind} className="size-full" />
      {readOnly !== true && (
        <img
          src={source}
          alt=""
          onLoad={() => setHere(source)}
          onError={() => setHere(undefined)}
          className={clsx('absolute inset-0 size-full rounded-full object-cover', here !== source && 'opacity-0')}
        />
      )}
    </span>
  );
}
