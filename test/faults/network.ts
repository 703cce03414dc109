// A network of our own, where this system has namespaces: runs the lab alone in one, sends packets into the void, answers for names. Nothing outside of it is touched.
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';

/** Set in the process that lives alone in its network. */
export const ALONE = 'PULSELINE_LAB_ALONE';

const into = ['-Urnm', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const;

/** The command line that runs `command` as root of a user, network and mount namespace of its own; undefined where that does not work. */
export function aloneIn(command: readonly string[]): readonly string[] | undefined {
  if (process.platform !== 'linux') return undefined;
  const works = spawnSync('unshare', [...into, 'true'], { stdio: 'ignore' }).status === 0;
  return works ? ['unshare', ...into, ...command] : undefined;
}

/** What becomes of packets: of those that leave `sport`, or go to `dport`. */
export type Wall = 'blackhole' | 'prohibit' | 'unreachable';

/**
 * A firewall made of routing rules, which need no module of the kernel: `blackhole` on what a port answers lets the caller
 * wait as DROP does; `prohibit` and `unreachable` on what goes there fail at once as REJECT does. Call what comes back to take it away.
 */
export function wall(how: Wall, which: { readonly sport?: number; readonly dport?: number }): () => void {
  const match = [
    ...(which.sport === undefined ? [] : ['sport', String(which.sport)]),
    ...(which.dport === undefined ? [] : ['dport', String(which.dport)]),
  ];
  for (const family of ['-4', '-6']) {
    // The kernel looks at its table of local addresses before any rule; here it comes after ours.
    const rules = execFileSync('ip', [family, 'rule', 'show'], { encoding: 'utf8' });
    if (/^0:/m.test(rules)) {
      execFileSync('ip', [family, 'rule', 'add', 'pref', '50', 'lookup', 'local']);
      execFileSync('ip', [family, 'rule', 'del', 'pref', '0']);
    }
    execFileSync('ip', [family, 'rule', 'add', 'pref', '1', ...match, how]);
  }
  return () => {
    for (const family of ['-4', '-6']) execFileSync('ip', [family, 'rule', 'del', 'pref', '1', ...match, how]);
  };
}

/** Lays a file over one of the system's, in our mount namespace alone. */
export function overlay(path: string, text: string, folder: string): () => void {
  const file = `${folder}/${path.replaceAll('/', '-')}`;
  writeFileSync(file, text);
  execFileSync('mount', ['--bind', file, path]);
  return () => execFileSync('umount', [path]);
}

/** A name server on 127.0.0.1:53: it knows no name, or never answers. */
export async function openNameServer(how: 'nxdomain' | 'silent'): Promise<() => Promise<void>> {
  const server = createSocket('udp4');
  server.on('message', (question, from) => {
    if (how === 'silent') return;
    const answer = Buffer.from(question);
    // Response, recursion available, NXDOMAIN.
    answer.writeUInt16BE(0x8183, 2);
    server.send(answer, from.port, from.address);
  });
  server.bind(53, '127.0.0.1');
  await once(server, 'listening');
  return async () => {
    server.close();
    await once(server, 'close');
  };
}

/** Another address of this computer, in our network alone. */
export function address(text: string): () => void {
  execFileSync('ip', ['addr', 'add', `${text}/32`, 'dev', 'lo']);
  return () => execFileSync('ip', ['addr', 'del', `${text}/32`, 'dev', 'lo']);
}
