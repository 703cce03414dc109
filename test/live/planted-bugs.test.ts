// Plants one bug after another and holds that the simulation finds each: otherwise its silence about the product would mean nothing.
import { describe, expect, it } from 'vitest';
import { hunt, plant, plantedBugs } from './planted-bugs.ts';
import { STEPS } from './simulation.ts';

describe('the simulation', () => {
  it.each(plantedBugs)('finds within 500 seeds: $name', { timeout: 120_000 }, async (bug) => {
    const { simulate, remove } = await plant(bug);
    const found = await hunt(simulate, 500, STEPS);
    remove();
    // It is the oracle that has to speak, and not a crash of the simulation.
    expect(found?.problem).toMatch(/^seed \d+: .+\nlast steps: /);
  });
});
