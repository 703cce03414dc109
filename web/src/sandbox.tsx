'use client';
// /sandbox: plays the phones of sandbox accounts and the people who write to them. Everything it does goes to the built-in emulator.
import type { Account } from '@pulseline/protocol';
import clsx from 'clsx';
import { LogOut, Plus, Wifi, WifiOff } from 'lucide-react';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { accountColour, StateBadge } from './account-state.tsx';
import { Avatar } from './avatar.tsx';
import { Button, Empty, Failure, Field, useAction } from './controls.tsx';
import { useDesk } from './desk.ts';
import { Words } from './language.tsx';
import { readable } from './phone-number.ts';
import { createContact, movePhone, type SandboxContact, sandboxContacts } from './sandbox-calls.ts';
import { ContactPhone } from './sandbox-phone.tsx';
import { PageBody, PageHeader } from './shell.tsx';
import { inboxWords as inboxEn } from './words/inbox.en.ts';
import { inboxWords } from './words/inbox.ts';
import { sandboxWords as sandboxEn } from './words/sandbox.en.ts';
import { sandboxWords } from './words/sandbox.ts';

const words = { zh: { ...inboxWords, ...sandboxWords }, en: { ...inboxEn, ...sandboxEn } } as const;

export function Sandbox(): ReactNode {
  return (
    <Words of={words}>
      <Body />
    </Words>
  );
}

function Body(): ReactNode {
  const t = useTranslations('sandbox');
  const accountMap = useDesk(({ inbox }) => inbox.accounts);
  const joined = useDesk((desk) => desk.joined);
  const accounts = useMemo(() => [...accountMap.values()].filter(({ kind }) => kind === 'sandbox'), [accountMap]);
  return (
    <>
      <PageHeader title={t('title')} />
      <PageBody>
        <div className="flex max-w-[1100px] flex-col gap-4 p-4 md:p-6">
          <p className="text-soft">{t('intro')}</p>
          {joined && accounts.length === 0 ? (
            <Empty title={t('none')} text={t('noneText')}>
              <Link href="/" className="font-semibold text-accent underline underline-offset-4">
                {t('noneAction')}
              </Link>
            </Empty>
          ) : (
            <Suspense>
              <Stage accounts={accounts} />
            </Suspense>
          )}
        </div>
      </PageBody>
    </>
  );
}

function Stage({ accounts }: { readonly accounts: readonly Account[] }): ReactNode {
  const t = useTranslations('sandbox');
  const [contacts, setContacts] = useState<readonly SandboxContact[]>();
  const [chosen, setChosen] = useState<string>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    let current = true;
    sandboxContacts().then(
      (items) => current && setContacts(items),
      (problem: unknown) => current && setError(problem),
    );
    return () => {
      current = false;
    };
  }, []);
  /** The number of the contact that somebody came here to play. */
  const asked = useSearchParams().get('phone');
  const contact =
    contacts?.find(({ id }) => id === chosen) ??
    contacts?.find(({ number }) => asked !== null && number !== undefined && digits(number) === digits(asked)) ??
    contacts?.[0];
  // Without its contacts nothing here would do anything.
  if (error !== undefined) return <Failure error={error} />;
  return (
    <div className="grid items-start gap-4 md:grid-cols-[320px_minmax(0,1fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <Phones accounts={accounts} />
        <Contacts
          contacts={contacts ?? []}
          chosen={contact?.id}
          onChoose={setChosen}
          onCreated={(created) => {
            setContacts((before) => [...(before ?? []), created]);
            setChosen(created.id);
          }}
        />
      </div>
      {contact === undefined ? (
        <div className="flex min-h-96 rounded-card border border-line bg-surface">
          <Empty title={t('contactsEmpty')} />
        </div>
      ) : (
        <div ref={asked === null ? undefined : show}>
          <ContactPhone key={contact.id} contact={contact} accounts={accounts} />
        </div>
      )}
    </div>
  );
}

