// The log: coded JSON lines, readable ones on a terminal, and all of them in a file that rolls. It never gets message texts, QR codes or keys: callers log ids and codes, and known names and numbers are taken out again here.
import { join } from 'node:path';
import { DOCS, logLines } from '@pulseline/diagnosis';
import { durableEvents, type Language } from '@pulseline/protocol';
import { pino } from 'pino';
import pretty from 'pino-pretty';
import roll from 'pino-roll';
import type { LogLevel } from './config.ts';

import type { StoredEvent } from './store/port.ts';

export type Log = pino.Logger;

/** Names under which something secret could slip in, at the first two levels. */
const secrets = [
  'qr',
  'body',
  'text',
  'content',
  'plaintext',
  'credentials',
  'value',
  'password',
  'proxy',
  'authorization',
  'cookie',
].flatMap((name) => [name, `*.${name}`]);

/** Addresses of WhatsApp and telephone numbers, wherever they stand in a line; an error's words come from anywhere. */
const people =
  /\b\d{5,}(?::\d+)?(@(?:s\.whatsapp\.net|lid|g\.us|c\.us|newsletter|broadcast))|(?<![\w.])\+\d[\d -]{6,18}\d/g;

export interface LogOptions {
  readonly level: LogLevel;
  readonly language?: Language;
  /** Somebody reads along. */
  readonly terminal?: boolean;
  readonly out?: pino.DestinationStream;
}

/** A log, and the way to keep it in a folder once that folder is ours. */
export interface OpenLog {
  readonly log: Log;
  /** From here on in `folder/server.<n>.log` too, with what came before. Returns what ends it. */
  keep(folder: string): Promise<() => Promise<void>>;
  /** A line for the file alone, such as one that the terminal shows in another form. */
  note(code: string, msg: string): void;
}

/** Bytes of one file, in pino-roll's words, and how many older ones stay. */
const FILE_SIZE = '5m';
const OLDER_FILES = 4;
/** Lines that wait for the folder. */
const MOST_EARLY = 500;

export function openLog({
  level,
  language = 'zh',
  terminal = process.stdout.isTTY === true,
  out,
}: LogOptions): OpenLog {
  const early: string[] = [];
  let file: { write(line: string): unknown } | undefined;
  const tee = (line: string): void => {
    if (file !== undefined) file.write(line);
    else if (early.length < MOST_EARLY) early.push(line);
  };
  // In this thread and at once: a line must not come after the process.
  const shown =
    out ??
    (terminal
      ? pretty({ sync: true, translateTime: 'SYS:HH:MM:ss.l', colorize: true })
      : pino.destination({ sync: true }));
  const options = {
    level,
    base: {},
    redact: { paths: secrets, censor: '***' },
    serializers: { err: (error: unknown) => (error instanceof Error ? tame(pino.stdSerializers.err(error)) : error) },
    hooks: { logMethod: coded(language) },
  } satisfies pino.LoggerOptions;
  const log = pino(options, {
    write(given: string) {
      const line = given.replace(people, (_, domain: string | undefined) => `***${domain ?? ''}`);
      shown.write(line);
      tee(line);
    },
  });
  return {
    log,
    async keep(folder) {
      const stream = await roll({
        file: join(folder, 'server'),
        extension: '.log',
        size: FILE_SIZE,
        limit: { count: OLDER_FILES, removeOtherLogFiles: true },
        mkdir: true,
        sync: true,
      });
      let works = true;
      stream.on('error', (error: unknown) => {
        // Once: its own line would fail the same way.
        if (!works) return;
        works = false;
        file = { write: () => undefined };
        log.warn({ err: error }, 'the log file cannot be written');
      });
      file = stream;
      for (const line of early.splice(0)) stream.write(line);
      return async () => {
        file = undefined;
        if (works) stream.end();
      };
    },
    note: (code, msg) => tee(`${JSON.stringify({ level: 30, time: Date.now(), code, msg })}\n`),
  };
}

type Hook = NonNullable<NonNullable<pino.LoggerOptions['hooks']>['logMethod']>;

/** Each line of the table gets its code, its words in the reader's language and, from `warn` up, what to do. */
function coded(language: Language): Hook {
  return function (args, method) {
    const [fields, text]: readonly unknown[] = args;
    const line = typeof text === 'string' ? logLines[text] : typeof fields === 'string' ? logLines[fields] : undefined;
    if (line === undefined) return method.apply(this, args);
    const words = language === 'zh' ? line.zh : String(typeof text === 'string' ? text : fields);
    const own = typeof fields === 'object' && fields !== null ? fields : {};
    const more = line.fix === undefined ? {} : { fix: line.fix[language], docs: DOCS };
    const cause = 'code' in own ? { cause: own.code } : {};
    return method.apply(this, [{ ...own, ...cause, code: line.code, ...more }, words]);
  };
}

/** A parser's complaint quotes what it could not read. */
function tame(error: pino.SerializedError): pino.SerializedError {
  if (error.type !== 'SyntaxError') return error;
  const message = error.message.replace(/"[\s\S]*"|'[\s\S]*'|`[\s\S]*`/g, '"…"');
  return { ...error, message, stack: error.stack.replace(error.message, message) };
}

/** Each change of an account's state, with the code of its reason: what a support request is read for first. */
export function logStates(events: readonly StoredEvent[], log: Log): void {
  for (const { type, data } of events) {
    if (type !== 'whatsapp_status') continue;
    const { account, status, reason, attempts } = durableEvents.whatsapp_status.parse(JSON.parse(data));
    const level = ['DEGRADED', 'DISCONNECTED', 'LOGGED_OUT', 'FAILED'].includes(status) ? 'warn' : 'info';
    log[level]({ account, reason: reason?.code, attempts }, `WhatsApp: ${status}`);
  }
}
