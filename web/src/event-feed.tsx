'use client';
// The latest events in one line each, for a glance; /test-ws has them in full.
import { type ReactNode, useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { useDesk } from './desk.ts';
import { type FrameRow, useFrames } from './frames.ts';
import { usePlace } from './language.tsx';
import { preview } from './preview.ts';
import { useShown } from './shown.ts';
import { exactTime } from './time.ts';

const ROWS = 12;

export function EventFeed(): ReactNode {
  const t = useTranslations('feed');
  const rows = useFrames((frames) => frames.rows);
  const latest = useMemo(() => newest(rows), [rows]);
  return (
    <section aria-label={t('title')} className="rounded-card border border-line bg-surface">
      <h2 className="border-b border-line px-4 py-3 text-title font-semibold">{t('title')}</h2>
      {latest.length === 0 ? (
        <p className="p-4 text-soft">{t('empty')}</p>
      ) : (
        <ol className="divide-y divide-line">
          {latest.map((row) => (
            <Row key={row.n} row={row} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Row({ row: { at, type, text, messageId } }: { readonly row: FrameRow }): ReactNode {
  const place = usePlace();
  const accounts = useDesk(({ inbox }) => inbox.accounts);
  useShown(messageId);
  return (
    <li className="flex flex-col px-4 py-2">
      <span className="flex items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate font-mono text-meta font-semibold">{type}</span>
        <time className="text-meta text-faint">{exactTime(at, place)}</time>
      </span>
      <span className="truncate text-second text-soft">{preview(text, (id) => accounts.get(id)?.label ?? id)}</span>
    </li>
  );
}

/** Heartbeats, probes and who looks at what are no news. */
const noNews: ReadonlySet<string> = new Set(['ping', 'test_echo', 'team_presence']);

function newest(rows: readonly FrameRow[]): readonly FrameRow[] {
  const found: FrameRow[] = [];
  for (let index = rows.length - 1; index >= 0 && found.length < ROWS; index -= 1) {
    const row = rows[index];
    if (row?.inward === true && !noNews.has(row.type)) found.push(row);
  }
  return found;
}
