'use client';
// The members of a group: found by name, admins first, each with what one may do. The calls are its parent's.
import clsx from 'clsx';
import { Ellipsis } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Avatar } from '../avatar.tsx';
import { Failure, Field, useAction } from '../controls.tsx';
import { startConversation } from '../conversation-calls.ts';
import { openConversation } from '../open-conversation.ts';
import { readable } from '../phone-number.ts';
import type { Member } from './calls.ts';
import { Confirm } from './confirm.tsx';

/** Beyond this many a search is of use. */
const MANY = 10;
/** So many are drawn; the rest is found by searching. */
const SHOWN = 200;

const itemLook =
  'flex h-9 cursor-default items-center gap-2 rounded-control px-2 outline-none select-none data-highlighted:bg-sunken pointer-coarse:h-11';
const rank = { owner: 0, admin: 1, member: 2 } as const;

type How = 'remove' | 'promote' | 'demote';

export interface MembersProps {
  readonly account: string;
  readonly members: readonly Member[];
  readonly isAdmin: boolean;
  readonly change: (how: How, people: readonly string[]) => () => Promise<unknown>;
}

/** Ourselves first, then the owner and admins, then by name. */
export function inOrder(members: readonly Member[]): readonly Member[] {
  return [...members].sort(
    (a, b) =>
      Number(b.me ?? false) - Number(a.me ?? false) || rank[a.role] - rank[b.role] || a.name.localeCompare(b.name),
  );
}

export function Members({ account, members, isAdmin, change }: MembersProps): ReactNode {
  const t = useTranslations('group');
  const [q, setQ] = useState('');
  const [removing, setRemoving] = useState<Member>();
  const action = useAction();
  const wanted = q.trim().toLocaleLowerCase();
  const shown = inOrder(members)
    .filter(({ name, phone }) => wanted === '' || name.toLocaleLowerCase().includes(wanted) || phone?.includes(wanted))
    .slice(0, SHOWN);
  return (
    <>
      {members.length > MANY && (
        <Field
          label={t('find')}
          hideLabel
          placeholder={t('find')}
          className="mb-2"
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
      )}
      <Failure error={action.error} />
      <ul data-testid="members" className="-mx-2">
        {shown.map((one) => (
          <Row
            key={one.address}
            member={one}
            isAdmin={isAdmin}
            busy={action.busy}
            onWrite={() =>
              void action.run(async () => openConversation((await startConversation(account, one.address)).id))
            }
            onChange={(how) => (how === 'remove' ? setRemoving(one) : void action.run(change(how, [one.address])))}
          />
        ))}
      </ul>
      {removing !== undefined && (
        <Confirm
          title={t('removeTitle', { name: removing.name })}
          text={t('removeText')}
          go={t('remove')}
          act={change('remove', [removing.address])}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </>
  );
}

interface RowProps {
  readonly member: Member;
  readonly isAdmin: boolean;
  readonly busy: boolean;
  readonly onWrite: () => void;
  readonly onChange: (how: How) => void;
}

function Row({ member: { name, phone, role, me }, isAdmin, busy, onWrite, onChange }: RowProps): ReactNode {
  const t = useTranslations('group');
  const number = phone === undefined ? undefined : readable(phone);
  return (
    <li className="flex h-14 items-center gap-3 rounded-control px-2">
      <Avatar name={name} className="size-9" />
      <span className="min-w-0 flex-1">
        <span dir="auto" className="block truncate">
          {me === true ? t('you') : name}
        </span>
        {number !== undefined && number !== name && phone !== name && (
          <span className="block truncate text-meta text-soft">{number}</span>
        )}
      </span>
      {role !== 'member' && (
        <span className="shrink-0 rounded-full bg-wash px-2 py-0.5 text-meta text-accent">{t(role)}</span>
      )}
      {me === true ? null : (
        // Not modal: the modal kind locks scrolling by a style element, which the content policy refuses.
        <DropdownMenu.Root modal={false}>
          <DropdownMenu.Trigger
            aria-label={t('more', { name })}
            title={t('more', { name })}
            disabled={busy}
            className="flex size-8 shrink-0 items-center justify-center rounded-control text-soft hover:bg-sunken hover:text-ink pointer-coarse:size-11"
          >
            <Ellipsis aria-hidden size={16} strokeWidth={1.75} />
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content
              align="end"
              sideOffset={4}
              collisionPadding={8}
              className="z-30 min-w-44 rounded-card bg-surface p-1 text-ink shadow-float"
            >
              <DropdownMenu.Item className={itemLook} onSelect={onWrite}>
                {t('write')}
              </DropdownMenu.Item>
              {isAdmin && role !== 'owner' && (
                <>
                  <DropdownMenu.Item
                    className={itemLook}
                    onSelect={() => onChange(role === 'admin' ? 'demote' : 'promote')}
                  >
                    {role === 'admin' ? t('demote') : t('promote')}
                  </DropdownMenu.Item>
                  <DropdownMenu.Item className={clsx(itemLook, 'text-bad')} onSelect={() => onChange('remove')}>
                    {t('remove')}
                  </DropdownMenu.Item>
                </>
              )}
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      )}
    </li>
  );
}
