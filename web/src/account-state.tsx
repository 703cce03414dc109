'use client';
// An account's state as a badge and as a reason: always a word, a glyph and a colour together. It shows, it never acts.
import type { Account, AccountState } from '@pulseline/protocol';
import clsx from 'clsx';
import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleX,
  Hourglass,
  LogOut,
  type LucideIcon,
  QrCode,
  WifiOff,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useLanguage } from './language.tsx';
import type { Told } from './reasons.ts';
import { useTell } from './tell.ts';

export type Tone = 'ok' | 'warn' | 'bad' | 'info';

interface Look {
  readonly tone: Tone;
  readonly icon: LucideIcon;
}

const looks = {
  INITIALIZING: { tone: 'info', icon: Hourglass },
  QR: { tone: 'info', icon: QrCode },
  AUTHENTICATED: { tone: 'info', icon: CircleDashed },
  SYNCING: { tone: 'info', icon: CircleDashed },
  READY: { tone: 'ok', icon: CircleCheck },
  DEGRADED: { tone: 'warn', icon: CircleAlert },
  DISCONNECTED: { tone: 'warn', icon: WifiOff },
  LOGGED_OUT: { tone: 'bad', icon: LogOut },
  FAILED: { tone: 'bad', icon: CircleX },
} as const satisfies Record<AccountState, Look>;

export const toneText = { ok: 'text-ok', warn: 'text-warn', bad: 'text-bad', info: 'text-info' } as const;

export function toneOf(state: AccountState): Tone {
  return looks[state].tone;
}

export function StateBadge({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('states');
  const { tone, icon: Icon } = looks[account.state];
  return (
    <span
      data-testid="account-state"
      data-state={account.state}
      className={clsx(
        'inline-flex h-7 shrink-0 items-center gap-1.5 rounded-full border border-current/30 px-2.5 text-second font-semibold whitespace-nowrap',
        toneText[tone],
      )}
    >
      <Icon aria-hidden size={16} strokeWidth={1.75} />
      {t(account.state)}
    </span>
  );
}

/** Why the account is not what one wishes, in the reader's language; undefined if there is nothing to say. */
export function useReason(account: Account): Told | undefined {
  const language = useLanguage();
  const tell = useTell(account.reason !== undefined);
  return account.reason && tell(account.reason.code, account.reason, language);
}

/** The class of an account's colour: the chosen one, else one that follows from its id and stays as long as it lives. */
export function accountColour({ id, colour }: Pick<Account, 'id' | 'colour'>): string {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 8_192;
  return accountColours[(colour ?? sum) % accountColours.length] ?? 'account-0';
}

// Written out, so that Tailwind finds them.
export const accountColours = [
  'account-0',
  'account-1',
  'account-2',
  'account-3',
  'account-4',
  'account-5',
  'account-6',
  'account-7',
] as const;
