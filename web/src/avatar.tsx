// A person or a group as a circle with the first letter of the name; quiet, so that the account's colour stays the only one.
import type { Conversation } from '@pulseline/protocol';
import clsx from 'clsx';
import { Megaphone, Users } from 'lucide-react';
import type { ReactNode } from 'react';

export interface AvatarProps {
  readonly name: string;
  readonly kind?: Conversation['kind'];
  readonly className?: string;
}

export function Avatar({ name, kind = 'person', className = 'size-11' }: AvatarProps): ReactNode {
  return (
    <span
      aria-hidden
      className={clsx(
        'flex shrink-0 items-center justify-center rounded-full bg-sunken text-title font-semibold text-soft',
        className,
      )}
    >
      {kind === 'person' ? (
        initial(name)
      ) : kind === 'group' ? (
        <Users size={20} strokeWidth={1.75} />
      ) : (
        <Megaphone size={20} strokeWidth={1.75} />
      )}
    </span>
  );
}

/** The first whole character; a number shows a hash. */
function initial(name: string): string {
  const [first = ''] = [...name.replace(/^\+/, '')];
  return /\d/.test(first) ? '#' : first.toLocaleUpperCase();
}
