// What the reader of this browser has chosen; kept in localStorage and nowhere else.
import type { TeamIdentity } from '@pulseline/client';
import { type Language, languages, shape } from '@pulseline/protocol';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  /** What Enter does in the composer; the other is Ctrl+Enter (send) or Shift+Enter (newline). */
  readonly enter: 'send' | 'newline';
  /** A sound for a new message, and a notification of the system (which the browser must allow too). */
  readonly sound: boolean;
  readonly notify: boolean;
  /** `HH:MM` each: between them nothing rings; empty = never quiet. */
  readonly quietFrom: string;
  readonly quietTo: string;
  /** Keys without Ctrl or Alt do something (WCAG 2.1.4 asks that one can do without). */
  readonly keys: boolean;
  /** The reader has accepted that a real phone is linked by an unofficial client. */
  readonly riskAccepted: boolean;
  /** What the team calls the reader; empty = nobody is told who sits here. */
  readonly name: string;
  /** Chosen by chance with the first name: the same person in each tab of this browser. */
  readonly person: string;
}

/** The boot script in the page's head reads the same key. */
export const PREFERENCES_KEY = 'pulseline.preferences';

const defaults: Preferences = {
  language: 'zh',
  theme: 'system',
  enter: 'send',
  sound: true,
  notify: false,
  quietFrom: '',
  quietTo: '',
  keys: true,
  riskAccepted: false,
  name: '',
  person: '',
};

const kept = shape.object({
  language: shape.optional(shape.oneOf(languages)),
  theme: shape.optional(shape.oneOf(themes)),
  enter: shape.optional(shape.oneOf(['send', 'newline'])),
  sound: shape.optional(shape.boolean()),
  notify: shape.optional(shape.boolean()),
  quietFrom: shape.optional(shape.string(5)),
  quietTo: shape.optional(shape.string(5)),
  keys: shape.optional(shape.boolean()),
  riskAccepted: shape.optional(shape.boolean()),
  name: shape.optional(shape.string(80)),
  person: shape.optional(shape.string(64)),
});

/** Reads what was kept; whatever cannot be read is as if it had not been chosen. */
export function parsePreferences(text: string | null): Preferences {
  if (text === null) return defaults;
  try {
    return { ...defaults, ...kept.parse(JSON.parse(text)) };
  } catch {
    return defaults;
  }
}

// The server-rendered first pass must see the defaults, so the kept values are read once the page lives (loadPreferences).
const store = createStore<Preferences>(() => defaults);

export function usePreferences<T>(select: (preferences: Preferences) => T): T {
  return useStore(store, select);
}

export function preferences(): Preferences {
  return store.getState();
}

/** Who sits here, for the team. Logins will answer this one day. */
export function identity(): TeamIdentity | undefined {
  const { name, person } = store.getState();
  return name === '' || person === '' ? undefined : { name, person };
}

/** The name that the team sees; with the first one the browser gets a person. */
export function chooseName(name: string): void {
  choose({ name, person: store.getState().person || crypto.randomUUID() });
}

export function choose(change: Partial<Preferences>): void {
  store.setState(change);
  try {
    localStorage.setItem(PREFERENCES_KEY, JSON.stringify(store.getState()));
  } catch {
    // A browser that keeps nothing (private mode, full disk) still follows the choice until the page closes.
  }
}

/** Takes the kept choices over, now and whenever another tab changes them. Returns the way to stop. */
export function loadPreferences(): () => void {
  const load = (): void => {
    try {
      store.setState(parsePreferences(localStorage.getItem(PREFERENCES_KEY)));
    } catch {
      // No access to storage: the defaults stay.
    }
  };
  const onStorage = (event: StorageEvent): void => {
    if (event.key === PREFERENCES_KEY) load();
  };
  load();
  window.addEventListener('storage', onStorage);
  return () => window.removeEventListener('storage', onStorage);
}
