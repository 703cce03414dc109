'use client';
// The commands of the palette: the pages, the looks, and what can be done with the conversation that is open. Each is what its button elsewhere does.
import type { Conversation } from '@pulseline/protocol';
import {
  Archive,
  ArchiveRestore,
  Bell,
  BellOff,
  BookOpen,
  CircleCheck,
  Keyboard,
  Languages,
  type LucideIcon,
  Monitor,
  Moon,
  Pin,
  PinOff,
  RotateCcw,
  Sun,
  UserRound,
} from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { arrange } from './conversation-calls.ts';
import { useDesk } from './desk.ts';
import { useLanguage } from './language.tsx';
import { places } from './places.ts';
import { choose, usePreferences } from './preferences.ts';
import { arrangeWork, assign } from './work.ts';

export interface Choice {
  readonly key: string;
  readonly text: string;
  readonly more?: string | undefined;
  /** Undefined for a conversation, which has its own picture. */
  readonly icon: LucideIcon | undefined;
  readonly kind?: Conversation['kind'];
  /** What takes a while is awaited, and its failure shown. */
  readonly run: () => void | Promise<void>;
}

/** The commands whose words have `query`; those of the open conversation come first. */
export function useCommands(query: string, onKeys: () => void): readonly Choice[] {
  const t = useTranslations('keys');
  const nav = useTranslations('nav');
  const accounts = useTranslations('accounts');
  const settings = useTranslations('settings');
  const router = useRouter();
  const ofConversation = useConversationCommands();
  const other = useLanguage() === 'zh' ? 'en' : 'zh';
  const look = (theme: 'light' | 'dark' | 'system', text: string, icon: LucideIcon): Choice => ({
    key: theme,
    text,
    more: settings('theme'),
    icon,
    run: () => choose({ theme }),
  });
  const page = (href: string, text: string, icon: LucideIcon): Choice => ({
    key: href,
    text,
    more: t('page'),
    icon,
    run: () => router.push(href),
  });
  const all: readonly Choice[] = [
    ...ofConversation,
    ...places.map(({ href, name, icon }) => page(href, nav(name), icon)),
    page('/guide', t('guide'), BookOpen),
    look('light', settings('themeLight'), Sun),
    look('dark', settings('themeDark'), Moon),
    look('system', settings('themeSystem'), Monitor),
    {
      key: 'language',
      text: accounts('otherLanguage'),
      more: settings('language'),
      icon: Languages,
      run: () => choose({ language: other }),
    },
    { key: 'keys', text: t('title'), icon: Keyboard, run: onKeys },
  ];
  const q = query.trim().toLocaleLowerCase();
  return all.filter(({ text, more }) => `${text} ${more ?? ''}`.toLocaleLowerCase().includes(q));
}

function useConversationCommands(): readonly Choice[] {
  const t = useTranslations('inbox');
  const work = useTranslations('work');
  const me = usePreferences(({ name }) => name);
  const id = window.location.pathname.startsWith('/inbox')
    ? (new URLSearchParams(window.location.search).get('c') ?? '')
    : '';
  const conversation = useDesk(({ inbox }) => inbox.conversations.get(id));
  if (conversation === undefined) return [];
  const { name, archived, pinned, muted, state = 'open', assignee } = conversation;
  const command = (key: string, text: string, icon: LucideIcon, run: () => Promise<void>): Choice => ({
    key,
    text,
    more: name,
    icon,
    run,
  });
  return [
    ...(me !== '' && assignee !== me ? [command('mine', work('toMe'), UserRound, () => assign(id, me))] : []),
    state === 'open'
      ? command('close', work('close'), CircleCheck, () => arrangeWork(id, { state: 'closed' }))
      : command('open', work('open'), RotateCcw, () => arrangeWork(id, { state: 'open' })),
    command('pin', pinned ? t('unpin') : t('pin'), pinned ? PinOff : Pin, () => arrange(id, { pinned: !pinned })),
    command('mute', muted ? t('unmute') : t('mute'), muted ? Bell : BellOff, () => arrange(id, { muted: !muted })),
    command('archive', archived ? t('unarchive') : t('archive'), archived ? ArchiveRestore : Archive, () =>
      arrange(id, { archived: !archived }),
    ),
  ];
}
