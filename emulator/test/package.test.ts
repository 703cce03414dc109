// The package as others get it: packed, laid into an empty folder with only Baileys beside it, and the README's example run there.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
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

/** The README's blocks of code that bear a file name in their first line. */
function examples(): Map<string, string> {
  const readme = readFileSync(join(here, 'README.md'), 'utf8');
  const found = [...readme.matchAll(/```(?:js|ts)\n\/\/ (\S+\.mjs)\n([\s\S]*?)```/g)];
  return new Map(found.map(([, name = '', code = '']) => [name, code]));
}

describe('the packed package', () => {
  it('runs the README\u2019s example in an empty folder with only Baileys beside it', () => {
    const dir = folder();
    const printed = execFileSync(process.execPath, [join(here, 'pack.mjs'), dir], { encoding: 'utf8' });
    const tgz = printed.trim().split('\n').at(-1) ?? '';
    const own = join(dir, 'node_modules', '@pulseline', 'emulator');
    const names = unpack(readFileSync(tgz), own);
    expect(names).toContain('package/dist/index.js');
    expect(names).toContain('package/dist/types/index.d.ts');
    expect(names).toContain('package/CHANGELOG.md');
    expect(names.some((name) => name.includes('/test/') || name.endsWith('.test.d.ts'))).toBe(false);
    expect(readFileSync(join(own, 'dist', 'command.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const manifest: unknown = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ peerDependencies: { baileys: '7.0.0-rc14' } });
    // What npm would install beside it, without asking a registry: its dependencies and Baileys, as links.
    const dependencies = createRequire(join(own, 'package.json'))(join(own, 'package.json')).dependencies;
    for (const name of [...Object.keys(dependencies), 'baileys']) {
      const link = join(dir, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      if (!existsSync(link)) symlinkSync(join(modules, name), link, 'junction');
    }
    const files = examples();
    expect([...files.keys()]).toEqual(['bot.mjs', 'bot.test.mjs']);
    for (const [name, code] of files) writeFileSync(join(dir, name), code);
    const output = execFileSync(process.execPath, ['--test', '--test-force-exit', 'bot.test.mjs'], {
      cwd: dir,
      encoding: 'utf8',
      timeout: 50_000,
    });
    expect(output).toMatch(/pass 1/);
    expect(output).toMatch(/fail 0/);
  });
});
