// A label as a chip: its colour as a dot, its name in words. It is never told by colour alone.
import type { Label } from '@pulseline/protocol';
import clsx from 'clsx';
import type { ReactNode } from 'react';

// Written out, so that Tailwind finds them.
const colours = [
  'account-0',
  'account-1',
  'account-2',
  'account-3',
  'account-4',
  'account-5',
  'account-6',
  'account-7',
] as const;

export const labelColours = colours.length;

export function labelColour(colour: number): string {
  return colours[colour % colours.length] ?? 'account-0';
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
