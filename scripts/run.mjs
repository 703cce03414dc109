// Runs one of our TypeScript files in this process: `node scripts/run.mjs <file> [arguments]`. It builds nothing.
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { register } from 'tsx/esm/api';

const [entry, ...rest] = process.argv.slice(2);
if (!entry) {
  console.error('usage: node scripts/run.mjs <file.ts> [arguments]');
  process.exit(2);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const file = resolve(root, entry);
process.argv = [process.argv[0], file, ...rest];
register();
await import(pathToFileURL(file).href);
