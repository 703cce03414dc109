// Builds what is stale: the server's bundle and the pages' static export. Fresh means that the sources' hash is the one in the stamp; it never touches data.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { say, stopOver } from './say.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist', 'server');
const out = join(root, 'web', 'out');
const skipped = new Set(['node_modules', 'out', '.next', 'dist', 'test', 'docs', 'emojibase']);

/** Loaded from node_modules: what has native parts, and Baileys with what it shares with us. A thousand files of the others would be half of a start. */
const outside = new Set([
  'baileys',
  'libsignal',
  'whatsapp-rust-bridge',
  'protobufjs',
  'sharp',
  '@photostructure/sqlite',
  'selfsigned',
]);

/** The threads of the process and the one that decodes pictures, one bundle each. */
const entries = {
  main: 'server/src/main.ts',
  writer: 'server/src/writer.ts',
  worker: 'server/src/worker.ts',
  decoder: 'server/src/decoder.ts',
  emulator: 'emulator/src/worker.ts',
};

/** Builds what is stale; a failure is told in words and ends the process. */
export async function build() {
  try {
    await buildServer();
    await buildWeb();
  } catch (error) {
    // The words of a failed build are its message; its stack would be ours.
    stopOver(error instanceof Error ? error.message : String(error), {
      zh: ['构建失败', '原因见上；若刚更新过，删除 dist 和 web/.next 后再运行'],
      en: ['The build failed', 'The reason is above; after an update, delete dist and web/.next and run it again'],
    });
  }
}

async function buildServer() {
  const hash = hashOf(['protocol', 'diagnosis', 'server', 'emulator', 'package-lock.json', 'scripts/build.mjs']);
  if (isFresh(dist, hash)) return;
  const { build } = await import('esbuild');
  rmSync(dist, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: dist,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
    // What is bundled calls require as CommonJS does.
    banner: {
      js: "import { createRequire as hostRequire } from 'node:module'; const require = hostRequire(import.meta.url);",
    },
    plugins: [
      {
        name: 'packages-left-outside',
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
            if (kind === 'entry-point' || /^[a-zA-Z]:/.test(path)) return undefined;
            const name = path
              .split('/')
              .slice(0, path.startsWith('@') ? 2 : 1)
              .join('/');
            return outside.has(name) ? { path, external: true } : undefined;
          });
        },
      },
    ],
  });
  stampIt(dist, hash);
}

async function buildWeb() {
  const hash = hashOf(['protocol', 'client', 'diagnosis', 'web', 'package-lock.json']);
  if (isFresh(out, hash)) return;
  const began = Date.now();
  say('正在构建页面（约十几秒，仅在更新后需要）……', 'Building the pages (some ten seconds, only after an update) …');
  rmSync(join(out, '.stamp'), { force: true });
  await nextBuild();
  const files = await precompress(out);
  stampIt(out, hash);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  say(`页面已构建：${files} 个文件，用时 ${seconds} 秒`, `Pages built: ${files} files in ${seconds} s`);
}

async function nextBuild() {
  const next = join(root, 'node_modules', 'next', 'dist', 'bin', 'next');
  // The address of the API is told to the pages when they are served, never frozen into the build.
  const { NEXT_PUBLIC_API_BASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [next, 'build'], {
    cwd: join(root, 'web'),
    env: { ...env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk) => {
    output += chunk;
    const last = String(chunk).trim().split('\n').at(-1);
    if (process.stdout.isTTY && last) process.stdout.write(`\r\u001b[2K  ${last.slice(0, 70)}`);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[2K');
  const lost = /will not automatically work|disables API routes and middleware/.test(output);
  if (code === 0 && !lost) return;
  throw new Error(output);
}

/** Brotli and gzip beside every text file, so that nothing is compressed while serving. */
async function precompress(folder) {
  const texts = new Set(['.js', '.css', '.txt', '.svg', '.json']);
  const files = filesOf(folder).filter((file) => texts.has(extname(file)));
  await Promise.all(
    files.map(async (file) => {
      const bytes = readFileSync(file);
      // The last two steps would make a tenth less of it, and cost seconds of every build.
      const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
      writeFileSync(`${file}.br`, await promisify(brotliCompress)(bytes, { params }));
      writeFileSync(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
    }),
  );
  return files.length;
}

function hashOf(places) {
  const hash = createHash('sha256').update(process.version);
  for (const place of places) {
    const path = join(root, place);
    for (const file of statSync(path).isFile() ? [path] : filesOf(path)) {
      if (/\.test\.tsx?$|\.md$/.test(file)) continue;
      hash.update(relative(root, file).replaceAll('\\', '/')).update('\0').update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory())
        return skipped.has(entry.name) && folder !== out ? [] : filesOf(join(folder, entry.name));
      return entry.isFile() && !/^\.env|^next-env\.d\.ts$|\.tsbuildinfo$/.test(entry.name)
        ? [join(folder, entry.name)]
        : [];
    });
}

function isFresh(folder, hash) {
  const stamp = join(folder, '.stamp');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
}

function stampIt(folder, hash) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.stamp'), hash);
}
