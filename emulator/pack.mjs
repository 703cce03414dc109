// `node emulator/pack.mjs [folder]`: the package as others install it, JavaScript with types, as a .tgz in the folder (dist/emulator by itself). It publishes nothing.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const target = resolve(process.argv[2] ?? join(root, 'dist', 'emulator'));
const stage = mkdtempSync(join(tmpdir(), 'emulator-pack-'));

try {
  mkdirSync(target, { recursive: true });
  await build({
    absWorkingDir: here,
    entryPoints: { index: 'src/index.ts', command: 'src/command.ts', worker: 'src/worker.ts' },
    outdir: join(stage, 'dist'),
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
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = join(stage, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(here, 'src'),
    outDir: join(stage, 'dist', 'types'),
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  const include = [join(here, 'src')];
  const exclude = [join(here, 'src', '*.test.ts')];
  writeFileSync(project, JSON.stringify({ extends: join(here, 'tsconfig.json'), compilerOptions, include, exclude }));
  execFileSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
  rmSync(project);
  const {
    scripts: _scripts,
    devDependencies: _dev,
    dependencies,
    ...rest
  } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  // Whoever tests a bot has Baileys already, and both ends must read the same one.
  const { baileys, ...own } = dependencies;
  const manifest = {
    ...rest,
    exports: {
      '.': { types: './dist/types/index.d.ts', default: './dist/index.js' },
      './worker': './dist/worker.js',
      './package.json': './package.json',
    },
    bin: { 'whatsapp-emulator': 'dist/command.js' },
    engines: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines,
    dependencies: own,
    peerDependencies: { baileys },
  };
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ['README.md', 'CHANGELOG.md', 'docs'])
    cpSync(join(here, file), join(stage, file), { recursive: true });
  cpSync(join(root, 'LICENSE'), join(stage, 'LICENSE'));
  // npm is a script on some systems and a command file on others; the one that runs us knows where it is.
  const npm = process.env.npm_execpath;
  const args = ['pack', stage, '--pack-destination', target, '--silent', '--ignore-scripts'];
  const done = npm
    ? execFileSync(process.execPath, [npm, ...args], { encoding: 'utf8' })
    : execFileSync('npm', args, { encoding: 'utf8', shell: process.platform === 'win32' });
  console.log(join(target, done.trim().split('\n').at(-1) ?? ''));
} finally {
  rmSync(stage, { recursive: true, force: true });
}
