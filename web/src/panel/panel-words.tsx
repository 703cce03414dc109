'use client';
// The words of the panel and of the dialogs around it, for what was loaded later than the page.
import type { ReactNode } from 'react';
import { Words } from '../language.tsx';
import { panelWords as en } from '../words/panel.en.ts';
import { panelWords as zh } from '../words/panel.ts';

const words = { zh, en } as const;

export function PanelWords({ children }: { readonly children: ReactNode }): ReactNode {
  return <Words of={words}>{children}</Words>;
}
