// The emulator's command as a child process that a test may kill; it never outlives the test.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { bundled } from '../../test/bundled.ts';

const COMMAND = 'emulator/src/command.ts';
const command = fileURLToPath((await bundled(COMMAND))(COMMAND));

export interface Running {
  readonly plainUrl: string;
  readonly url: string;
  readonly root: string;
  readonly child: ChildProcess;
  /** One request of the control API. @throws with the body when the answer is no 2xx. */
  call(path: string, body?: object | string, method?: string): Promise<unknown>;
  /** Asks for anything and tells the status too. */
  ask(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly body: unknown }>;
  /** SIGKILL, and waits until it is dead. */
  kill(): Promise<void>;
}

/** A folder that is gone when the running test is over. */
export function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'emulator-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export async function run(env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const child = spawn(process.execPath, [command], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  const lines = createInterface({ input: child.stdout });
  const [first] = await Promise.race([once(lines, 'line'), exited.then(() => Promise.reject(new Error('it ended')))]);
  const ready: unknown = JSON.parse(String(first));
  const text = (name: string): string => {
    if (typeof ready === 'object' && ready !== null && name in ready)
      return String(Object.entries(ready).find(([key]) => key === name)?.[1]);
    throw new Error(`no ${name} in ${String(first)}`);
  };
  const controlUrl = text('controlUrl');
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(controlUrl + path, init);
    const body = await response.text();
    return { status: response.status, body: body === '' ? undefined : JSON.parse(body) };
  };
  return {
    url: text('url'),
    plainUrl: text('plainUrl'),
    root: text('root'),
    child,
    kill,
    ask,
    call: async (path, body, method = body === undefined ? 'GET' : 'POST') => {
      const init =
        body === undefined ? { method } : { method, body: typeof body === 'string' ? body : JSON.stringify(body) };
      const answer = await ask(path, init);
      if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
  };
}
