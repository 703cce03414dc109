// Where the data lie, as this user finds it: is the folder there, may it be written, is it of a kind that harms databases, is the database whole. It writes nothing.
import { join } from 'node:path';
import type { Fact } from '@pulseline/diagnosis';
import type { World } from './world.ts';

const MOST = 262_144;
/** Folders that a program keeps in step with a cloud, by the names that they give them. */
const synced =
  /[\\/](OneDrive[^\\/]*|Dropbox|iCloudDrive|Mobile Documents|Google ?Drive|Nutstore|坚果云|BaiduSyncdisk|WPSDrive)[\\/]/i;
/** File systems whose locks or shared memory SQLite cannot trust. */
const remote = /^(nfs\d?|cifs|smb\d?|smbfs|afs|ceph|glusterfs|davfs|fuse\.(sshfs|rclone|s3fs|davfs2?|gvfsd-fuse))$/;

export async function dataFolder(world: World, path: string): Promise<Fact<'data.folder'>> {
  const facts = await world.stat(path);
  const on = await placeOf(world, path);
  const common = { path, ...(on !== undefined && { on }) };
  if (facts === undefined) return { ...common, there: false };
  if (facts.isFile) return { ...common, there: true, writable: false, code: 'ENOTDIR' };
  const files = [path, ...['pulseline.db', 'pulseline.db-wal', 'pulseline.db-shm'].map((name) => join(path, name))];
  for (const file of files) {
    const code = await world.writable(file);
    if (code !== '' && code !== 'ENOENT') return { ...common, there: true, writable: false, code };
  }
  return { ...common, there: true, writable: true };
}

async function placeOf(world: World, path: string): Promise<string | undefined> {
  const cloud = synced.exec(`${path}/`)?.[1];
  if (cloud !== undefined) return cloud;
  if (world.platform === 'win32') return /^[\\/]{2}[^\\/?.]/.test(path) ? 'UNC' : undefined;
  if (world.platform !== 'linux') return undefined;
  const mounts = Buffer.from((await world.read('/proc/mounts', MOST).catch(() => undefined)) ?? []).toString('utf8');
  const [, kind = ''] = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, at = '', kind = '']) => [at.replaceAll('\\040', ' '), kind] as const)
    .filter(([at]) => path === at || path.startsWith(at.endsWith('/') ? at : `${at}/`))
    .reduce((best, one) => (one[0].length >= best[0].length ? one : best), ['', ''] as const);
  return remote.test(kind) ? kind : undefined;
}

/** Bytes of a database that are read in less than a second or two; `--watch` asks again and again. */
const MOST_CHECKED = 256 * 1_048_576;

/** Read by a process of its own, which can be given up: a large database takes longer than anybody wants to wait. */
const checking = `
const { createRequire } = require('node:module');
const [, file, root] = process.argv;
process.removeAllListeners('warning');
let sqlite;
try { sqlite = process.getBuiltinModule('node:sqlite'); } catch {}
sqlite ??= createRequire(root)('@photostructure/sqlite');
try {
  const database = new sqlite.DatabaseSync(file, { readOnly: true });
  console.log(database.prepare('PRAGMA quick_check(3)').all().map((row) => row.quick_check).join('; '));
} catch (error) {
  if (/malformed|not a database/i.test(error.message)) console.log(error.message);
}`;

/** What SQLite says of the database: `ok`, or what is damaged; undefined where it could not be asked in time. */
export async function quickCheck(world: World, root: string, dataDir: string): Promise<string | undefined> {
  const file = join(dataDir, 'pulseline.db');
  const facts = await world.stat(file);
  if (facts === undefined || facts.size > MOST_CHECKED) return undefined;
  const said = await world.run(world.node, ['--no-warnings', '-e', checking, file, join(root, 'package.json')]);
  return said?.trim().slice(0, 500) || undefined;
}
