'use client';
// What stands at an address where no page is.
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Empty } from './controls.tsx';

export function Missing(): ReactNode {
  const t = useTranslations('notFound');
  return (
    <Empty page title={t('title')} text={t('text')}>
      <Link href="/" className="inline-flex h-11 items-center font-semibold text-accent underline underline-offset-4">
        {t('home')}
      </Link>
    </Empty>
  );
}
