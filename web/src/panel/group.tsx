'use client';
// A group in the panel: what it is for, who may do what, its link, its members and what admins can do with them. WhatsApp decides; a refusal is shown as it is told.
import type { Conversation } from '@pulseline/protocol';
import { Link2, LogOut, Pencil, RotateCw, UserPlus } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Failure, Field, Notice, useAction } from '../controls.tsx';
import { CopyButton } from '../copying.tsx';
import { Dialog } from '../dialog.tsx';
import { usePictureAddress } from '../picture-address.ts';
import { PortraitField } from '../portrait-field.tsx';
import {
  changeGroup,
  changeMembers,
  type Group,
  leaveGroup,
  type Member,
  type MemberResult,
  readGroup,
  readInvite,
  renewInvite,
} from './calls.ts';
import { Confirm } from './confirm.tsx';
import { Members } from './members.tsx';
import { Act, Section } from './parts.tsx';
import { type Chosen, PeoplePicker } from './people-picker.tsx';

const LONGEST_SUBJECT = 100;
const LONGEST_DESCRIPTION = 2_048;

export function GroupSections({ conversation }: { readonly conversation: Conversation }): ReactNode {
  const t = useTranslations('group');
  const { id, name, account, group } = conversation;
  const [known, setKnown] = useState<Group>();
  const [failure, setFailure] = useState<unknown>();
  const [open, setOpen] = useState<'edit' | 'add' | 'leave'>();
  const [results, setResults] = useState<readonly MemberResult[]>([]);
  const action = useAction();
  const told = JSON.stringify([name, group]);
  const read = useCallback(() => {
    readGroup(id).then(
      (answer) => {
        setKnown(answer);
        setFailure(undefined);
      },
      (error: unknown) => setFailure(error),
    );
  }, [id]);
  // Whatever changes in a group is told on its conversation.
  useEffect(read, [read, told]);
  const role = group?.role ?? 'none';
  const isAdmin = role === 'admin' || role === 'owner';
  const canEdit = role !== 'none' && (isAdmin || group?.locked !== true);
  const change = (how: 'add' | 'remove' | 'promote' | 'demote', people: readonly string[]) => async () => {
    const done = await changeMembers(id, how, people);
    setResults(done.filter(({ ok }) => !ok));
    read();
  };
  const close = (): void => setOpen(undefined);
  return (
    <>
      <Section title={t('description')}>
        <p dir="auto" className="max-h-40 overflow-y-auto break-words whitespace-pre-wrap">
          {group?.description ?? <span className="text-soft">{t('noDescription')}</span>}
        </p>
        {role === 'none' ? (
          <p className="mt-2 text-second text-soft">{t('left')}</p>
        ) : canEdit ? (
          <div className="-mx-2 mt-1">
            <Act icon={Pencil} text={t('edit')} onPress={() => setOpen('edit')} />
          </div>
        ) : (
          <p className="mt-2 text-second text-soft">{t('notAdmin')}</p>
        )}
        {isAdmin && group !== undefined && (
          <ul className="mt-1 flex flex-col gap-1">
            {(['announce', 'locked', 'approval'] as const).map((setting) => (
              <li key={setting}>
                <label className="flex min-h-9 items-center gap-3 px-0 pointer-coarse:min-h-11">
                  <input
                    type="checkbox"
                    className="size-4 shrink-0 accent-accent"
                    checked={group[setting]}
                    disabled={action.busy}
                    onChange={({ target: { checked } }) =>
                      void action.run(async () => setKnown(await changeGroup(id, { [setting]: checked })))
                    }
                  />
                  {t(setting)}
                </label>
              </li>
            ))}
          </ul>
        )}
        <Failure error={action.error} />
      </Section>
      {isAdmin && <Invite id={id} />}
      <Section title={t('members', { n: String(known?.members.length ?? group?.size ?? 0) })}>
        {isAdmin && (
          <div className="-mx-2">
            <Act icon={UserPlus} text={t('add')} onPress={() => setOpen('add')} />
          </div>
        )}
        {results.length > 0 && <NotDone results={results} members={known?.members ?? []} />}
        <Failure error={failure}>
          <Button look="quiet" icon={RotateCw} onClick={read}>
            {t('find')}
          </Button>
        </Failure>
        {known !== undefined && <Members account={account} members={known.members} isAdmin={isAdmin} change={change} />}
      </Section>
      {role !== 'none' && (
        <Section>
          <div className="-mx-2">
            <Act icon={LogOut} danger text={t('leave')} onPress={() => setOpen('leave')} />
          </div>
        </Section>
      )}
      {open === 'edit' && <Edit conversation={conversation} onDone={setKnown} onClose={close} />}
      {open === 'add' && (
        <Add
          account={account}
          members={known?.members ?? []}
          onAdd={(people) => change('add', people)()}
          onClose={close}
        />
      )}
      {open === 'leave' && (
        <Confirm
          title={t('leaveTitle', { name })}
          text={t('leaveText')}
          go={t('leave')}
          act={() => leaveGroup(id)}
          onClose={close}
        />
      )}
    </>
  );
}

