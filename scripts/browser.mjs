// Finds the browser that the tests drive; it downloads nothing and installs only Debian's packages, only as root.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { say } from './say.mjs';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'msedge',
  'microsoft-edge',
];
const places = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter(Boolean)
    .flatMap((base) => [
      join(base, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      join(base, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
    ]),
};

/** A path, or undefined if there is none. CHROME_PATH wins. */
export function findBrowser() {
  return installed() ?? (installByApt() ? installed() : undefined);
}

function installed() {
  const { CHROME_PATH, PATH = '' } = process.env;
  const onPath = PATH.split(delimiter).flatMap((folder) =>
    names.map((name) => join(folder, process.platform === 'win32' ? `${name}.exe` : name)),
  );
  return [CHROME_PATH, ...(places[process.platform] ?? []), ...onPath].find((path) => path && existsSync(path));
}

/** Chromium and the fonts without which Chinese and emoji are boxes. */
function installByApt() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  say('正在安装 Chromium 和字体（约一分钟）……', 'Installing Chromium and fonts (about a minute) …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const packages = ['chromium', 'fonts-noto-cjk', 'fonts-noto-color-emoji', 'fonts-noto-core'];
  const quiet = { stdio: 'ignore', env, timeout: 600_000 };
  spawnSync('apt-get', ['update'], quiet);
  return spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], quiet).status === 0;
}
