'use client';
// A list of an account's contacts with a search over names and numbers; a whole number that is typed can be chosen too. What is done with the chosen is not its business.
import type { Contact } from '@pulseline/protocol';
import clsx from 'clsx';
import { Check, MessageCirclePlus, X } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Avatar } from '../avatar.tsx';
import { Button, Failure, Field } from '../controls.tsx';
import { useDesk } from '../desk.ts';
import { readable } from '../phone-number.ts';
import { readContacts } from './calls.ts';

/** How long typing must pause before the server is asked, ms. */
const SEARCH_AFTER = 200;

export interface Chosen {
  /** What the server takes: an address, or the number as typed. */
  readonly to: string;
  readonly name: string;
}

export interface PeoplePickerProps {
  readonly account: string;
  /** Several are chosen and shown; undefined = the first press decides. */
  readonly chosen?: readonly Chosen[];
  readonly onChoose: (one: Chosen) => void;
  /** Addresses that are not offered. */
  readonly without?: ReadonlySet<string>;
  readonly busy?: boolean;
}

/**
 * A number with its country code, in any writing; `own` is the account's. Only where an account is Chinese, a Chinese mobile
 * number may come without the code: elsewhere the same eleven digits are an American one.
 */
export function numberIn(text: string, own = ''): string | undefined {
  const trimmed = text.trim();
  if (!/^[+\d][\d\s().-]*$/.test(trimmed)) return undefined;
  const given = trimmed.replaceAll(/\D/g, '').replace(/^00/, '');
  const isShort = own.startsWith('+86') && !/^(\+|00)/.test(trimmed) && /^1[3-9]\d{9}$/.test(given);
  const digits = isShort ? `86${given}` : given;
  return digits.length >= 7 && digits.length <= 15 ? `+${digits}` : undefined;
}

export function PeoplePicker({ account, chosen, onChoose, without, busy = false }: PeoplePickerProps): ReactNode {
  const t = useTranslations('start');
  const [q, setQ] = useState('');
  const { items, error, more } = useContacts(account, q.trim());
  const own = useDesk(({ inbox }) => inbox.accounts.get(account)?.me?.phone);
  const number = numberIn(q, own);
  const shown = items?.filter(({ address }) => without?.has(address) !== true);
  const isChosen = (to: string): boolean => chosen?.some((one) => one.to === to) === true;
  const typed = number !== undefined && shown?.every(({ phone }) => phone !== number) === true;
  return (
    <div className="flex min-h-0 flex-col gap-2">
      {chosen !== undefined && chosen.length > 0 && (
        <ul
          aria-label={t('chosen', { n: String(chosen.length) })}
          className="flex max-h-24 flex-wrap gap-1 overflow-y-auto"
        >
          {chosen.map((one) => (
            <li key={one.to}>
              <button
                type="button"
                aria-label={t('unchoose', { name: one.name })}
                onClick={() => onChoose(one)}
                className="flex h-7 max-w-48 items-center gap-1 rounded-full bg-wash px-2.5 text-second text-accent pointer-coarse:h-9"
              >
                <span dir="auto" className="truncate">
                  {one.name}
                </span>
                <X aria-hidden size={14} className="shrink-0" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Field
        label={t('find')}
        hideLabel
        autoFocus={chosen === undefined}
        data-focus-first={chosen === undefined ? true : undefined}
        inputMode="search"
        placeholder={t('find')}
        maxLength={100}
        value={q}
        onChange={(event) => setQ(event.target.value)}
      />
      <ul aria-label={t('contacts')} data-testid="contacts" className="flex h-72 flex-col overflow-y-auto">
        {typed && (
          <Row
            name={t('to', { number: readable(number) })}
            more={t('toText')}
            icon
            on={isChosen(number)}
            disabled={busy}
            onPress={() => onChoose({ to: number, name: readable(number) })}
          />
        )}
        {shown?.map(({ address, name, phone }) => (
          <Row
            key={address}
            name={name}
            more={phone === undefined || readable(phone) === name || phone === name ? undefined : readable(phone)}
            on={isChosen(address)}
            disabled={busy}
            onPress={() => onChoose({ to: address, name })}
          />
        ))}
        {shown?.length === 0 && !typed && error === undefined && (
          <li className="m-auto max-w-72 p-4 text-center text-second text-soft">{t('none')}</li>
        )}
        {more !== undefined && (
          <li className="p-2 text-center">
            <Button look="quiet" onClick={more}>
              {t('more')}
            </Button>
          </li>
        )}
      </ul>
      <Failure error={error} />
    </div>
  );
}

interface RowProps {
  readonly name: string;
  readonly more: string | undefined;
  readonly icon?: boolean;
  readonly on: boolean;
  readonly disabled: boolean;
  readonly onPress: () => void;
}

function Row({ name, more, icon = false, on, disabled, onPress }: RowProps): ReactNode {
  return (
    <li>
      <button
        type="button"
        aria-pressed={on}
        disabled={disabled}
        onClick={onPress}
        className={clsx(
          'flex h-14 w-full items-center gap-3 rounded-control px-2 text-start -outline-offset-2 disabled:opacity-50',
          on ? 'bg-wash' : 'hover:bg-sunken',
        )}
      >
        {icon ? (
          <span className="flex size-9 shrink-0 items-center justify-center rounded-full bg-wash text-accent">
            <MessageCirclePlus aria-hidden size={20} strokeWidth={1.75} />
          </span>
        ) : (
          <Avatar name={name} className="size-9" />
        )}
        <span className="min-w-0 flex-1">
          <span dir="auto" className="block truncate">
            {name}
          </span>
          {more !== undefined && <span className="block truncate text-meta text-soft">{more}</span>}
        </span>
        {on && <Check aria-hidden size={16} className="shrink-0 text-accent" />}
      </button>
    </li>
  );
}

interface Found {
  readonly asked: string;
  readonly items: readonly Contact[];
  readonly next: string | null;
}

/** The contacts that fit, as the server finds them. Undefined until it has first answered. */
function useContacts(account: string, q: string) {
  const [found, setFound] = useState<Found>();
  const [error, setError] = useState<unknown>();
  const asked = `${account} ${q}`;
  useEffect(() => {
    if (account === '') return;
    let current = true;
    const timer = setTimeout(
      () =>
        readContacts(account, q).then(
          ({ items, next }) => {
            if (!current) return;
            setFound({ asked, items, next });
            setError(undefined);
          },
          (failed: unknown) => current && setError(failed),
        ),
      q === '' ? 0 : SEARCH_AFTER,
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [account, asked, q]);
  const { next } = found ?? {};
  const more =
    found?.asked !== asked || next === null || next === undefined
      ? undefined
      : (): void => {
          readContacts(account, q, next).then(
            (page) =>
              setFound((before) =>
                before?.asked === asked ? { asked, items: [...before.items, ...page.items], next: page.next } : before,
              ),
            setError,
          );
        };
  return { items: found?.items, error, more };
}
