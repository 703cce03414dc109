// `npm run dev`: the server from its sources (restarting on change) and the pages by `next dev`; with `server` or `web`, that one alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say, stop } from './say.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const webPort = process.env.WEB_PORT?.trim() || '3000';
const commands = {
  server: {
    cwd: join(root, 'server'),
    args: [
      join(modules, 'tsx', 'dist', 'cli.mjs'),
      'watch',
      '--clear-screen=false',
      join(root, 'server', 'src', 'main.ts'),
      '--api-only',
    ],
  },
  web: {
    cwd: join(root, 'web'),
    // Like the server, on this computer alone.
    args: [join(modules, 'next', 'dist', 'bin', 'next'), 'dev', '-H', 'localhost', '-p', webPort],
    // Next takes PORT for its own.
    env: { NEXT_PUBLIC_API_PORT: process.env.PORT?.trim() ?? '' },
  },
};
const which = process.argv[2];
const chosen = which ? [which] : Object.keys(commands);
if (chosen.some((name) => !Object.hasOwn(commands, name))) {
  console.error('usage: npm run dev [-- server | web]');
  process.exit(2);
}

if (chosen.includes('web')) Object.assign(commands.web.env, await apiBase());
// Next would say it by a stack; the server says it itself.
if (chosen.includes('web') && (await isTaken(Number(webPort)))) {
  stop({
    zh: [`端口 ${webPort} 已被占用`, '结束占用它的程序，或用环境变量 WEB_PORT 换一个端口'],
    en: [`Port ${webPort} is taken`, 'Stop the program that holds it, or choose another port with WEB_PORT'],
  });
}

let stopping = false;
const children = chosen.map((name) => {
  const { cwd, args, env } = commands[name];
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
  });
  child.on('exit', (code) => {
    // A program that was asked to end may say so by its code; to npm that would be a failure.
    process.exitCode ??= stopping ? 0 : (code ?? 1);
    // A second signal would cut short what the first one began.
    if (!stopping) for (const other of children) if (other !== child) other.kill();
  });
  return child;
});
// The terminal sends Ctrl+C to the children too; this process only waits for them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    stopping = true;
    if (signal !== 'SIGINT') for (const child of children) child.kill(signal);
  });

/** Does somebody listen there on one of the loopback addresses? */
async function isTaken(port) {
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer();
    const failed = once(server, 'error').then(([error]) => error.code);
    server.listen({ host, port, exclusive: true });
    const outcome = await Promise.race([once(server, 'listening').then(() => 'free'), failed]);
    if (outcome === 'free') await new Promise((closed) => server.close(closed));
    if (outcome === 'EADDRINUSE') return true;
  }
  return false;
}

/** Where Next cannot read the file that people really have (PowerShell 5 writes UTF-16), the address goes by the environment. */
async function apiBase() {
  const name = 'NEXT_PUBLIC_API_BASE_URL';
  const [file, before] = ['.env.local', '.env.development.local'].map((each) => join(root, 'web', each));
  if (process.env[name] || !existsSync(file)) return {};
  const { tsImport } = await import('tsx/esm/api');
  const { readEnv } = await tsImport('../diagnosis/src/env-lines.ts', import.meta.url);
  const { value, repaired } = readEnv(readFileSync(file));
  if (value === undefined || repaired === undefined) return {};
  if (existsSync(before) && readEnv(readFileSync(before)).plain !== undefined) return {};
  say(
    `web/.env.local 的编码或引号让 Next.js 读不到它；Pulseline 已按原意读取：${value}（npm run doctor -- --fix 可改写它）`,
    `Next.js cannot read web/.env.local for its encoding or quotes; Pulseline has read it as meant: ${value} (npm run doctor -- --fix rewrites it)`,
  );
  return { [name]: value };
}
