'use client';
// What one can do with a message: react, answer, copy, edit, withdraw; by mouse, finger and keyboard alike. It offers nothing that WhatsApp would not take.
import type { Message } from '@pulseline/protocol';
import clsx from 'clsx';
import { ChevronDown, Copy, Forward, Info, Pencil, Reply, Route, Trash2 } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { beginAnswer } from './answering.ts';
import { Button, Dialog } from './controls.tsx';
import { deleteForEveryone, reactTo } from './desk.ts';

// Only who asks for a message's path needs the words and the picture of it.
const PathDialog = lazy(() => import('./diagnosis/path-dialog.tsx'));

const MessageInfo = lazy(async () => ({ default: (await import('./message-info.tsx')).MessageInfo }));
const ForwardDialog = lazy(async () => ({ default: (await import('./forward-dialog.tsx')).ForwardDialog }));

/** The server refuses the others too. */
function canForward({ kind, viewOnce, deleted, status }: Message): boolean {
  const fixed = kind === 'system' || kind === 'call' || kind === 'unknown' || kind === 'waiting' || kind === 'poll';
  return !fixed && viewOnce !== true && deleted !== true && status !== 'error';
}

/** A text, or the words under a file. */
function canEdit({ kind, forwarded }: Message): boolean {
  return forwarded === undefined && (kind === 'text' || kind === 'image' || kind === 'video' || kind === 'document');
}

/** WhatsApp's own row. */
const EMOJI = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;
/** As the server has it: WhatsApp takes nothing later, ms. */
const EDIT_WITHIN = 15 * 60_000;
const DELETE_WITHIN = 60 * 3_600_000;

const itemLook =
  'flex h-9 cursor-default items-center gap-2 rounded-control px-2 outline-none select-none data-highlighted:bg-sunken pointer-coarse:h-11';

export interface MessageMenuProps {
  readonly message: Message;
  /** Carries out what may fail, and shows it. */
  readonly run: (action: () => Promise<unknown>) => Promise<boolean>;
}

export function MessageMenu({ message, run }: MessageMenuProps): ReactNode {
  const t = useTranslations('message');
  const actions = useTranslations('actions');
  const [asking, setAsking] = useState(false);
  const [forwarding, setForwarding] = useState(false);
  const [path, setPath] = useState(false);
  const [info, setInfo] = useState(false);
  const [now, setNow] = useState(0);
  const { fromMe, body, status, timestamp, reactions = [] } = message;
  const sent = fromMe && status !== 'error';
  const own = reactions.find((each) => each.fromMe)?.emoji;
  return (
    <>
      {/* Not modal: the modal kind locks scrolling by a style element, which the content policy refuses. */}
      <DropdownMenu.Root modal={false} onOpenChange={() => setNow(Date.now())}>
        <DropdownMenu.Trigger
          data-testid="message-menu"
          aria-label={t('menu')}
          title={t('menu')}
          className="flex size-7 shrink-0 items-center justify-center self-center rounded-full text-soft opacity-0 transition group-hover/message:opacity-100 hover:bg-sunken hover:text-ink focus-visible:opacity-100 data-[state=open]:opacity-100 pointer-coarse:-my-2 pointer-coarse:size-11 pointer-coarse:opacity-60"
        >
          <ChevronDown aria-hidden size={16} strokeWidth={1.75} />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align={fromMe ? 'end' : 'start'}
            sideOffset={4}
            collisionPadding={8}
            className="z-20 min-w-44 rounded-card bg-surface p-1 text-ink shadow-float"
          >
            {status !== 'error' && (
              <DropdownMenu.Group aria-label={t('react')} className="flex gap-0.5">
                {EMOJI.map((emoji) => (
                  <DropdownMenu.Item
                    key={emoji}
                    aria-label={own === emoji ? t('unreact', { emoji }) : t('reactWith', { emoji })}
                    className={clsx(
                      'flex size-9 cursor-default items-center justify-center rounded-control text-title outline-none data-highlighted:bg-sunken pointer-coarse:size-11',
                      own === emoji && 'bg-wash',
                    )}
                    onSelect={() => void run(() => reactTo(message, own === emoji ? '' : emoji))}
                  >
                    {emoji}
                  </DropdownMenu.Item>
                ))}
              </DropdownMenu.Group>
            )}
            <DropdownMenu.Item className={itemLook} onSelect={() => beginAnswer('reply', message)}>
              <Reply aria-hidden size={16} strokeWidth={1.75} />
              {t('reply')}
            </DropdownMenu.Item>
            {canForward(message) && (
              <DropdownMenu.Item className={itemLook} onSelect={() => setForwarding(true)}>
                <Forward aria-hidden size={16} strokeWidth={1.75} />
                {t('forward')}
              </DropdownMenu.Item>
            )}
            {body !== '' && (
              <DropdownMenu.Item
                className={itemLook}
                onSelect={() => void navigator.clipboard.writeText(body).catch(() => undefined)}
              >
                <Copy aria-hidden size={16} strokeWidth={1.75} />
                {actions('copy')}
              </DropdownMenu.Item>
            )}
            {sent && canEdit(message) && now - timestamp < EDIT_WITHIN && (
              <DropdownMenu.Item className={itemLook} onSelect={() => beginAnswer('edit', message)}>
                <Pencil aria-hidden size={16} strokeWidth={1.75} />
                {t('edit')}
              </DropdownMenu.Item>
            )}
            {sent && (
              <DropdownMenu.Item className={itemLook} onSelect={() => setInfo(true)}>
                <Info aria-hidden size={16} strokeWidth={1.75} />
                {t('info')}
              </DropdownMenu.Item>
            )}
            <DropdownMenu.Item className={itemLook} onSelect={() => setPath(true)}>
              <Route aria-hidden size={16} strokeWidth={1.75} />
              {t('path')}
            </DropdownMenu.Item>
            {sent && now - timestamp < DELETE_WITHIN && (
              <DropdownMenu.Item className={clsx(itemLook, 'text-bad')} onSelect={() => setAsking(true)}>
                <Trash2 aria-hidden size={16} strokeWidth={1.75} />
                {t('delete')}
              </DropdownMenu.Item>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {path && (
        <Suspense>
          <PathDialog message={message} onClose={() => setPath(false)} />
        </Suspense>
      )}
      {info && (
        <Suspense>
          <MessageInfo message={message} onClose={() => setInfo(false)} />
        </Suspense>
      )}
      {forwarding && (
        <Suspense>
          <ForwardDialog message={message} onClose={() => setForwarding(false)} />
        </Suspense>
      )}
      {asking && (
        <Dialog title={t('deleteTitle')} onClose={() => setAsking(false)}>
          <p className="text-soft">{t('deleteText')}</p>
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsking(false)}>{actions('cancel')}</Button>
            <Button
              look="danger"
              onClick={() => {
                setAsking(false);
                void run(() => deleteForEveryone(message));
              }}
            >
              {t('delete')}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
