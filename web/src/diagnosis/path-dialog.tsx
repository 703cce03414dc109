'use client';
// The path of one message as a waterfall: its eight stages with their times, WhatsApp's own time as coarse as it is. It only reads.
import { useLive } from '@pulseline/client/react';
import { type Message, shape } from '@pulseline/protocol';
import clsx from 'clsx';
import { type ReactNode, useEffect, useState } from 'react';
import { Failure } from '../controls.tsx';
import { Dialog } from '../dialog.tsx';
import { usePlace } from '../language.tsx';
import { call } from '../rest.ts';
import { exactTime } from '../time.ts';
import { beforeHeard, figure, type Stamps, waterfall } from './waterfall.ts';
import { useDiagnosisWords } from './words.ts';

const { number, object, optional, string } = shape;

const trace = object({
  id: string(128),
  stamps: object({
    heard: optional(number()),
    normalised: optional(number()),
    committed: optional(number()),
    rung: optional(number()),
    fed: optional(number()),
    written: optional(number()),
    applied: optional(number()),
    shown: optional(number()),
  }),
});

type Reading =
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly stamps: Stamps }
  | { readonly state: 'failed'; readonly error: unknown };

export default function PathDialog({
  message,
  onClose,
}: {
  readonly message: Message;
  readonly onClose: () => void;
}): ReactNode {
  const words = useDiagnosisWords();
  const [reading, setReading] = useState<Reading>({ state: 'reading' });
  const { id } = message;
  useEffect(() => {
    let current = true;
    call('GET', `/api/messages/${id}/trace`, trace).then(
      ({ stamps }) => current && setReading({ state: 'read', stamps }),
      (error: unknown) => current && setReading({ state: 'failed', error }),
    );
    return () => {
      current = false;
    };
  }, [id]);
  return (
    <Dialog title={words.pathTitle} onClose={onClose}>
      {reading.state === 'reading' && <p className="text-soft">{words.pathLoading}</p>}
      {reading.state === 'failed' && <Failure error={reading.error} />}
      {reading.state === 'read' && <Path message={message} stamps={reading.stamps} />}
    </Dialog>
  );
}

function Path({ message, stamps }: { readonly message: Message; readonly stamps: Stamps }): ReactNode {
  const words = useDiagnosisWords();
  const place = usePlace();
  const { bars, absent, ms, slowest } = waterfall(stamps);
  const lag = message.fromMe ? undefined : beforeHeard(message.timestamp, stamps);
  if (bars.length === 0) return <p className="text-soft">{words.pathNone}</p>;
  const share = (part: number): number => (ms === 0 ? 0 : (part / ms) * 100);
  return (
    <div data-testid="waterfall" className="flex flex-col gap-3">
      <p className="text-second text-soft">{words.pathText}</p>
      <ol className="flex flex-col gap-2">
        {bars.map((bar) => (
          <li key={bar.stage} data-stage={bar.stage} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-1">
            <span className="truncate">
              <code className="font-mono text-second font-semibold">{bar.stage}</code>{' '}
              <span className="text-second text-soft">{words.stage[bar.stage]}</span>
            </span>
            <span className="text-right font-mono text-second">
              <span className={clsx(bar.stage === slowest ? 'font-semibold text-warn' : 'text-ink')}>
                {bar === bars[0] ? '' : '+'}
                {figure(bar.ms)} ms
              </span>
            </span>
            <span aria-hidden className="col-span-2 block h-1.5 rounded-full bg-sunken">
              <span
                className={clsx('block h-full min-w-0.5 rounded-full', bar.stage === slowest ? 'bg-warn' : 'bg-accent')}
                style={{ marginLeft: `${share(bar.at - bar.ms)}%`, width: `${share(bar.ms)}%` }}
              />
            </span>
          </li>
        ))}
      </ol>
      <p className="flex justify-between border-t border-line pt-2 font-semibold">
        <span>{words.total}</span>
        <span className="font-mono">{figure(ms)} ms</span>
      </p>
      <div className="flex flex-col gap-1 text-second text-soft">
        {absent.length > 0 && <p>{words.absent(absent.join(' '))}</p>}
        {message.fromMe ? (
          <p>{words.pathOwn}</p>
        ) : (
          <p>
            {words.whatsappTime(exactTime(message.timestamp, place).replace(/\.\d+$/, ''))}
            {lag !== undefined && ` · ${words.whatsappLag(seconds(lag.least), seconds(lag.most))}`}
          </p>
        )}
        <Clocks />
      </div>
    </div>
  );
}

/** By how much the browser's two stamps were shifted. */
function Clocks(): ReactNode {
  const words = useDiagnosisWords();
  const offset = useLive(({ clockOffset }) => clockOffset);
  const latency = useLive((status) => status.latency);
  if (offset === undefined || latency === undefined) return null;
  const certain = Math.abs(offset) > latency / 2 + 1;
  return <p>{certain ? words.clocks(figure(offset), figure(latency / 2)) : words.oneClock}</p>;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
