// Starts the server's threads, from the TypeScript sources or from the bundle; it never knows what a thread does.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
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
