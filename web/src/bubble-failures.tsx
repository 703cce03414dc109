'use client';
// What went wrong with a message, below its bubble: it did not go out, or a change of it did not work; and another try.
import type { Message } from '@pulseline/protocol';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button, useAction } from './controls.tsx';
import { useFailure } from './failure.tsx';
import { useLanguage } from './language.tsx';
import type { MessageEntry } from './log-rows.ts';
import { retrySend } from './message-calls.ts';
import { sendAgain } from './outbox.ts';
import { useTell } from './tell.ts';

/** Why a reaction, an edit or a withdrawal did not work. */
export function NotChanged({
  error,
  refusal,
}: {
  readonly error: unknown;
  readonly refusal: Message['error'];
}): ReactNode {
  const t = useTranslations('message');
  const language = useLanguage();
  const way = useFailure(error);
  const tell = useTell(refusal !== undefined);
  const told = way ?? (refusal && tell(refusal.code, refusal, language));
  return (
    <p role="status" title={told?.fix} className="mt-1 max-w-[85%] text-second text-bad">
      {[t('refused'), told?.text].filter(Boolean).join(': ')}
    </p>
  );
}

/** Why a message did not go out, and another try. */
export function NotSent({ entry }: { readonly entry: MessageEntry }): ReactNode {
  const t = useTranslations('log');
  const language = useLanguage();
  const action = useAction();
  const way = useFailure(entry.type === 'unanswered' ? entry.message.error : action.error);
  const tell = useTell(entry.type === 'message' && entry.message.error !== undefined);
  const refusal =
    entry.type === 'message' && entry.message.error
      ? tell(entry.message.error.code, entry.message.error, language)
      : undefined;
  const told = way ?? refusal;
  return (
    <p className="mt-1 flex max-w-[85%] flex-wrap items-center justify-end gap-x-2 text-second text-bad">
      <span title={told?.fix}>{[t('notSent'), told?.text].filter(Boolean).join(': ')}</span>
      <Button
        look="quiet"
        className="text-accent"
        disabled={action.busy}
        onClick={() => {
          if (entry.type === 'unanswered') sendAgain(entry.message);
          else void action.run(() => retrySend(entry.message));
        }}
      >
        {t('retry')}
      </Button>
    </p>
  );
}
