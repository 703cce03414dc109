// Who listens on a port and what is known of a process, as each system tells it; it looks, and never ends anything.
import { basename } from 'node:path';
import type { World } from './world.ts';

export interface Listener {
  readonly port: number;
  readonly address: string;
  /** Absent: another user's, and not told. */
  readonly pid?: number;
}

export interface ProcessFacts {
  readonly pid: number;
  readonly command: string;
  /** Its working directory. */
  readonly folder?: string;
  readonly startedAt?: number;
  /** Halted by a signal or a debugger. */
  readonly stopped?: boolean;
}

const MOST = 1_048_576;
const LISTEN = '0A';
/** Of /proc/<pid>/stat; every Linux has 100. */
const TICKS_A_SECOND = 100;

/** All listeners on TCP; undefined if this system does not tell. */
export async function listeners(world: World): Promise<readonly Listener[] | undefined> {
  if (world.platform === 'linux') return byProc(world);
  if (world.platform === 'win32') return byWindows(world);
  const text = await world.run('lsof', ['-nP', '-iTCP', '-sTCP:LISTEN', '-F', 'pn']);
  return text === undefined ? undefined : inLsof(text);
}

export async function processOf(world: World, pid: number): Promise<ProcessFacts | undefined> {
  if (world.platform === 'linux') return procOf(world, pid);
  if (world.platform === 'win32') {
    const query = `Get-CimInstance Win32_Process -Filter "ProcessId=${pid}" | ForEach-Object { $_.CreationDate.ToUniversalTime().ToString('o') + [char]9 + $_.Name + [char]9 + $_.CommandLine }`;
    const [at = '', name = '', command = ''] = ((await powershell(world, query)) ?? '').trim().split('\t');
    const startedAt = Date.parse(at);
    if (name === '') return undefined;
    return { pid, command: command || name, ...(Number.isFinite(startedAt) && { startedAt }) };
  }
  const text = await world.run('ps', ['-o', 'stat=,lstart=,command=', '-p', String(pid)]);
  const [, stat = '', started = '', command = ''] =
    /^\s*(\S+)\s+(\w{3} \w{3}\s+\d+ [\d:]+ \d{4})\s+(.*)$/m.exec(text ?? '') ?? [];
  if (command === '') return undefined;
  return { pid, command, startedAt: Date.parse(started), stopped: stat.startsWith('T') };
}

/** A server without a free file handle cannot tell it itself: told here where hardly any is left (Linux). */
export async function handlesOf(
  world: World,
  pid: number,
): Promise<{ readonly fds: number; readonly fdLimit: number } | undefined> {
  if (world.platform !== 'linux') return undefined;
  const bytes = await world.read(`/proc/${pid}/limits`, 65_536).catch(() => undefined);
  const limits = Buffer.from(bytes ?? []).toString('utf8');
  const fdLimit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
  const fds = (await world.list(`/proc/${pid}/fd`)).length;
  return fds > 0 && fds >= fdLimit * 0.95 ? { fds, fdLimit } : undefined;
}

/** A short name of a process for people: the program, and the script if it is Node. */
export function nameOf({ command }: ProcessFacts): string {
  const [program = '', ...rest] = command.split(' ').filter(Boolean);
  const script = rest.find((word) => !word.startsWith('-'));
  return [basename(program.replaceAll('"', '')), ...(/node(\.exe)?"?$/i.test(program) && script ? [script] : [])]
    .join(' ')
    .slice(0, 120);
}

/** Ranges of ports that Windows keeps for itself (Hyper-V, WinNAT). */
export async function reservedRanges(world: World): Promise<readonly (readonly [number, number])[]> {
  if (world.platform !== 'win32') return [];
  return inRanges((await world.run('netsh', ['int', 'ipv4', 'show', 'excludedportrange', 'protocol=tcp'])) ?? '');
}

/** Rows of two numbers; the words are in the system's language. A `*` marks a range that an administrator made. */
export function inRanges(text: string): readonly (readonly [number, number])[] {
  return [...text.matchAll(/^\s*(\d{1,5})\s+(\d{1,5})\s*\*?\s*$/gm)].map(([, from, to]) => [Number(from), Number(to)]);
}

/** /proc tells the inode of a socket by its port, and of each process the inodes that it has open. */
async function byProc(world: World): Promise<readonly Listener[]> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readText(world, `/proc/net/${name}`)));
  const found = tables.flatMap((table) => inProcNet(table ?? ''));
  const owners = await ownersOf(world, new Set(found.map(({ inode }) => inode)));
  return found.map(({ inode, port, address }) => {
    const pid = owners.get(inode);
    return { port, address, ...(pid !== undefined && { pid }) };
  });
}

