// Makes a fresh clone ready to run: installs the locked packages if they are not those of the lock file. It has no dependency and never changes the lock file.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say, stop, stopOver } from './say.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.pulseline-bootstrap');

const options = [
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
  // npm's own patience with a registry that cannot be reached is over a minute of silence.
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

const stamp = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(`${process.platform} ${process.arch} ${process.versions.modules}`)
  .digest('hex');

if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  say('首次运行：正在安装依赖（约半分钟）……', 'First run: installing packages (about half a minute) …');
  const began = Date.now();
  await install();
  try {
    writeFileSync(stampFile, stamp);
  } catch (error) {
    failed(String(error));
  }
  say(`依赖已就绪，用时 ${seconds(began)} 秒`, `Packages are ready after ${seconds(began)} s`);
}

function seconds(since) {
  return ((Date.now() - since) / 1000).toFixed(1);
}

/** `npm ci` by npm's own script and this Node: no shell and no npm.cmd, so PowerShell's script policy does not matter. */
async function install() {
  const npm = npmScript();
  const args = [npm, 'ci', ...options];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk) => {
    output = (output + chunk).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const began = Date.now();
  const ticker = process.stdout.isTTY
    ? setInterval(() => process.stdout.write(`\r  ${seconds(began)} s `), 200)
    : setInterval(() => console.log(`  … ${seconds(began)} s`), 10_000);
  // npm would go on for a while after Ctrl+C, and the next start would install beside it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      child.once('close', () => process.exit(130));
      child.kill('SIGKILL');
    });
  }
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      keep(String(error));
      resolve(1);
    });
    child.on('close', resolve);
  });
  clearInterval(ticker);
  if (process.stdout.isTTY) process.stdout.write('\r             \r');
  if (code !== 0) failed(output);
}

function npmScript() {
  const beside = dirname(process.execPath);
  const places = [
    process.env.npm_execpath,
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    '/usr/share/nodejs/npm/bin/npm-cli.js',
  ];
  const found = places.find((place) => place && /npm-cli\.c?js$/.test(place) && existsSync(place));
  if (found) return found;
  return stop({
    zh: ['找不到 npm', '请用 npm 启动：npm start'],
    en: ['npm was not found', 'Start it by npm: npm start'],
  });
}

function failed(output) {
  stopOver(output, {
    zh: ['依赖没有装上', '按上面 npm 的说明处理后再运行'],
    en: ['The packages could not be installed', 'Follow what npm says above, then run it again'],
  });
}
