// Finds out who listens on a port, as far as this system tells; it only looks and never ends anything.
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LISTEN = '0A';

/** ` (pid 4711: node server.js)`, or '' if it cannot be found out. Never throws. */
export async function holderOf(port: number): Promise<string> {
  try {
    const pid = await pidOf(port);
    if (pid === undefined) return '';
    const name = await nameOf(pid).catch(() => '');
    return ` (pid ${pid}${name && `: ${name.slice(0, 120)}`})`;
  } catch {
    return '';
  }
}

async function pidOf(port: number): Promise<number | undefined> {
  if (process.platform === 'linux') return pidByProc(port);
  if (process.platform === 'win32') {
    const { stdout } = await run('netstat', ['-ano', '-p', 'TCP'], { timeout: 3_000, windowsHide: true });
    return pidInNetstat(stdout, port);
  }
  const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { timeout: 3_000 });
  return Number.parseInt(stdout, 10) || undefined;
}

/** The words are translated on other Windows, so a listener is told by its foreign address `:0`. */
export function pidInNetstat(text: string, port: number): number | undefined {
  for (const line of text.split(/\r?\n/)) {
    const [protocol, local = '', foreign = '', , pid = ''] = line.trim().split(/\s+/);
    if (protocol === 'TCP' && local.endsWith(`:${port}`) && foreign.endsWith(':0')) return Number(pid) || undefined;
  }
  return undefined;
}

async function nameOf(pid: number): Promise<string> {
  if (process.platform === 'linux')
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
  if (process.platform === 'win32') {
    const query = ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'];
    const { stdout } = await run('tasklist', query, { timeout: 3_000, windowsHide: true });
    return stdout.split(',')[0]?.replaceAll('"', '') ?? '';
  }
  return (await run('ps', ['-o', 'command=', '-p', String(pid)], { timeout: 3_000 })).stdout.trim();
}

/** Linux tells the socket's inode by port, and each process its open inodes. */
async function pidByProc(port: number): Promise<number | undefined> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const inodes = new Set<string>();
  for (const line of tables.join('\n').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(`:${hex}`) && fields[3] === LISTEN && fields[9]) inodes.add(`socket:[${fields[9]}]`);
  }
  if (inodes.size === 0) return undefined;
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const open = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const fd of open) {
      if (inodes.has(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))) return Number(pid);
    }
  }
  return undefined;
}
