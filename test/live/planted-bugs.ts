// Bugs that the simulation has to find: each is one change to a source file, made while the sources are bundled for a run of their own. The sources themselves carry no trace of it.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from '../child.ts';
import type { SimulationResult } from './simulation.ts';

export interface PlantedBug {
  readonly name: string;
  readonly file: string;
  /** Occurs once in the file; if it does not any more, the bug has to be planted anew. */
  readonly right: string;
  readonly wrong: string;
}

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'skip a frame on reconnect',
    file: 'protocol/src/server-session.ts',
    right: 'const replayed = [...ordered(fed),',
    wrong:
      'const replayed = [...ordered({ ...fed, orders: fed.orders.map((one) => "write" in one ? { write: one.write.slice(1) } : one) }),',
  },
  {
    name: 'off-by-one resume',
    file: 'protocol/src/delivery.ts',
    right: 'sent.set(stream, { epoch, seq: position.seq });',
    wrong: 'sent.set(stream, { epoch, seq: position.seq + 1 });',
  },
  {
    name: 'flip to live too early, at the server',
    file: 'protocol/src/server-session.ts',
    right: 'wouldClog(read, then, PAGE_BYTES) ? fallBehind<I>(read, gauge) : catchUp<I>(read, heads);',
    wrong: '[{ ...open(read), phase: "live" as const, sent: heads }, []] as const;',
  },
  {
    name: 'flip to live too early, at the client',
    file: 'protocol/src/client-session.ts',
    right: "if (session.phase === 'live' || session.ahead.size > 0) return session;",
    wrong: "if (session.phase === 'live') return session;",
  },
  {
    name: 'dedupe by id alone',
    file: 'client/src/live-client.ts',
    right: 'if (isDurable(frame)) callAll(eventListeners, frame);',
    wrong: `if (isDurable(frame)) {
      const seen = eventListeners.seen ??= new Set();
      const id = frame.data.id ?? frame.data.messageId;
      if (seen.has(id)) return;
      seen.add(id);
      callAll(eventListeners, frame);
    }`,
  },
  {
    name: 'epoch ignored',
    file: 'protocol/src/delivery.ts',
    right: 'const otherLog = position.epoch !== undefined && position.epoch !== epoch;',
    wrong: 'const otherLog = false;',
  },
  {
    name: 'bus gap ignored',
    file: 'server/src/live/intake.ts',
    right: 'const last = sameLog ? (head?.seq ?? 0) : seq - 1;',
    wrong: 'const last = sameLog ? Math.max(head?.seq ?? 0, seq - 1) : seq - 1;',
  },
  {
    name: 'repeat on retry',
    file: 'server/src/inbox/message.ts',
    right: 'if (known) return meetAgainLive(copy, known, fact);',
    wrong: '',
  },
  {
    name: 'repeat of a commit that is told twice',
    file: 'server/src/live/intake.ts',
    right: 'if (seq <= last) return;',
    wrong: '',
  },
  {
    name: 'snapshot race',
    file: 'protocol/src/client-session.ts',
    right: 'connect({ ...session.memory, cursor: input.cursor, whole: true, attempts: 0 }, chance)',
    wrong: 'connect({ ...session.memory, cursor: new Map(), whole: false, attempts: 0 }, chance)',
  },
  {
    name: 'drop on a full socket',
    file: 'server/src/live/session.ts',
    right: 'this.#socket.write(bytes, items);',
    wrong: 'if (this.#socket.bufferedBytes < 1_000) this.#socket.write(bytes, items);',
  },
  {
    name: 'ack before commit',
    file: 'server/src/whatsapp/gate.ts',
    right: 'if (held === undefined) return pass(event, ...args);',
    wrong: 'return pass(event, ...args);',
  },
];

type Simulate = (seed: number, steps: number) => Promise<SimulationResult>;

/** The simulation with this bug in it, or without any. Errors: the bug's place is not there, or more than once. */
export async function plant(bug: PlantedBug | undefined): Promise<{ simulate: Simulate; remove(): void }> {
  const folder = join(root, 'node_modules', '.cache', 'pulseline-simulation');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${process.pid}-${plantedBugs.findIndex((one) => one === bug)}.mjs`);
  const place = bug && join(root, bug.file);
  let planted = bug === undefined;
  await build({
    entryPoints: [join(root, 'test/live/simulation.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'silent',
    external: ['@photostructure/sqlite'],
    plugins: [
      {
        name: 'planted-bug',
        setup(builder) {
          builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
            if (bug === undefined || path !== place) return undefined;
            const parts = readFileSync(path, 'utf8').split(bug.right);
            if (parts.length !== 2) throw new Error(`${bug.file} has "${bug.right}" ${parts.length - 1} times`);
            planted = true;
            return { contents: parts.join(bug.wrong), loader: 'ts' };
          });
        },
      },
    ],
  });
  if (!planted) throw new Error(`${bug?.file} is not part of the simulation`);
  const bundle: unknown = await import(pathToFileURL(outfile).href);
  const simulate: unknown = typeof bundle === 'object' && bundle !== null && Reflect.get(bundle, 'simulate');
  if (!isSimulate(simulate)) throw new Error('the bundle exports no simulation');
  return { simulate, remove: () => rmSync(outfile, { force: true }) };
}

function isSimulate(value: unknown): value is Simulate {
  return typeof value === 'function';
}

export interface Found {
  readonly seed: number;
  readonly problem: string;
}

/** The first seed that finds the bug; undefined if none of so many does. */
export async function hunt(simulate: Simulate, seeds: number, steps: number): Promise<Found | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      await simulate(seed, steps);
    } catch (error) {
      return { seed, problem: error instanceof Error ? error.message : String(error) };
    }
  }
  return undefined;
}
