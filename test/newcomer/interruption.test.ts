// Ctrl+C before the product runs: while packages are installed, while the pages are built. Nothing goes on behind it, and nothing half-made is taken for whole.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Child, startShell } from '../child.ts';
import { cloneProject } from '../clone.ts';
import { until } from '../until.ts';
import { openFolder } from './newcomer.ts';

describe('Ctrl+C', { timeout: 90_000 }, () => {
  let folder: string;
  let shell: Child | undefined;
  beforeAll(() => {
    folder = openFolder();
  });
  afterAll(async () => {
    await shell?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const said = (text: string) =>
    until(
      `"${text}"`,
      () => {
        if (!shell?.running()) throw new Error(shell?.output());
        return shell.output().includes(text);
      },
      60_000,
    );

  it('while packages are installed ends npm with it, and the next start begins anew', async () => {
    const project = join(folder, 'fresh');
    cloneProject(project, { packages: false, built: false });
    // An npm that takes its time and does not mind Ctrl+C, as npm does while it unpacks.
    const npm = join(folder, 'npm-cli.js');
    const pidFile = join(folder, 'npm.pid');
    writeFileSync(
      npm,
      `process.on('SIGINT', () => {});
      require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
      setInterval(() => {}, 1000);`,
    );
    mkdirSync(join(project, 'node_modules'));
    shell = startShell('node scripts/bootstrap.cjs', { cwd: project, env: { npm_execpath: npm, PULSELINE_LANG: '' } });
    const pid = await until('npm', () => existsSync(pidFile) && Number(readFileSync(pidFile, 'utf8')), 30_000);
    expect(await shell.end('SIGINT'), shell.output()).toBe(130);
    await until('the end of npm', () => !isAlive(pid));
    expect(shell.output()).not.toMatch(/✗|\n\s+at /);
    expect(existsSync(join(project, 'node_modules', '.pulseline-bootstrap'))).toBe(false);
  });

  it('while the pages are built ends the build with it, and half-built pages are not taken for whole', async () => {
    const project = join(folder, 'unbuilt');
    cloneProject(project, { built: false });
    const env = { PORT: '0', WEB_PORT: '0', DATA_DIR: join(folder, 'data'), PULSELINE_LANG: '' };
    shell = startShell('npm start', { cwd: project, env });
    await said('正在构建页面');
    if (process.platform === 'linux')
      await until('next at work', () => running(project).some((line) => line.includes('next')), 30_000);
    await shell.end('SIGINT');
    expect(shell.output()).not.toMatch(/npm (ERR|error)|✗|\n\s+at /);
    if (process.platform === 'linux') await until('the end of everything', () => running(project).length === 0);
    expect(existsSync(join(project, 'web', 'out', '.stamp'))).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The command lines of processes that work in this folder. */
function running(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(folder) ? [line] : [];
      } catch {
        return [];
      }
    });
}
