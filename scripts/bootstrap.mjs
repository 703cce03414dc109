// Makes a fresh clone ready to run: checks Node and installs the locked packages if they are not those of the lock file. It has no dependency and never changes the lock file.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say, stop } from './say.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.pulseline-bootstrap');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  stop({
    zh: [
      `Node.js ${process.versions.node} 版本过低，需要 20.19 或更高`,
      '安装新的 LTS 版本：https://nodejs.org/zh-cn/download',
    ],
    en: [
      `Node.js ${process.versions.node} is too old: 20.19 or newer is needed`,
      'Install a current LTS: https://nodejs.org/en/download',
    ],
  });
}

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
    explain(String(error));
  }
  say(`依赖已就绪，用时 ${seconds(began)} 秒`, `Packages are ready after ${seconds(began)} s`);
}

function seconds(since) {
  return ((Date.now() - since) / 1000).toFixed(1);
}

/** `npm ci` by npm's own script and this Node: no shell and no npm.cmd, so PowerShell's script policy does not matter. */
async function install() {
  const npm = npmScript();
  const args = [npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
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
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      keep(String(error));
      resolve(1);
    });
    child.on('close', resolve);
  });
  clearInterval(ticker);
  if (process.stdout.isTTY) process.stdout.write('\r             \r');
  if (code !== 0) explain(output);
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

/** The causes that a newcomer meets, each with its remedy; anything else is shown as npm said it. */
function explain(output) {
  const detail = output.match(/(?:npm error|Error:).*/)?.[0]?.slice(0, 300);
  const known = [
    [
      /ENOSPC/,
      ['磁盘已满，无法安装依赖', '释放约 1 GB 空间后再运行'],
      ['The disk is full: packages cannot be installed', 'Free about 1 GB and run it again'],
    ],
    [
      /EROFS|EACCES|EPERM/,
      ['此文件夹不可写，无法安装依赖', '把项目放到你有写权限的文件夹，或修改权限'],
      [
        'This folder cannot be written: packages cannot be installed',
        'Move the project to a folder of yours, or change its rights',
      ],
    ],
    [
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i,
      [
        '无法连接软件包源，依赖没有装上',
        '检查网络；若需代理，设置环境变量 HTTPS_PROXY；也可换镜像：npm config set registry <镜像地址>',
      ],
      [
        'The package registry cannot be reached',
        'Check the network; behind a proxy set HTTPS_PROXY; a mirror is set by: npm config set registry <address>',
      ],
    ],
    [
      /EINTEGRITY/,
      ['下载的软件包与锁文件不符', '运行 npm cache clean --force 后再试；若使用镜像，请换一个'],
      [
        'A downloaded package does not match the lock file',
        'Run npm cache clean --force and try again; change the mirror if you use one',
      ],
    ],
  ];
  for (const [pattern, zh, en] of known) if (pattern.test(output)) stop({ zh, en, detail });
  console.error(output);
  stop({
    zh: ['安装依赖失败', '按上面 npm 的说明处理后再运行'],
    en: ['Installing the packages failed', 'Follow what npm says above, then run it again'],
  });
}
