'use client';
// A poll with its votes as they stand, and the way to vote; counts come by the live connection.
import type { Message, Poll } from '@pulseline/protocol';
import clsx from 'clsx';
import { CircleCheck, Circle as CircleIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Failure, useAction } from './controls.tsx';
import { vote } from './media-calls.ts';

export function PollView({ message, poll }: { readonly message: Message; readonly poll: Poll }): ReactNode {
  const t = useTranslations('contents');
  const action = useAction();
  const own = poll.votes.find(({ fromMe }) => fromMe)?.options ?? [];
  const most = Math.max(1, ...poll.options.map(({ votes }) => votes));
  const choose = (option: number): void => {
    const without = own.filter((one) => one !== option);
    const next = without.length < own.length ? without : poll.selectable === 1 ? [option] : [...own, option];
    void action.run(() => vote(message, next));
  };
  return (
    <div data-testid="poll" role="group" aria-label={poll.name} className="mb-1 w-72 max-w-full">
      <p dir="auto" className="font-semibold break-words">
        {poll.name}
      </p>
      <p className="mb-1 text-meta text-soft">{poll.selectable === 1 ? t('pollOne') : t('pollMany')}</p>
      {poll.options.map(({ name, votes }, index) => {
        const chosen = own.includes(index);
        const Icon = chosen ? CircleCheck : CircleIcon;
        return (
          <button
            // Options have no ids, and never change their order.
            key={`${index} ${name}`}
            type="button"
            aria-pressed={chosen}
            disabled={action.busy || message.status === 'error'}
            onClick={() => choose(index)}
            className="block min-h-11 w-full py-1 text-start"
          >
            <span className="flex items-center gap-2 text-second">
              <Icon aria-hidden size={16} strokeWidth={1.75} className={clsx('shrink-0', chosen && 'text-accent')} />
              <span dir="auto" className="min-w-0 flex-1 break-words">
                {name}
              </span>
              <span className="shrink-0 text-soft">{t('votes', { n: votes })}</span>
            </span>
            <span aria-hidden className="mt-1 block h-1 overflow-hidden rounded-full bg-line">
              <span className="block h-full rounded-full bg-accent" style={{ width: `${(votes / most) * 100}%` }} />
            </span>
          </button>
        );
      })}
      <Failure error={action.error} />
    </div>
  );
}
