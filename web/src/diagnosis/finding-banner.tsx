'use client';
// The foremost fault over every page: what is wrong, what to do, the way to the diagnosis, and a way to put it away. It goes with its cause.
import { toldFinding } from '@pulseline/diagnosis';
import { shape } from '@pulseline/protocol';
import { CircleAlert, CircleX, X } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { IconButton } from '../controls.tsx';
import { dismiss, type StandingFault } from '../findings.ts';
import { useLanguage } from '../language.tsx';
import { WithCode } from './finding-view.tsx';
import { useDiagnosisWords } from './words.ts';

export default function FindingBanner({ fault }: { readonly fault: StandingFault }): ReactNode {
  const words = useDiagnosisWords();
  const language = useLanguage();
  const { finding } = fault;
  // One of a newer server: the diagnosis page says what it can.
  if (!shape.fits(toldFinding, finding)) return null;
  const Glyph = finding.severity === 'warning' ? CircleAlert : CircleX;
  return (
    <div
      data-testid="finding-banner"
      data-check={finding.checkId}
      className="flex items-start gap-x-3 border-b border-line bg-note px-4 py-2 text-second text-on-note md:items-center"
    >
      <Glyph aria-hidden size={16} strokeWidth={2} className="mt-0.5 shrink-0 md:mt-0" />
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1">
        <span role="status" className="font-semibold">
          {finding.title[language]}
        </span>
        <span className="min-w-0 flex-1 basis-48">
          <WithCode text={finding.fix[language].text} />
        </span>
        <Link href="/test-ws" className="inline-flex items-center font-semibold underline pointer-coarse:h-11">
          {words.details}
        </Link>
      </div>
      <IconButton
        icon={X}
        label={words.dismiss}
        className="-my-0.5 size-7 shrink-0 text-on-note hover:bg-transparent hover:text-on-note"
        onClick={() => dismiss(fault)}
      />
    </div>
  );
}
