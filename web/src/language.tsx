'use client';
// The reader's language and time zone around all pages; it never decides what is said, only in which words.
import type { Language } from '@pulseline/protocol';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { IntlProvider, useMessages } from 'use-intl';
import { useDesk } from './desk.ts';
import { loadPreferences, preferences, usePreferences } from './preferences.ts';
import type { Place } from './time.ts';
import { firstWords as zh } from './words/first.ts';
import type { Widened } from './words/widened.ts';
import type { Dictionary } from './words.ts';

const LOCALES = { zh: 'zh-CN', en: 'en' } as const satisfies Record<Language, string>;

type FirstWords = Widened<typeof zh>;

interface Speech {
  readonly language: Language;
  readonly messages: FirstWords;
}

const LanguageContext = createContext<Language>('zh');

/** The language that is on the screen now (a chosen one counts once its dictionary is there). */
export function useLanguage(): Language {
  return useContext(LanguageContext);
}

const never = (): (() => void) => () => undefined;

/** False in the exported HTML and during hydration: what depends on this browser (times, lists, sizes) waits for true. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}

/** The team's time zone, if it has one that this browser knows; else the browser's. */
function knownZone(timeZone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', timeZone === undefined ? {} : { timeZone }).resolvedOptions().timeZone;
  } catch {
    return Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}

/** Of every language and zone that was asked for: a few. Every bubble asks, and to find out what a browser knows costs a millisecond. */
const knownPlaces = new Map<string, Place>();

function placeOf(language: Language, timeZone: string | undefined): Place {
  const key = `${language} ${timeZone ?? ''}`;
  const known = knownPlaces.get(key) ?? { locale: LOCALES[language], timeZone: knownZone(timeZone) };
  knownPlaces.set(key, known);
  return known;
}

/** Locale and time zone for the functions of time.ts. Only for what is rendered after hydration. */
export function usePlace(): Place {
  const language = useLanguage();
  const timeZone = useDesk(({ inbox }) => inbox.workspace.timeZone);
  return placeOf(language, timeZone);
}

export function LanguageProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const wanted = usePreferences((preferences) => preferences.language);
  const theme = usePreferences((preferences) => preferences.theme);
  const [speech, setSpeech] = useState<Speech>({ language: 'zh', messages: zh });

  useEffect(loadPreferences, []);

  useEffect(() => {
    let current = true;
    const use = (messages: FirstWords): void => {
      if (!current) return;
      setSpeech({ language: wanted, messages });
      document.documentElement.lang = LOCALES[wanted];
    };
    if (wanted === 'zh') use(zh);
    // If the dictionary cannot be fetched, Chinese stays and the boot script's timer shows it.
    else
      import('./words/first.en.ts').then(
        ({ firstWords }) => use(firstWords),
        () => undefined,
      );
    return () => {
      current = false;
    };
  }, [wanted]);

  useEffect(() => {
    if (speech.language === 'en') document.documentElement.removeAttribute('data-waiting');
  }, [speech.language]);

  useEffect(() => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const apply = (): void => {
      // Asked from the store: in the first pass `theme` is still the default, and the boot script has already set what the reader chose.
      const chosen = preferences().theme;
      document.documentElement.dataset.theme = chosen === 'system' ? (dark.matches ? 'dark' : 'light') : chosen;
    };
    apply();
    dark.addEventListener('change', apply);
    return () => dark.removeEventListener('change', apply);
  }, [theme]);

  return (
    <LanguageContext value={speech.language}>
      <IntlProvider locale={LOCALES[speech.language]} messages={speech.messages} timeZone="UTC">
        {children}
      </IntlProvider>
    </LanguageContext>
  );
}

export interface WordsProps {
  /** A part of the dictionary that was loaded with what shows it, in each language. */
  readonly of: Readonly<Record<Language, Partial<Dictionary>>>;
  readonly children: ReactNode;
}

/** Adds a part to the words that are known inside. */
export function Words({ of, children }: WordsProps): ReactNode {
  const language = useLanguage();
  const known = useMessages();
  const messages = useMemo(() => ({ ...known, ...of[language] }), [known, of, language]);
  return (
    <IntlProvider locale={LOCALES[language]} messages={messages} timeZone="UTC">
      {children}
    </IntlProvider>
  );
}
