// The client as a package: packed by npm, unpacked into an empty folder, it talks to a server, and its types hold.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { root, startChild } from '../child.ts';
import { until } from '../until.ts';
import { closeAll, serve } from './loopback.ts';

afterEach(closeAll);

const packages = ['protocol', 'client'];
let folder: string;

/** The README's examples: each block of code by the heading above it. */
const readme = readFileSync(join(root, 'client', 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^## (.+)\n[^#]*?```(tsx?)\n([\s\S]*?)```/gm)];
const examples = new Map(blocks.map(([, heading = '', , code = '']) => [heading, code]));

const message = {
  id: 'm_1',
  account: 'acc_1',
  conversation: 'c_1',
  stream: 'acc_1',
  seq: 1,
  from: '49@s.whatsapp.net',
  to: '86@s.whatsapp.net',
  fromMe: false,
  kind: 'text',
  body: 'hello',
  timestamp: 1,
};

/** An example as JavaScript, told where the server is. */
function runnable(heading: string, url: string): string {
  const code = examples.get(heading)?.replace('ws://localhost:4000/ws', url) ?? '';
  return transformSync(code, { loader: 'ts', format: 'esm' }).code;
}

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

/** @throws when the types do not hold, with what tsc says. */
function checkTypes(cwd: string, files: readonly string[]): void {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const flags = '--noEmit --strict --module nodenext --target es2022 --lib es2023,dom'.split(' ');
  const done = spawnSync(process.execPath, [tsc, ...flags, ...files], { cwd, encoding: 'utf8' });
  expect(done.stdout).toBe('');
  expect(done.status).toBe(0);
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

  it('runs the examples for a browser and for Node as its README has them', async () => {
    const { hub, log, url } = await serve();
    const empty = join(folder, 'empty');
    writeFileSync(join(empty, 'browser.mjs'), runnable('Browser', url));
    writeFileSync(join(empty, 'node.mjs'), runnable('Node', url));
    const ws = join(empty, 'node_modules', 'ws');
    if (!existsSync(ws)) symlinkSync(join(root, 'node_modules', 'ws'), ws, 'junction');
    const flags = process.versions.node.startsWith('20.') ? ['--experimental-websocket'] : [];
    const browser = startChild([...flags, join(empty, 'browser.mjs')], {}, empty);
    const node = startChild([join(empty, 'node.mjs')], {}, empty);
    try {
      await until('both are there', () => hub.clients === 2);
      hub.publish(log.append('acc_1', 'new_message', message));
      await until('both have heard', () => [browser, node].every((each) => each.stdout().includes('hello')));
      expect(browser.stdout()).toMatch(/^connecting\n[\s\S]*live\n[\s\S]*49@s\.whatsapp\.net hello$/m);
      expect(node.stdout()).toMatch(/^acc_1 1 new_message \{/);
    } finally {
      for (const each of [browser, node]) await each.end('SIGKILL');
    }
  });

  it('bears the types that every example of its README needs', () => {
    const empty = join(folder, 'empty');
    expect([...examples.keys()]).toEqual(['Browser', 'A page that shows state', 'React', 'Node', 'The team']);
    const files = [...examples].map(([heading, code]) => {
      const file = `${heading.replaceAll(' ', '-')}.tsx`;
      writeFileSync(join(empty, file), code);
      return file;
    });
    for (const name of [
      'react',
      'react-dom',
      'ws',
      '@types/react',
      '@types/react-dom',
      '@types/ws',
      '@types/node',
      'csstype',
      'undici-types',
    ]) {
      const at = join(empty, 'node_modules', name);
      mkdirSync(dirname(at), { recursive: true });
      if (!existsSync(at)) symlinkSync(join(root, 'node_modules', name), at, 'junction');
    }
    // Only what the examples say is checked here; our own declarations are, below.
    checkTypes(empty, ['--skipLibCheck', '--jsx', 'react-jsx', ...files]);
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
    checkTypes(empty, ['typed.ts']);
  });

  it('leaves the manifest that it packed as it was', () => {
    for (const name of packages) {
      const read = (base: string) => readFileSync(join(base, name, 'package.json'), 'utf8');
      expect(read(join(folder, 'work'))).toBe(read(root));
    }
  });
});
