'use client';
// The words that an account's menu, dialogs, figures and QR code share; they come with the first of these.
import type { ReactNode } from 'react';
import { Words } from './language.tsx';
import { accountWords as en } from './words/account.en.ts';
import { accountWords as zh } from './words/account.ts';

const words = { zh, en } as const;

export function AccountWords({ children }: { readonly children: ReactNode }): ReactNode {
  return <Words of={words}>{children}</Words>;
}
