// What Windows and macOS would stumble over, as far as it can be read: scripts, paths, signals, line ends, encodings, file names. It runs nothing there.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { shape } from '@pulseline/protocol';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { files, root } from './tree.ts';

const { object, optional, record, string } = shape;
const manifest = object({ scripts: optional(record(string())) });
const tracked = files('').map(({ path }) => path);
/** What runs on a user's machine: the server, the emulator, the scripts. Tests and benches may know Linux. */
const shipped = files('.ts', '.mjs', '.cjs').filter(
  ({ path }) =>
    /^(server\/src|emulator\/src|protocol\/src|client\/src|doctor\/src|scripts)\//.test(path) &&
    !path.endsWith('.test.ts'),
);
const lines = (fits: RegExp, except: RegExp = /^$/) =>
  shipped.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const code = line.replace(/^\s*(\/\/|\*|\/\*\*).*/, '').replace(/\s\/\/ .*/, '');
      return fits.test(code) && !except.test(path) ? [`${path}:${index + 1} ${line.trim()}`] : [];
    }),
  );

describe('npm scripts', () => {
  const scripts = files('package.json').flatMap(({ path, text }) =>
    Object.entries(manifest.parse(JSON.parse(text)).scripts ?? {}).map(([name, line]) => `${path} ${name}: ${line}`),
  );

  it('are one program with arguments: nothing that only one shell understands', () => {
    expect(scripts.length).toBeGreaterThan(8);
    expect(
      scripts.filter((line) => /[&|;<>$`'*~]|\bexport\b|: [A-Z_]+=|: (rm|cp|mv|mkdir|sh|bash|cat|test) /.test(line)),
    ).toEqual([]);
  });
});

describe('paths', () => {
  it('are joined by node:path, and none begins at the root of one system outside the places that look for it there', () => {
    const looking =
      /^scripts\/(install|browser)\.mjs$|^server\/src\/http\/holder\.ts$|^doctor\/src\/listeners\.ts$|^doctor\/src\/data-folder\.ts$|^server\/src\/diagnosis\/machine\.ts$/;
    expect(lines(/['"`]\/(usr|bin|etc|tmp|var|proc|home|dev|opt)\b/, looking)).toEqual([]);
  });

  it('never come from the text of a URL: on Windows that is /C:/…', () => {
    expect(lines(/new URL\([^)]*import\.meta\.url\)\.pathname/)).toEqual([]);
  });
});

describe('signals and processes', () => {
  it('Ctrl+C is not the only way to end: closing the console of Windows counts too', () => {
    const text = files('server/src/process.ts')[0]?.text ?? '';
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']) expect(text).toContain(signal);
  });

  it('no other process is ended by a signal that Windows does not have', () => {
    expect(lines(/\.kill\(\s*(-|['"`]SIG(?!KILL|TERM|INT))/)).toEqual([]);
    expect(lines(/process\.kill\(\s*-/)).toEqual([]);
  });

  it('no program is started through a shell, and npm not by npm.cmd', () => {
    expect(lines(/\bshell:\s*true|\bexec(Sync)?\b.*node:child_process|npm\.cmd/)).toEqual([]);
  });
});

describe('files', () => {
  it('end their lines with LF, whatever the system of who checks them out', () => {
    expect(readFileSync(join(root, '.gitattributes'), 'utf8')).toMatch(/^\* text=auto eol=lf$/m);
    // `git ls-files --eol`: i/lf w/lf attr/… path
    const told = execFileSync('git', ['ls-files', '--eol'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
    expect(told.length).toBeGreaterThan(100);
    expect(told.filter((line) => /^\S*(i\/(crlf|mixed))|\bw\/(crlf|mixed)\b/.test(line))).toEqual([]);
  });

  it('are UTF-8 without a mark in front', () => {
    const texts = tracked.filter((path) => !/\.(png|ico|woff2|webp)$/.test(path));
    const broken = texts.filter((path) => {
      const bytes = readFileSync(join(root, path));
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return true;
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(bytes);
        return false;
      } catch {
        return true;
      }
    });
    expect(broken).toEqual([]);
  });

  it('have names that Windows can write: no reserved sign, word or ending, and not too long', () => {
    const illegal = tracked.filter((path) =>
      path
        .split('/')
        .some(
          (name) =>
            /[<>:"|?*\\]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name) ||
            [...name].some((sign) => sign < ' '),
        ),
    );
    expect(illegal).toEqual([]);
    expect(tracked.filter((path) => path.length > 160)).toEqual([]);
  });

  it('differ in more than the case of their letters', () => {
    const seen = new Map<string, string>();
    const clashes = tracked.flatMap((path) => {
      const folded = path.toLowerCase().normalize('NFC');
      const other = seen.get(folded);
      seen.set(folded, path);
      return other === undefined ? [] : [`${other} and ${path}`];
    });
    expect(clashes).toEqual([]);
  });

  it('are no symbolic links: without rights Windows checks them out as text', () => {
    const told = execFileSync('git', ['ls-files', '-s'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
    expect(told.filter((line) => line.startsWith('120000'))).toEqual([]);
  });

  it('are imported by the name they have, letter by letter: macOS and Windows forgive, Linux does not', () => {
    const known = new Set(tracked);
    const wrong = files('.ts', '.tsx', '.mjs').flatMap(({ path, text }) =>
      [...text.matchAll(/from '(\.{1,2}\/[^']+)'/g)].flatMap(([, name = '']) => {
        const target = join(path, '..', name).replaceAll('\\', '/');
        const there = statSync(join(root, target), { throwIfNoEntry: false })?.isFile();
        return there && !known.has(target) ? [`${path} -> ${name}`] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the scripts that run first', () => {
  it.each(['scripts/bootstrap.cjs', 'scripts/doctor.cjs'])(
    '%s can be read by any old Node, so that it can say which one is needed',
    (path) => {
      const text = files(path)[0]?.text ?? '';
      expect(text).not.toBe('');
      // What is newer than ES5 would be rewritten, or refused. An old Node only reads `import()`, and never gets there.
      const code = text.replaceAll('import(', 'load(');
      const as = (target: string) => transformSync(code, { target, supported: { 'object-extensions': false } }).code;
      expect(as('es5')).toBe(as('esnext'));
    },
  );
});
