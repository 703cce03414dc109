'use client';
// What one can do with a message: react, answer, copy, edit, withdraw; by mouse, finger and keyboard alike. It offers nothing that WhatsApp would not take.
import type { Message } from '@pulseline/protocol';
import clsx from 'clsx';
import {
  ChevronDown,
  Copy,
  Forward,
  Info,
  Pencil,
  Pin,
  PinOff,
  Reply,
  Route,
  Star,
  StarOff,
  Trash2,
} from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { beginAnswer } from './answering.ts';
import { Button } from './controls.tsx';
import { Dialog } from './dialog.tsx';
import { Words } from './language.tsx';
import { type MessageMenuProps, menuButtonLook } from './menu-button.ts';
import { deleteForEveryone, reactTo } from './message-calls.ts';
import { pinMessage, removeForMe, star } from './panel/calls.ts';
import { messageMenuWords as en } from './words/message-menu.en.ts';
import { messageMenuWords as zh } from './words/message-menu.ts';

const words = { zh, en } as const;

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
/** As WhatsApp proposes it, seconds. */
const PIN_FOR = 7 * 86_400;

const itemLook =
  'flex h-9 cursor-default items-center gap-2 rounded-control px-2 outline-none select-none data-highlighted:bg-sunken pointer-coarse:h-11';

/** Made when its button was pressed, so it begins open. */
export function MessageMenu(props: MessageMenuProps): ReactNode {
  return (
    <Words of={words}>
      <Menu {...props} />
    </Words>
  );
}

function Menu({ message, run }: MessageMenuProps): ReactNode {
  const t = useTranslations('messageMenu');
  const shared = useTranslations('message');
  const actions = useTranslations('actions');
  const [asking, setAsking] = useState(false);
  const [forwarding, setForwarding] = useState(false);
  const [path, setPath] = useState(false);
  const [info, setInfo] = useState(false);
  const [now, setNow] = useState(() => Date.now());
  const { fromMe, body, status, timestamp, reactions = [] } = message;
  const broken = status === 'error';
  const sent = fromMe && !broken;
  const mayWithdraw = sent && now - timestamp < DELETE_WITHIN;
  const isPinned = (message.pinnedUntil ?? 0) > now;
  const own = reactions.find((each) => each.fromMe)?.emoji;
  return (
    <>
      {/* Not modal: the modal kind locks scrolling by a style element, which the content policy refuses. */}
      <DropdownMenu.Root defaultOpen modal={false} onOpenChange={() => setNow(Date.now())}>
        <DropdownMenu.Trigger
          data-testid="message-menu"
          aria-label={shared('menu')}
          title={shared('menu')}
          className={menuButtonLook}
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
                    aria-label={own === emoji ? shared('unreact', { emoji }) : shared('reactWith', { emoji })}
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
            {!broken && (
              <>
                <DropdownMenu.Item
                  className={itemLook}
                  onSelect={() => void run(() => star(message, message.starred !== true))}
                >
                  {message.starred ? (
                    <StarOff aria-hidden size={16} strokeWidth={1.75} />
                  ) : (
                    <Star aria-hidden size={16} strokeWidth={1.75} />
                  )}
                  {message.starred ? t('unstar') : t('star')}
                </DropdownMenu.Item>
                <DropdownMenu.Item
                  className={itemLook}
                  onSelect={() => void run(() => pinMessage(message, isPinned ? 0 : PIN_FOR))}
                >
                  {isPinned ? (
                    <PinOff aria-hidden size={16} strokeWidth={1.75} />
                  ) : (
                    <Pin aria-hidden size={16} strokeWidth={1.75} />
                  )}
                  {isPinned ? t('unpin') : t('pin')}
                </DropdownMenu.Item>
              </>
            )}
            <DropdownMenu.Item className={itemLook} onSelect={() => setPath(true)}>
              <Route aria-hidden size={16} strokeWidth={1.75} />
              {t('path')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={clsx(itemLook, 'text-bad')} onSelect={() => setAsking(true)}>
              <Trash2 aria-hidden size={16} strokeWidth={1.75} />
              {mayWithdraw ? t('delete') : t('deleteForMe')}
            </DropdownMenu.Item>
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
        <Dialog title={mayWithdraw ? t('deleteTitle') : t('deleteForMeTitle')} onClose={() => setAsking(false)}>
          <p className="text-soft">{mayWithdraw ? t('deleteText') : t('deleteForMeText')}</p>
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={() => setAsking(false)}>{actions('cancel')}</Button>
            <Button
              look="danger"
              onClick={() => {
                setAsking(false);
                void run(() => removeForMe(message));
              }}
            >
              {t('deleteForMe')}
            </Button>
            {mayWithdraw && (
              <Button
                look="danger"
                onClick={() => {
                  setAsking(false);
                  void run(() => deleteForEveryone(message));
                }}
              >
                {t('delete')}
              </Button>
            )}
          </div>
        </Dialog>
      )}
    </>
  );
}
