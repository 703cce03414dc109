// The package as others get it: packed, laid into an empty folder with only Baileys beside it, and the README's example run there.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { folder } from './process.ts';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(dirname(here), 'node_modules');

/** A packed package's files; npm packs plain files with short names only. */
function unpack(tgz: Buffer, into: string): string[] {
  const tar = gunzipSync(tgz);
  const names: string[] = [];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const field = (from: number, length: number) =>
      tar.toString('latin1', at + from, at + from + length).split('\0')[0] ?? '';
    const prefix = field(345, 155);
    const name = (prefix === '' ? '' : `${prefix}/`) + field(0, 100);
    const size = Number.parseInt(field(124, 12), 8);
    if (field(156, 1) === '0') {
      const path = join(into, name.replace(/^package\//, ''));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, tar.subarray(at + 512, at + 512 + size));
      names.push(name);
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return names;
}

/** Packs a copy of the checkout, because packing changes the manifest while it lasts. @returns the file's name. */
function npmPack(into: string): string {
  const root = dirname(here);
  const copy = folder();
  for (const name of ['emulator', 'tsconfig.base.json', 'package.json', 'LICENSE']) {
    const filter = (path: string): boolean => !path.includes('node_modules');
    cpSync(join(root, name), join(copy, name), { recursive: true, filter });
  }
  symlinkSync(modules, join(copy, 'node_modules'), 'junction');
  // npm is a script on some systems and a command file on others; the one that runs us knows where it is.
  const { npm_execpath: npm } = process.env;
  const args = ['pack', '--pack-destination', into, '--silent'];
  const options = { cwd: join(copy, 'emulator'), encoding: 'utf8' } as const;
  const printed = npm
    ? execFileSync(process.execPath, [npm, ...args], options)
    : execFileSync('npm', args, { ...options, shell: process.platform === 'win32' });
  const manifest = (from: string): string => readFileSync(join(from, 'emulator', 'package.json'), 'utf8');
  expect(manifest(copy)).toBe(manifest(root));
  return printed.trim().split('\n').at(-1) ?? '';
}

/** The README's blocks of code that bear a file name in their first line. */
function examples(): Map<string, string> {
  const readme = readFileSync(join(here, 'README.md'), 'utf8');
  const found = [...readme.matchAll(/```(?:js|ts)\n\/\/ (\S+\.mjs)\n([\s\S]*?)```/g)];
  return new Map(found.map(([, name = '', code = '']) => [name, code]));
}

describe('the packed package', () => {
  it('bears its types, and runs the README\u2019s example in an empty folder with only Baileys beside it', {
    timeout: 120_000,
  }, () => {
    const dir = folder();
    const tgz = join(dir, npmPack(dir));
    const own = join(dir, 'node_modules', '@pulseline', 'emulator');
    const names = unpack(readFileSync(tgz), own);
    expect(names).toContain('package/dist/index.js');
    expect(names).toContain('package/dist/types/index.d.ts');
    for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE', 'docs/stanzas.md'])
      expect(names).toContain(`package/${name}`);
    expect(names.some((name) => name.includes('/test/') || name.endsWith('.test.d.ts'))).toBe(false);
    expect(readFileSync(join(own, 'dist', 'command.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const manifest: unknown = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ peerDependencies: { baileys: '7.0.0-rc14' } });
    // What npm would install beside it, without asking a registry: its dependencies and Baileys, as links.
    const dependencies = createRequire(join(own, 'package.json'))(join(own, 'package.json')).dependencies;
    for (const name of [...Object.keys(dependencies), 'baileys', '@types/node', 'undici-types']) {
      const link = join(dir, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      if (!existsSync(link)) symlinkSync(join(modules, name), link, 'junction');
    }
    writeFileSync(
      join(dir, 'typed.ts'),
      `import { createEmulator, type Fault, type Phone } from '@pulseline/emulator';
      const emulator = await createEmulator();
      const shop: Phone = emulator.phone({ name: 'Shop' });
      const fault: Fault = { kind: 'stream-error', code: 503 };
      emulator.fault(fault);
      // @ts-expect-error there is no such fault
      const none: Fault = { kind: 'rain' };
      console.log(none, shop.inbox().map(({ text }) => text));`,
    );
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
    const strict = '--noEmit --strict --skipLibCheck false --module nodenext --target es2022 --lib es2023 --types node';
    const tsc = join(modules, 'typescript', 'bin', 'tsc');
    const checked = spawnSync(process.execPath, [tsc, ...strict.split(' '), 'typed.ts'], {
      cwd: dir,
      encoding: 'utf8',
    });
    expect(checked.stdout).toBe('');
    const files = examples();
    expect([...files.keys()]).toEqual(['bot.mjs', 'bot.test.mjs']);
    for (const [name, code] of files) writeFileSync(join(dir, name), code);
    const output = execFileSync(process.execPath, ['--test', '--test-force-exit', 'bot.test.mjs'], {
      cwd: dir,
      encoding: 'utf8',
      timeout: 100_000,
    });
    expect(output).toMatch(/pass 1/);
    expect(output).toMatch(/fail 0/);
  });
});
