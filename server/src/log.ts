// The log: JSON lines, readable ones on a terminal. It never gets message texts, QR codes or keys: callers log ids and codes, and known names are taken out again here.
import { durableEvents } from '@pulseline/protocol';
import { pino } from 'pino';
import pretty from 'pino-pretty';
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

/** `terminal`: somebody reads along. */
export function openLog(level: LogLevel, terminal: boolean = process.stdout.isTTY === true): Log {
  const options = { level, base: {}, redact: { paths: secrets, censor: '***' } } satisfies pino.LoggerOptions;
  if (!terminal) return pino(options);
  // In this thread and at once: a line must not come after the process.
  return pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss.l', colorize: true }));
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
