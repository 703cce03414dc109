// Holds what is remembered between looks: how long counts disagree, how often a link flaps, what could not be read lately.
import { describe, expect, it } from 'vitest';
import { LooksMemory } from './memory-of-looks.ts';

describe('what looks remember', () => {
  it('says since when counts disagree; counts that come together begin anew', () => {
    const memory = new LooksMemory();
    const at = (lost: number, untold: number, now: number): number => memory.disagreesMs('acc', { lost, untold }, now);
    expect([at(0, 0, 0), at(2, 0, 1_000), at(2, 0, 6_000), at(3, 0, 11_000)]).toEqual([0, 0, 5_000, 10_000]);
    // Fewer than before: they are on their way.
    expect(at(1, 0, 12_000)).toBe(0);
    expect([at(0, 0, 13_000), at(0, 4, 14_000), at(0, 4, 30_000)]).toEqual([0, 0, 16_000]);
  });

  it('counts the changes of a link in the last five minutes', () => {
    const memory = new LooksMemory();
    for (let n = 0; n < 8; n += 1) memory.flapped('acc', n % 2 === 0, n * 1_000);
    // Attempts while it stays down.
    for (let n = 0; n < 8; n += 1) memory.flapped('acc', false, 8_000);
    expect(memory.flaps('acc', 8_000)).toBe(8);
    expect(memory.flaps('acc', 400_000)).toBe(0);
    expect(memory.flaps('other', 8_000)).toBe(0);
  });

  it('tells recent unreadable messages from those of before the start', () => {
    const memory = new LooksMemory();
    const tally = (total: number, filled: number) =>
      new Map([['acc', { 'unreadable 1@lid': total, 'filled 1@lid': filled, wire: 9 }]]);
    expect(memory.unreadable(tally(7, 7), 0)[0]).toMatchObject({ recent: 0, waiting: 0, waitingMs: 0 });
    expect(memory.unreadable(tally(10, 7), 1_000)[0]).toMatchObject({ recent: 3, waiting: 3, waitingMs: 0 });
    expect(memory.unreadable(tally(10, 7), 61_000)[0]).toMatchObject({ recent: 3, waiting: 3, waitingMs: 60_000 });
    expect(memory.unreadable(tally(10, 10), 700_000)[0]).toMatchObject({ recent: 0, waiting: 0, waitingMs: 0 });
  });

  it('says for how long a connection has been behind, and forgets those that are not', () => {
    const memory = new LooksMemory();
    memory.behindMs(['c_1', 'c_2'], 0);
    expect([...memory.behindMs(['c_1'], 4_000)]).toEqual([['c_1', 4_000]]);
    expect([...memory.behindMs(['c_2'], 5_000)]).toEqual([['c_2', 0]]);
  });
});
