// The team's picture by itself: people over their tabs, places, expiry and bounds.
import { MAX_TEAM } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { createTeam, REPLYING_MS } from './team.ts';

const anna = { person: 'p1', name: 'Anna' };

describe('the team', () => {
  it('shows a person once, with what is open in each tab, and under the latest name', () => {
    const team = createTeam();
    expect(team.sit('c1', { ...anna, looking: 'x' }, 0)).toBe(true);
    expect(team.sit('c2', { ...anna, name: 'Anna B', looking: 'y', replying: true }, 0)).toBe(true);
    expect(team.picture(0).people).toEqual([{ id: 'p1', name: 'Anna B', looking: ['x', 'y'], replying: ['y'] }]);
    expect(team.leave('c2')).toBe(true);
    expect(team.picture(0).people).toEqual([{ id: 'p1', name: 'Anna', looking: ['x'], replying: [] }]);
  });

  it('tells nothing new when the same is said again', () => {
    const team = createTeam();
    team.sit('c1', { ...anna, looking: 'x', replying: true }, 0);
    expect(team.sit('c1', { ...anna, looking: 'x', replying: true }, 1)).toBe(false);
    expect(team.leave('c2')).toBe(false);
  });

  it('forgets that somebody is replying who does not say so again', () => {
    const team = createTeam();
    team.sit('c1', { ...anna, looking: 'x', replying: true }, 0);
    expect(team.expire(REPLYING_MS - 1)).toBe(false);
    expect(team.expire(REPLYING_MS)).toBe(true);
    expect(team.expire(REPLYING_MS + 1)).toBe(false);
    expect(team.picture(REPLYING_MS).people).toEqual([{ id: 'p1', name: 'Anna', looking: ['x'], replying: [] }]);
  });

  it('lets go of whoever takes the name back', () => {
    const team = createTeam();
    team.sit('c1', anna, 0);
    expect(team.sit('c1', { ...anna, name: '' }, 0)).toBe(true);
    expect(team.picture(0)).toEqual({ people: [] });
  });

  it('names at most so many people and counts the others, and takes no more than 5,000 connections', () => {
    const team = createTeam();
    for (let n = 0; n < 6_000; n++) team.sit(`c${n}`, { person: `p${n}`, name: 'x' }, 0);
    expect(team.size).toBe(5_000);
    const { people, more } = team.picture(0);
    expect(people.length).toBe(MAX_TEAM);
    expect(more).toBe(5_000 - MAX_TEAM);
  });
});