/** Listening sockets in the text of /proc/net/tcp or tcp6. */
export function inProcNet(
  text: string,
): readonly { readonly port: number; readonly address: string; readonly inode: string }[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [hex = '', port = ''] = (fields[1] ?? '').split(':');
    const inode = fields[9] ?? '';
    if (fields[3] !== LISTEN || inode === '') return [];
    return [{ port: Number.parseInt(port, 16), address: addressOf(hex), inode }];
  });
}

/** The kernel writes addresses as 32-bit words in the machine's order; little-endian machines are all there are. */
function addressOf(hex: string): string {
  const words = (hex.match(/.{8}/g) ?? []).map((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  const bytes = words.flat();
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1';
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255) return bytes.slice(12).join('.');
  return Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  ).join(':');
}

async function ownersOf(world: World, inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const owners = new Map<string, number>();
  const pids = (await world.list('/proc')).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      const open = await world.list(`/proc/${pid}/fd`);
      const targets = await Promise.all(open.map((fd) => world.readlink(`/proc/${pid}/fd/${fd}`)));
      for (const target of targets) {
        const inode = /^socket:\[(\d+)\]$/.exec(target ?? '')?.[1];
        if (inode !== undefined && inodes.has(inode) && !owners.has(inode)) owners.set(inode, Number(pid));
      }
    }),
  );
  return owners;
}

async function procOf(world: World, pid: number): Promise<ProcessFacts | undefined> {
  const [command, stat, folder, system] = await Promise.all([
    readText(world, `/proc/${pid}/cmdline`),
    readText(world, `/proc/${pid}/stat`),
    world.readlink(`/proc/${pid}/cwd`),
    readText(world, '/proc/stat'),
  ]);
  if (command === undefined || stat === undefined) return undefined;
  // The name in brackets may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const booted = Number(/^btime (\d+)$/m.exec(system ?? '')?.[1]);
  const startedAt = (booted + Number(fields[19]) / TICKS_A_SECOND) * 1_000;
  return {
    pid,
    command: command.replaceAll('\0', ' ').trim(),
    ...(folder !== undefined && { folder }),
    ...(Number.isFinite(startedAt) && { startedAt }),
    stopped: fields[0] === 'T' || fields[0] === 't',
  };
}

async function byWindows(world: World): Promise<readonly Listener[] | undefined> {
  const query =
    'Get-NetTCPConnection -State Listen | ForEach-Object { $_.LocalAddress + [char]9 + $_.LocalPort + [char]9 + $_.OwningProcess }';
  // netstat is there on every Windows and answers in a tenth of the time.
  const text = await world.run('netstat', ['-ano']);
  if (text !== undefined) return inNetstat(text);
  const table = await powershell(world, query);
  return table === undefined ? undefined : inNetTcpConnection(table);
}

/** The words are translated on other Windows, so a listener is told by its foreign address `:0`. */
export function inNetstat(text: string): readonly Listener[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [protocol, local = '', foreign = '', , pid = ''] = line.trim().split(/\s+/);
    const [, address = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(local) ?? [];
    if (protocol !== 'TCP' || port === '' || !foreign.endsWith(':0')) return [];
    return [{ address, port: Number(port), ...(Number(pid) > 0 && { pid: Number(pid) }) }];
  });
}

export function inNetTcpConnection(text: string): readonly Listener[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [address = '', port = '', pid = ''] = line.trim().split('\t');
    return port === '' ? [] : [{ address, port: Number(port), ...(Number(pid) > 0 && { pid: Number(pid) }) }];
  });
}

/** `-F pn`: a line `p<pid>` for each process, then `n<address>:<port>` for each of its sockets. */
export function inLsof(text: string): readonly Listener[] {
  let pid = 0;
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    const [, address = '', port = ''] = /^n\[?(.*?)\]?:(\d+)$/.exec(line) ?? [];
    return port === '' ? [] : [{ address: address === '*' ? '::' : address, port: Number(port), pid }];
  });
}

function powershell(world: World, command: string): Promise<string | undefined> {
  return world.run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', command]);
}

async function readText(world: World, path: string): Promise<string | undefined> {
  try {
    const bytes = await world.read(path, MOST);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  } catch {
    return undefined;
  }
}
