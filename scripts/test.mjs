// `npm test [-- <suite>…]`: every suite, its seconds, and a last line with the sums. It hides no failure and no skip.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from './browser.mjs';
import { build, root } from './build.mjs';
import { say } from './say.mjs';

/**
 * Two go on at a time: of the heavy ones (a killed product, a fault, a browser) never more than one, and beside it the light
 * ones, one after another, each in as many processes as `workers` says. What a light one says is heard when it is done.
 */
const suites = [
  // Its commands look at port 4000, which later is the guide's.
  { name: 'contract', paths: ['test/contract'], built: true, workers: 2 },
  { name: 'house', paths: ['test/house'] },
  { name: 'protocol', paths: ['protocol'] },
  { name: 'client', paths: ['client'] },
  { name: 'web', paths: ['web'] },
  { name: 'diagnosis', paths: ['diagnosis', 'doctor'] },
  { name: 'store', paths: ['server/src/store', 'server/src/threads.test.ts'] },
  {
    name: 'server',
    paths: [
      'server/src/inbox',
      'server/src/live',
      'server/src/bus',
      'server/src/http',
      'server/src/diagnosis',
      'server/src/media',
      'server/src/backup.test.ts',
      'server/src/config.test.ts',
      'server/src/counters.test.ts',
      'server/src/disappearing.test.ts',
      'server/src/pictures.test.ts',
      'server/src/quiet-memory.test.ts',
      'server/src/retention.test.ts',
      'server/src/sightings.test.ts',
      'server/src/log.test.ts',
      'server/src/key-file.test.ts',
      'server/src/dialling.test.ts',
      'server/src/kill-point.test.ts',
      'test/inbox',
      'test/live',
    ],
    workers: 2,
  },
  { name: 'engine', paths: ['server/src/whatsapp'], workers: 2 },
  { name: 'emulator', paths: ['emulator'], workers: 2 },
  { name: 'fault-proxy', paths: ['test/fault-proxy'] },
  // It mostly waits for single processes.
  { name: 'newcomer', paths: ['test/newcomer'], workers: 1, built: true },
  // Whole processes and threads, which are killed, and back within so many seconds.
  { name: 'process', paths: ['server/test'], heavy: true },
  { name: 'restart', paths: ['test/restart'], heavy: true, workers: 1, built: true },
  { name: 'chaos', paths: ['test/chaos'], heavy: true, built: true },
  { name: 'faults', paths: ['test/faults/faults.test.ts'], heavy: true, built: true },
  {
    name: 'browser',
    paths: ['test/message-path', 'test/browser'],
    heavy: true,
    workers: 2,
    built: true,
    browser: true,
  },
  // On the guide's own ports 4000 and 3000, which must be free.
  { name: 'guide', paths: ['test/guide'], heavy: true, workers: 1, built: true, browser: true },
];

const wanted = process.argv.slice(2);
const chosen = wanted.length === 0 ? suites : suites.filter(({ name }) => wanted.includes(name));
if (chosen.length === 0) {
  console.error(`usage: npm test [-- ${suites.map(({ name }) => name).join(' | ')}]`);
  process.exit(2);
}
const ci = Boolean(process.env.CI);
const reports = mkdtempSync(join(tmpdir(), 'pulseline-test-'));
const sum = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
const start = Date.now();

if (chosen.some(({ built }) => built)) await build();
const browser = chosen.some((suite) => suite.browser) ? findBrowser() : undefined;

await Promise.all([inTurn(chosen.filter(({ heavy }) => heavy)), inTurn(chosen.filter(({ heavy }) => !heavy))]);
rmSync(reports, { recursive: true, force: true });

console.log('');
for (const [name, text, seconds] of lines)
  console.log(`  ${name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s   ${text}`);
console.log(`  ${'in all'.padEnd(12)} ${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s`);
console.log('');
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}`);
process.exit(sum.failed > 0 || sum.passed === 0 ? 1 : 0);

async function inTurn(queue) {
  for (const suite of queue) await timed(suite);
}

async function timed(suite) {
  if (suite.browser && browser === undefined) {
    say(
      '✗ 跳过浏览器测试：没有找到 Chrome、Edge 或 Chromium。安装其一后再运行，或用 CHROME_PATH 指定。',
      '✗ Browser tests skipped: no Chrome, Edge or Chromium was found. Install one, or name it with CHROME_PATH.',
    );
    // On somebody's machine a missing browser is their choice; in CI nobody would see the hole.
    if (ci) sum.failed += 1;
    else sum.skipped += 1;
    lines.push([suite.name, 'skipped', 0]);
    return;
  }
  const began = Date.now();
  const result = await run(suite);
  for (const key of Object.keys(sum)) sum[key] += result[key];
  lines.push([
    suite.name,
    `${result.passed} passed, ${result.failed} failed${result.skipped ? `, ${result.skipped} skipped` : ''}`,
    (Date.now() - began) / 1000,
  ]);
}

async function run({ name, paths, workers, heavy }) {
  // One that is alone may speak at once.
  const aloud = heavy || chosen.length === 1;
  if (aloud) console.log(`\n── ${name}`);
  const report = join(reports, `${name}.json`);
  const args = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...paths,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...(workers === 1 ? ['--no-file-parallelism'] : workers ? [`--maxWorkers=${workers}`] : []),
  ];
  const env = {
    ...process.env,
    FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
    ...(browser && { CHROME_PATH: browser }),
  };
  const kept = aloud ? 'inherit' : 'pipe';
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', kept, kept], env });
  let output = `\n── ${name}\n`;
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (!aloud) console.log(output);
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
  // A suite can fail without a failed test: a file that does not load, an unhandled rejection.
  const failed = numFailedTests > 0 ? numFailedTests : code === 0 ? 0 : 1;
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
}
