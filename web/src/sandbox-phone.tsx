'use client';
// The phone of a sandbox contact: what it wrote, what reached it, and writing in its name.
import { useFrame } from '@pulseline/client/react';
import type { Account } from '@pulseline/protocol';
import clsx from 'clsx';
import { CheckCheck, SendHorizontal } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Avatar } from './avatar.tsx';
import { Button, Empty, Failure, inputLook, useAction } from './controls.tsx';
import { sends } from './enter.ts';
import { usePlace } from './language.tsx';
import { readable } from './phone-number.ts';
import { readAsContact, type SandboxContact, type SandboxMessage, threadOf, writeAsContact } from './sandbox-calls.ts';
import { threadEntries } from './sandbox-thread.ts';
import { Tick } from './tick.tsx';
import { clockTime } from './time.ts';

/** How often the phone is looked at, ms; live events make it sooner. */
const LOOK_EVERY = 1_000;
/** The newest messages that are shown. */
const SHOWN = 200;

export interface ContactPhoneProps {
  readonly contact: SandboxContact;
  readonly accounts: readonly Account[];
}

export function ContactPhone({ contact, accounts }: ContactPhoneProps): ReactNode {
  const t = useTranslations('sandbox');
  const { messages, error, look } = useThread(contact.id);
  const [chosen, setChosen] = useState<string>();
  const [autoRead, setAutoRead] = useState(false);
  const account =
    accounts.find(({ id }) => id === chosen) ?? accounts.find(({ state }) => state === 'READY') ?? accounts[0];
  const ours =
    messages?.filter(({ from, to }) => account?.me === undefined || [from, to].includes(account.me.id)) ?? [];
  const unread = ours.filter(({ direction, status }) => direction === 'in' && status !== 'read').length;
  const read = useAction();
  useEffect(() => {
    if (autoRead && unread > 0) void readAsContact(contact.id).then(look, () => undefined);
  }, [autoRead, unread, contact.id, look]);
  return (
    <section
      aria-label={t('screen', { name: contact.name })}
      className="flex h-[min(680px,80dvh)] w-full flex-col md:max-w-[440px] overflow-hidden rounded-[24px] border-[6px] border-line bg-bg"
    >
      <header className="flex h-14 shrink-0 items-center gap-3 border-b border-line bg-surface px-4">
        <Avatar name={contact.name} className="size-9" />
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold">{t('screen', { name: contact.name })}</h2>
          <p className="truncate text-meta text-faint">{contact.number && readable(contact.number)}</p>
        </div>
        {accounts.length > 1 && (
          <label className="flex items-center gap-2 text-second whitespace-nowrap text-soft">
            {t('to')}
            <select
              value={account?.id}
              onChange={(event) => setChosen(event.target.value)}
              className={clsx(inputLook, 'max-w-32 px-2')}
            >
              {accounts.map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        )}
      </header>
      <Thread messages={ours.slice(-SHOWN)} name={contact.name} />
      <div className="flex shrink-0 items-center gap-3 border-t border-line bg-surface px-4 py-1.5">
        <label className="flex min-h-9 flex-1 items-center gap-2 text-second text-soft pointer-coarse:min-h-11">
          <input
            type="checkbox"
            className="size-4 accent-(--accent)"
            checked={autoRead}
            onChange={(event) => setAutoRead(event.target.checked)}
          />
          {t('autoRead')}
        </label>
        <Button
          look="quiet"
          icon={CheckCheck}
          disabled={unread === 0 || read.busy}
          onClick={() => read.run(async () => readAsContact(contact.id).then(look))}
        >
          {t('read')}
          {unread > 0 && ` (${unread})`}
        </Button>
      </div>
      {(error !== undefined || read.error !== undefined) && (
        <div className="px-4 pb-2">
          <Failure error={read.error ?? error} />
        </div>
      )}
      {account !== undefined && <Writer contact={contact} account={account} onSent={look} />}
    </section>
  );
}

/** The messages on the contact's phone, looked at each second and whenever something of ours has moved. */
function useThread(contact: string): {
  readonly messages: readonly SandboxMessage[] | undefined;
  readonly error: unknown;
  readonly look: () => void;
} {
  const [state, setState] = useState<{ messages: readonly SandboxMessage[] | undefined; error: unknown }>({
    messages: undefined,
    error: undefined,
  });
  const busy = useRef(false);
  const look = useCallback(() => {
    if (busy.current) return;
    busy.current = true;
    threadOf(contact)
      .then(
        (messages) => setState((before) => (same(before.messages, messages) ? before : { messages, error: undefined })),
        (error: unknown) => setState((before) => ({ ...before, error })),
      )
      .finally(() => {
        busy.current = false;
      });
  }, [contact]);
  useEffect(() => {
    look();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') look();
    }, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [look]);
  useFrame('message_status', look);
  useFrame('new_message', look);
  return { ...state, look };
}

function same(before: readonly SandboxMessage[] | undefined, now: readonly SandboxMessage[]): boolean {
  return JSON.stringify(before) === JSON.stringify(now);
}

function Thread({
  messages,
  name,
}: {
  readonly messages: readonly SandboxMessage[];
  readonly name: string;
}): ReactNode {
  const t = useTranslations('sandbox');
  const words = useTranslations('message');
  const place = usePlace();
  const box = useRef<HTMLDivElement>(null);
  const last = messages.at(-1)?.id;
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [last]);
  return (
    <div
      ref={box}
      role="log"
      tabIndex={0}
      aria-label={t('thread', { name })}
      className="relative flex min-h-0 flex-1 flex-col gap-1 overflow-y-auto p-4"
    >
      {messages.length === 0 ? (
        <Empty title="" text={t('threadEmpty')} />
      ) : (
        threadEntries(messages).map(({ id, direction, text, timestamp, status, edited, deleted, reactions }) => (
          <div
            key={id}
            data-testid="sandbox-message"
            dir="auto"
            className={clsx(
              'relative max-w-[85%] rounded-card px-3 py-1.5',
              direction === 'out' ? 'self-end bg-ours' : 'self-start border border-line bg-theirs',
            )}
          >
            <div className="whitespace-pre-wrap">
              {deleted ? <span className="text-soft italic">{words('deleted')}</span> : text}
              <span
                aria-hidden
                className={clsx('inline-block h-px', edited || reactions.length > 0 ? 'w-32' : 'w-16')}
              />
            </div>
            <span className="absolute end-2 bottom-1.5 flex h-4 items-center gap-1 text-meta text-soft">
              {reactions.length > 0 && !deleted && <span>{reactions.join(' ')}</span>}
              {edited && !deleted && <span>{words('edited')}</span>}
              <time dateTime={new Date(timestamp).toISOString()}>{clockTime(timestamp, place)}</time>
              {direction === 'out' && <Tick status={status} />}
            </span>
          </div>
        ))
      )}
    </div>
  );
}

