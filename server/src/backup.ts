// `npm run backup` and `npm run restore`: the data folder as a checked copy, made while the product runs, and back. It never writes over anything and holds no key.
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CodedError, type Language, shape } from '@pulseline/protocol';
import { languageOf, readConfig, repositoryRoot } from './config.ts';
import { keyFileOf } from './key-file.ts';
import { failure } from './process.ts';
import { checkDatabase, copyDatabase, flush, renew } from './store/copies.ts';
import { lockDataDir } from './store/lock.ts';
import { DATABASE } from './store/open-thread.ts';
import { SCHEMA } from './store/sqlite-schema.ts';

const { integer, list, object, optional, string } = shape;

const MANIFEST = 'backup.json';
/** Of the running process, or made anew by SQLite. */
const NOT_KEPT = /(^|[\\/])(owner\.(db|pid)|lock\.db)$|-(wal|shm|journal)$|\.part$|\.schema-\d+$/;
/** More files than any folder of ours has; a manifest is read by a parser with this bound. */
const MOST_FILES = 1_000_000;

const manifest = object({
  product: string(64, 1),
  version: string(64),
  schema: integer(),
  messages: integer(),
  createdAt: integer(),
  /** The id of the key under which logins lie; the key itself is never in a backup. */
  sealedBy: optional(string(64)),
  files: list(object({ path: string(1_000, 1), size: integer(), sha256: string(64, 64) }), MOST_FILES),
});

type Say = (zh: string, en: string) => void;

