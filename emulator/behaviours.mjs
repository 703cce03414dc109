// `npm run behaviours -w emulator`: counts the tests that drive the emulator through bare Baileys, file by file, and fails under 150. It runs none of them.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LEAST = 150;
const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const folder = join(here, 'test');
// What these are built of is bare Baileys: a file that uses neither does not count.
const bare = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .filter((name) => /from '\.\/(bare|desk)\.ts'/.test(readFileSync(join(folder, name), 'utf8')))
  .map((name) => `emulator/test/${name}`);
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const args = [vitest, 'list', ...bare];
const output = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
const listed = output.split('\n').filter((line) => line.includes(' > '));
const counts = new Map();
for (const line of listed) {
  const [file] = line.split(' > ');
  counts.set(file, (counts.get(file) ?? 0) + 1);
}
for (const [file, count] of counts) console.log(`${String(count).padStart(4)}  ${file}`);
console.log(`${String(listed.length).padStart(4)}  behaviours through bare Baileys, ${LEAST} wanted`);
process.exit(listed.length >= LEAST ? 0 : 1);
