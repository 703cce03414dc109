// Our TypeScript programs as bundles: a process or thread of one starts in a third of the time that tsx takes. What runs is the same source; nothing of it outlives the test's process.
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './child.ts';

/** Below node_modules, where the bundles find their packages. */
const folder = join(root, 'node_modules', '.cache', `bundled-${process.pid}`);
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The server's threads lie beside the program, where a bundled `spawnThread` looks for them. */
const threads = [
  'server/src/writer.ts',
  'server/src/worker.ts',
  'server/src/decoder.ts',
  'emulator/src/worker.ts',
] as const;
const nameOf = (file: string) => (file === 'emulator/src/worker.ts' ? 'emulator' : basename(file, '.ts'));

const sources = ['protocol', 'client', 'diagnosis', 'emulator'].map((name) => [
  `@pulseline/${name}`,
  join(root, name, 'src', 'index.ts'),
]);

const made = new Map<string, Promise<string>>();

/** Bundles programs (paths from the root) and the server's threads into one folder, once. Returns where a file of it is. */
export async function bundled(...programs: readonly string[]): Promise<(file: string) => URL> {
  const key = programs.join(' ');
  const outdir = await (made.get(key) ?? make(key, programs));
  return (file) => pathToFileURL(join(outdir, `${nameOf(file)}.js`));
}

function make(key: string, programs: readonly string[]): Promise<string> {
  const outdir = join(folder, String(made.size));
  const done = build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries([...threads, ...programs].map((file) => [nameOf(file), file])),
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    packages: 'external',
    alias: Object.fromEntries(sources),
    logLevel: 'warning',
  }).then(() => outdir);
  made.set(key, done);
  return done;
}