/** Errors: NOTHING_TO_BACK_UP, BACKUP_EXISTS, BACKUP_BAD if the copy does not pass its check, the driver's. */
export function backUp(dataDir: string, to: string, say: Say, now = Date.now()): void {
  if (!existsSync(join(dataDir, DATABASE))) throw new CodedError('NOTHING_TO_BACK_UP', { dir: dataDir });
  if (existsSync(to)) throw new CodedError('BACKUP_EXISTS', { to });
  const part = `${to}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  // Databases first: what they refer to is written before they say so.
  const paths = filesIn(dataDir).sort((a, b) => Number(isDatabase(b)) - Number(isDatabase(a)));
  for (const [index, path] of paths.entries()) {
    const from = join(dataDir, path);
    const target = join(part, path);
    mkdirSync(dirname(target), { recursive: true });
    if (isDatabase(path) || index % 1_000 === 0) {
      say(
        `复制 ${path}（${megabytes(from)}，${index + 1}/${paths.length}）`,
        `Copying ${path} (${megabytes(from)}, ${index + 1} of ${paths.length})`,
      );
    }
    if (isDatabase(path)) copyDatabase(from, target);
    else copyIfThere(from, target);
  }
  say('检查副本', 'Checking the copy');
  const { schema, messages, sealedBy } = checkDatabase(join(part, DATABASE));
  const files = filesIn(part).map((path) => ({ path: path.replaceAll('\\', '/'), ...fingerprint(join(part, path)) }));
  const told = { product: 'pulseline', version: version(), schema, messages, createdAt: now, sealedBy, files };
  writeFileSync(join(part, MANIFEST), `${JSON.stringify(told, undefined, 1)}\n`);
  flush(join(part, MANIFEST));
  renameSync(part, to);
  say(`备份完成：${to}（${messages} 条消息）`, `The backup is complete: ${to} (${messages} messages)`);
}

/**
 * Puts a backup in place of what is there. `replace`: what is there is put aside. Answers where that lies now.
 * Errors: BACKUP_BAD, SCHEMA_NEWER, DATA_DIR_LOCKED while a process holds the folder, RESTORE_OCCUPIED, the driver's.
 */
export function restore(
  from: string,
  dataDir: string,
  replace: boolean,
  say: Say,
  now = Date.now(),
): string | undefined {
  say(`检查备份 ${from}`, `Checking the backup ${from}`);
  const { files, schema, messages } = readManifest(from);
  if (schema > SCHEMA) throw new CodedError('SCHEMA_NEWER', { found: schema, known: SCHEMA });
  for (const { path, size, sha256 } of files) {
    const found = fingerprint(inside(from, path));
    if (found.size !== size || found.sha256 !== sha256) throw new CodedError('BACKUP_BAD', { from, detail: path });
  }
  checkDatabase(join(from, DATABASE));
  const lock = lockDataDir(dataDir);
  try {
    const present = readdirSync(dataDir).filter((name) => !name.startsWith('owner.'));
    if (present.length > 0 && !replace) throw new CodedError('RESTORE_OCCUPIED', { dir: dataDir });
    const fresh = `${dataDir}.restoring`;
    rmSync(fresh, { recursive: true, force: true });
    for (const { path } of files) {
      const target = inside(fresh, path);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(inside(from, path), target);
      flush(target);
    }
    renew(join(fresh, DATABASE));
    const aside = present.length === 0 ? undefined : `${dataDir}.before-restore-${stamp(now)}`;
    if (aside !== undefined) moveAll(dataDir, aside, present);
    // The database last: a folder without it counts as empty.
    const names = readdirSync(fresh).sort((a, b) => Number(a === DATABASE) - Number(b === DATABASE));
    moveAll(fresh, dataDir, names);
    rmSync(fresh, { recursive: true, force: true });
    say(`已恢复到 ${dataDir}（${messages} 条消息）`, `Restored to ${dataDir} (${messages} messages)`);
    if (aside !== undefined) say(`原有数据移到了 ${aside}`, `The data of before were put aside to ${aside}`);
    return aside;
  } finally {
    lock.release();
  }
}

function readManifest(from: string): shape.Of<typeof manifest> {
  try {
    const found = manifest.parse(JSON.parse(readFileSync(join(from, MANIFEST), 'utf8')));
    if (found.product !== 'pulseline' || !found.files.some(({ path }) => path === DATABASE)) throw new Error(DATABASE);
    return found;
  } catch (error) {
    throw new CodedError('BACKUP_BAD', { from, detail: error instanceof Error ? error.message : MANIFEST }, error);
  }
}

/** A manifest comes from outside: its paths stay in its folder. Errors: BACKUP_BAD. */
function inside(folder: string, path: string): string {
  if (!/^[^/\\:\0]+(\/[^/\\:\0]+)*$/.test(path) || path.split('/').some((name) => /^\.+$/.test(name))) {
    throw new CodedError('BACKUP_BAD', { from: folder, detail: path });
  }
  return join(folder, ...path.split('/'));
}

function filesIn(folder: string, under = ''): string[] {
  return readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) => {
    const path = join(under, entry.name);
    if (entry.isDirectory()) return filesIn(folder, path);
    return entry.isFile() && !NOT_KEPT.test(path) && path !== MANIFEST ? [path] : [];
  });
}

function isDatabase(path: string): boolean {
  return path.endsWith('.db');
}

/** A file that is gone by now was not needed any more. */
function copyIfThere(from: string, to: string): void {
  try {
    copyFileSync(from, to);
    flush(to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

function fingerprint(file: string): { readonly size: number; readonly sha256: string } {
  if (!existsSync(file)) return { size: -1, sha256: '' };
  const hash = createHash('sha256');
  const block = Buffer.alloc(1 << 20);
  const handle = openSync(file, 'r');
  try {
    let size = 0;
    for (let n = readSync(handle, block); n > 0; n = readSync(handle, block)) {
      hash.update(block.subarray(0, n));
      size += n;
    }
    return { size, sha256: hash.digest('hex') };
  } finally {
    closeSync(handle);
  }
}

function moveAll(from: string, to: string, names: readonly string[]): void {
  mkdirSync(to, { recursive: true });
  for (const name of names) renameSync(join(from, name), join(to, name));
}

function megabytes(file: string): string {
  return `${(statSync(file).size / 1_000_000).toFixed(1)} MB`;
}

/** Local time, fit for a file name everywhere. */
function stamp(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
  return object({ version: string(64) }).parse(parsed).version;
}

function run(): void {
  const language: Language = languageOf(process.env);
  const say: Say = (zh, en) => console.log(language === 'zh' ? zh : en);
  try {
    const [, , what, ...rest] = process.argv;
    const { values, positionals } = parseArgs({
      args: rest,
      allowPositionals: true,
      options: { to: { type: 'string' }, from: { type: 'string' }, replace: { type: 'boolean', default: false } },
    });
    const config = readConfig(process.env);
    const place = values.to ?? values.from ?? positionals[0];
    const key = config.key === undefined ? keyFileOf(config) : 'PULSELINE_KEY';
    if (what === 'backup') {
      const to = resolve(place ?? join(repositoryRoot, 'backups', `pulseline-${stamp(Date.now())}`));
      backUp(config.dataDir, to, say);
      say(
        `备份中没有密钥。请把 ${key} 另外妥善保存：没有它，各账号需要重新扫码，消息不受影响。`,
        `There is no key in it. Keep ${key} safe in another place: without it each account needs a new scan; messages are not affected.`,
      );
      return;
    }
    if (place === undefined) {
      say('用法：npm run restore -- <备份目录> [--replace]', 'Usage: npm run restore -- <backup folder> [--replace]');
      process.exitCode = 2;
      return;
    }
    restore(resolve(place), config.dataDir, values.replace, say);
    say(`启动前请确认密钥 ${key} 还在。`, `Before the start, see that the key ${key} is there.`);
  } catch (error) {
    console.error(failure(error, language));
    process.exitCode = 1;
  }
}

/** The command is named by its first argument; an import alone does nothing. */
if (process.argv[2] === 'backup' || process.argv[2] === 'restore') run();
