'use client';
// What one can do with a conversation: pin, mute, archive, export. WhatsApp is told nothing of it.
import type { Conversation } from '@pulseline/protocol';
import { Archive, ArchiveRestore, Bell, BellOff, Download, Ellipsis, Pin, PinOff } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { arrange } from './desk.ts';
import { exportAddress } from './export-address.ts';
import { offerUndo } from './undo.tsx';

const itemLook =
  'flex h-9 cursor-default items-center gap-2 rounded-control px-2 outline-none select-none data-highlighted:bg-sunken pointer-coarse:h-11';

export interface ConversationMenuProps {
  readonly conversation: Conversation;
  /** Carries out what may fail, and shows it. */
  readonly run: (action: () => Promise<unknown>) => Promise<boolean>;
}

export function ConversationMenu({ conversation, run }: ConversationMenuProps): ReactNode {
  const t = useTranslations('inbox');
  const actions = useTranslations('actions');
  const { id, archived, pinned, muted } = conversation;
  const items = [
    { text: pinned ? t('unpin') : t('pin'), icon: pinned ? PinOff : Pin, change: { pinned: !pinned }, done: '' },
    { text: muted ? t('unmute') : t('mute'), icon: muted ? Bell : BellOff, change: { muted: !muted }, done: '' },
    {
      text: archived ? t('unarchive') : t('archive'),
      icon: archived ? ArchiveRestore : Archive,
      change: { archived: !archived },
      done: archived ? t('unarchivedDone') : t('archivedDone'),
    },
  ];
  const carryOut = async (change: Parameters<typeof arrange>[1], done: string): Promise<void> => {
    if ((await run(() => arrange(id, change))) && done !== '') offerUndo(done, () => arrange(id, { archived }));
  };
  return (
    // Not modal: the modal kind locks scrolling by a style element, which the content policy refuses.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        data-testid="conversation-menu"
        aria-label={actions('more')}
        title={actions('more')}
        className="inline-flex size-9 shrink-0 items-center justify-center rounded-control text-soft transition hover:bg-sunken hover:text-ink pointer-coarse:size-11"
      >
        <Ellipsis aria-hidden size={20} strokeWidth={1.75} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-20 min-w-44 rounded-card bg-surface p-1 text-ink shadow-float"
        >
          {items.map(({ text, icon: Icon, change, done }) => (
            <DropdownMenu.Item key={text} className={itemLook} onSelect={() => void carryOut(change, done)}>
              <Icon aria-hidden size={16} strokeWidth={1.75} />
              {text}
            </DropdownMenu.Item>
          ))}
          <DropdownMenu.Item asChild className={itemLook}>
            <a href={exportAddress('conversations', id)} download>
              <Download aria-hidden size={16} strokeWidth={1.75} />
              {t('export')}
            </a>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
