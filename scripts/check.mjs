// `npm run check`: types, lint, format, dead code, the house rules and where a run connects to; it changes nothing (`npx biome format --write` does).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build.mjs';

const bin = (name) => join(root, 'node_modules', ...name.split('/'));
const workspaces = ['protocol', 'client', 'diagnosis', 'doctor', 'emulator', 'server', 'web', '.'].filter((name) =>
  existsSync(join(root, name, 'tsconfig.json')),
);
const steps = [
  ...workspaces.map((name) => [`types ${name}`, [bin('typescript/bin/tsc'), '-p', name]]),
  ['lint', [bin('oxlint/bin/oxlint'), '--deny-warnings']],
  ['format', [bin('@biomejs/biome/bin/biome'), 'format', '.']],
  ['dead code', [bin('knip/bin/knip.js'), '--no-progress']],
  ['house', [bin('vitest/vitest.mjs'), 'run', 'test/house', '--reporter=dot']],
  ['egress', [bin('vitest/vitest.mjs'), 'run', 'test/egress']],
];

let failed = 0;
for (const [name, args] of steps) {
  const began = Date.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  console.log(`${status === 0 ? '✓' : '✗'} ${name.padEnd(16)} ${((Date.now() - began) / 1000).toFixed(1)} s`);
  // A test that could not run here says so even where all is well.
  for (const line of `${stdout}${stderr}`.split('\n'))
    if (status === 0 && line.endsWith('skipped.')) console.log(`  ${line}`);
  if (status === 0) continue;
  failed += 1;
  console.log(`${stdout}${stderr}`);
}
console.log(`\n${steps.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
