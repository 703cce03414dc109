// `npm start` for anybody, anywhere: an ordinary user, a path with spaces and Chinese characters, no compiler, a proxy in the environment; then Ctrl+C and a second start.

import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { account, shape } from '@pulseline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Child, startShell } from '../child.ts';
import { cloneProject } from '../clone.ts';
import { freePorts } from '../product.ts';
import { until } from '../until.ts';
import { asOrdinary, barePath, canBeOrdinary, giveToOrdinary, openFolder, proxies } from './newcomer.ts';

const made = shape.object({ id: shape.string() });

describe.skipIf(!canBeOrdinary)('npm start, for anybody', { timeout: 180_000 }, () => {
  let folder: string;
  let project: string;
  let env: Readonly<Record<string, string>>;
  let port: number;
  let webPort: number;
  let proxy: Server;
  /** What the proxy was asked for. */
  const asked: string[] = [];
  let shell: Child;

  beforeAll(async () => {
    folder = openFolder();
    project = join(folder, '测试 目录', 'pulse line');
    cloneProject(project, { built: false });
    giveToOrdinary(join(folder, '测试 目录'));
    [port, webPort] = await freePorts();
    proxy = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (bytes) => {
        asked.push(bytes.toString('latin1').split('\r\n')[0] ?? '');
        socket.destroy();
      });
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const address = proxy.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    env = {
      PATH: barePath(folder),
      HOME: join(folder, '测试 目录'),
      PORT: String(port),
      WEB_PORT: String(webPort),
      LOG_LEVEL: 'info',
      PULSELINE_LANG: '',
      // npm itself asks its registry for a newer npm.
      npm_config_update_notifier: 'false',
      NODE_OPTIONS: `--import=${new URL('../no-internet.mjs', import.meta.url).href}`,
      ...Object.fromEntries(proxies.filter((name) => !/^no_/i.test(name)).map((name) => [name, url])),
    };
  });
  afterAll(async () => {
    await shell?.end('SIGKILL');
    proxy?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (): void => {
    shell = startShell(asOrdinary('npm start'), { cwd: project, env, without: proxies });
  };
  const started = (): Promise<boolean> =>
    until(
      'the two lines',
      () => {
        if (!shell.running()) throw new Error(shell.output());
        return shell.stdout().includes(`Fastify server started on port ${port}\nWebSocket service initialized\n`);
      },
      150_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${shell.output()}`);
    });
  const api = async (path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      ...(body !== undefined && {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    expect(answer.ok, `${path}: ${answer.status}`).toBe(true);
    return answer.json();
  };

  it('there is no compiler, no git and no python to be found', async () => {
    for (const name of ['cc', 'gcc', 'g++', 'make', 'python3', 'git']) {
      const search = startShell(asOrdinary(`command -v ${name}`), { cwd: folder, env });
      expect(await until(name, () => search.ended())).not.toBe(0);
    }
  });

  it('builds what is missing and starts, and says what to open', async () => {
    start();
    await started();
    expect(shell.stdout()).toContain('页面已构建');
    expect(shell.stdout()).toContain(`请打开 http://localhost:${webPort}`);
    const page = await fetch(`http://127.0.0.1:${webPort}/`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });

  it('keeps its data in the project’s own folder, which is that user’s', () => {
    const { uid } = statSync(join(project, 'data', 'pulseline.db'));
    expect(uid).not.toBe(0);
  });

  it('reaches the sandbox phone although a proxy is set: nothing on this computer goes through it', async () => {
    const { id } = made.parse(await api('/api/accounts', { label: '演示', kind: 'sandbox' }));
    await until('a QR code', () => api(`/api/accounts/${id}/qr`).catch(() => undefined), 30_000);
    await api(`/api/sandbox/accounts/${id}/scan`, {});
    await until('READY', async () => account.parse(await api(`/api/accounts/${id}`)).state === 'READY', 30_000);
    expect(asked).toEqual([]);
  });

  it('Ctrl+C ends it cleanly, and npm has nothing to complain about', async () => {
    const before = shell.output().length;
    expect([0, 130], shell.output()).toContain(await shell.end('SIGINT'));
    expect(shell.output().slice(before)).not.toMatch(/npm (ERR|error)|Error:|\n\s+at /);
  });

  it('a second start builds nothing and takes a moment', async () => {
    const began = performance.now();
    start();
    await started();
    const seconds = (performance.now() - began) / 1_000;
    console.log(`second start, from "npm start" to the server's lines: ${seconds.toFixed(1)} s`);
    expect(shell.output()).not.toMatch(/构建|安装|Building|Installing/);
    expect(seconds).toBeLessThan(20);
    await until('how long it took', () => /^启动用时 \d+\.\d 秒$/m.test(shell.stdout()));
    await shell.end('SIGINT');
  });

  it('npm test runs here too; where there is no browser it says so, and in CI that is a failure', async () => {
    const run = async (line: string, more: Readonly<Record<string, string>> = {}) => {
      const child = startShell(asOrdinary(line), {
        cwd: project,
        env: { ...env, ...more },
        without: [...proxies, 'CI', 'CHROME_PATH'],
      });
      const code = await until(line, () => child.ended(), 120_000);
      return { code, output: child.output() };
    };
    const here = await run('npm test -- protocol browser');
    expect(here.output).toMatch(/\n[1-9]\d* passed, 0 failed, 1 skipped\n/);
    expect(here.output).toContain('✗ 跳过浏览器测试');
    expect(here.code).toBe(0);
    const ci = await run('npm test -- browser', { CI: '1' });
    expect(ci.output).toMatch(/\n0 passed, 1 failed\n/);
    expect(ci.code).not.toBe(0);
  });
});
