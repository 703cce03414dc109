// The server as a process of its own: what it prints, how signals end it, and how a start that fails is told.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bundled } from '../../test/bundled.ts';

const MAIN = 'server/src/main.ts';
const main = fileURLToPath((await bundled(MAIN))(MAIN));
const eventually = { timeout: 60_000, interval: 50 };
let dataDir = '';
let child: ChildProcess | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pulseline-process-'));
});
afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(dataDir, { recursive: true, force: true });
});

function run(env: Record<string, string>, ...args: string[]) {
  const said = { out: '', err: '', code: undefined as number | null | undefined };
  const settings = {
    PORT: '0',
    WEB_PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    PULSELINE_LANG: 'en',
    NODE_OPTIONS: '',
  };
  child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...settings, ...env } });
  child.stdout?.on('data', (bytes) => {
    said.out += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    said.err += bytes;
  });
  child.on('exit', (code) => {
    said.code = code;
  });
  return said;
}

describe('the process', () => {
  it('prints the two lines of the guide and what to open, and ends with 0 on a signal', async () => {
    const said = run({ PULSELINE_LANG: 'zh' });
    await vi.waitFor(() => expect(said.out).toContain('Ctrl+C'), eventually);
    const lines = said.out.split('\n');
    const port = /^Fastify server started on port (\d+)$/.exec(lines[0] ?? '')?.[1];
    expect(lines[1]).toBe('WebSocket service initialized');
    expect(lines[3]).toMatch(/^请打开 http:\/\/localhost:\d+ /);
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    // Twice at once, as a terminal and a parent pass on the same Ctrl+C.
    child?.kill('SIGINT');
    child?.kill('SIGINT');
    await vi.waitFor(() => expect(said.code).toBe(0), eventually);
    expect(said.err).toBe('');
  }, 90_000);

  it('says in words why it did not start, with the fix and no stack, and ends with 1', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const said = run({ PORT: String(port) });
    await vi.waitFor(() => expect(said.code).toBe(1), eventually);
    server.close();
    expect(said.err).toContain(`✗ Port ${port} is taken (pid ${process.pid}`);
    expect(said.err).toContain('→ Stop that program, or choose another port with PORT.');
    expect(said.err).not.toMatch(/\n\s+at /);
    expect(said.out).toBe('');
  }, 90_000);

  it('ends with 75 and says so when the thread that writes the data is lost, so that a supervisor starts it again', async () => {
    const script = `
      import { CodedError } from ${JSON.stringify(new URL('../../protocol/src/index.ts', import.meta.url).href)};
      import { run } from ${JSON.stringify(new URL('../src/process.ts', import.meta.url).href)};
      await run(async (_, { onLost }) => {
        setTimeout(() => onLost(new CodedError('STORE_LOST', { detail: 'out of memory' })), 10);
        return { ports: { api: 1, web: 2 }, apiUrl: '', webUrl: '', close: async () => {} };
      }, []);
      setInterval(() => {}, 1_000);`;
    const env = { ...process.env, PULSELINE_LANG: 'en', NODE_OPTIONS: '' };
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    let said = '';
    child = spawn(process.execPath, args, { env });
    child.stderr?.on('data', (bytes) => {
      said += bytes;
    });
    const [code] = await once(child, 'exit');
    expect(said).toContain('✗ The thread that writes the data has ended (out of memory) [STORE_LOST]');
    expect(said).toContain('✗ 写入数据的线程已终止（out of memory） [STORE_LOST]');
    expect(code).toBe(75);
  }, 90_000);

  it('refuses a setting that it cannot read, in both languages, that of the settings first', async () => {
    const said = run({ PORT: 'four thousand', PULSELINE_LANG: 'zh' });
    await vi.waitFor(() => expect(said.code).toBe(1), eventually);
    const zh = '✗ 设置 PORT=four thousand 无效 [SETTING_INVALID]\n  → 参见 docs/settings.md。';
    const en = '✗ The setting PORT=four thousand is not valid [SETTING_INVALID]\n  → See docs/settings.md.';
    expect(said.err).toBe(`\n${zh}\n${en}\n\n`);
  }, 90_000);
});
