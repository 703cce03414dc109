// The lab's table and score, as rows of text while it runs and as a report like those of the benches; it judges nothing.
import type { Report } from '../../bench/report.ts';
import type { Judged } from './judge.ts';

const columns = [
  ['no.', 6],
  ['fault', 44],
  ['expected', 26],
  ['found', 26],
  ['rung', 5],
  ['id', 5],
  ['words', 6],
  ['ms', 7],
  ['cured', 6],
] as const;

export function headLine(): string {
  return line(columns.map(([name]) => name));
}

export function lineOf(row: Judged): string {
  if (row.outcome === 'not applicable') return `${line([row.number, row.en])} not applicable: ${row.note}`;
  return `${line(cellsOf(row))}${row.outcome === 'right' ? '' : `  ✗ ${row.note}`}`;
}

function cellsOf(row: Judged): readonly string[] {
  const tick = (good: boolean | undefined): string => (good === undefined ? '–' : good ? '✓' : '✗');
  return [
    row.number,
    `${row.en}${row.fixture ? ' (fixture)' : ''}`,
    row.expected,
    row.found,
    tick(row.rung),
    tick(row.id),
    tick(row.words),
    `${Math.round(row.ms)}${row.inTime ? '' : '!'}`,
    tick(row.cured),
  ];
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.slice(0, columns[index]?.[1] ?? 80).padEnd(columns[index]?.[1] ?? 0))
    .join(' ');
}

export function reportOf(rows: readonly Judged[], command: string, seconds: number): Report {
  const asked = rows.filter(({ outcome }) => outcome !== 'not applicable');
  const of = (kind: Judged['kind']): readonly Judged[] => asked.filter((row) => row.kind === kind);
  const count = (list: readonly Judged[], good: (row: Judged) => boolean | undefined): number =>
    list.filter((row) => good(row)).length;
  const catalogue = of('catalogue');
  const unforeseen = of('unforeseen');
  const cured = catalogue.filter((row) => row.cured !== undefined);
  const lists = { catalogue, unforeseen, pair: of('pair'), healthy: of('healthy') };
  const aims = [
    { text: 'catalogue: right rung', list: catalogue, good: (row: Judged) => row.rung },
    { text: 'catalogue: right id', list: catalogue, good: (row: Judged) => row.id },
    { text: 'catalogue: the words of the fix, in both languages', list: catalogue, good: (row: Judged) => row.words },
    { text: 'catalogue: in time', list: catalogue, good: (row: Judged) => row.inTime },
    { text: 'catalogue: green after the fix', list: cured, good: (row: Judged) => row.cured },
    { text: 'healthy configurations without a false alarm', list: lists.healthy, good: (row: Judged) => row.rung },
    { text: 'healthy configurations: in time', list: lists.healthy, good: (row: Judged) => row.inTime },
    { text: 'pairs: the lower one is named', list: lists.pair, good: (row: Judged) => row.id },
    { text: 'unforeseen: right rung', list: unforeseen, good: (row: Judged) => row.rung },
    { text: 'unforeseen: a fix in both languages', list: unforeseen, good: (row: Judged) => row.words },
  ];
  const word = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  return {
    bench: 'faults',
    about: `Every fault made for real (processes, ports, files, namespaces, proxies, the emulator, a full file system, Chromium), then the diagnosis is asked as a user asks it: ${catalogue.length} faults of the catalogue, ${unforeseen.length} that it was not built for, ${lists.pair.length} pairs, ${lists.healthy.length} healthy configurations; ${seconds} s in all.`,
    command,
    tables: [
      [
        columns.map(([name]) => name),
        ...rows.map((row) =>
          row.outcome === 'not applicable'
            ? [row.number, row.en, `not applicable: ${row.note}`, '', '', '', '', '', '']
            : cellsOf(row),
        ),
      ],
    ],
    figures: Object.fromEntries(
      aims.flatMap(({ text, list, good }) => [
        [`${word(text)}.good`, count(list, good)],
        [`${word(text)}.of`, list.length],
      ]),
    ),
    aims: aims
      .filter(({ list }) => list.length > 0)
      .map(({ text, list, good }) => ({
        text: `${text}, of ${list.length}`,
        value: count(list, good),
        least: list.length,
      })),
    notes: [
      `Not applicable: ${
        rows
          .filter(({ outcome }) => outcome === 'not applicable')
          .map(({ number, note }) => `${number} (${note})`)
          .join(', ') || 'none'
      }.`,
      'A fixture is recorded evidence of another system in place of the real thing.',
    ],
  };
}
