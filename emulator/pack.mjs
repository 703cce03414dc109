// `npm pack` of the emulator: `before` builds JavaScript and types into dist/ and points package.json there, `after` puts everything back. In the checkout the sources are the package.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const dist = join(here, 'dist');
const manifest = join(here, 'package.json');
const licence = join(here, 'LICENSE');
/** The manifest of the checkout, while the packed one is in its place. */
const kept = join(dist, 'package.json');

function after() {
  if (!existsSync(kept)) return;
  renameSync(kept, manifest);
  rmSync(licence, { force: true });
  rmSync(dist, { recursive: true, force: true });
}

async function before() {
  // A run that was interrupted left the packed manifest behind.
  after();
  rmSync(dist, { recursive: true, force: true });
  await build({
    absWorkingDir: here,
    entryPoints: { index: 'src/index.ts', command: 'src/command.ts', worker: 'src/worker.ts' },
    outdir: dist,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The command is run by its name.
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'warning',
  });
  types();
  const source = readFileSync(manifest, 'utf8');
  const { scripts: _scripts, devDependencies, dependencies, ...rest } = JSON.parse(source);
  // Whoever tests a bot has Baileys already, and both ends must read the same one.
  const { baileys, ...own } = dependencies;
  const packed = {
    ...rest,
    exports: {
      '.': { types: './dist/types/index.d.ts', default: './dist/index.js' },
      './worker': './dist/worker.js',
      './package.json': './package.json',
    },
    bin: { 'whatsapp-emulator': 'dist/command.js' },
    files: ['dist', '!dist/package.json', 'docs', '*.md'],
    engines: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines,
    // Our declarations name the types of `ws`.
    dependencies: { ...own, '@types/ws': devDependencies['@types/ws'] },
    peerDependencies: { baileys },
  };
  cpSync(join(root, 'LICENSE'), licence);
  writeFileSync(kept, source);
  writeFileSync(manifest, `${JSON.stringify(packed, null, 2)}\n`);
}

/** The declarations, one file for each source. */
function types() {
  const folder = mkdtempSync(join(tmpdir(), 'emulator-pack-'));
  const project = join(folder, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(here, 'src'),
    outDir: join(dist, 'types'),
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  const include = [join(here, 'src')];
  const exclude = [join(here, 'src', '*.test.ts')];
  writeFileSync(project, JSON.stringify({ extends: join(here, 'tsconfig.json'), compilerOptions, include, exclude }));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
  rmSync(folder, { recursive: true, force: true });
}

const act = { before, after }[process.argv[2] ?? ''];
if (act === undefined) {
  console.error('usage: npm pack -w emulator');
  process.exit(2);
}
await act();
