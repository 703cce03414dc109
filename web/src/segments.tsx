'use client';
// A few options side by side of which one holds: native radio buttons, so that arrow keys choose among them. It keeps nothing.
import clsx from 'clsx';
import { type ReactNode, useId } from 'react';

export interface SegmentsProps<T extends string> {
  /** What is chosen, for those who do not see it; absent where a legend says so. */
  readonly label?: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChoose: (value: T) => void;
  /** What of the page the choice changes, by its id. */
  readonly controls?: string;
  readonly className?: string;
  /** One option a line, for long ones. */
  readonly stacked?: boolean;
}

export function Segments<T extends string>({
  label,
  value,
  options,
  onChoose,
  controls,
  className,
  stacked = false,
}: SegmentsProps<T>): ReactNode {
  const group = useId();
  return (
    <div
      {...(label !== undefined && { role: 'radiogroup', 'aria-label': label })}
      className={clsx('flex rounded-control bg-sunken p-0.5', stacked && 'flex-col', className)}
    >
      {options.map((option) => (
        <label
          key={option.value}
          className={clsx(
            'relative flex h-8 min-w-0 items-center rounded-control px-2 whitespace-nowrap transition has-focus-visible:outline-2 has-focus-visible:outline-accent pointer-coarse:h-11',
            !stacked && 'flex-auto justify-center',
            option.value === value ? 'bg-surface font-semibold text-accent' : 'text-soft hover:text-ink',
          )}
        >
          <input
            type="radio"
            className="absolute inset-0 cursor-pointer appearance-none outline-none"
            name={group}
            value={option.value}
            checked={option.value === value}
            aria-controls={controls}
            onChange={() => onChoose(option.value)}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
