'use client';
// What stands at an address where no page is. Every page carries this much of it, so what it says comes when it is needed.
import { lazy, type ReactNode, Suspense } from 'react';

const MissingPage = lazy(async () => ({ default: (await import('./missing-page.tsx')).MissingPage }));

export function Missing(): ReactNode {
  return (
    <Suspense>
      <MissingPage />
    </Suspense>
  );
}
