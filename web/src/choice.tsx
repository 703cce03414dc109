'use client';
// One setting as a row: its name, its options as a segmented control, and what it means.
import { type ReactNode, useId } from 'react';
import { Segments } from './segments.tsx';

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
  const textId = useId();
  return (
    <fieldset aria-describedby={textId} className="flex flex-wrap items-center gap-x-6 gap-y-3 p-4">
      <legend className="float-left w-full font-semibold sm:w-48">{name}</legend>
      <Segments
        value={value}
        options={options}
        onChoose={onChoose}
        stacked={stacked}
        className="w-full border border-line sm:w-auto"
      />
      {children}
      <p id={textId} className="w-full text-second text-faint">
        {text}
      </p>
    </fieldset>
  );
}
