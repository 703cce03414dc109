'use client';
// Every frame of this tab's connection as a virtual table: filter, pause, clear, export, and the JSON of one. It changes nothing on the wire.
import clsx from 'clsx';
import { ArrowDown, ArrowUp, Download, Eraser, Pause, Play } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { VList, type VListHandle } from 'virtua';
import { Button, Empty, inputLook } from './controls.tsx';
import { CopyButton } from './copying.tsx';
import { clearFrames, envelope, type FrameRow, MAX_FRAMES, toNdjson, useFrames } from './frames.ts';
import { usePlace } from './language.tsx';
import { preview } from './preview.ts';
import { useShown } from './shown.ts';
import { exactTime } from './time.ts';

const columns =
  'grid grid-cols-[96px_20px_minmax(0,1fr)_56px] md:grid-cols-[96px_20px_150px_64px_64px_minmax(0,1fr)] items-center gap-x-3 px-4';

export function FrameTable(): ReactNode {
  const t = useTranslations('diagnosis');
  const live = useFrames((frames) => frames.rows);
  const total = useFrames((frames) => frames.total);
  const byType = useFrames((frames) => frames.byType);
  const [type, setType] = useState('');
  const [paused, setPaused] = useState<{ readonly rows: readonly FrameRow[]; readonly total: number }>();
  const [chosen, setChosen] = useState<FrameRow>();
  const rows = paused?.rows ?? live;
  const shown = useMemo(() => (type === '' ? rows : rows.filter((row) => row.type === type)), [rows, type]);
  const types = useMemo(() => [...new Set([...byType.keys(), ...rows.map((row) => row.type)])].sort(), [byType, rows]);
  return (
    <section aria-label={t('frames')} className="overflow-hidden rounded-card border border-line bg-surface">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3">
        <h2 className="min-w-0 flex-1 basis-40 text-title font-semibold">
          {t('frames')}
          <span className="ml-2 text-second font-normal text-faint">
            {paused === undefined
              ? t('framesText', { n: String(MAX_FRAMES) })
              : t('paused', { n: String(total - paused.total) })}
          </span>
        </h2>
        <select
          aria-label={t('filterLabel')}
          value={type}
          onChange={(event) => setType(event.target.value)}
          className={clsx(inputLook, 'w-auto max-w-44')}
        >
          <option value="">{t('filterAll')}</option>
          {types.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
        <Button
          icon={paused === undefined ? Pause : Play}
          onClick={() => setPaused(paused === undefined ? { rows: live, total } : undefined)}
        >
          {paused === undefined ? t('pause') : t('resume')}
        </Button>
        <Button
          icon={Eraser}
          onClick={() => {
            clearFrames();
            setPaused(undefined);
            setChosen(undefined);
          }}
        >
          {t('clear')}
        </Button>
        <Button icon={Download} title={t('exportTitle')} disabled={shown.length === 0} onClick={() => download(shown)}>
          {t('export')}
        </Button>
      </div>
      <div aria-hidden className={clsx(columns, 'h-8 border-b border-line bg-sunken text-meta text-soft')}>
        <span>{t('columnTime')}</span>
        <span />
        <span>{t('columnType')}</span>
        <span className="text-right max-md:hidden">{t('columnSeq')}</span>
        <span className="text-right">{t('columnSize')}</span>
        <span className="max-md:hidden">{t('columnPreview')}</span>
      </div>
      <Rows rows={shown} follow={paused === undefined} chosen={chosen?.n} onChoose={setChosen} filtered={type !== ''} />
      <Detail row={chosen} />
    </section>
  );
}

interface RowsProps {
  readonly rows: readonly FrameRow[];
  readonly follow: boolean;
  readonly filtered: boolean;
  readonly chosen: number | undefined;
  readonly onChoose: (row: FrameRow) => void;
}

/** Nearer than this to the end counts as being at the end, px. */
const AT_END = 40;

function Rows({ rows, follow, filtered, chosen, onChoose }: RowsProps): ReactNode {
  const t = useTranslations('diagnosis');
  const list = useRef<VListHandle>(null);
  const atEnd = useRef(true);
  const lastOffset = useRef(0);
  const last = rows.at(-1)?.n;
  useEffect(() => {
    if (follow && atEnd.current && last !== undefined) list.current?.scrollToIndex(rows.length - 1, { align: 'end' });
  }, [follow, last, rows.length]);
  if (rows.length === 0) {
    return (
      <div className="flex h-80">
        <Empty
          title={t(filtered ? 'framesNoMatch' : 'framesEmpty')}
          {...(!filtered && { text: t('framesEmptyText') })}
        />
      </div>
    );
  }
  return (
    <div className="h-80">
      <VList
        ref={list}
        data={rows}
        itemSize={32}
        onScroll={(offset) => {
          const { current } = list;
          if (current === null) return;
          // As in the message log: only who scrolls up leaves the end.
          if (current.scrollSize - current.viewportSize - offset <= AT_END) atEnd.current = true;
          else if (offset < lastOffset.current) atEnd.current = false;
          lastOffset.current = offset;
        }}
      >
        {(row) => <Row key={row.n} row={row} chosen={row.n === chosen} onChoose={onChoose} />}
      </VList>
    </div>
  );
}

interface RowProps {
  readonly row: FrameRow;
  readonly chosen: boolean;
  readonly onChoose: (row: FrameRow) => void;
}

function Row({ row, chosen, onChoose }: RowProps): ReactNode {
  const t = useTranslations('diagnosis');
  const place = usePlace();
  useShown(row.messageId);
  return (
    <button
      type="button"
      data-testid="frame-row"
      data-type={row.type}
      aria-pressed={chosen}
      onClick={() => onChoose(row)}
      className={clsx(
        columns,
        'h-8 w-full border-b border-line text-left text-second -outline-offset-2 pointer-coarse:h-11',
        chosen ? 'bg-wash' : 'hover:bg-sunken',
      )}
    >
      <time className="font-mono text-meta text-soft">{exactTime(row.at, place)}</time>
      {row.inward ? (
        <ArrowDown role="img" aria-label={t('inward')} size={16} strokeWidth={1.75} className="text-ok" />
      ) : (
        <ArrowUp role="img" aria-label={t('outward')} size={16} strokeWidth={1.75} className="text-info" />
      )}
      <span className="truncate font-mono text-meta font-semibold">{row.type}</span>
      <span className="text-right font-mono text-meta text-soft max-md:hidden">{row.seq ?? ''}</span>
      <span className="text-right font-mono text-meta text-soft">{t('bytes', { n: String(row.size) })}</span>
      <span className="truncate text-soft max-md:hidden">{preview(row.text)}</span>
    </button>
  );
}

function Detail({ row }: { readonly row: FrameRow | undefined }): ReactNode {
  const t = useTranslations('diagnosis');
  const box = useRef<HTMLDivElement>(null);
  const n = row?.n;
  useEffect(() => {
    if (n !== undefined) box.current?.scrollIntoView({ block: 'nearest' });
  }, [n]);
  if (row === undefined)
    return <p className="border-t border-line px-4 py-3 text-second text-faint">{t('detailNone')}</p>;
  const frame = envelope(row.text);
  return (
    <div ref={box} className="border-t border-line">
      <p className="flex items-center gap-2 px-4 pt-2 text-second text-soft">
        <span className="flex-1">
          {t('detail')} · #{row.n} <code className="font-mono">{row.type}</code>
        </span>
        <CopyButton text={row.text} />
      </p>
      <pre
        data-testid="frame-detail"
        // A long text can be scrolled by keyboard only if it can be focused.
        tabIndex={0}
        className="max-h-80 overflow-auto px-4 py-2 font-mono text-meta whitespace-pre-wrap"
      >
        {'type' in frame ? JSON.stringify(frame, null, 2) : row.text}
      </pre>
    </div>
  );
}

function download(rows: readonly FrameRow[]): void {
  const url = URL.createObjectURL(new Blob([toNdjson(rows)], { type: 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `pulseline-frames-${new Date().toISOString().replaceAll(':', '-')}.ndjson`;
  link.click();
  URL.revokeObjectURL(url);
}
