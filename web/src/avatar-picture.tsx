'use client';
// A person or a group with the picture they have chosen, over the circle with the first letter until it is here. One that has none stays the circle.
import type { Conversation } from '@pulseline/protocol';
import clsx from 'clsx';
import { type ReactNode, useState } from 'react';
import { Avatar } from './avatar.tsx';
import { pictureAddress } from './panel/calls.ts';

export interface AvatarPictureProps {
  readonly conversation: Conversation;
  readonly className: string;
}

export function AvatarPicture({ conversation, className }: AvatarPictureProps): ReactNode {
  const { id, name, kind, readOnly } = conversation;
  const [here, setHere] = useState(false);
  return (
    <span className={clsx('relative shrink-0', className)}>
      <Avatar name={name} kind={kind} className="size-full" />
      {readOnly !== true && (
        <img
          src={pictureAddress(id)}
          alt=""
          onLoad={() => setHere(true)}
          onError={() => setHere(false)}
          className={clsx('absolute inset-0 size-full rounded-full object-cover', !here && 'opacity-0')}
        />
      )}
    </span>
  );
}
