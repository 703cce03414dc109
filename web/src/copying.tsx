'use client';
// What is there to be copied: a button, and a command line with one. It reads nothing from the clipboard.
import clsx from 'clsx';
import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from './controls.tsx';

/** A command line with a button that copies it. */
export function Command({ text, label }: { readonly text: string; readonly label?: string }): ReactNode {
  return (
    <div className="flex items-start gap-1 rounded-control bg-sunken py-1 pr-1 pl-3">
      <pre tabIndex={0} className="min-w-0 flex-1 overflow-x-auto py-1.5 font-mono text-meta whitespace-pre text-ink">
        {text}
      </pre>
      <CopyButton text={text} label={label} />
    </div>
  );
}

/** True for two seconds after it was set: something has just been copied. */
export function useCopied(): readonly [boolean, () => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return [copied, () => setCopied(true)];
}

export function CopyButton({ text, label }: { readonly text: string; readonly label?: string | undefined }): ReactNode {
  const t = useTranslations('actions');
  const [copied, setCopied] = useCopied();
  return (
    <IconButton
      icon={copied ? Check : Copy}
      label={copied ? t('copied') : [t('copy'), label].filter(Boolean).join(' ')}
      className={clsx('size-7', copied && 'text-ok')}
      onClick={() => {
        navigator.clipboard.writeText(text).then(setCopied, () => undefined);
      }}
    />
  );
}
