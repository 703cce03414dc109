'use client';
// What one can do with a conversation, in short: its panel, pin, mute for a time, archive, mark as unread, export. The panel has the rest.
import type { Conversation } from '@pulseline/protocol';
import {
  Archive,
  ArchiveRestore,
  Bell,
  BellOff,
  ChevronRight,
  Download,
  Ellipsis,
  type LucideIcon,
  MailOpen,
  PanelRight,
  Pin,
  PinOff,
} from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { type Arrangement, arrange } from './conversation-calls.ts';
import { showDetails } from './details-state.ts';
import { exportAddress } from './export-address.ts';
import { openConversation } from './open-conversation.ts';
import { markUnread } from './panel/calls.ts';
import { muteFor, mutes } from './panel/mutes.ts';
import { PanelWords } from './panel/panel-words.tsx';
import { offerUndo } from './undo.tsx';

const itemLook =
  'flex h-9 cursor-default items-center gap-2 rounded-control px-2 outline-none select-none data-highlighted:bg-sunken pointer-coarse:h-11';

export interface ConversationMenuProps {
  readonly conversation: Conversation;
  /** Carries out what may fail, and shows it. */
  readonly run: (action: () => Promise<unknown>) => Promise<boolean>;
}

const contentLook = 'z-20 min-w-44 rounded-card bg-surface p-1 text-ink shadow-float';

export function ConversationMenu(props: ConversationMenuProps): ReactNode {
  return (
    <PanelWords>
      <Menu {...props} />
    </PanelWords>
  );
}

function Menu({ conversation, run }: ConversationMenuProps): ReactNode {
  const t = useTranslations('inbox');
  const panel = useTranslations('panel');
  const actions = useTranslations('actions');
  const { id, archived, pinned, muted, unread, markedUnread } = conversation;
  const carryOut = (change: Arrangement): void => void run(() => arrange(id, change));
  const archive = async (): Promise<void> => {
    if (await run(() => arrange(id, { archived: !archived })))
      offerUndo(archived ? t('unarchivedDone') : t('archivedDone'), () => arrange(id, { archived }));
  };
  return (
    // Not modal: the modal kind locks scrolling by a style element, which the content policy refuses.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        data-testid="conversation-menu"
        aria-label={actions('more')}
        title={actions('more')}
        className="relative inline-flex size-9 shrink-0 items-center justify-center rounded-control text-soft transition hover:bg-sunken hover:text-ink pointer-coarse:size-11"
      >
        <Ellipsis aria-hidden size={20} strokeWidth={1.75} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} collisionPadding={8} className={contentLook}>
          <Item icon={PanelRight} text={panel('title')} onSelect={() => showDetails(true)} />
          <Item
            icon={pinned ? PinOff : Pin}
            text={pinned ? t('unpin') : t('pin')}
            onSelect={() => carryOut({ pinned: !pinned })}
          />
          {muted ? (
            <Item icon={Bell} text={t('unmute')} onSelect={() => carryOut({ muted: false })} />
          ) : (
            <DropdownMenu.Sub>
              <DropdownMenu.SubTrigger className={itemLook}>
                <BellOff aria-hidden size={16} strokeWidth={1.75} />
                <span className="flex-1">{t('mute')}</span>
                <ChevronRight aria-hidden size={16} strokeWidth={1.75} />
              </DropdownMenu.SubTrigger>
              <DropdownMenu.Portal>
                <DropdownMenu.SubContent sideOffset={4} collisionPadding={8} className={contentLook}>
                  {mutes.map((span) => (
                    <DropdownMenu.Item
                      key={span}
                      className={itemLook}
                      onSelect={() => carryOut(muteFor(span, Date.now()))}
                    >
                      {panel(span)}
                    </DropdownMenu.Item>
                  ))}
                </DropdownMenu.SubContent>
              </DropdownMenu.Portal>
            </DropdownMenu.Sub>
          )}
          <Item
            icon={archived ? ArchiveRestore : Archive}
            text={archived ? t('unarchive') : t('archive')}
            onSelect={() => void archive()}
          />
          {unread === 0 && markedUnread !== true && (
            <Item
              icon={MailOpen}
              text={panel('markUnread')}
              // Looking at it would read it again.
              onSelect={() => void run(() => markUnread(id)).then((done) => done && openConversation(undefined))}
            />
          )}
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

interface ItemProps {
  readonly icon: LucideIcon;
  readonly text: string;
  readonly onSelect: () => void;
}

function Item({ icon: Icon, text, onSelect }: ItemProps): ReactNode {
  return (
    <DropdownMenu.Item className={itemLook} onSelect={onSelect}>
      <Icon aria-hidden size={16} strokeWidth={1.75} />
      {text}
    </DropdownMenu.Item>
  );
}
