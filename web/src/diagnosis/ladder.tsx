'use client';
// The diagnosis on /test-ws: the one cause with its fix first, then every link from the page to WhatsApp with its state and time. It shows a report and judges nothing.
import { type Report, rungIds, rungs, type Shell } from '@pulseline/diagnosis';
import type { Language } from '@pulseline/protocol';
import clsx from 'clsx';
import {
  Check,
  CircleDashed,
  CircleSlash,
  ClipboardCopy,
  type LucideIcon,
  OctagonX,
  PackageOpen,
  RefreshCw,
  TriangleAlert,
  X,
} from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useLinkState } from '../connection.tsx';
import { Button } from '../controls.tsx';
import { useCopied } from '../copying.tsx';
import { useDesk } from '../desk.ts';
import { useLanguage } from '../language.tsx';
import { Segments } from '../segments.tsx';
import { withoutPersons } from './browser-part.ts';
import BundleDialog from './bundle-dialog.tsx';
import { CanaryOutput } from './canary-output.tsx';
import { FindingView } from './finding-view.tsx';
import { diagnose, rejudge, useDiagnosis } from './run.ts';
import { type DrawnRung, drawn, parts, worst } from './rungs.ts';
import { figure } from './waterfall.ts';
import { type DiagnosisWords, useDiagnosisWords } from './words.ts';

export default function Ladder(): ReactNode {
  const words = useDiagnosisWords();
  const link = useLinkState();
  const { running, report, alone } = useDiagnosis();
  const [bundling, setBundling] = useState(false);
  // A link that comes or goes makes the last report old.
  useEffect(() => void diagnose(), [link]);
  useLookingAgain(report !== undefined && report.verdict !== 'healthy');
  const current = running ? undefined : report;
  return (
    <section
      aria-label={words.title}
      aria-busy={running}
      data-testid="diagnosis"
      data-state={running ? 'running' : (report?.verdict ?? 'incomplete')}
      data-cause={current?.cause?.checkId}
      className="flex flex-col overflow-hidden rounded-card border border-line bg-surface"
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
        <Headline running={running} report={current} />
        <div className="flex flex-wrap gap-2">
          <Button icon={RefreshCw} disabled={running} onClick={() => void diagnose()}>
            {words.runAgain}
          </Button>
          <CopyReport report={report} />
          <Button icon={PackageOpen} onClick={() => setBundling(true)}>
            {words.bundle}
          </Button>
        </div>
      </div>
      {current?.verdict === 'fault' && current.cause !== null && (
        <div data-testid="cause" className="border-t border-line p-4">
          <FindingView finding={current.cause} cause>
            <ShellSwitch shell={current.shell} />
          </FindingView>
          {alone && <p className="mt-3 text-second text-soft">{words.noServer}</p>}
        </div>
      )}
      <CanaryOutput />
      <Board rungs={report?.rungs ?? notLooked} />
      {current !== undefined && <Others report={current} />}
      {bundling && <BundleDialog onClose={() => setBundling(false)} />}
    </section>
  );
}

/** So long after an account's state changed, ms: it changes several times in a row. */
const SETTLED_MS = 1_500;
/** While something is wrong, ms: what was mended shows by itself. */
const AGAIN_MS = 10_000;

