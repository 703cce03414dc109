'use client';
// How far a message of ours has come: a glyph of fixed size with its word for screen readers, so that a rise moves nothing.
import type { MessageStatus } from '@pulseline/protocol';
import clsx from 'clsx';
import { Check, CheckCheck, CircleAlert, Clock, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';

const icons = {
  pending: Clock,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  played: CheckCheck,
  error: CircleAlert,
} as const satisfies Record<MessageStatus, LucideIcon>;

export function Tick({ status }: { readonly status: MessageStatus }): ReactNode {
  const t = useTranslations('tick');
  const Icon = icons[status];
  return (
    <span data-testid="tick" data-status={status} title={t(status)} className="inline-flex size-4 shrink-0">
      <Icon
        aria-hidden
        size={16}
        strokeWidth={1.75}
        className={clsx(
          (status === 'read' || status === 'played') && 'text-read',
          status === 'error' && 'text-bad',
          (status === 'sent' || status === 'delivered' || status === 'pending') && 'text-soft',
        )}
      />
      <span className="sr-only">{t(status)}</span>
    </span>
  );
}
