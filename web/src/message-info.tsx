'use client';
// How far a message of ours has come: with each person of a group, or with the one it went to. It only reads.
import { type Message, type MessageStatus, messageStatuses } from '@pulseline/protocol';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Avatar } from './avatar.tsx';
import { Failure } from './controls.tsx';
import { useDesk } from './desk.ts';
import { Dialog } from './dialog.tsx';
import { usePlace } from './language.tsx';
import { type Receipt, readGroup, readReceipts } from './panel/calls.ts';
import { PanelWords } from './panel/panel-words.tsx';
import { Tick } from './tick.tsx';
import { fullTime, momentTime } from './time.ts';

export interface MessageInfoProps {
  readonly message: Message;
  readonly onClose: () => void;
}

export function MessageInfo(props: MessageInfoProps): ReactNode {
  return (
    <PanelWords>
      <Info {...props} />
    </PanelWords>
  );
}

const shownStatuses = ['played', 'read', 'delivered', 'sent'] as const;

function Info({ message, onClose }: MessageInfoProps): ReactNode {
  const t = useTranslations('info');
  const kinds = useTranslations('kind');
  const place = usePlace();
  const { id, conversation, kind, body, timestamp, status, to } = message;
  const isGroup = useDesk(({ inbox }) => inbox.conversations.get(conversation)?.kind === 'group');
  const name = useDesk(({ inbox }) => inbox.conversations.get(conversation)?.name ?? '');
  const [known, setKnown] = useState<{ receipts: readonly Receipt[]; names: ReadonlyMap<string, string> }>();
  const [error, setError] = useState<unknown>();
  // The status that is on the message now may be younger than the answer: each rise asks again.
  useEffect(() => {
    if (!isGroup) return;
    let current = true;
    Promise.all([readReceipts(id), readGroup(conversation).catch(() => undefined)]).then(
      ([receipts, group]) => {
        const names = new Map(group?.members.map((one) => [one.address, one.name]));
        if (current) setKnown({ receipts, names });
      },
      (failed: unknown) => current && setError(failed),
    );
    return () => {
      current = false;
    };
  }, [id, conversation, isGroup, status]);
  const receipts: readonly Receipt[] = isGroup
    ? (known?.receipts ?? [])
    : [{ address: to, ...(status !== undefined && { status }) }];
  const nameOf = (address: string): string =>
    isGroup ? (known?.names.get(address) ?? address.replace(/@.*$/, '').replace(/^(?=\d)/, '+')) : name;
  return (
    <Dialog title={t('title')} onClose={onClose}>
      <div className="rounded-card bg-ours px-3 py-2">
        <p dir="auto" className="line-clamp-3 break-words whitespace-pre-wrap">
          {kind === 'text' ? body : `[${kinds(kind)}] ${body}`.trim()}
        </p>
        <p className="mt-1 text-meta text-soft">{fullTime(timestamp, place)}</p>
      </div>
      <Failure error={error} />
      <div data-testid="receipts" className="flex max-h-80 flex-col gap-3 overflow-y-auto">
        {shownStatuses.map((each) => {
          const these = receipts.filter((one) => stands(one.status) === each);
          if (these.length === 0) return null;
          return (
            <section key={each}>
              <h3 className="flex items-center gap-1.5 text-second font-semibold text-soft">
                <Tick status={each} />
                {t(each)} · {these.length}
              </h3>
              <ul>
                {these.map(({ address, at }) => (
                  <li key={address} className="flex h-11 items-center gap-3">
                    <Avatar name={nameOf(address)} className="size-8" />
                    <span dir="auto" className="min-w-0 flex-1 truncate">
                      {nameOf(address)}
                    </span>
                    {at !== undefined && <time className="shrink-0 text-meta text-soft">{momentTime(at, place)}</time>}
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
        {isGroup && known !== undefined && receipts.length === 0 && <p className="text-soft">{t('none')}</p>}
      </div>
    </Dialog>
  );
}

/** In which of the shown heaps it lies: what is not known to have come is sent. */
function stands(status: MessageStatus | undefined): (typeof shownStatuses)[number] {
  const rank = status === undefined ? 0 : messageStatuses.indexOf(status);
  return rank >= 5 ? 'played' : rank === 4 ? 'read' : rank === 3 ? 'delivered' : 'sent';
}
