// The guide's commands typed into a real shell, in a copy of the project on the guide's own ports: both `npm run dev`, and the `.env.local` step in development and in production.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, openWindow, untilLink } from '../browser.ts';
import { type Child, startShell } from '../child.ts';
import { cloneProject } from '../clone.ts';
import { until } from '../until.ts';
import {
  apiUrl,
  type BrowserConsole,
  claimPorts,
  consoleOf,
  lines,
  PORT,
  pagesUrl,
  serverLines,
  WEB_PORT,
} from './guide.ts';
import { listeners } from './listeners.ts';

/** Next compiles a page when it is first opened: on two busy cores that takes its time. */
const SLOW = 60_000;

describe('the guide’s commands', { timeout: 120_000 }, () => {
  let folder = '';
  let project: string;
  let browser: Browser;
  let page: Page;
  let console: BrowserConsole;
  const shells: Child[] = [];

  beforeAll(async () => {
    await claimPorts();
    folder = mkdtempSync(join(tmpdir(), 'pulseline-guide-'));
    project = join(folder, 'pulseline');
    cloneProject(project);
    browser = await openBrowser();
    ({ page } = await openWindow(browser, 'about:blank'));
    page.setDefaultTimeout(SLOW);
    console = consoleOf(page);
  }, SLOW);
  afterAll(async () => {
    await browser?.close();
    for (const shell of shells) await shell.end('SIGKILL');
    if (folder !== '') rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  const type = (line: string, env: Readonly<Record<string, string>> = {}): Child => {
    const shell = startShell(line, {
      cwd: project,
      env: {
        DATA_DIR: join(folder, 'data'),
        NODE_OPTIONS: `--import=${new URL('../no-internet.mjs', import.meta.url).href}`,
        ...env,
      },
    });
    shells.push(shell);
    return shell;
  };
  const printed = (shell: Child, text: string | RegExp): Promise<boolean> =>
    until(
      `"${String(text)}" in the shell`,
      () => {
        if (!shell.running()) throw new Error(shell.output());
        return shell.output().search(text) >= 0;
      },
      SLOW,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${shell.output()}`);
    });
  /** Opens a page of `next dev`, which answers late at first. */
  const open = async (path = '/'): Promise<void> => {
    // A page of the last `next dev` reloads itself when the next one is there.
    await page.goto('about:blank');
    await until('the pages', async () => (await fetch(pagesUrl)).ok, SLOW);
    console.clear();
    await page.goto(`${pagesUrl}${path}`, { timeout: SLOW });
  };
  const said = (line: string) =>
    until(`"${line}"`, () => console.texts().includes(line), SLOW).catch(() => {
      throw new Error(`"${line}" is not in the console:\n${console.texts().join('\n')}`);
    });
  /** Ctrl+C: it ends by itself, and npm has nothing to complain about. 130 is what some shells under npm make of our 0. */
  const interrupt = async (shell: Child): Promise<void> => {
    const before = shell.output().length;
    expect([0, 130], shell.output()).toContain(await shell.end('SIGINT'));
    expect(shell.output().slice(before)).not.toMatch(/npm (ERR|error)|Error:|\n {4}at /);
  };

  let server: Child;
  let web: Child;

  describe('第 3 步：检查后端服务器', () => {
    it('with the pages alone (cd web, npm run dev) the console says that the connection failed, and why', async () => {
      web = type('cd web && npm run dev');
      await open();
      await said(lines.attempt);
      await until(
        'the failure',
        () =>
          console
            .texts()
            .some((text) => /^WebSocket connection failed \(ws:\/\/localhost:4000\/ws, .+\): .+ → .+/.test(text)),
        SLOW,
      );
      await until('the browser’s own word', () =>
        console.texts().some((text) => text.includes('ERR_CONNECTION_REFUSED')),
      );
      expect(listeners(PORT).addresses).toEqual([]);
      const pages = listeners(WEB_PORT).addresses;
      expect(pages).not.toEqual([]);
      for (const address of pages) expect(address, 'loopback alone').toMatch(/^(127\.0\.0\.1|\[::1\]):3000$/);
    });

    it('cd server, npm run dev: both lines, port 4000 listened on, 3000 left to the pages, which connect by themselves', async () => {
      server = type('cd server && npm run dev');
      await printed(server, serverLines);
      expect(server.output()).toContain(`${apiUrl}/status`);
      expect(listeners(PORT).addresses).toContain(`127.0.0.1:${PORT}`);
      await said(lines.open);
      await untilLink(page, true);
      await until('connected', () =>
        console.texts().some((text) => text.startsWith(`${lines.received} {type: connected`)),
      );
    });

    it('a change in the server’s sources restarts it, and the page comes back by itself', async () => {
      const starts = () => server.stdout().split(serverLines).length - 1;
      const before = starts();
      console.clear();
      appendFileSync(join(project, 'server', 'src', 'log.ts'), '\n');
      await until('a restart', () => starts() === before + 1, SLOW);
      await said(lines.open);
    });

    it('Ctrl+C ends it cleanly', async () => {
      await interrupt(server);
      expect(listeners(PORT).addresses).toEqual([]);
    });
  });

  describe('第 4 步：检查前端环境配置, in development', () => {
    it('Ctrl+C ends the pages cleanly', () => interrupt(web));

    it('echo … > .env.local, then npm run dev: the page connects to that address', async () => {
      server = type('cd server && npm run dev');
      web = type(`cd web && ${echo(apiUrl)} && npm run dev`);
      await printed(server, serverLines);
      await open();
      await said(lines.attempt);
      await said(lines.open);
      await interrupt(web);
    });

    it('another port is honoured, and the line bears its URL, also as PowerShell 5 writes the file: UTF-16 with a mark in front', async () => {
      await interrupt(server);
      server = type('cd server && npm run dev', { PORT: '4001', PULSELINE_LANG: 'en' });
      writeFileSync(join(project, 'web', '.env.local'), utf16('NEXT_PUBLIC_API_BASE_URL=http://localhost:4001\r\n'));
      web = type('cd web && npm run dev');
      await printed(server, 'Fastify server started on port 4001\nWebSocket service initialized\n');
      await open();
      // The two lines are the same in English.
      expect(server.output()).toContain('Ctrl+C stops it');
      await said('🔌 尝试连接 WebSocket: ws://localhost:4001/ws');
      await said(lines.open);
      await interrupt(web);
    });
  });

  describe('第 4 步：检查前端环境配置, in production', () => {
    it.each([
      ['as PowerShell 5 writes it', utf16('NEXT_PUBLIC_API_BASE_URL=http://localhost:4001\r\n')],
      ['as PowerShell 7 and other shells write it', Buffer.from('NEXT_PUBLIC_API_BASE_URL=http://localhost:4001\n')],
    ])('npm start reads .env.local, %s, without building anew', async (_, bytes) => {
      writeFileSync(join(project, 'web', '.env.local'), bytes);
      // The API that the pages shall use is the one that still runs on 4001.
      const whole = type('npm start', { DATA_DIR: join(folder, 'other') });
      await printed(whole, serverLines);
      expect(whole.output()).not.toMatch(/构建|Building/);
      await open();
      await said('🔌 尝试连接 WebSocket: ws://localhost:4001/ws');
      await said(lines.open);
      await interrupt(whole);
    });

    it('without the file the pages ask the port that they were started with', async () => {
      rmSync(join(project, 'web', '.env.local'));
      const whole = type('npm start', { DATA_DIR: join(folder, 'other') });
      await printed(whole, serverLines);
      await open();
      await said(lines.attempt);
      await said(lines.open);
      await interrupt(whole);
      await interrupt(server);
    });
  });
});

/** The guide's own line; in cmd.exe quotes would be written too. */
function echo(url: string): string {
  const line = `NEXT_PUBLIC_API_BASE_URL=${url}`;
  return process.platform === 'win32' ? `echo ${line}> .env.local` : `echo "${line}" > .env.local`;
}

function utf16(text: string): Buffer {
  return Buffer.from(`\ufeff${text}`, 'utf16le');
}
