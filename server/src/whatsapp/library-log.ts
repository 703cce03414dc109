// The logger that the library is given: only the text of its warnings goes on, since its objects hold message texts and keys.
import type { SocketConfig } from 'baileys';

type Logger = SocketConfig['logger'];

export function libraryLog(log: (text: string) => void): Logger {
  const nothing = (): void => {};
  const say = (object: unknown, text?: string): void =>
    log(`baileys: ${text ?? (typeof object === 'string' ? object : '')}`);
  const logger: Logger = {
    level: 'silent',
    child: () => logger,
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: say,
    error: say,
  };
  return logger;
}
