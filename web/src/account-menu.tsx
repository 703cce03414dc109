'use client';
// What one can do with an account, as a menu on its card; each act that cannot be undone asks first.
import type { Account } from '@pulseline/protocol';
import clsx from 'clsx';
import {
  CalendarClock,
  Download,
  Ellipsis,
  FileUp,
  LogOut,
  Palette,
  Pencil,
  RotateCw,
  Route,
  Trash2,
} from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ColourDialog } from './account-colour.tsx';
import { LogoutDialog, ProxyDialog, RemoveDialog, RenameDialog } from './account-dialogs.tsx';
import { AccountWords } from './account-words.tsx';
import { IconButton, useAction } from './controls.tsx';
import { restartAccount } from './desk.ts';
import { exportAddress } from './export-address.ts';
import { ImportDialog } from './import-chat.tsx';
import { RetentionDialog } from './retention-dialog.tsx';

type Open = 'colour' | 'import' | 'retention' | 'rename' | 'proxy' | 'logout' | 'remove';

const itemLook =
  'flex h-9 items-center gap-2 rounded-control px-2 outline-none select-none data-highlighted:bg-sunken pointer-coarse:h-11';

export function AccountMenu(props: { readonly account: Account }): ReactNode {
  return (
    <AccountWords>
      <Menu {...props} />
    </AccountWords>
  );
}

function Menu({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('account');
  const first = useTranslations('accounts');
  const actions = useTranslations('actions');
  const [open, setOpen] = useState<Open>();
  const restart = useAction();
  const close = (): void => setOpen(undefined);
  return (
    <>
      {/* Not modal: the modal kind locks scrolling by a style element, which the content policy refuses. */}
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <IconButton icon={Ellipsis} label={`${actions('more')}: ${account.label}`} className="-mt-1 -mr-2" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={4}
            className="z-20 min-w-44 rounded-card bg-surface p-1 text-ink shadow-float"
          >
            <DropdownMenu.Item className={itemLook} onSelect={() => setOpen('rename')}>
              <Pencil aria-hidden size={16} strokeWidth={1.75} />
              {t('rename')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={itemLook} onSelect={() => setOpen('colour')}>
              <Palette aria-hidden size={16} strokeWidth={1.75} />
              {t('colour')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={itemLook} onSelect={() => void restart.run(() => restartAccount(account.id))}>
              <RotateCw aria-hidden size={16} strokeWidth={1.75} />
              {first('restart')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={itemLook} onSelect={() => setOpen('proxy')}>
              <Route aria-hidden size={16} strokeWidth={1.75} />
              {t('proxy')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={itemLook} onSelect={() => setOpen('retention')}>
              <CalendarClock aria-hidden size={16} strokeWidth={1.75} />
              {t('retention')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={itemLook} onSelect={() => setOpen('import')}>
              <FileUp aria-hidden size={16} strokeWidth={1.75} />
              {t('import')}
            </DropdownMenu.Item>
            <DropdownMenu.Item asChild className={itemLook}>
              <a href={exportAddress('accounts', account.id)} download>
                <Download aria-hidden size={16} strokeWidth={1.75} />
                {t('export')}
              </a>
            </DropdownMenu.Item>
            {account.me !== undefined && account.state !== 'LOGGED_OUT' && (
              <DropdownMenu.Item className={itemLook} onSelect={() => setOpen('logout')}>
                <LogOut aria-hidden size={16} strokeWidth={1.75} />
                {t('logout')}
              </DropdownMenu.Item>
            )}
            <DropdownMenu.Separator className="my-1 h-px bg-line" />
            <DropdownMenu.Item className={clsx(itemLook, 'text-bad')} onSelect={() => setOpen('remove')}>
              <Trash2 aria-hidden size={16} strokeWidth={1.75} />
              {t('remove')}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {open === 'rename' && <RenameDialog account={account} onClose={close} />}
      {open === 'colour' && <ColourDialog account={account} onClose={close} />}
      {open === 'proxy' && <ProxyDialog account={account} onClose={close} />}
      {open === 'retention' && <RetentionDialog account={account} onClose={close} />}
      {open === 'import' && <ImportDialog account={account} onClose={close} />}
      {open === 'logout' && <LogoutDialog account={account} onClose={close} />}
      {open === 'remove' && <RemoveDialog account={account} onClose={close} />}
    </>
  );
}
