// Asks the doctor as a script would: the command, its JSON, its exit code. It judges nothing.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { shape, type Words } from '@pulseline/protocol';
import type { Verdict } from './fault.ts';

const { object, string, optional, nullable, list } = shape;
const both = object({ zh: string(20_000), en: string(20_000) });
const remedy = object({ text: string(20_000), commands: list(string(4_000), 100) });
const cause = object({ checkId: string(), rung: string(), title: both, fix: object({ zh: remedy, en: remedy }) });
/** As far as the lab reads it; the report has more. */
const report = object({
  verdict: string(),
  cause: nullable(cause),
  rungs: list(object({ rung: string(), outcome: string() }), 100),
  findings: list(object({ checkId: string(), outcome: string(), blockedBy: optional(string()) }), 1_000),
});

export interface Asked {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its command line goes behind this one: another namespace, another limit. */
  readonly behind?: readonly string[];
  /** The folder that it is started from; the copy's own if absent. */
  readonly cwd?: string;
}

/** Longer than the doctor's own deadline: one that hangs is told as that. */
const TIMEOUT = 40_000;
/** Of a shell: what the tester's own says is not the fault's. */
const foreign =
  /^(npm_|VITEST|NODE_|INIT_CWD$|PORT$|WEB_PORT$|DATA_DIR$|NEXT_PUBLIC_|PULSELINE_|EMULATOR_|WA_PROXY$|LOG_LEVEL$)/;

export async function askDoctor(
  root: string,
  { args = [], env = {}, behind = [], cwd = root }: Asked,
): Promise<Verdict> {
  const command = [...behind, process.execPath, join(root, 'scripts', 'doctor.cjs'), '--json', ...args];
  const [program = '', ...rest] = command;
  const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const began = performance.now();
  const child = spawn(program, rest, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  // The reader has the verdict when it is printed; a name server that hangs may hold the process itself a little longer.
  let ms = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    ms = performance.now() - began;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT);
  const exit = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  clearTimeout(timer);
  try {
    return verdictOf(JSON.parse(out), ms, exit);
  } catch (error) {
    throw new Error(
      `the doctor gave no report (exit ${exit}): ${String(error)}\n${out.slice(0, 2_000)}\n${err.slice(-2_000)}`,
    );
  }
}

/** A report of any face, as the lab reads it. */
export function verdictOf(json: unknown, ms: number, exit?: number): Verdict {
  const { verdict, cause: found, findings, rungs } = report.parse(json);
  const fixIn = (language: 'zh' | 'en'): string => {
    const fix = found?.fix[language];
    return fix === undefined ? '' : [fix.text, ...fix.commands].join('\n');
  };
  const fix: Words = { zh: fixIn('zh'), en: fixIn('en') };
  return {
    healthy: verdict === 'healthy',
    word: verdict,
    rung: found?.rung ?? '',
    checkId: found?.checkId ?? '',
    fix,
    said: { zh: `${found?.title.zh ?? ''}\n${fix.zh}`, en: `${found?.title.en ?? ''}\n${fix.en}` },
    ms,
    ...(exit !== undefined && { exit }),
    others: [
      ...findings.map(({ checkId }) => checkId),
      ...rungs.flatMap(({ rung, outcome }) => (outcome === 'crash' ? [`${rung} crashed`] : [])),
    ],
  };
}
