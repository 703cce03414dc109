'use client';
// Why the link is down, in the strip over every page: the page diagnoses itself once while it lasts. It says the one cause and what to do.
import { type ReactNode, useEffect } from 'react';
import { useLanguage } from '../language.tsx';
import { WithCode } from './finding-view.tsx';
import { diagnose, useDiagnosis } from './run.ts';

export default function BreakCause({ otherwise }: { readonly otherwise: ReactNode }): ReactNode {
  const language = useLanguage();
  const { report, running } = useDiagnosis();
  useEffect(() => void diagnose(), []);
  const cause = running ? null : (report?.cause ?? null);
  if (cause === null) return otherwise;
  return (
    <span data-testid="break-cause" data-check={cause.checkId} className="min-w-0 flex-1 basis-72">
      <span className="font-semibold">{cause.title[language]}</span> <WithCode text={cause.fix[language].text} />
    </span>
  );
}
