// The bus of a single process: rings reach every listener in a later turn of the event loop; it keeps nothing.
import type { Bus, Ring } from './port.ts';

export function createMemoryBus(): Bus {
  const listeners = new Set<(ring: Ring) => void>();
  let open = true;
  return {
    ring(ring) {
      // Later, as over a network: so nobody can come to rely on hearing before `ring` returns.
      if (open) setImmediate(() => open && listeners.forEach((listener) => listener(ring)));
    },
    listen(listener) {
      // Two listens with the same function are two listeners.
      const mine = (ring: Ring) => listener(ring);
      listeners.add(mine);
      return () => void listeners.delete(mine);
    },
    async close() {
      open = false;
      listeners.clear();
    },
  };
}
