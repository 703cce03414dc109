// Starts the server's threads, and its one process for pictures, from the TypeScript sources or from the bundle; it never knows what they do.
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Where each thread begins, in the sources; in the bundle all of them lie side by side. */
const sources = {
  writer: './writer.ts',
  worker: './worker.ts',
  emulator: '../../emulator/src/worker.ts',
} as const;

export type Thread = keyof typeof sources;

export type ThreadOptions = Pick<
  WorkerOptions,
  'name' | 'workerData' | 'transferList' | 'env' | 'stdout' | 'stderr' | 'resourceLimits'
>;

/** Errors: as `new Worker` throws them; what happens inside comes as the worker's `error` and `exit`. */
export function spawnThread(thread: Thread, options: ThreadOptions = {}): Worker {
  const bundled = import.meta.url.endsWith('.js');
  const place = bundled ? `./${thread}.js` : sources[thread];
  return spawnFile(new URL(place, import.meta.url), { name: thread, ...options });
}

/**
 * The same for any file of our own. A TypeScript file is read by tsx, found from here and not from the working directory;
 * its `--import` form does nothing in a thread on Node 20, its API does.
 */
export function spawnFile(file: URL, options: ThreadOptions = {}): Worker {
  if (!file.pathname.endsWith('.ts')) return new Worker(file, options);
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const boot = `import { register } from ${JSON.stringify(new URL('./dist/esm/api/index.mjs', tsx).href)};
    register();
    await import(${JSON.stringify(file.href)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(boot)}`), { ...options, execArgv: [] });
}

/** What a program needs of its surroundings. No key and no password is among it. */
const PLAIN = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR', 'HOME'];

/**
 * Starts the process that decodes pictures: a thread could be neither killed in the middle of native code nor cut off from the
 * rest by a crash. It holds up no exit of ours and ends with us.
 */
export function startDecoder(hear: (answer: unknown) => void, ended: () => void) {
  const bundled = import.meta.url.endsWith('.js');
  const file = fileURLToPath(new URL(bundled ? './decoder.js' : './decoder.ts', import.meta.url));
  const tsx = (): string => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = fork(file, {
    execArgv: ['--max-old-space-size=128', ...(bundled ? [] : ['--import', tsx()])],
    env: Object.fromEntries(
      PLAIN.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    ended();
  };
  child.on('message', hear);
  child.on('error', end);
  child.on('exit', end);
  child.unref();
  child.channel?.unref();
  return {
    // A process that is just ending takes nothing more; its exit says so.
    send: (order: object): void => void child.send(order, () => {}),
    kill: (): void => void child.kill('SIGKILL'),
  };
}

/** Calls back after so many ms, unless the returned function is called first. It holds up no exit. */
export function calledAfter(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms).unref();
  return () => clearTimeout(timer);
}
