// What every bench says in the same way: percentiles, tables, aims, the machine, and its section of RESULTS.md; it measures nothing but the disk's fsync.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { arch, cpus, platform, release, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const results = join(dirname(fileURLToPath(import.meta.url)), 'RESULTS.md');

/** What the project wants of one figure. Both numbers are in the figure's own unit. */
export interface Aim {
  readonly text: string;
  readonly value: number;
  readonly most?: number;
  readonly least?: number;
}

export interface Report {
  readonly bench: string;
  /** What was measured, in one or two sentences. */
  readonly about: string;
  readonly command: string;
  readonly tables: readonly (readonly (readonly string[])[])[];
  /** Name -> value; each is a line `figure <bench>.<name> <value>` that scripts read. */
  readonly figures: Readonly<Record<string, number>>;
  readonly aims: readonly Aim[];
  readonly notes: readonly string[];
}

/** The value below which that share of the values lies; NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

export function ms(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(value < 10 ? 2 : 1);
}

function held({ value, most, least }: Aim): boolean {
  return !Number.isNaN(value) && (most === undefined || value <= most) && (least === undefined || value >= least);
}

/** Prints the report, the score last; `write` puts it into RESULTS.md. Returns true if every aim held. */
export function publish(report: Report, write: boolean): boolean {
  const lines = [
    report.about,
    '',
    `Command: \`${report.command}\``,
    '',
    `Machine: ${machine()}`,
    ...report.tables.flatMap((table) => ['', ...markdown(table)]),
    '',
    ...report.aims.map(
      (aim) => `- ${held(aim) ? 'held' : 'MISSED'}: ${aim.text} (${ms(aim.value)}, wanted ${wanted(aim)})`,
    ),
    ...report.notes.map((note) => `- ${note}`),
    '',
    '```',
    ...Object.entries(report.figures).map(
      ([name, value]) => `figure ${report.bench}.${name} ${Number(value.toFixed(3))}`,
    ),
    '```',
  ];
  console.log(`\n${lines.join('\n')}\n`);
  if (write) section(report.bench, lines);
  const good = report.aims.filter(held).length;
  console.log(`${report.bench}: ${good} of ${report.aims.length} aims held`);
  return good === report.aims.length;
}

function wanted({ most, least }: Aim): string {
  return most === undefined ? `at least ${ms(least ?? 0)}` : `at most ${ms(most)}`;
}

function markdown(table: readonly (readonly string[])[]): readonly string[] {
  const [head = [], ...rows] = table;
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)];
}

/** Replaces the bench's own section, or appends it; the others stay as they are. */
function section(bench: string, lines: readonly string[]): void {
  const begin = `<!-- begin ${bench} -->`;
  const end = `<!-- end ${bench} -->`;
  const text = existsSync(results) ? readFileSync(results, 'utf8') : '# Bench results\n';
  const fresh = [begin, `## ${bench}`, '', ...lines, end].join('\n');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  const next =
    from >= 0 && to > from
      ? text.slice(0, from) + fresh + text.slice(to + end.length)
      : `${text.trimEnd()}\n\n${fresh}\n`;
  writeFileSync(results, next);
}

function machine(): string {
  const model = cpus()[0]?.model.trim() || 'unknown processor';
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cpus().length} × ${model}, ${memory}, ${platform()} ${release()} ${arch()}, Node ${process.versions.node}, fsync p50 ${ms(fsync())} ms`;
}

/** Ms of writing 4 KiB and waiting until the disk has it: what a durable commit costs at least. */
function fsync(): number {
  const folder = mkdtempSync(join(tmpdir(), 'pulseline-bench-'));
  const file = openSync(join(folder, 'fsync'), 'w');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 100 }, () => {
    const began = performance.now();
    writeSync(file, block);
    fsyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  rmSync(folder, { recursive: true, force: true });
  return percentile(times, 0.5);
}
