// Preloaded into a product whose event loop shall be blocked: its main thread spins for 1.5 s of every 2 s, once it has had time to start.
import { isMainThread } from 'node:worker_threads';

function spin() {
  const end = performance.now() + 1_500;
  while (performance.now() < end);
}
if (isMainThread) setTimeout(() => setInterval(spin, 2_000).unref(), 3_000).unref();
