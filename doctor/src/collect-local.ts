// The collectors that look at this computer: runtime, environment files, the running processes and who holds the ports. They read, and change nothing.
import { join } from 'node:path';
import { type Collector, type Fact, isLoopback } from '@pulseline/diagnosis';
import { shape } from '@pulseline/protocol';
import { dataFolder, quickCheck } from './data-folder.ts';
import { parseJson } from './json.ts';
import {
  handlesOf,
  type Listener,
  listeners,
  nameOf,
  type ProcessFacts,
  processOf,
  reservedRanges,
} from './listeners.ts';
import type { Target } from './target.ts';
import type { World } from './world.ts';

/** What scripts/doctor.cjs found before any package was loaded. */
export const doorFacts = shape.object({
  node: shape.string(64),
  missing: shape.list(shape.string(300), 2_000),
  native: shape.object({ module: shape.string(200), ok: shape.boolean(), error: shape.optional(shape.string(4_000)) }),
});
export type DoorFacts = shape.Of<typeof doorFacts>;

const runningFile = shape.object({
  pid: shape.integer(),
  instanceId: shape.string(64),
  port: shape.integer(),
  webPort: shape.optional(shape.integer()),
  startedAt: shape.integer(),
});

/** What server/src/running.ts leaves behind where a start failed. */
const failedStart = shape.object({
  code: shape.optional(shape.string(100)),
  text: shape.string(4_000),
  at: shape.integer(),
});

const MOST = 65_536;
const MOST_MISSING = 20;

type Owner = Fact<'port.owners'>[number];

export function localCollectors(
  world: World,
  target: Target,
  door: DoorFacts,
  env: { readonly files: Fact<'env.files'>; readonly base: Fact<'env.base'> },
): readonly Collector[] {
  const runtime: Collector = {
    id: 'runtime',
    rung: 'R00',
    provides: ['runtime.node', 'runtime.install', 'runtime.native', 'runtime.shell'],
    collect: async () => ({
      'runtime.node': { version: door.node },
      'runtime.install': { missing: door.missing.slice(0, MOST_MISSING) },
      'runtime.native': door.native,
      ...(await shellOf(world)),
    }),
  };
  const files: Collector = {
    id: 'env-files',
    rung: 'R01',
    provides: ['env.files', 'env.base'],
    collect: async () => ({ 'env.files': env.files, 'env.base': env.base }),
  };
  if (target.foreign) return [runtime];
  const processes: Collector = {
    id: 'processes',
    rung: 'R03',
    provides: ['port.owners', 'server.lock', 'server.address', 'web.process', 'runtime.crash', 'resources'],
    collect: () => lookAtProcesses(world, target),
  };
  const data: Collector = {
    id: 'data-folder',
    rung: 'R21',
    provides: ['data.folder'],
    collect: async () => ({ 'data.folder': await dataFolder(world, target.dataDir) }),
  };
  const whole: Collector = {
    id: 'quick-check',
    rung: 'R21',
    provides: ['data.check'],
    // One more who has the file open must not be taken for the one who locks it.
    after: ['server.diagnosis'],
    deadlineMs: 3_500,
    collect: async () => {
      const said = await quickCheck(world, target.root, target.dataDir);
      return said === undefined ? {} : { 'data.check': { said } };
    },
  };
  return [runtime, files, processes, data, whole];
}

/** Windows: what PowerShell does with npm.ps1. */
async function shellOf(world: World): Promise<{ readonly 'runtime.shell'?: Fact<'runtime.shell'> }> {
  if (world.platform !== 'win32') return {};
  const text = await world.run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', 'Get-ExecutionPolicy']);
  return text === undefined ? {} : { 'runtime.shell': { policy: text.trim().slice(0, 40) } };
}

async function lookAtProcesses(world: World, target: Target) {
  const [all, ranges, lock, failed] = await Promise.all([
    listeners(world),
    reservedRanges(world),
    lockOf(world, target.dataDir),
    readText(world, join(target.dataDir, 'failed-start.json')),
  ]);
  const crash = failed === undefined ? undefined : parseJson(failedStart, failed);
  const base = new URL(target.base);
  const wanted = new Set([
    target.port,
    target.webPort,
    ...(isLoopback(base.hostname) ? [Number(base.port || 80)] : []),
  ]);
  const about = memo((pid: number) => processOf(world, pid));
  const owners = await Promise.all([...wanted].map((port) => ownerOf(world, target, port, all, ranges, lock, about)));
  const lockPid = lock.alive ? lock.pid : undefined;
  const listening = (pid: number | undefined): number | undefined =>
    all?.find((one) => one.pid === pid && pid !== undefined && one.port !== target.webPort)?.port;
  const port = lock.alive ? (lock.port ?? listening(lockPid)) : undefined;
  const web = owners.find((owner) => owner.port === target.webPort);
  const webProcess = web?.pid === undefined || web.owner !== 'ours' ? undefined : await about(web.pid);
  const mine = owners.find(({ owner, port: of }) => owner === 'ours' && of !== target.webPort)?.pid ?? lockPid;
  const resources = mine === undefined ? undefined : await handlesOf(world, mine);
  return {
    ...(resources !== undefined && { resources }),
    'port.owners': owners,
    'server.lock': lock,
    ...(crash !== undefined && { 'runtime.crash': crash }),
    ...(port !== undefined && { 'server.address': { port, source: 'lock' } }),
    ...(web !== undefined &&
      web.owner !== 'unknown' && {
        'web.process': {
          running: web.owner === 'ours',
          ...(webProcess !== undefined && { pid: webProcess.pid }),
          ...(webProcess?.startedAt !== undefined && { startedAt: webProcess.startedAt }),
          ...(webProcess !== undefined && {
            mode: /next[\\/]dist|next-server|next dev/.test(webProcess.command)
              ? ('development' as const)
              : ('production' as const),
          }),
        },
      }),
  };
}

