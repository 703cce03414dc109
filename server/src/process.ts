// The server as a process: what it says at its start, what ends it, and how a failure is told to a person. It opens nothing itself.
import { statfsSync } from 'node:fs';
import { resolve } from 'node:path';
import { CodedError, explain, type Language, languages } from '@pulseline/protocol';
import { type Config, languageOf, readConfig, repositoryRoot } from './config.ts';
import type { Ports } from './http/local-mode.ts';
import { type Log, openLog } from './log.ts';
import { tellFailedStart } from './running.ts';

/** The open product. */
export interface Pulseline {
  readonly ports: Ports;
  readonly apiUrl: string;
  /** Where the pages are, or would be if they are not ours to serve. */
  readonly webUrl: string;
  /** Ends everything; what was promised is on the disk. Calling it again waits for the same end. */
  close(): Promise<void>;
}

export interface Choices {
  /** Leaves WEB_PORT to somebody else (`next dev`). */
  readonly apiOnly?: boolean;
  readonly log?: Log;
  /** Keeps the log in this folder too, once it is ours; what comes back ends it. */
  readonly keepLog?: (folder: string) => Promise<() => Promise<void>>;
  /** The product can do nothing more; only a new process helps. */
  readonly onLost?: (error: CodedError) => void;
}

/** Ms for a close; after that the process ends itself, which loses nothing: what was promised is on the disk already. */
const CLOSE_TIMEOUT = 20_000;

/** EX_TEMPFAIL: started again, it works. Supervisors restart on any code but 0. */
const LOST = 75;

/** A process that is up and takes nothing in would keep its supervisor from helping. */
function lost({ dataDir, language }: Config): (error: CodedError) => void {
  return (error) => {
    remember(error, dataDir);
    console.error(failure(error, language));
    process.exit(LOST);
  };
}

/** For the doctor, who comes when nobody reads the terminal any more. */
function remember(error: unknown, dataDir: string): void {
  const at = Date.now();
  // That folder is somebody else's.
  if (error instanceof CodedError && error.code === 'DATA_DIR_LOCKED') return;
  if (error instanceof CodedError) tellFailedStart(dataDir, { code: error.code, text: error.message, at });
  else tellFailedStart(dataDir, { text: error instanceof Error ? error.message : String(error), at });
}

/** Bytes; a store that fails where there is less has failed for want of space. */
const LEAST_SPACE = 1_048_576;

/** Opens the product, tells where it is, and stays until a signal ends it: exit 0. A start that fails is told in words: exit 1. */
export async function run(
  open: (config: Config, choices: Choices) => Promise<Pulseline>,
  argv: readonly string[] = process.argv,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<void> {
  keepLoopback();
  let product: Pulseline;
  let log: Log;
  let config: Config | undefined;
  try {
    config = readConfig(env);
    const { language, logLevel } = config;
    const opened = openLog({ level: logLevel, language });
    log = opened.log;
    const apiOnly = argv.includes('--api-only');
    product = await open(config, { apiOnly, log, keepLog: opened.keep, onLost: lost(config) });
    const said = greeting(product, language, apiOnly);
    for (const line of said.split('\n').slice(0, 2)) opened.note('STARTED', line);
    console.log(said);
  } catch (error) {
    const known = diskFull(error, config) ?? error;
    remember(known, config?.dataDir ?? resolve(repositoryRoot, env['DATA_DIR']?.trim() || 'data'));
    console.error(failure(known, languageOf(env)));
    process.exit(1);
  }
  endBySignal(product, log);
}

/** The two lines that the diagnosis guide tells people to look for, then what to open. */
function greeting(
  { ports, webUrl, apiUrl }: Pick<Pulseline, 'ports' | 'webUrl' | 'apiUrl'>,
  language: Language,
  apiOnly: boolean,
): string {
  const next = apiOnly
    ? { zh: `API 地址 ${apiUrl}/status · 按 Ctrl+C 停止`, en: `The API is at ${apiUrl}/status · Ctrl+C stops it` }
    : { zh: `请打开 ${webUrl} · 按 Ctrl+C 停止`, en: `Open ${webUrl} · Ctrl+C stops it` };
  return [`Fastify server started on port ${ports.api}`, 'WebSocket service initialized', '', next[language], ''].join(
    '\n',
  );
}

/** Node can be told to send every fetch through the environment's proxy (NODE_USE_ENV_PROXY): what stays on this computer never goes there. */
function keepLoopback(): void {
  for (const name of ['no_proxy', 'NO_PROXY'])
    process.env[name] = [process.env[name], 'localhost', '127.0.0.1', '::1'].filter(Boolean).join(',');
}

/** A store on a full disk says all kinds of things; the disk itself says it plainly. */
function diskFull(error: unknown, config: Config | undefined): CodedError | undefined {
  if (config === undefined || !(error instanceof CodedError)) return undefined;
  if (error.code !== 'STORE_FAILED' && error.code !== 'DATA_DIR_UNWRITABLE') return undefined;
  try {
    const { bavail, bsize } = statfsSync(config.dataDir);
    return bavail * bsize < LEAST_SPACE ? new CodedError('DISK_FULL', { dir: config.dataDir }, error) : undefined;
  } catch {
    return undefined;
  }
}

/** What happened and what to do, in both languages, the reader's first; a stack only where we have no words for it. */
export function failure(error: unknown, language: Language): string {
  if (!(error instanceof CodedError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const others = languages.filter((other) => other !== language);
  const lines = [language, ...others].map((one) => {
    const { text, fix } = explain(error.code, one, error.params);
    return `✗ ${text} [${error.code}]\n  → ${fix}`;
  });
  return ['', ...lines, ''].join('\n');
}

/** Ms in which a second signal is the echo of the first: a terminal and the program that started us may both pass on one Ctrl+C. */
const ECHO = 1_000;

function endBySignal(product: Pulseline, log: Log): void {
  let endingSince: number | undefined;
  const end = async (code: number): Promise<void> => {
    if (endingSince !== undefined) {
      // A thread inside SQLite would turn process.exit into an abort; a killed process is as safe and says nothing.
      if (performance.now() - endingSince > ECHO) process.kill(process.pid, 'SIGKILL');
      return;
    }
    endingSince = performance.now();
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSE_TIMEOUT).unref();
    await product.close();
    process.exit(code);
  };
  // SIGHUP is what Windows sends when the console is closed, SIGBREAK for Ctrl+Break.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'closing');
      void end(0);
    });
  }
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'an error that nobody caught; closing');
    void end(1);
  });
  process.on('unhandledRejection', (err) => log.error({ err }, 'a rejection that nobody handled'));
}