interface WriterProps {
  readonly contact: SandboxContact;
  readonly account: Account;
  readonly onSent: () => void;
}

function Writer({ contact, account, onSent }: WriterProps): ReactNode {
  const t = useTranslations('sandbox');
  const [text, setText] = useState('');
  const action = useAction();
  const write = async (): Promise<void> => {
    const words = text.trim();
    if (words === '') return;
    setText('');
    const done = await action.run(() => writeAsContact(contact.id, account.id, words));
    if (done) onSent();
    else setText((now) => now || words);
  };
  return (
    <form
      className="flex shrink-0 flex-col gap-2 border-t border-line bg-surface p-3"
      onSubmit={(event) => {
        event.preventDefault();
        void write();
      }}
    >
      <div className="flex items-end gap-2">
        <input
          data-testid="sandbox-composer"
          aria-label={t('write', { name: contact.name })}
          placeholder={t('write', { name: contact.name })}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            const { key, keyCode, shiftKey, ctrlKey, metaKey, altKey } = event;
            const { isComposing } = event.nativeEvent;
            // Without this the browser submits the form at the Enter of an input method too.
            if (key !== 'Enter') return;
            event.preventDefault();
            if (sends({ key, keyCode, shiftKey, ctrlKey, metaKey, altKey, isComposing }, 'send')) void write();
          }}
          className={inputLook}
        />
        <button
          type="submit"
          aria-label={t('send')}
          title={t('send')}
          disabled={text.trim() === ''}
          className="flex size-9 shrink-0 items-center justify-center rounded-control bg-accent text-on-accent transition hover:opacity-90 disabled:opacity-40 pointer-coarse:size-11"
        >
          <SendHorizontal aria-hidden size={20} strokeWidth={1.75} />
        </button>
      </div>
      {account.state !== 'READY' && <p className="text-second text-warn">{t('notReady', { label: account.label })}</p>}
      <Failure error={action.error} />
    </form>
  );
}
