'use client';
// What stands at an address where no page is.
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Empty } from './controls.tsx';
import { Words } from './language.tsx';
import { missingWords as en } from './words/missing.en.ts';
import { missingWords as zh } from './words/missing.ts';

const words = { zh, en } as const;

export function MissingPage(): ReactNode {
  return (
    <Words of={words}>
      <Body />
    </Words>
  );
}

function Body(): ReactNode {
  const t = useTranslations('notFound');
  return (
    <Empty page title={t('title')} text={t('text')}>
      <Link href="/" className="inline-flex h-11 items-center font-semibold text-accent underline underline-offset-4">
        {t('home')}
      </Link>
    </Empty>
  );
}
