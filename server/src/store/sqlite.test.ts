// Runs the store's contract over SQLite in this thread and over its writer thread, and tests what is SQLite's own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { spawnFile } from '../threads.ts';
import { openStoreInProcess } from './open.ts';
import { openStore } from './open-thread.ts';
import { bindable, Connection } from './sqlite.ts';
import { SCHEMA } from './sqlite-schema.ts';
import { storeContract } from './test/contract.ts';
import { type Toy, toyHandlers } from './test/toy.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'pulseline-store 店-'));

storeContract('sqlite in this thread', async () => {
  const dir = folder();
  return {
    open: () => openStoreInProcess<Toy>({ file: join(dir, 'store.db'), handlers: toyHandlers, onFault: () => {} }),
    dispose: async () => rmSync(dir, { recursive: true }),
  };
});

/** Bundled once, so that a hundred threads start quickly; beside node_modules, where it finds the driver. */
const bundle = join(
  fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url)),
  `toy-writer-${process.pid}.mjs`,
);
beforeAll(async () => {
  const entry = fileURLToPath(new URL('./test/toy-writer.ts', import.meta.url));
  await build({
    entryPoints: [entry],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
});
afterAll(() => rmSync(bundle));

storeContract('sqlite in a writer thread', async () => {
  const dir = folder();
  return {
    open: () =>
      openStore<Toy>({
        dir,
        onFault: () => {},
        spawn: (workerData) => spawnFile(pathToFileURL(bundle), { workerData }),
      }),
    dispose: async () => rmSync(dir, { recursive: true }),
  };
});

describe('a SQLite file', () => {
  let dir: string;
  beforeEach(() => {
    dir = folder();
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const open = (file: string) => openStoreInProcess<Toy>({ file, handlers: toyHandlers, onFault: () => {} });

  it('of a newer schema is refused and left as it is', async () => {
    const file = join(dir, 'store.db');
    await (await open(file)).close();
    const connection = new Connection(file);
    connection.exec(`UPDATE meta SET value = '${SCHEMA + 1}' WHERE key = 'schema'`);
    connection.close();
    await expect(open(file)).rejects.toMatchObject({
      code: 'SCHEMA_NEWER',
      params: { found: SCHEMA + 1, known: SCHEMA },
    });
    const again = new Connection(file);
    expect(again.prepare("SELECT value FROM meta WHERE key = 'schema'").get()?.['value']).toBe(String(SCHEMA + 1));
    again.close();
  });

  it('that is no database is refused', async () => {
    const file = join(dir, 'store.db');
    writeFileSync(file, 'this is a text, not a database\n'.repeat(100));
    await expect(open(file)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('is durable over power loss and checks references', async () => {
    const file = join(dir, 'store.db');
    const store = await open(file);
    const connection = new Connection(file);
    expect(connection.prepare('PRAGMA journal_mode').get()?.['journal_mode']).toBe('wal');
    connection.close();
    await expect(
      store.writer.run('change', [{ put: 'credentials', account: 'nobody', value: Uint8Array.of(1) }]),
    ).rejects.toMatchObject({ code: 'INTERNAL' });
    await store.close();
  });
});

describe('a bound value', () => {
  it.each([
    ['text', 'x', 'x'],
    ['a number', 1.5, 1.5],
    ['true', true, 1],
    ['false', false, 0],
    ['null', null, null],
    ['undefined', undefined, null],
  ])('%s is taken', (_, given, bound) => {
    expect(bindable(given)).toBe(bound);
  });

  it.each([
    ['a date', new Date(0)],
    ['a plain object', { a: 1 }],
    ['a list', [1]],
    ['a function', () => 1],
    ['not a number', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['an integer beyond 2^53', 2 ** 53],
  ])('%s is refused', (_, given) => {
    expect(() => bindable(given)).toThrow(TypeError);
  });
});
