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
  UserRoundPen,
} from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { restartAccount } from './account-calls.ts';
import { AccountWords } from './account-words.tsx';
import { IconButton, useAction } from './controls.tsx';
import { exportAddress } from './export-address.ts';

// Each comes when it is asked for.
const dialogs = {
  rename: lazy(async () => ({ default: (await import('./account-dialogs.tsx')).RenameDialog })),
  proxy: lazy(async () => ({ default: (await import('./account-dialogs.tsx')).ProxyDialog })),
  logout: lazy(async () => ({ default: (await import('./account-dialogs.tsx')).LogoutDialog })),
  remove: lazy(async () => ({ default: (await import('./account-dialogs.tsx')).RemoveDialog })),
  colour: lazy(async () => ({ default: (await import('./account-colour.tsx')).ColourDialog })),
  profile: lazy(async () => ({ default: (await import('./profile-dialog.tsx')).ProfileDialog })),
  keeping: lazy(async () => ({ default: (await import('./keeping-dialog.tsx')).KeepingDialog })),
  import: lazy(async () => ({ default: (await import('./import-chat.tsx')).ImportDialog })),
} as const;

type Open = keyof typeof dialogs;

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
  const actions = useTranslations('actions');
  const [open, setOpen] = useState<Open>();
  const restart = useAction();
  const Dialog = open && dialogs[open];
  const linked = account.me !== undefined && account.state !== 'LOGGED_OUT';
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
            {linked && (
              <DropdownMenu.Item className={itemLook} onSelect={() => setOpen('profile')}>
                <UserRoundPen aria-hidden size={16} strokeWidth={1.75} />
                {t('profile')}
              </DropdownMenu.Item>
            )}
            <DropdownMenu.Item className={itemLook} onSelect={() => void restart.run(() => restartAccount(account.id))}>
              <RotateCw aria-hidden size={16} strokeWidth={1.75} />
              {t('restart')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={itemLook} onSelect={() => setOpen('proxy')}>
              <Route aria-hidden size={16} strokeWidth={1.75} />
              {t('proxy')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={itemLook} onSelect={() => setOpen('keeping')}>
              <CalendarClock aria-hidden size={16} strokeWidth={1.75} />
              {t('keeping')}
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
            {linked && (
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
      {Dialog !== undefined && (
        <Suspense>
          <Dialog account={account} onClose={() => setOpen(undefined)} />
        </Suspense>
      )}
    </>
  );
}
