'use client';
// A dialog over the page. It knows nothing of what it asks.
import { X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from './controls.tsx';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A modal dialog: the browser's own, which traps the focus and closes on Escape. It is open as long as it is mounted, and begins at what bears `data-focus-first`. */
export function Dialog({ title, onClose, children }: DialogProps): ReactNode {
  const t = useTranslations('actions');
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    ref.current?.showModal();
    // Left alone the focus goes to the first button, which closes it.
    ref.current?.querySelector<HTMLElement>('[data-focus-first]')?.focus();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onClose={onClose}
      className="m-auto w-[min(480px,calc(100vw-32px))] rounded-card bg-surface p-0 text-ink shadow-float backdrop:bg-black/40 open:animate-arrive"
    >
      <div className="flex min-h-14 items-center justify-between gap-2 border-b border-line py-1 pr-2 pl-5">
        <h2 id={titleId} className="text-title font-semibold">
          {title}
        </h2>
        <IconButton icon={X} label={t('close')} onClick={() => ref.current?.close()} />
      </div>
      <div className="flex flex-col gap-4 p-5">{children}</div>
    </dialog>
  );
}
