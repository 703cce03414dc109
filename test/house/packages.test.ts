// Holds what may be installed: the names, versions, sources, licences and install scripts of every package in the lock file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shape } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { files, root } from './tree.ts';

const { anything, boolean, object, optional, record, string } = shape;

const entry = object({
  license: optional(string()),
  resolved: optional(string()),
  link: optional(boolean()),
  hasInstallScript: optional(boolean()),
  dependencies: optional(record(string())),
  optionalDependencies: optional(record(string())),
});
const lock = object({ packages: record(anything()) });
const packages = Object.entries(
  lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))).packages,
).map(([path, given]) => ({ path, name: path.split('node_modules/').at(-1) ?? '', ...entry.parse(given) }));
/** Not our own workspaces. */
const foreign = packages.filter(({ path }) => path.includes('node_modules/'));

/** May be used, changed and given on beside MIT. */
const licences = /^(MIT|ISC|0BSD|BSD-[23]-Clause|BlueOak-1\.0\.0|Apache-2\.0|MPL-2\.0|CC-BY-4\.0|MIT OR Apache-2\.0)$/;

/** Each with its reason; a new name here is a decision (docs/decisions.md). */
const excepted: Readonly<Record<string, RegExp>> = {
  // Baileys is built on it. It is loaded as a package of its own and is not part of what we give on.
  libsignal: /^GPL-3\.0$/,
  // Next's picture resizer, optional, never loaded: the pages are exported with pictures as they are.
  '@img/sharp-*': /LGPL-3\.0-or-later/,
};

/** `npm ci` runs none of them (--ignore-scripts); whoever installs otherwise should know whose would run. */
const withInstallScript = ['@photostructure/sqlite', 'baileys', 'esbuild', 'protobufjs'];

describe('the packages', () => {
  it('are locked without the address they came from', () => {
    expect(foreign.length).toBeGreaterThan(100);
    expect(foreign.filter(({ resolved }) => /^(https?|git)/.test(resolved ?? ''))).toEqual([]);
  });

  it('come from the registry: none from GitHub, another address or a folder', () => {
    const elsewhere = packages.flatMap(({ path, dependencies = {}, optionalDependencies = {} }) =>
      Object.entries({ ...dependencies, ...optionalDependencies })
        .filter(([, range]) =>
          /^(git|github|gitlab|bitbucket|https?|file|link):|^git\+|^[\w-]+\/[\w.-]+(#|$)/.test(range),
        )
        .map(([name, range]) => `${path} -> ${name}@${range}`),
    );
    expect(elsewhere).toEqual([]);
  });

  it('hold no *baileys* but baileys itself: forks that steal logins exist', () => {
    expect(foreign.map(({ name }) => name).filter((name) => /baileys/i.test(name))).toEqual(['baileys']);
  });

  it('have an install script only where we know of it', () => {
    const names = new Set(foreign.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name));
    expect([...names].sort()).toEqual(withInstallScript);
  });

  it('have a licence that goes with MIT, or are named as an exception', () => {
    const unfit = foreign.filter(({ name, license, link }) => {
      if (link || licences.test(license ?? '')) return false;
      const [, allowed] =
        Object.entries(excepted).find(([of]) => (of.endsWith('*') ? name.startsWith(of.slice(0, -1)) : name === of)) ??
        [];
      return allowed === undefined || !allowed.test(license ?? '');
    });
    expect(unfit.map(({ path, license }) => `${path}: ${license ?? 'none'}`)).toEqual([]);
  });

  it('are locked for every platform: a lock made where one is missing fails on it', () => {
    const names = new Set(foreign.map(({ name }) => name));
    const wanted = packages.flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
    expect(wanted.length).toBeGreaterThan(50);
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });

  it('are named by exact versions', () => {
    const loose = files('package.json').flatMap(({ path, text }) => {
      const found = [...text.matchAll(/"(@?[\w./-]+)": "([\^~><*][^"]*)"/g)];
      return found.filter(([, name]) => name !== 'node' && name !== 'react').map(([line]) => `${path}: ${line}`);
    });
    expect(loose).toEqual([]);
  });
});
