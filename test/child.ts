// A child process of a test: started, listened to, ended; none outlives the process that started it.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Characters of output that are kept: enough to explain a failure. */
const MAX_OUTPUT = 400_000;

const alive = new Set<() => void>();
process.on('exit', () => {
  for (const kill of alive) kill();
});

export interface Child {
  readonly pid: number;
  /** Stdout, and what came on stderr, in the order of arrival. */
  output(): string;
  stdout(): string;
  running(): boolean;
  /** Exit code, or the signal that ended it; undefined while it runs. */
  ended(): number | string | undefined;
  write(line: string): void;
  /** Resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<number | string>;
}

/** Runs one of our TypeScript files, or a script, with this Node. */
export function startChild(script: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = root): Child {
  const child = spawn(process.execPath, [...script], {
    cwd,
    // A vitest worker's own flags and variables would change what the child is.
    env: { ...withoutVitest(process.env), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return watch(child, script.join(' '), (signal) => child.kill(signal));
}

export interface ShellOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Variables that the shell does not get. */
  readonly without?: readonly string[];
}

/** Types a line into the system's shell. A signal goes to the whole process group, as a terminal's Ctrl+C does. */
export function startShell(line: string, { cwd = root, env = {}, without = [] }: ShellOptions = {}): Child {
  const inherited = Object.entries(withoutVitest(process.env)).filter(
    ([name]) => !/^(npm_|INIT_CWD$)/.test(name) && !without.includes(name),
  );
  const grouped = process.platform !== 'win32';
  // A person's shell outlives Ctrl+C and tells how the command ended; this one is in the group that is signalled.
  const child = spawn(grouped ? `trap : INT TERM; ${line}` : line, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    shell: true,
    detached: grouped,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return watch(child, line, (signal) => {
    if (!grouped || child.pid === undefined) return child.kill(signal);
    try {
      return process.kill(-child.pid, signal);
    } catch {
      return false;
    }
  });
}

function watch(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  name: string,
  kill: (signal: NodeJS.Signals) => boolean,
): Child {
  const killNow = () => kill('SIGKILL');
  alive.add(killNow);
  let all = '';
  let stdout = '';
  let ended: number | string | undefined;
  const keep = (text: string) => {
    all = (all + text).slice(-MAX_OUTPUT);
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-MAX_OUTPUT);
    keep(text);
  });
  child.stderr.setEncoding('utf8').on('data', keep);
  child.stdin.on('error', () => {});
  child.on('error', (error) => {
    keep(String(error));
    ended ??= 1;
  });
  child.on('close', (code, signal) => {
    ended = code ?? signal ?? 1;
    alive.delete(killNow);
  });
  return {
    pid: child.pid ?? 0,
    output: () => all,
    stdout: () => stdout,
    running: () => ended === undefined,
    ended: () => ended,
    write: (line) => child.stdin.write(`${line}\n`),
    async end(signal) {
      if (ended === undefined) kill(signal);
      return until(`the end of ${name} by ${signal}`, () => ended, 30_000);
    },
  };
}

/** One of our TypeScript files as a child's script. */
export function source(path: string, ...args: readonly string[]): readonly string[] {
  return [join(root, 'scripts', 'run.mjs'), path, ...args];
}

function withoutVitest(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(VITEST|NODE_OPTIONS$|NODE_V8_COVERAGE$|NODE_ENV$|DEV$|PROD$|MODE$|BASE_URL$|SSR$|TEST$)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}
