// The state of /test-ws as a picture (SVG) made from its data: link, figures, every rung. No message, name or number can be in it: it is drawn from states and counts alone.
import { rungs as ladder, type Report } from '@pulseline/diagnosis';
import type { TabState } from './browser-part.ts';
import { drawn, parts } from './rungs.ts';

const colour = {
  pass: '#0b7a5e',
  warn: '#8a5a00',
  fail: '#b3261e',
  skip: '#6a726e',
  unknown: '#6a726e',
  crash: '#8a5a00',
} as const;
const glyph = { pass: '✓', warn: '!', fail: '✗', skip: '–', unknown: '·', crash: '?' } as const;

const WIDTH = 1_200;
const COLUMN = WIDTH / parts.length;
const ROW = 26;

export function picture(tab: TabState, report: Report | undefined): string {
  const { status } = tab;
  const { received, gaps, duplicates, reconnects } = status.counters;
  const columns = drawn(report?.rungs ?? []);
  const rows = Math.max(1, ...[...columns.values()].map((rungs) => rungs.length));
  const height = 190 + rows * ROW;
  const lines = [
    text(24, 40, 22, '#1b1e1d', `Pulseline /test-ws · ${new Date(tab.at).toISOString()}`),
    text(24, 72, 16, status.phase === 'live' ? colour.pass : colour.fail, `link: ${status.phase} (${status.way})`),
    text(
      24,
      100,
      14,
      '#4e5552',
      `received ${received}   gaps ${gaps}   duplicates ${duplicates}   reconnects ${reconnects}   round trip ${status.latency?.toFixed(1) ?? '–'} ms   close code ${status.failure?.code ?? '–'}`,
    ),
    text(
      24,
      128,
      16,
      report?.cause ? colour.fail : colour.pass,
      report === undefined
        ? 'not diagnosed'
        : `verdict: ${report.verdict}${report.cause ? ` · ${report.cause.checkId} (${report.cause.confidence})` : ''}`,
    ),
    ...parts.flatMap((part, column) =>
      (columns.get(part) ?? []).flatMap(({ rung, outcome, ms }, row) => {
        const x = 24 + column * COLUMN;
        const y = 170 + row * ROW;
        const name = Object.entries(ladder).find(([id]) => id === rung)?.[1].name.en ?? '';
        return [
          text(x, y, 14, colour[outcome], glyph[outcome]),
          text(x + 20, y, 13, '#1b1e1d', `${rung} ${name}${ms === undefined ? '' : ` ${ms.toFixed(1)} ms`}`),
        ];
      }),
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif"><rect width="100%" height="100%" fill="#f7f7f5"/>${lines.join('')}</svg>`;
}

function text(x: number, y: number, size: number, fill: string, words: string): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}">${escaped}</text>`;
}
