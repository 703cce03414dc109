'use client';
// Ctrl+K: people and commands in one field. People come from what is known here at once, and from the server a moment later.
import { conversationList } from '@pulseline/client';
import clsx from 'clsx';
import { CornerDownLeft, Search } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Avatar } from './avatar.tsx';
import { Failure, useAction } from './controls.tsx';
import { findConversations } from './conversation-calls.ts';
import { useDesk } from './desk.ts';
import { Words } from './language.tsx';
import { type Choice, useCommands } from './palette-commands.tsx';
import { readable } from './phone-number.ts';
import { inboxWords as inboxEn } from './words/inbox.en.ts';
import { inboxWords } from './words/inbox.ts';
import { keysWords as keysEn } from './words/keys.en.ts';
import { keysWords } from './words/keys.ts';
import { settingsWords as settingsEn } from './words/settings.en.ts';
import { settingsWords } from './words/settings.ts';
import { workWords as workEn } from './words/work.en.ts';
import { workWords } from './words/work.ts';

/** People shown at a time. */
const PEOPLE = 8;
/** How long typing must pause before the server is asked, ms. */
const SEARCH_AFTER = 150;

export interface PaletteProps {
  readonly onClose: () => void;
  readonly onKeys: () => void;
}

const words = {
  zh: { ...inboxWords, ...keysWords, ...settingsWords, ...workWords },
  en: { ...inboxEn, ...keysEn, ...settingsEn, ...workEn },
} as const;

export function Palette(props: PaletteProps): ReactNode {
  return (
    <Words of={words}>
      <Finder {...props} />
    </Words>
  );
}

function Finder({ onClose, onKeys }: PaletteProps): ReactNode {
  const t = useTranslations('keys');
  const dialog = useRef<HTMLDialogElement>(null);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const action = useAction();
  const people = usePeople(query);
  const commands = useCommands(query, onKeys);
  const choices = [...people, ...commands];
  const chosen = Math.min(at, choices.length - 1);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    document.getElementById(`${list}-${chosen}`)?.scrollIntoView({ block: 'nearest' });
  }, [list, chosen]);
  const take = (choice: Choice | undefined): void => {
    if (choice === undefined) return;
    const done = choice.run();
    if (done === undefined) onClose();
    else void action.run(() => done).then((ok) => ok && onClose());
  };
  const press = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((chosen + step + choices.length) % Math.max(1, choices.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(choices[chosen]);
    }
  };
  return (
    <dialog
      ref={dialog}
      aria-label={t('palette')}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current.close();
      }}
      className="mx-auto mt-[12dvh] mb-auto w-[min(560px,calc(100vw-32px))] rounded-card bg-surface p-0 text-ink shadow-float backdrop:bg-black/40 open:animate-arrive"
    >
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search aria-hidden size={20} strokeWidth={1.75} className="shrink-0 text-faint" />
        <input
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls={list}
          aria-activedescendant={choices.length === 0 ? undefined : `${list}-${chosen}`}
          aria-label={t('search')}
          placeholder={t('search')}
          maxLength={200}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
          onKeyDown={press}
          className="h-14 min-w-0 flex-1 bg-transparent text-title outline-none"
        />
      </div>
      <ul id={list} role="listbox" aria-label={t('palette')} className="max-h-[60dvh] overflow-y-auto p-2">
        {choices.map((choice, index) => (
          <li
            key={choice.key}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onMouseMove={() => setAt(index)}
            onClick={() => take(choice)}
            className={clsx(
              'flex min-h-11 cursor-pointer items-center gap-3 rounded-control px-3',
              index === chosen && 'bg-wash',
            )}
          >
            {choice.icon === undefined ? (
              <Avatar name={choice.text} kind={choice.kind ?? 'person'} className="size-8" />
            ) : (
              <span className="flex size-8 items-center justify-center text-soft">
                <choice.icon aria-hidden size={20} strokeWidth={1.75} />
              </span>
            )}
            <span dir="auto" className="min-w-0 truncate">
              {choice.text}
            </span>
            <span className="min-w-0 flex-1 truncate text-second text-soft">{choice.more}</span>
            {index === chosen && <CornerDownLeft aria-hidden size={16} strokeWidth={1.75} className="text-soft" />}
          </li>
        ))}
      </ul>
      {action.error !== undefined && (
        <div className="px-4 pb-4">
          <Failure error={action.error} />
        </div>
      )}
      {choices.length === 0 && <p className="px-5 pb-5 text-soft">{t('nothing')}</p>}
    </dialog>
  );
}

function usePeople(query: string): readonly Choice[] {
  const router = useRouter();
  const inbox = useDesk((desk) => desk.inbox);
  const [found, setFound] = useState<readonly string[]>([]);
  const q = query.trim().toLocaleLowerCase();
  useEffect(() => {
    if (q === '') return;
    const timer = setTimeout(() => {
      // Out of reach: what is known here is shown all the same.
      findConversations({ q, account: '', filter: '', assignee: '', label: '' }).then(setFound, () => setFound([]));
    }, SEARCH_AFTER);
    return () => clearTimeout(timer);
  }, [q]);
  const all = useMemo(() => conversationList(inbox), [inbox]);
  const digits = q.replaceAll(/[\s+-]/g, '');
  const fits = all.filter(
    ({ id, name, phone }) =>
      name.toLocaleLowerCase().includes(q) ||
      (/^\d+$/.test(digits) && (phone ?? '').includes(digits)) ||
      (q !== '' && found.includes(id)),
  );
  return fits.slice(0, PEOPLE).map(({ id, name, phone, account, kind }) => ({
    key: id,
    kind,
    text: name,
    more: [phone !== undefined && phone !== name ? readable(phone) : '', inbox.accounts.get(account)?.label]
      .filter(Boolean)
      .join(' · '),
    icon: undefined,
    run: () => router.push(`/inbox?c=${encodeURIComponent(id)}`),
  }));
}