/** Whoever has chosen who may add him. */
const PRIVATE = '403';

function NotDone({
  results,
  members,
}: {
  readonly results: readonly MemberResult[];
  readonly members: readonly Member[];
}): ReactNode {
  const t = useTranslations('group');
  const nameOf = (address: string): string =>
    members.find((one) => one.address === address)?.name ?? address.replace(/@.*$/, '').replace(/^(?=\d)/, '+');
  const names = results.map(({ address }) => nameOf(address)).join(', ');
  const isPrivate = results.some(({ code }) => code === PRIVATE);
  return (
    <Notice
      tone="warn"
      text={t('failed', { names })}
      fix={isPrivate ? t('failedPrivacy') : [...new Set(results.map(({ code }) => code))].join(', ')}
    />
  );
}

function Invite({ id }: { readonly id: string }): ReactNode {
  const t = useTranslations('group');
  const [link, setLink] = useState<string>();
  const action = useAction();
  return (
    <Section title={t('invite')}>
      {link === undefined ? (
        <div className="-mx-2">
          <Act
            icon={Link2}
            text={t('inviteShow')}
            disabled={action.busy}
            onPress={() => void action.run(async () => setLink(await readInvite(id)))}
          />
        </div>
      ) : (
        <>
          <p className="flex items-center gap-1 rounded-control bg-sunken ps-3 pe-1">
            <span data-testid="invite-link" className="min-w-0 flex-1 truncate py-2 font-mono text-meta">
              {link}
            </span>
            <CopyButton text={link} label={t('invite')} />
          </p>
          <p className="mt-1 text-second text-soft">{t('inviteText')}</p>
          <div className="-mx-2">
            <Act
              icon={RotateCw}
              text={t('inviteRenew')}
              disabled={action.busy}
              onPress={() => void action.run(async () => setLink(await renewInvite(id)))}
            />
          </div>
        </>
      )}
      <Failure error={action.error} />
    </Section>
  );
}

interface EditProps {
  readonly conversation: Conversation;
  readonly onDone: (group: Group) => void;
  readonly onClose: () => void;
}

function Edit({ conversation: { id, name, group }, onDone, onClose }: EditProps): ReactNode {
  const t = useTranslations('group');
  const actions = useTranslations('actions');
  const before = group?.description ?? '';
  const source = usePictureAddress({ conversation: id });
  const [subject, setSubject] = useState(name);
  const [description, setDescription] = useState(before);
  const action = useAction();
  const save = async (): Promise<void> => {
    const changed = {
      ...(subject.trim() !== name && { subject: subject.trim() }),
      ...(description.trim() !== before && { description: description.trim() }),
    };
    if (Object.keys(changed).length === 0) return onClose();
    if (await action.run(async () => onDone(await changeGroup(id, changed)))) onClose();
  };
  return (
    <Dialog title={t('edit')} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <PortraitField whose="groups" id={id} source={source} name={name} kind="group" />
        <Field
          label={t('subject')}
          required
          data-focus-first
          maxLength={LONGEST_SUBJECT}
          value={subject}
          onChange={(event) => setSubject(event.target.value)}
        />
        <label className="flex flex-col gap-1">
          <span className="text-second text-soft">{t('description')}</span>
          <textarea
            rows={4}
            dir="auto"
            maxLength={LONGEST_DESCRIPTION}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
            className="w-full rounded-control border border-line bg-surface px-3 py-2 text-body text-ink pointer-coarse:text-title"
          />
        </label>
        <Failure error={action.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{actions('cancel')}</Button>
          <Button type="submit" look="primary" disabled={action.busy || subject.trim() === ''}>
            {actions('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface AddProps {
  readonly account: string;
  readonly members: readonly Member[];
  readonly onAdd: (people: readonly string[]) => Promise<void>;
  readonly onClose: () => void;
}

function Add({ account, members, onAdd, onClose }: AddProps): ReactNode {
  const t = useTranslations('group');
  const actions = useTranslations('actions');
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const action = useAction();
  return (
    <Dialog title={t('add')} onClose={onClose}>
      <PeoplePicker
        account={account}
        without={new Set(members.map(({ address }) => address))}
        chosen={chosen}
        onChoose={(one) =>
          setChosen((now) =>
            now.some(({ to }) => to === one.to) ? now.filter(({ to }) => to !== one.to) : [...now, one],
          )
        }
      />
      <Failure error={action.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{actions('cancel')}</Button>
        <Button
          look="primary"
          disabled={chosen.length === 0 || action.busy}
          onClick={() => void action.run(() => onAdd(chosen.map(({ to }) => to))).then((done) => done && onClose())}
        >
          {t('addGo')}
        </Button>
      </div>
    </Dialog>
  );
}
