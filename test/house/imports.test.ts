// Holds the import table of docs/architecture.md: which part may know which.
import { describe, expect, it } from 'vitest';
import { files, importsOf, isTest } from './tree.ts';

const own = /^@pulseline\/([a-z]+)/;

/** Where a file belongs: the first prefix that fits. */
const areas = [
  'protocol',
  'client',
  'diagnosis',
  'doctor',
  'emulator',
  'server/src/store',
  'server/src/bus',
  'server/src/media',
  'server/src/whatsapp',
  'server/src/inbox',
  'server/src/live',
  'server/src/http',
  'server',
  'web',
  'test',
  'bench',
] as const;
type Area = (typeof areas)[number];

const ports = /^server\/src\/(store|bus|whatsapp)\/port\.ts$|^server\/src\/inbox\/commands\.ts$/;

/** The areas that an area may import besides itself. Ports may be imported where `ports` says so. */
const table: Record<Area, { readonly areas: readonly Area[]; readonly ports?: boolean; readonly packages?: RegExp }> = {
  protocol: { areas: [], packages: /^$/ },
  client: { areas: ['protocol'], packages: /^react$/ },
  diagnosis: { areas: ['protocol'], packages: /^$/ },
  doctor: { areas: ['protocol', 'client', 'diagnosis'] },
  emulator: { areas: [] },
  'server/src/store': { areas: ['protocol'], ports: true },
  'server/src/bus': { areas: ['protocol'] },
  'server/src/media': { areas: ['protocol'], ports: true },
  'server/src/whatsapp': { areas: ['protocol', 'server/src/media'] },
  'server/src/inbox': { areas: ['protocol'], ports: true, packages: /^node:crypto$/ },
  'server/src/live': { areas: ['protocol'], ports: true },
  'server/src/http': {
    areas: ['protocol', 'server/src/inbox', 'server/src/live', 'server/src/media', 'server', 'diagnosis'],
    ports: true,
  },
  server: { areas: areas.filter((area) => area.startsWith('server/') || area === 'protocol' || area === 'diagnosis') },
  web: { areas: ['client', 'protocol', 'diagnosis'] },
  test: { areas },
  bench: { areas },
};

function areaOf(path: string): Area | undefined {
  return areas.find((area) => path === area || path.startsWith(`${area}/`));
}

const sources = files('.ts', '.tsx').filter(({ path }) => !isTest(path) && areaOf(path) !== undefined);

describe('the import table', () => {
  it.each(areas)('%s imports nothing that it may not know', (area) => {
    const rule = table[area];
    const broken = sources
      .filter(({ path }) => areaOf(path) === area)
      .flatMap((file) =>
        importsOf(file).flatMap((name) => {
          const workspace = own.exec(name)?.[1];
          const target = workspace === undefined ? areaOf(name) : areaOf(workspace);
          const isOwn = workspace !== undefined || target !== undefined;
          const allowed = isOwn
            ? target === area ||
              (target !== undefined && rule.areas.includes(target)) ||
              (rule.ports === true && ports.test(name))
            : rule.packages === undefined || rule.packages.test(name);
          return allowed ? [] : [`${file.path} -> ${name}`];
        }),
      );
    expect(broken).toEqual([]);
  });

  it('lets only whatsapp/ and the emulator import baileys', () => {
    const broken = sources.filter(
      (file) =>
        importsOf(file).some((name) => /^(baileys|libsignal)(\/|$)/.test(name)) &&
        !/^(server\/src\/whatsapp|emulator|bench)\//.test(file.path),
    );
    expect(broken.map(({ path }) => path)).toEqual([]);
  });

  it('loads the library in one place of the server, behind our own parts of libsignal', () => {
    const loading = sources.filter(
      ({ path, text }) =>
        path.startsWith('server/') && /^import (?!type\b)[^'"]*from 'baileys'|\bimport\('baileys'\)/m.test(text),
    );
    expect(loading.map(({ path }) => path)).toEqual(['server/src/whatsapp/library.ts']);
  });

  it('lets nobody but the tests import main.ts', () => {
    const broken = sources.filter(
      (file) => importsOf(file).includes('server/src/main.ts') && !/^(test|bench)\//.test(file.path),
    );
    expect(broken.map(({ path }) => path)).toEqual([]);
  });
});