/** The lock file has the process's id; a second file says where it listens. */
async function lockOf(world: World, dataDir: string): Promise<Fact<'server.lock'>> {
  const [pidText, running] = await Promise.all([
    readText(world, join(dataDir, 'owner.pid')),
    readText(world, join(dataDir, 'running.json')),
  ]);
  const pid = Number.parseInt(pidText ?? '', 10);
  const told = running === undefined ? undefined : parseJson(runningFile, running);
  const mine = told !== undefined && told.pid === pid ? told : undefined;
  const { instanceId, port, startedAt } = mine ?? {};
  return {
    ...(pid > 0 && { pid }),
    alive: pid > 0 && world.isAlive(pid),
    ...(instanceId !== undefined && { instanceId }),
    ...(port !== undefined && { port }),
    ...(startedAt !== undefined && { startedAt }),
    dataDir,
  };
}

async function ownerOf(
  world: World,
  target: Target,
  port: number,
  all: readonly Listener[] | undefined,
  ranges: readonly (readonly [number, number])[],
  lock: Fact<'server.lock'>,
  about: (pid: number) => Promise<ProcessFacts | undefined>,
): Promise<Owner> {
  const reserved = ranges.some(([from, to]) => port >= from && port <= to);
  const here = (all ?? []).filter((one) => one.port === port);
  const common = { port, ...(reserved && { reserved }) };
  if (here.length === 0) {
    // Nobody is seen; whether it is really free, only an attempt tells.
    const bind = await world.bind('127.0.0.1', port);
    const free = bind === '' || bind === 'EACCES' || bind === 'EADDRNOTAVAIL';
    return { ...common, owner: free ? 'nobody' : 'unknown', ...(bind !== '' && { bind }) };
  }
  const pids = [...new Set(here.flatMap(({ pid }) => (pid === undefined ? [] : [pid])))];
  const holders = await Promise.all(
    pids.map(async (pid) => {
      const facts = await about(pid);
      const ours = pid === lock.pid || (facts !== undefined && isOurs(facts, target));
      return { pid, facts, ours };
    }),
  );
  // One that is not ours is told first: for some callers it is the one that answers.
  const stranger = holders.find(({ ours }) => !ours);
  const [holder] = [stranger, ...holders].filter((one) => one !== undefined);
  const addresses = [
    ...new Set(here.filter(({ pid }) => pid === undefined || pid === holder?.pid).map(({ address }) => address)),
  ];
  if (holder === undefined) return { ...common, owner: 'unknown', bind: 'EADDRINUSE', addresses };
  const { pid, facts } = holder;
  const shared = stranger !== undefined && holders.some(({ ours }) => ours);
  const ours = holder.ours || (!shared && (await answersAsOurs(world, port)));
  return {
    ...common,
    owner: ours ? 'ours' : 'other',
    pid,
    addresses,
    ...(facts !== undefined && { name: nameOf(facts) }),
    ...(facts?.stopped === true && { stopped: true }),
    ...(shared && { shared: true }),
  };
}

/** A process of this checkout: started in it, or from it. */
function isOurs({ command, folder }: ProcessFacts, { root }: Target): boolean {
  const program =
    /server[\\/]src[\\/]main\.ts|scripts[\\/](start|dev)\.mjs|dist[\\/]server|next[\\/]dist[\\/]bin|next-server/;
  if (!program.test(command)) return false;
  return command.includes(root) || folder === root || folder?.startsWith(join(root, 'x').slice(0, -1)) === true;
}

/** A process without a known folder: what it says of itself counts. */
async function answersAsOurs(world: World, port: number): Promise<boolean> {
  const answer = await world.request(`http://127.0.0.1:${port}/status`, { timeoutMs: 700, most: 2_000 });
  return answer.outcome === 'answered' && /"product":"pulseline"|"urn:pulseline:error/.test(answer.body);
}

async function readText(world: World, path: string): Promise<string | undefined> {
  try {
    const bytes = await world.read(path, MOST);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8').trim();
  } catch {
    return undefined;
  }
}

function memo<K, V>(ask: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const known = new Map<K, Promise<V>>();
  return (key) => {
    const found = known.get(key) ?? ask(key);
    known.set(key, found);
    return found;
  };
}
