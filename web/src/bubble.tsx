'use client';
// One message as a bubble. Its size never depends on its status: a rising tick moves nothing.
import type { MessageKind, MessageStatus } from '@pulseline/protocol';
import clsx from 'clsx';
import { memo, type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, useAction } from './controls.tsx';
import { retrySend } from './desk.ts';
import { useFailure } from './failure.tsx';
import { useLanguage, usePlace } from './language.tsx';
import { type Entry, timeOf } from './log-rows.ts';
import { sendAgain } from './outbox.ts';
import { tell } from './reasons.ts';
import { isArriving, useShown } from './shown.ts';
import { Tick } from './tick.tsx';
import { clockTime, fullTime } from './time.ts';

export interface BubbleProps {
  readonly entry: Entry;
  readonly first: boolean;
  readonly last: boolean;
  readonly group: boolean;
}

interface View {
  readonly id: string | undefined;
  readonly ours: boolean;
  readonly kind: MessageKind;
  readonly body: string;
  readonly status: MessageStatus | undefined;
  readonly author: string | undefined;
}

function viewOf(entry: Entry): View {
  if (entry.type === 'unanswered') {
    const status = entry.message.error === undefined ? 'pending' : 'error';
    return { id: undefined, ours: true, kind: 'text', body: entry.message.text, status, author: undefined };
  }
  const { id, fromMe, kind, body, status, authorName, author } = entry.message;
  return {
    id,
    ours: fromMe,
    kind,
    body,
    status: fromMe ? status : undefined,
    author: authorName ?? author?.split('@')[0],
  };
}

export const Bubble = memo(function Bubble({ entry, first, last, group }: BubbleProps): ReactNode {
  const t = useTranslations('log');
  const kinds = useTranslations('kind');
  const place = usePlace();
  const { id, ours, kind, body, status, author } = viewOf(entry);
  const at = timeOf(entry);
  const [arriving] = useState(() => entry.type === 'unanswered' || isArriving(id));
  useShown(id);
  if (kind === 'system') {
    return <p className="px-6 py-2 text-center text-meta text-soft">{body || kinds('system')}</p>;
  }
  return (
    <div
      data-testid="message-bubble"
      data-message={id}
      className={clsx(
        'flex flex-col px-4',
        arriving && 'animate-arrive',
        ours ? 'items-end' : 'items-start',
        // All room is above: what comes after a message must not move it.
        first ? 'pt-3' : 'pt-0.5',
      )}
    >
      <div
        // The time stands where the last line ends, which in Arabic or Hebrew is the left.
        dir="auto"
        className={clsx(
          'relative max-w-[85%] rounded-card px-3 py-1.5 text-body pointer-coarse:text-title md:max-w-[min(70%,640px)]',
          ours ? 'bg-ours' : 'border border-line bg-theirs',
          last && (ours ? 'rounded-br-[3px]' : 'rounded-bl-[3px]'),
        )}
      >
        {group && !ours && first && author !== undefined && (
          <p dir="auto" className="truncate text-second font-semibold text-soft">
            {author}
          </p>
        )}
        {kind !== 'text' && kind !== 'waiting' && (
          <p dir="auto" className="text-second font-semibold text-soft">
            {kinds(kind)}
          </p>
        )}
        <div className="whitespace-pre-wrap">
          {kind === 'waiting' ? <span className="text-soft">{t('waiting')}</span> : body}
          {/* Keeps the last line clear of the time. */}
          <span aria-hidden className={clsx('inline-block h-px', ours ? 'w-16' : 'w-11')} />
        </div>
        <span className="absolute end-2 bottom-1.5 flex h-4 items-center gap-1 text-meta text-soft">
          <time dateTime={new Date(at).toISOString()} title={fullTime(at, place)}>
            {clockTime(at, place)}
          </time>
          {status !== undefined && <Tick status={status} />}
        </span>
      </div>
      {status === 'error' && <NotSent entry={entry} />}
    </div>
  );
});

/** Why a message did not go out, and another try. */
function NotSent({ entry }: { readonly entry: Entry }): ReactNode {
  const t = useTranslations('log');
  const language = useLanguage();
  const action = useAction();
  const way = useFailure(entry.type === 'unanswered' ? entry.message.error : action.error);
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
