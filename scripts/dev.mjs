// `npm run dev`: the server from its sources (restarting on change) and the pages by `next dev`; with `server` or `web`, that one alone.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const which = process.argv[2];
const webPort = process.env.WEB_PORT || '3000';
const commands = {
  server: {
    cwd: 'server',
    args: ['node_modules/tsx/dist/cli.mjs', 'watch', '--clear-screen=false', 'server/src/main.ts', '--api-only'],
  },
  web: { cwd: 'web', args: ['node_modules/next/dist/bin/next', 'dev', '-p', webPort] },
};
const chosen = which ? [which] : Object.keys(commands);
if (chosen.some((name) => !(name in commands))) {
  console.error('usage: npm run dev [-- server | web]');
  process.exit(2);
}

const children = chosen.map((name) => {
  const { cwd, args } = commands[name];
  const [script, ...rest] = args;
  const absolute = rest.map((arg) => (arg.startsWith('server/') ? join(root, arg) : arg));
  const child = spawn(process.execPath, [join(root, script), ...absolute], {
    cwd: join(root, cwd),
    stdio: 'inherit',
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
  });
  child.on('exit', (code) => {
    process.exitCode ??= code ?? 0;
    for (const other of children) if (other !== child) other.kill();
  });
  return child;
});
// The terminal sends Ctrl+C to the children too; this process only waits for them.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => signal === 'SIGTERM' && children.forEach((child) => child.kill(signal)));
