'use client';
// One setting as a row: its name, its options as a segmented control, and what it means.
import clsx from 'clsx';
import { type ReactNode, useId } from 'react';

export interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly text: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChoose: (value: T) => void;
  /** One option a line, for long ones. */
  readonly stacked?: boolean;
  /** What goes with the option that holds. */
  readonly children?: ReactNode;
}

/** A few options of which one holds. */
export function Choice<T extends string>({
  name,
  text,
  value,
  options,
  onChoose,
  stacked = false,
  children,
}: ChoiceProps<T>): ReactNode {
  const group = useId();
  const textId = useId();
  return (
    <fieldset aria-describedby={textId} className="flex flex-wrap items-center gap-x-6 gap-y-3 p-4">
      <legend className="float-left w-full font-semibold sm:w-48">{name}</legend>
      <div
        className={clsx(
          'flex rounded-control border border-line bg-sunken p-0.5',
          stacked ? 'w-full flex-col sm:w-auto' : 'w-full sm:w-auto',
        )}
      >
        {options.map((option) => (
          <label
            key={option.value}
            className={clsx(
              'flex h-8 min-w-0 items-center rounded-control px-3 whitespace-nowrap transition has-focus-visible:outline-2 has-focus-visible:outline-accent pointer-coarse:h-11',
              !stacked && 'flex-1 justify-center',
              option.value === value ? 'bg-surface font-semibold text-accent' : 'text-soft hover:text-ink',
            )}
          >
            <input
              type="radio"
              className="sr-only"
              name={group}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
      {children}
      <p id={textId} className="w-full text-second text-faint">
        {text}
      </p>
    </fieldset>
  );
}
