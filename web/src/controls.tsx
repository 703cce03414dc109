'use client';
// The controls that all pages share: buttons, fields, notices. They know sizes and colours and nothing of WhatsApp.
import clsx from 'clsx';
import type { LucideIcon } from 'lucide-react';
import Link from 'next/link';
import { type ButtonHTMLAttributes, type InputHTMLAttributes, type ReactNode, useId, useRef, useState } from 'react';
import { useFailure } from './failure.tsx';

type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

const buttonLook = {
  primary: 'bg-accent text-on-accent hover:opacity-90 disabled:opacity-50',
  plain: 'border border-line bg-surface text-ink hover:bg-sunken disabled:text-faint',
  quiet: 'text-soft hover:bg-sunken hover:text-ink disabled:text-faint',
  danger: 'border border-bad text-bad hover:bg-sunken disabled:opacity-50',
} as const satisfies Record<ButtonKind, string>;

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: ButtonKind;
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
}

/** 36 px high with a mouse, 44 px under a finger. */
const buttonShape =
  'inline-flex h-9 shrink-0 items-center justify-center gap-2 rounded-control px-3 font-semibold whitespace-nowrap transition pointer-coarse:h-11';

export function Button({ look = 'plain', icon: Icon, className, children, ...rest }: ButtonProps): ReactNode {
  return (
    <button type="button" {...rest} className={clsx(buttonShape, buttonLook[look], className)}>
      {Icon !== undefined && <Icon aria-hidden size={16} strokeWidth={1.75} />}
      {children}
    </button>
  );
}

export interface LinkButtonProps {
  readonly href: string;
  readonly look?: ButtonKind;
  readonly icon?: LucideIcon;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A way to another page that is the next step there is. */
export function LinkButton({ href, look = 'plain', icon: Icon, className, children }: LinkButtonProps): ReactNode {
  return (
    <Link href={href} className={clsx(buttonShape, buttonLook[look], className)}>
      {Icon !== undefined && <Icon aria-hidden size={16} strokeWidth={1.75} />}
      {children}
    </Link>
  );
}

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: LucideIcon;
  readonly label: string;
}

export function IconButton({ icon: Icon, label, className, ...rest }: IconButtonProps): ReactNode {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={clsx(
        'inline-flex size-9 shrink-0 items-center justify-center rounded-control text-soft transition hover:bg-sunken hover:text-ink disabled:text-line pointer-coarse:size-11',
        className,
      )}
    >
      <Icon aria-hidden size={20} strokeWidth={1.75} />
    </button>
  );
}

export interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly hideLabel?: boolean;
}

export function Field({ label, hideLabel = false, className, id, ...rest }: FieldProps): ReactNode {
  const own = useId();
  return (
    <div className={clsx('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id ?? own} className={hideLabel ? 'sr-only' : 'text-second text-soft'}>
        {label}
      </label>
      <input id={id ?? own} {...rest} className={inputLook} />
    </div>
  );
}

/** 16 px on touch screens: iOS zooms the page into any smaller field. */
export const inputLook =
  'h-9 w-full min-w-0 rounded-control border border-line bg-surface px-3 text-body text-ink pointer-coarse:h-11 pointer-coarse:text-title';

/** Runs one action at a time and keeps what went wrong with it. */
export function useAction(): {
  readonly busy: boolean;
  readonly error: unknown;
  readonly run: (action: () => Promise<unknown>) => Promise<boolean>;
} {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: undefined });
  const running = useRef(false);
  const run = async (action: () => Promise<unknown>): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setState({ busy: true, error: undefined });
    try {
      await action();
      setState({ busy: false, error: undefined });
      return true;
    } catch (error) {
      setState({ busy: false, error });
      return false;
    } finally {
      running.current = false;
    }
  };
  return { ...state, run };
}

const noticeLook = {
  bad: 'border-bad/40 text-bad',
  warn: 'border-warn/40 text-warn',
  info: 'border-info/40 text-info',
} as const;

export interface NoticeProps {
  readonly tone: keyof typeof noticeLook;
  readonly text: string;
  readonly fix?: string | undefined;
  readonly children?: ReactNode;
}

/** What happened, and what to do. */
export function Notice({ tone, text, fix, children }: NoticeProps): ReactNode {
  return (
    <div className={clsx('rounded-control border bg-surface px-3 py-2 text-second', noticeLook[tone])}>
      <p role="status" className="font-semibold">
        {text}
      </p>
      {fix !== undefined && fix !== '' && <p className="text-soft">{fix}</p>}
      {children}
    </div>
  );
}

/** A failed call, in words. Nothing if there is no error. */
export function Failure({ error, children }: { readonly error: unknown; readonly children?: ReactNode }): ReactNode {
  const words = useFailure(error);
  if (words === undefined) return null;
  return (
    <Notice tone="bad" {...words}>
      {children}
    </Notice>
  );
}

export interface EmptyProps {
  readonly title: string;
  readonly text?: string;
  readonly children?: ReactNode;
  /** It is the whole page, and its title that of the page. */
  readonly page?: boolean;
}

/** A place without content yet: what comes next, as a button. */
export function Empty({ title, text, children, page = false }: EmptyProps): ReactNode {
  const Title = page ? 'h1' : 'p';
  return (
    <div className="m-auto flex max-w-sm flex-col items-center gap-2 p-6 text-center">
      <Title className="text-title font-semibold">{title}</Title>
      {text !== undefined && <p className="text-soft">{text}</p>}
      {children !== undefined && <div className="mt-2 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}