function useLookingAgain(ailing: boolean): void {
  const states = useDesk(({ inbox }) => [...inbox.accounts.values()].map(({ id, state }) => `${id} ${state}`).join());
  const first = useRef(states);
  useEffect(() => {
    if (states === first.current) return;
    first.current = states;
    const timer = setTimeout(() => void diagnose(true), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [states]);
  useEffect(() => {
    if (!ailing) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void diagnose(true);
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, [ailing]);
}

const verdictTone = {
  healthy: 'text-ok',
  warnings: 'text-warn',
  incomplete: 'text-warn',
  fault: 'text-bad',
} as const satisfies Record<Report['verdict'], string>;

interface HeadlineProps {
  readonly running: boolean;
  readonly report: Report | undefined;
}

function Headline({ running, report }: HeadlineProps): ReactNode {
  const words = useDiagnosisWords();
  const language = useLanguage();
  return (
    <div role="status" className="min-w-0 flex-1 basis-72">
      <h2 className={clsx('text-title font-semibold', !running && verdictTone[report?.verdict ?? 'incomplete'])}>
        {running ? words.running : report?.verdict === 'fault' ? words.broken : words[report?.verdict ?? 'incomplete']}
      </h2>
      <p className="text-second text-soft">{running ? words.runningText : explanation(words, report, language)}</p>
    </div>
  );
}

function explanation(words: DiagnosisWords, report: Report | undefined, language: Language): string {
  if (report === undefined || report.verdict === 'incomplete') return words.incompleteText;
  if (report.verdict === 'warnings') return report.summary[language];
  const looked = report.rungs.filter(({ outcome }) => outcome !== 'unknown' && outcome !== 'skip').length;
  const ms = figure(report.ms ?? 0);
  return report.verdict === 'healthy' ? words.healthyText(looked, ms) : words.looked(looked, ms);
}

function CopyReport({ report }: { readonly report: Report | undefined }): ReactNode {
  const words = useDiagnosisWords();
  const [copied, setCopied] = useCopied();
  return (
    <Button
      icon={copied ? Check : ClipboardCopy}
      disabled={report === undefined}
      data-testid="copy-report"
      onClick={() => {
        if (report === undefined) return;
        // Reports are pasted where others read them.
        navigator.clipboard
          .writeText(JSON.stringify(withoutPersons(report), undefined, 2))
          .then(setCopied, () => undefined);
      }}
    >
      {words.copyReport}
    </Button>
  );
}

const shellNames = {
  powershell5: 'PowerShell 5.1',
  powershell7: 'PowerShell 7',
  cmd: 'cmd',
  sh: 'bash / zsh',
} as const satisfies Record<Shell, string>;
const shells: readonly Shell[] = ['powershell5', 'powershell7', 'cmd', 'sh'];

/** Commands are written for the reader's own shell; the browser can only guess which it is. */
function ShellSwitch({ shell }: { readonly shell: Shell }): ReactNode {
  const words = useDiagnosisWords();
  return (
    <Segments
      label={words.shell}
      value={shell}
      options={shells.map((value) => ({ value, label: shellNames[value] }))}
      onChoose={rejudge}
      className="max-w-xl flex-wrap border border-line text-second"
    />
  );
}

type Outcome = DrawnRung['outcome'];

const mark = {
  pass: { icon: Check, tone: 'text-ok' },
  warn: { icon: TriangleAlert, tone: 'text-warn' },
  fail: { icon: X, tone: 'text-bad' },
  skip: { icon: CircleSlash, tone: 'text-faint' },
  unknown: { icon: CircleDashed, tone: 'text-faint' },
  crash: { icon: OctagonX, tone: 'text-warn' },
} as const satisfies Record<Outcome, { readonly icon: LucideIcon; readonly tone: string }>;

function Mark({ outcome }: { readonly outcome: Outcome }): ReactNode {
  const { icon: Icon, tone } = mark[outcome];
  return <Icon aria-hidden size={16} strokeWidth={2} className={clsx('shrink-0', tone)} />;
}

/** Before the first look the board is there already: nothing moves when the results come. */
const notLooked: Report['rungs'] = rungIds.map((rung) => ({ rung, name: rungs[rung].name, outcome: 'unknown' }));

function Board({ rungs: judged }: { readonly rungs: Report['rungs'] }): ReactNode {
  const words = useDiagnosisWords();
  const [all, setAll] = useState(false);
  const columns = drawn(judged);
  return (
    <div className="border-t border-line">
      <h3 className="sr-only">{words.ladder}</h3>
      <div className="grid grid-cols-1 gap-px bg-line sm:grid-cols-2 lg:grid-cols-5">
        {parts.map((part) => {
          const here = columns.get(part) ?? [];
          const outcome = worst(here);
          const quiet = outcome === 'pass' || outcome === 'skip' || outcome === 'unknown';
          return (
            <div key={part} className="flex min-w-0 flex-col bg-surface py-2 last:sm:max-lg:col-span-2">
              <h4 className="flex items-center gap-1.5 px-3 pb-1 text-second font-semibold">
                <Mark outcome={outcome} />
                <span className="flex-1">{words.parts[part]}</span>
                <span className="text-meta font-normal text-faint sm:sr-only">{words.outcome[outcome]}</span>
              </h4>
              {/* A phone has no room for what is well. */}
              <ol className={clsx(quiet && !all && 'max-sm:hidden')}>
                {here.map((rung) => (
                  <RungRow key={rung.rung} rung={rung} />
                ))}
              </ol>
            </div>
          );
        })}
      </div>
      <Button look="quiet" className="w-full sm:hidden" aria-expanded={all} onClick={() => setAll(!all)}>
        {all ? words.less : words.more}
      </Button>
    </div>
  );
}

function RungRow({ rung: { rung, name, outcome, ms, blockedBy } }: { readonly rung: DrawnRung }): ReactNode {
  const words = useDiagnosisWords();
  const language = useLanguage();
  const waits = blockedBy === undefined ? '' : `, ${words.blockedBy(blockedBy)}`;
  return (
    <li
      data-testid="rung"
      data-rung={rung}
      data-outcome={outcome}
      title={`${rung} ${name[language]}: ${words.outcome[outcome]}${waits}`}
      className="flex h-6 items-center gap-1.5 px-3 text-meta"
    >
      <Mark outcome={outcome} />
      <span
        className={clsx(
          'min-w-0 flex-1 truncate',
          outcome === 'skip' || outcome === 'unknown' ? 'text-faint' : 'text-ink',
          (outcome === 'fail' || outcome === 'warn') && 'font-semibold',
        )}
      >
        {name[language]}
      </span>
      <span className="sr-only">{words.outcome[outcome]}</span>
      <span className="shrink-0 font-mono text-faint">
        {ms === undefined || outcome === 'skip' ? '' : `${figure(ms)} ms`}
      </span>
    </li>
  );
}

/** What else is wrong, not as the effect of the cause. */
function Others({ report }: { readonly report: Report }): ReactNode {
  const words = useDiagnosisWords();
  const language = useLanguage();
  const others = report.findings.filter(
    ({ blockedBy, outcome }) =>
      blockedBy === undefined && (outcome === 'warn' || outcome === 'fail' || outcome === 'crash'),
  );
  const listed = others.filter(
    ({ checkId, subject }) =>
      report.verdict !== 'fault' || checkId !== report.cause?.checkId || subject !== report.cause?.subject,
  );
  if (listed.length === 0) return null;
  return (
    <div className="border-t border-line px-4 py-3">
      <h3 className="mb-2 text-second font-semibold text-soft">{words.others}</h3>
      <ul className="flex flex-col gap-2">
        {listed.map((finding) => (
          <li key={`${finding.checkId} ${finding.subject ?? ''}`}>
            <details>
              <summary className="cursor-pointer py-0.5">
                {finding.title[language]} <code className="font-mono text-second text-soft">{finding.checkId}</code>
              </summary>
              <div className="mt-2 border-l-2 border-line pl-4">
                <FindingView finding={finding} />
              </div>
            </details>
          </li>
        ))}
      </ul>
    </div>
  );
}