/** What one can do with the phone in one's hand: take it off the network, and remove the linked device. */
function Phones({ accounts }: { readonly accounts: readonly Account[] }): ReactNode {
  const t = useTranslations('sandbox');
  const action = useAction();
  return (
    <section aria-label={t('phones')} className="rounded-card border border-line bg-surface">
      <h2 className="border-b border-line px-4 py-3 text-title font-semibold">{t('phones')}</h2>
      <ul className="divide-y divide-line">
        {accounts.map((account) => (
          <li key={account.id} className={clsx('relative flex flex-col gap-2 p-4', accountColour(account))}>
            <span aria-hidden className="absolute inset-y-0 left-0 w-[3px] bg-(--account)" />
            <p className="flex items-center gap-2">
              <span className="min-w-0 flex-1 truncate font-semibold">{account.label}</span>
              <StateBadge account={account} />
            </p>
            {account.me !== undefined && account.state !== 'LOGGED_OUT' && (
              <div className="flex flex-wrap gap-2">
                {(
                  [
                    { act: 'offline', icon: WifiOff, label: t('phoneOffline') },
                    { act: 'online', icon: Wifi, label: t('phoneOnline') },
                    { act: 'logout', icon: LogOut, label: t('phoneLogout') },
                  ] as const
                ).map(({ act, icon, label }) => (
                  <Button
                    key={act}
                    icon={icon}
                    disabled={action.busy}
                    onClick={() => action.run(() => movePhone(account.id, act))}
                  >
                    {label}
                  </Button>
                ))}
              </div>
            )}
          </li>
        ))}
      </ul>
      {action.error !== undefined && (
        <div className="border-t border-line p-4">
          <Failure error={action.error} />
        </div>
      )}
    </section>
  );
}

interface ContactsProps {
  readonly contacts: readonly SandboxContact[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
  readonly onCreated: (contact: SandboxContact) => void;
}

function Contacts({ contacts, chosen, onChoose, onCreated }: ContactsProps): ReactNode {
  const t = useTranslations('sandbox');
  const [name, setName] = useState('');
  const action = useAction();
  const create = async (): Promise<void> => {
    const done = await action.run(async () => onCreated(await createContact(name.trim())));
    if (done) setName('');
  };
  return (
    <section aria-label={t('contacts')} className="rounded-card border border-line bg-surface">
      <h2 className="border-b border-line px-4 py-3 text-title font-semibold">{t('contacts')}</h2>
      {contacts.length > 0 && (
        <ul className="max-h-72 divide-y divide-line overflow-y-auto border-b border-line">
          {contacts.map(({ id, name: called, number }) => (
            <li key={id}>
              <button
                type="button"
                data-testid="sandbox-contact"
                aria-pressed={id === chosen}
                onClick={() => onChoose(id)}
                className="flex w-full items-center gap-3 px-4 py-2 text-left -outline-offset-2 hover:bg-sunken aria-pressed:bg-wash"
              >
                <Avatar name={called} className="size-9" />
                <span className="min-w-0">
                  <span className="block truncate font-semibold">{called}</span>
                  <span className="block truncate text-meta text-soft">{number && readable(number)}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <form
        className="flex flex-col gap-2 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <div className="flex items-end gap-2">
          <Field
            className="flex-1"
            label={t('contactName')}
            hideLabel
            placeholder={t('contactName')}
            required
            maxLength={60}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Button type="submit" icon={Plus} disabled={action.busy || name.trim() === ''}>
            {t('contactAdd')}
          </Button>
        </div>
        <Failure error={action.error} />
      </form>
    </section>
  );
}

/** On a narrow screen the phone stands below everything else. */
function show(phone: HTMLElement | null): void {
  phone?.scrollIntoView({ block: 'nearest' });
}

function digits(number: string): string {
  return number.replaceAll(/\D/g, '');
}
