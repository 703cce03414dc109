// The simulation over its 500 seeds; `npm run simulate -- --seed N --seeds 1` runs one that failed alone.
import { describe, expect, it } from 'vitest';
import { plant } from './planted-bugs.ts';
import { addSums, noSums, STEPS } from './simulation.ts';

const SEEDS = 500;

describe('simulation', () => {
  it(`[G1] [G2] [G3] [G4] [G5] [G6] [G13] every dashboard has every event once and in order, whatever breaks (seeds 1 to ${SEEDS})`, {
    timeout: 300_000,
  }, async () => {
    const sums = noSums();
    // Bundled, it runs twice as fast as through the test runner's loader.
    const { simulate, remove } = await plant(undefined);
    for (let seed = 1; seed <= SEEDS; seed++) addSums(sums, await simulate(seed, STEPS));
    remove();
    console.log(`simulation: seeds 1 to ${SEEDS}, ${JSON.stringify(sums)}`);
    // The run is only worth something if what it is about did happen.
    for (const [what, n] of Object.entries(sums)) expect(n, what).toBeGreaterThan(0);
  });
});
