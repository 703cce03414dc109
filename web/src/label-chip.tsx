// A label as a chip: its colour as a dot, its name in words. It is never told by colour alone.
import type { Label } from '@pulseline/protocol';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { accountColours } from './account-state.tsx';

export const labelColours = accountColours.length;

export function labelColour(colour: number): string {
  return accountColours[colour % accountColours.length] ?? 'account-0';
}

export function LabelChip({ label: { name, colour } }: { readonly label: Label }): ReactNode {
  return (
    <span
      className={clsx(
        'inline-flex h-6 max-w-40 shrink-0 items-center gap-1.5 rounded-full border border-line px-2 text-meta text-soft',
        labelColour(colour),
      )}
    >
      <span aria-hidden className="size-2 shrink-0 rounded-full bg-(--account)" />
      <span dir="auto" className="truncate">
        {name}
      </span>
    </span>
  );
}
