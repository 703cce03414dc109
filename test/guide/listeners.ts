// Who listens on a port, by the command that the system has for it: what the guide's `netstat -ano | findstr ":4000"` shows. It only looks.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Listeners {
  /** What the command printed. */
  readonly text: string;
  /** `127.0.0.1:4000`, `[::1]:4000`. */
  readonly addresses: readonly string[];
}

const commands = {
  win32: ['netstat -ano -p TCP'],
  darwin: ['netstat -an -p tcp'],
  linux: ['netstat -ltn', 'ss -ltn'],
} as const;

export function listeners(port: number): Listeners {
  const known = process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux';
  for (const command of commands[known]) {
    const text = ask(command);
    if (text !== undefined) return read(text, port);
  }
  return fromProc(port);
}

function ask(command: string): string | undefined {
  try {
    return execFileSync(command, { shell: true, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

function read(text: string, port: number): Listeners {
  const ending = new RegExp(`(?:^|\\s)(\\S+?)[:.]${port}(?=\\s)`);
  const found = text.split(/\r?\n/).filter((line) => ending.test(line) && /LISTEN|:0\s|:\*/.test(line));
  const addresses = found.map((line) => `${written(ending.exec(line)?.[1] ?? '')}:${port}`);
  return { text: found.join('\n'), addresses };
}

/** netstat writes `:::4000` where others write `[::]:4000`. */
function written(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** A system with neither netstat nor ss: the kernel's own table. */
function fromProc(port: number): Listeners {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const table = (file: string, host: string) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes(`:${hex} `) && line.includes(' 0A '))
      .map((line) => ({ line, address: `${line.includes(host) ? '127.0.0.1' : '[::1]'}:${port}` }));
  const rows = [...table('/proc/net/tcp', '0100007F:'), ...table('/proc/net/tcp6', '0100007F:0')];
  return {
    text: rows.map(({ line, address }) => `${address} ${line}`).join('\n'),
    addresses: rows.map(({ address }) => address),
  };
}
