// Holds when a live fault is told and when it is taken back.
import { evidenceOf, type Finding, judge, type Surroundings } from '@pulseline/diagnosis';
import { describe, expect, it } from 'vitest';
import { type Registry, step } from './registry.ts';

const around: Surroundings = { system: 'linux', shell: 'sh', vantage: 'server', now: 0, port: 4000, webPort: 3000 };
const found: readonly Finding[] = judge(
  evidenceOf(
    { accounts: [{ id: 'acc_a', kind: 'phone', state: 'LOGGED_OUT', reason: 'LOGGED_OUT', since: 0 }] },
    'test',
    0,
  ),
  around,
).findings;

/** What is told over a row of looks, [at, what is found]. */
function told(looks: readonly (readonly [number, readonly Finding[]])[]): readonly string[] {
  let registry: Registry = new Map();
  return looks.flatMap(([at, findings]) => {
    const [after, changes] = step(registry, findings, at);
    registry = after;
    return changes.map(({ change, standing }) => `${at} ${change} ${standing.id}`);
  });
}

describe('the faults that stand', () => {
  it('[G25] are told once when they have lasted, and taken back when they are gone', () => {
    const looks = [0, 5_000, 10_000, 15_000].map((at) => [at, found] as const);
    expect(told([...looks, [20_000, []], [25_000, []]])).toEqual([
      '10000 appeared R18.logged-out:acc_a',
      '20000 gone R18.logged-out:acc_a',
    ]);
  });

  it('are not told when they pass, and begin anew when they come back', () => {
    expect(
      told([
        [0, found],
        [5_000, []],
        [9_000, found],
        [14_000, found],
        [18_000, []],
      ]),
    ).toEqual([]);
  });

  it('leave out effects of another fault and checks that broke', () => {
    const [one] = found;
    if (one === undefined) throw new Error('nothing was found');
    const effects: readonly Finding[] = [
      { ...one, blockedBy: 'R05.refused' },
      { ...one, outcome: 'crash' },
    ];
    expect(
      told([
        [0, effects],
        [60_000, effects],
      ]),
    ).toEqual([]);
  });

  it('are bounded', () => {
    const [one] = found;
    if (one === undefined) throw new Error('nothing was found');
    const many = Array.from({ length: 500 }, (_, n) => ({ ...one, subject: `acc_${n}` }));
    expect(step(new Map(), many, 0)[0].size).toBe(100);
  });
});
