'use client';
// How far a message of ours has come: a glyph of fixed size with its word for screen readers, so that a rise moves nothing.
import type { MessageStatus } from '@pulseline/protocol';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Glyph, type GlyphName } from './glyph.tsx';

const glyphs = {
  pending: 'pending',
  sent: 'sent',
  delivered: 'twice',
  read: 'twice',
  played: 'twice',
  error: 'error',
} as const satisfies Record<MessageStatus, GlyphName>;

export function Tick({ status }: { readonly status: MessageStatus }): ReactNode {
  const t = useTranslations('tick');
  return (
    <span data-testid="tick" data-status={status} title={t(status)} className="inline-flex size-4 shrink-0">
      <Glyph
        name={glyphs[status]}
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
