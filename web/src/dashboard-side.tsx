'use client';
// What stands beside the accounts: the guide's checklist and the latest events. It comes after the cards.
import type { ReactNode } from 'react';
import { Checklist } from './checklist.tsx';
import { EventFeed } from './event-feed.tsx';
import { Words } from './language.tsx';
import { checklistWords as en } from './words/checklist.en.ts';
import { checklistWords as zh } from './words/checklist.ts';

const words = { zh, en } as const;

export function DashboardSide(): ReactNode {
  return (
    <Words of={words}>
      <Checklist />
      <EventFeed />
    </Words>
  );
}
