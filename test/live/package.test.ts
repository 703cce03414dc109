// The client as a package: packed by npm, unpacked into an empty folder, it talks to a server, and its types hold.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { root, startChild } from '../child.ts';
import { until } from '../until.ts';
import { closeAll, serve } from './loopback.ts';

afterEach(closeAll);

const packages = ['protocol', 'client'];
let folder: string;

function npm(cwd: string, args: readonly string[]): void {
  const beside = dirname(process.execPath);
  const places = [
    process.env['npm_execpath'] ?? '',
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    '/usr/share/nodejs/npm/bin/npm-cli.js',
  ];
  const script = places.find((place) => /npm-cli\.c?js$/.test(place) && existsSync(place));
  if (script === undefined) throw new Error('npm was not found');
  execFileSync(process.execPath, [script, ...args], { cwd, stdio: 'pipe' });
}

/** A workspace of copies: packing changes a manifest while it lasts, and other tests read those of the checkout. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pulseline-package-'));
  const work = join(folder, 'work');
  for (const name of [...packages, 'tsconfig.base.json', 'scripts/pack.mjs']) {
    cpSync(join(root, name), join(work, name), { recursive: true, filter: (path) => !path.includes('node_modules') });
  }
  const modules = join(work, 'node_modules');
  for (const name of ['typescript', 'esbuild', 'react', '@types/react', 'csstype', '@types/node']) {
    const at = join(modules, name);
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), at, 'junction');
  }
  mkdirSync(join(modules, '@pulseline'));
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  for (const name of packages) symlinkSync(join(work, name), join(modules, '@pulseline', name), 'junction');
  for (const name of packages) npm(join(work, name), ['pack', '--pack-destination', folder, '--silent']);
  writeFileSync(join(empty, 'package.json'), '{ "private": true, "type": "module" }');
  const packed = packages.map((name) => join(folder, `pulseline-${name}-0.1.0.tgz`));
  npm(empty, ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=peer', ...packed]);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed client', () => {
  it('works in an empty folder: it joins, hears an event, and depends on nothing but the protocol', async () => {
    const { hub, url, write } = await serve();
    const file = join(folder, 'empty', 'listen.mjs');
    writeFileSync(
      file,
      `import { createLiveClient } from '@pulseline/client';
      const live = createLiveClient(process.argv[2]);
      live.on('note', ({ seq, data }) => { console.log(seq, data.body); process.exit(0); });
      live.start();`,
    );
    // Node 20 has a WebSocket behind a flag; later ones have it.
    const flags = process.versions.node.startsWith('20.') ? ['--experimental-websocket'] : [];
    const child = startChild([...flags, file, url]);
    await until('it is there', () => hub.clients === 1);
    write(1);
    await until('it has heard', () => child.ended() !== undefined);
    expect(child.stdout()).toMatch(/^1 note 0/);
    expect(child.ended()).toBe(0);
    const { packages: locked } = JSON.parse(readFileSync(join(folder, 'empty', 'package-lock.json'), 'utf8'));
    expect(Object.keys(locked).filter((name) => name !== '')).toEqual([
      'node_modules/@pulseline/client',
      'node_modules/@pulseline/protocol',
    ]);
  });

  it('bears its types, down to the data of each event', () => {
    const empty = join(folder, 'empty');
    writeFileSync(
      join(empty, 'typed.ts'),
      `import { createLiveClient, type LiveStatus, type Team, createTeam } from '@pulseline/client';
      const live = createLiveClient('ws://localhost:4000/ws');
      export const status: LiveStatus = live.snapshot();
      export const team: Team = createTeam(live, { person: 'p', name: 'Anna' });
      live.on('new_message', ({ data, seq }) => {
        const body: string = data.body;
        // @ts-expect-error seq is a number
        const wrong: string = seq;
        console.log(body, wrong);
      });`,
    );
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const flags = '--noEmit --strict --skipLibCheck false --module nodenext --target es2022 --lib es2023,dom'.split(
      ' ',
    );
    expect(() =>
      execFileSync(process.execPath, [tsc, ...flags, 'typed.ts'], { cwd: empty, stdio: 'pipe' }),
    ).not.toThrow();
  });

  it('leaves the manifest that it packed as it was', () => {
    for (const name of packages) {
      const read = (base: string) => readFileSync(join(base, name, 'package.json'), 'utf8');
      expect(read(join(folder, 'work'))).toBe(read(root));
    }
  });
});
