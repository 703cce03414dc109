'use client';
// One finding in the reader's words: what is broken, how sure that is, what was seen, what to do and the commands for it. It decides nothing.
import type { ToldFinding } from '@pulseline/diagnosis';
import clsx from 'clsx';
import { CircleAlert, CircleX, Info } from 'lucide-react';
import type { ReactNode } from 'react';
import { Command } from '../copying.tsx';
import { useLanguage } from '../language.tsx';
import { guideFor } from './guide-link.ts';
import { useDiagnosisWords } from './words.ts';

const tone = {
  critical: 'text-bad',
  error: 'text-bad',
  warning: 'text-warn',
  info: 'text-info',
} as const satisfies Record<ToldFinding['severity'], string>;
const glyph = { critical: CircleX, error: CircleX, warning: CircleAlert, info: Info } as const;

export interface FindingViewProps {
  readonly finding: ToldFinding;
  /** The switch of system and shell, shown with the commands. */
  readonly children?: ReactNode;
  /** The one cause: larger, with its evidence open. */
  readonly cause?: boolean;
}

export function FindingView({ finding, children, cause = false }: FindingViewProps): ReactNode {
  const words = useDiagnosisWords();
  const language = useLanguage();
  const Glyph = glyph[finding.severity];
  const fix = finding.fix[language];
  const rivals = finding.causes.filter(({ checkId }) => checkId !== finding.checkId);
  return (
    <article data-testid="finding" data-check={finding.checkId} className="flex min-w-0 flex-col gap-3">
      <div className="flex items-start gap-2.5">
        <Glyph aria-hidden size={20} strokeWidth={1.75} className={clsx('mt-0.5 shrink-0', tone[finding.severity])} />
        <div className="min-w-0 flex-1">
          <h3 className={clsx('font-semibold', cause ? 'text-page' : 'text-title', tone[finding.severity])}>
            {finding.title[language]}
          </h3>
          <p className="text-second text-soft">
            <code className="font-mono">{finding.checkId}</code> · {words.confidence[finding.confidence]}
          </p>
        </div>
      </div>
      <div className="flex flex-col gap-2">
        <h4 className="text-second font-semibold text-soft">{words.fix}</h4>
        <p className="text-title">
          <WithCode text={fix.text} />
        </p>
        {fix.commands.length > 0 && (
          <>
            {children}
            {fix.commands.map((command) => (
              <Command key={command} text={command} />
            ))}
          </>
        )}
        <a
          href={guideFor(finding.checkId)}
          target="_blank"
          rel="noreferrer"
          className="self-start text-second text-info underline"
        >
          {words.docs}
        </a>
      </div>
      {rivals.length > 0 && (
        <div>
          <h4 className="text-second font-semibold text-soft">{words.candidates}</h4>
          <ul className="list-disc pl-5">
            {rivals.map(({ checkId, title, confidence }) => (
              <li key={checkId}>
                {title[language]}{' '}
                <span className="text-second text-soft">
                  <code className="font-mono">{checkId}</code> · {words.confidence[confidence]}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {finding.evidence.length > 0 && (
        <details open={cause} className="group/evidence">
          <summary className="w-fit cursor-pointer text-second font-semibold text-soft">{words.evidence}</summary>
          <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 rounded-control bg-sunken p-3 font-mono text-meta">
            {finding.evidence.map(({ key, value }) => (
              <div key={key} className="contents">
                <dt className="text-soft">{key}</dt>
                <dd className="min-w-0 break-words">{brief(value)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </article>
  );
}

const MOST = 600;

/** Evidence on a few lines; the report as JSON has all of it. */
function brief(value: unknown): string {
  const short = (_key: string, part: unknown): unknown =>
    typeof part === 'number' ? Math.round(part * 100) / 100 : part;
  const text = JSON.stringify(value, short, 1)?.replaceAll(/[\n ]+/g, ' ') ?? String(value);
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}

/** What stands in backticks is to be typed as it is. */
export function WithCode({ text }: { readonly text: string }): ReactNode {
  return text.split('`').map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text
      <code key={index} className="rounded-control bg-current/10 px-1 py-0.5 font-mono text-second">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
