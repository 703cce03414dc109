// The memory bus passes the suite that every bus passes.
import { busContract } from './contract.ts';
import { createMemoryBus } from './memory.ts';

busContract('memory', async () => {
  const bus = createMemoryBus();
  return { here: bus, there: bus };
});
