'use client';
// How long each stage of the message path takes, over the latest messages: three percentiles as figures and on one logarithmic scale. It only shows.
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useDiagnosis } from './run.ts';
import { figure } from './waterfall.ts';
import { useDiagnosisWords } from './words.ts';

/** The scale begins here, ms. */
const LEAST = 0.01;

export default function StageTimes(): ReactNode {
  const words = useDiagnosisWords();
  const { stages } = useDiagnosis();
  const known = Object.entries(words.stage).flatMap(([stage, text]) => {
    const times = stages.find((one) => one.stage === stage);
    return times === undefined || times.count === 0 ? [] : [{ ...times, text }];
  });
  const count = Math.max(0, ...known.map((one) => one.count));
  const most = Math.max(1, ...known.map(({ p99 }) => p99));
  const slowest = known.reduce((worst, one) => Math.max(worst, one.p95), 0);
  const place = (ms: number): string => {
    const share = Math.log(Math.max(ms, LEAST) / LEAST) / Math.log(most / LEAST);
    return `${Math.min(100, Math.max(0, share * 100))}%`;
  };
  return (
    <section aria-label={words.times} data-testid="stage-times" className="rounded-card border border-line bg-surface">
      <h2 className="border-b border-line px-4 py-3 text-title font-semibold">
        {words.times}
        <span className="block text-second font-normal text-faint">
          {known.length === 0 ? words.timesNone : words.timesText(count)}
        </span>
      </h2>
      {known.length > 0 && (
        <table className="w-full table-fixed text-second">
          <thead>
            <tr className="h-8 text-meta text-soft">
              <th scope="col" className="w-28 px-4 text-left font-normal md:w-56" />
              <th scope="col" aria-hidden className="font-normal max-sm:hidden" />
              {['p50', 'p95', 'p99'].map((name) => (
                <th key={name} scope="col" className="w-16 px-2 text-right font-mono font-normal last:pr-4">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {known.map(({ stage, text, p50, p95, p99 }) => (
              <tr key={stage} data-stage={stage} className="h-8 border-t border-line">
                <th scope="row" className="truncate px-4 text-left font-normal">
                  <code className="font-mono font-semibold">{stage}</code>{' '}
                  <span className="text-soft max-md:hidden">{text}</span>
                </th>
                <td aria-hidden className="relative max-sm:hidden">
                  <span className="absolute inset-y-3 left-0 right-0 rounded-full bg-sunken" />
                  <span
                    className={clsx(
                      'absolute inset-y-3 left-0 rounded-full',
                      p95 === slowest ? 'bg-warn' : 'bg-accent',
                    )}
                    style={{ width: place(p50) }}
                  />
                  <span
                    className={clsx('absolute inset-y-2.5 w-0.5', p95 === slowest ? 'bg-warn' : 'bg-accent')}
                    style={{ left: place(p95) }}
                  />
                  <span className="absolute inset-y-2.5 w-0.5 bg-soft" style={{ left: place(p99) }} />
                </td>
                {[p50, p95, p99].map((ms, index) => (
                  <td
                    key={['p50', 'p95', 'p99'][index]}
                    className={clsx(
                      'px-2 text-right font-mono last:pr-4',
                      index === 1 && p95 === slowest && 'font-semibold text-warn',
                    )}
                  >
                    {figure(ms)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
