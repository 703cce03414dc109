'use client';
// What the panel is put together from: a section with its heading, a row with an icon, a choice. They know nothing of WhatsApp.
import clsx from 'clsx';
import type { LucideIcon } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { inputLook } from '../controls.tsx';

export function Section({ title, children }: { readonly title?: string; readonly children: ReactNode }): ReactNode {
  const id = useId();
  return (
    <section {...(title !== undefined && { 'aria-labelledby': id })} className="border-t border-line px-4 py-3">
      {title !== undefined && (
        <h3 id={id} className="mb-2 text-second font-semibold text-soft">
          {title}
        </h3>
      )}
      {children}
    </section>
  );
}

const rowLook =
  'flex min-h-9 w-full items-center gap-3 rounded-control px-2 py-1.5 text-start -outline-offset-2 hover:bg-sunken disabled:text-faint disabled:hover:bg-transparent pointer-coarse:min-h-11';

export interface ActProps {
  readonly icon: LucideIcon;
  readonly text: string;
  readonly danger?: boolean;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onPress: () => void;
}

export function Act({ icon: Icon, text, danger = false, pressed, disabled = false, onPress }: ActProps): ReactNode {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onPress}
      className={clsx(rowLook, danger && !disabled && 'text-bad')}
    >
      <Icon aria-hidden size={20} strokeWidth={1.75} className={clsx('shrink-0', !danger && 'text-soft')} />
      <span className="min-w-0 flex-1">{text}</span>
    </button>
  );
}

export interface PickProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly disabled?: boolean;
  readonly onPick: (value: string) => void;
}

/** One of a few, by the browser's own list: the best there is on a phone. */
export function Pick({ icon: Icon, label, value, options, disabled = false, onPick }: PickProps): ReactNode {
  return (
    <label className="flex min-h-9 items-center gap-3 px-2 py-0.5 pointer-coarse:min-h-11">
      <Icon aria-hidden size={20} strokeWidth={1.75} className="shrink-0 text-soft" />
      <span className="min-w-0 flex-1">{label}</span>
      <select
        value={value}
        disabled={disabled}
        onChange={(event) => onPick(event.target.value)}
        className={clsx(inputLook, 'max-w-36 flex-1')}
      >
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
