// `npm pack` of a package of ours: `before` builds JavaScript and types into dist/ and points package.json there, `after` puts everything back. In the checkout the sources are the package.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = process.cwd();
const dist = join(folder, 'dist');
const manifest = join(folder, 'package.json');
/** The manifest of the checkout, while the packed one is in its place. */
const kept = join(dist, 'package.json');

function after() {
  if (!existsSync(kept)) return;
  renameSync(kept, manifest);
  rmSync(dist, { recursive: true, force: true });
}

async function before() {
  // A run that was interrupted left the packed manifest behind.
  after();
  rmSync(dist, { recursive: true, force: true });
  const source = readFileSync(manifest, 'utf8');
  const { devDependencies: _, scripts: __, ...own } = JSON.parse(source);
  const entries = Object.entries(own.exports).map(([name, file]) => [name, basename(file, '.ts')]);
  await build({
    absWorkingDir: folder,
    entryPoints: Object.values(own.exports),
    outdir: dist,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    logLevel: 'warning',
  });
  types();
  const exports = Object.fromEntries(
    entries.map(([name, file]) => [name, { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` }]),
  );
  writeFileSync(kept, source);
  writeFileSync(
    manifest,
    `${JSON.stringify({ ...own, exports, files: ['dist', '!dist/package.json', '*.md'] }, null, 2)}\n`,
  );
}

/** The declarations, one file for each source: another package of ours is imported by its name. */
function types() {
  const out = mkdtempSync(join(tmpdir(), 'pulseline-pack-'));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = ['-p', folder, '--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', root];
  execFileSync(process.execPath, [tsc, ...args, '--rewriteRelativeImportExtensions', '--outDir', out], {
    stdio: 'inherit',
  });
  cpSync(join(out, basename(folder), 'src'), dist, { recursive: true });
  rmSync(out, { recursive: true, force: true });
}

const act = { before, after }[process.argv[2] ?? ''];
if (act === undefined) {
  console.error('usage, in the folder of a package: node ../scripts/pack.mjs before | after');
  process.exit(2);
}
await act();
