// Many seeded runs of hub and clients in a simulated world; a failure names its seed, and `SIMULATION_SEED` runs that one alone.
import { describe, expect, it } from 'vitest';
import { simulate, type SimulationResult } from './simulation.ts';

const only = process.env['SIMULATION_SEED'];
const first = only === undefined ? 1 : Number(only);
const seeds = only === undefined ? Number(process.env['SIMULATION_SEEDS'] ?? 120) : 1;

describe('simulation', () => {
  it(`[G1] [G3] [G4] [G5] [G6] every dashboard has every event once and in order, whatever breaks (seeds ${first} to ${first + seeds - 1})`, {
    timeout: 600_000,
  }, async () => {
    const sum = { delivered: 0, connections: 0, resyncs: 0, slow: 0, healed: 0 };
    for (let seed = first; seed < first + seeds; seed++) add(sum, await simulate(seed, 250));
    console.log(`simulation: seeds ${first} to ${first + seeds - 1}, ${JSON.stringify(sum)}`);
    // The run is only worth something if what it is about did happen.
    if (only === undefined) {
      for (const [what, n] of Object.entries(sum)) expect(n, what).toBeGreaterThan(0);
    }
  });
});

function add(sum: Record<keyof SimulationResult, number>, result: SimulationResult): void {
  sum.delivered += result.delivered;
  sum.connections += result.connections;
  sum.resyncs += result.resyncs;
  sum.slow += result.slow;
  sum.healed += result.healed;
}
