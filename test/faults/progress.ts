// What a run of the lab has found so far, row by row in a file, so that one which was ended goes on where it was; rows of other code, or of another order, are never taken for its own.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shape } from '@pulseline/protocol';
import { root } from '../child.ts';
import type { Judged } from './judge.ts';

export interface Took {
  readonly row: Judged;
  /** Ms to make, ask, cure and take away. */
  readonly tookMs: number;
}

export interface Progress {
  /** Rows that there are already, by number. */
  readonly rows: ReadonlyMap<string, Took>;
  add(row: Judged, tookMs: number): void;
  /** The run is whole: nothing is to be gone on with. */
  end(): void;
}

const usual = join(root, 'node_modules', '.cache', 'pulseline', 'faults.jsonl');

/** `manner`: what else must be the same, beside the code. `resume` false begins anew. */
export function openProgress(manner: string, resume: boolean, file = usual): Progress {
  const head = JSON.stringify({ code: fingerprint(), manner });
  const [first, ...lines] = resume ? read(file) : [];
  const rows = new Map<string, Took>();
  if (first === head) for (const line of lines) for (const one of parse(line)) rows.set(one.row.number, one);
  mkdirSync(dirname(file), { recursive: true });
  const kept = [...rows.values()].map((one) => JSON.stringify(one));
  writeFileSync(file, `${[head, ...kept].join('\n')}\n`);
  return {
    rows,
    add: (row, tookMs) => appendFileSync(file, `${JSON.stringify({ row, tookMs })}\n`),
    end: () => rmSync(file, { force: true }),
  };
}

function read(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

const { boolean, number, object, oneOf, optional, string } = shape;
const text = string(8_000);
const took = object({
  row: object({
    number: string(40),
    zh: text,
    en: text,
    kind: oneOf(['catalogue', 'healthy', 'pair', 'unforeseen']),
    expected: text,
    found: text,
    rung: boolean(),
    id: boolean(),
    words: boolean(),
    inTime: boolean(),
    ms: number(),
    cured: optional(boolean()),
    fixture: boolean(),
    note: text,
    outcome: oneOf(['right', 'wrong', 'not applicable']),
  }),
  tookMs: number(),
});

/** The last line may be half a one. */
function parse(line: string): readonly Took[] {
  try {
    return [took.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

/** Of all that git knows here, as it stands in the folder. */
function fingerprint(): string {
  const git = (...args: readonly string[]): Buffer =>
    execFileSync('git', args, { cwd: root, maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'ignore'] });
  return createHash('sha256')
    .update(git('rev-parse', 'HEAD'))
    .update(git('diff', 'HEAD', '--', ':!bench/RESULTS.md', ':!*.md'))
    .digest('hex');
}
