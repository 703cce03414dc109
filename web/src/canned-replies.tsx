'use client';
// The list of prepared replies above the composer while its text begins with `/`: chosen by keys or by hand, put into the field, never sent by itself.
import type { CannedReply } from '@pulseline/protocol';
import clsx from 'clsx';
import { type ReactNode, type RefObject, useEffect, useId, useImperativeHandle, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Failure } from './controls.tsx';
import { Words } from './language.tsx';
import { cannedWords as en } from './words/canned.en.ts';
import { cannedWords as zh } from './words/canned.ts';
import { filled, readReplies } from './work.ts';

const words = { zh, en } as const;
const SHOWN = 8;

/** What the field does with its keys while the list is there. */
export interface ReplyKeys {
  /** True if the key was for the list. */
  press(key: string): boolean;
}

export interface CannedRepliesProps {
  /** What stands behind the `/`. */
  readonly query: string;
  readonly customer: string;
  readonly keys: RefObject<ReplyKeys | null>;
  readonly onChoose: (text: string) => void;
  readonly onClose: () => void;
}

export function CannedReplies(props: CannedRepliesProps): ReactNode {
  return (
    <Words of={words}>
      <List {...props} />
    </Words>
  );
}

function List({ query, customer, keys, onChoose, onClose }: CannedRepliesProps): ReactNode {
  const t = useTranslations('canned');
  const [all, setAll] = useState<readonly CannedReply[]>();
  const [error, setError] = useState<unknown>();
  const [at, setAt] = useState(0);
  const id = useId();
  useEffect(() => {
    readReplies().then(setAll, setError);
  }, []);
  const q = query.toLocaleLowerCase();
  const shown = (all ?? [])
    .filter(({ shortcut, body }) => shortcut.toLocaleLowerCase().includes(q) || body.toLocaleLowerCase().includes(q))
    .slice(0, SHOWN);
  const chosen = Math.min(at, shown.length - 1);
  const take = (reply: CannedReply | undefined): void => {
    if (reply !== undefined) onChoose(filled(reply.body, customer));
  };
  useImperativeHandle(keys, () => ({
    press(key) {
      if (key === 'Escape') onClose();
      else if (shown.length === 0) return false;
      else if (key === 'ArrowDown') setAt((chosen + 1) % shown.length);
      else if (key === 'ArrowUp') setAt((chosen - 1 + shown.length) % shown.length);
      else if (key === 'Enter' || key === 'Tab') take(shown[chosen]);
      else return false;
      return true;
    },
  }));
  return (
    <div
      data-testid="canned-replies"
      className="absolute inset-x-3 bottom-full z-20 mb-1 max-h-72 overflow-y-auto rounded-card bg-surface p-1 shadow-float md:inset-x-4"
    >
      <Failure error={error} />
      {all !== undefined && shown.length === 0 && (
        <p className="px-2 py-2 text-second text-soft">
          {t(all.length === 0 ? 'none' : 'noMatch')}{' '}
          <a href="/settings#replies" className="font-semibold text-accent underline underline-offset-4">
            {t('manage')}
          </a>
        </p>
      )}
      {shown.length > 0 && (
        <ul role="listbox" aria-label={t('title')}>
          {shown.map((reply, index) => (
            <li
              key={reply.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              // The field keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(reply)}
              className={clsx('rounded-control px-2 py-1.5', index === chosen && 'bg-wash')}
            >
              <p className="truncate font-semibold">/{reply.shortcut}</p>
              <p dir="auto" className="line-clamp-2 text-second text-soft">
                {filled(reply.body, customer)}
              </p>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
