// Which of the standing faults people are told.
import { describe, expect, it } from 'vitest';
import { dismissalOf, type Faults, foremost, withFinding } from './findings.ts';

const none: Faults = new Map();
const standing = (id: string, severity: string, since = 1) => ({ id, state: 'standing', since, finding: { severity } });

describe('the live findings', () => {
  it('stand until they are gone', () => {
    const one = withFinding(none, standing('R21.disk-low', 'warning'));
    expect([...one.keys()]).toEqual(['R21.disk-low']);
    expect(withFinding(one, { id: 'R21.disk-low', state: 'gone', since: 1 }).size).toBe(0);
  });

  it('pass over what cannot be read', () => {
    for (const data of [undefined, 'x', {}, { id: 'R', state: 'odd', since: 1 }, { id: 'R', state: 'standing' }]) {
      expect(withFinding(none, data)).toBe(none);
    }
    expect(withFinding(none, { id: 'R', state: 'standing', since: 1 }).size).toBe(0);
  });

  it('are told one at a time, the most severe first, of two alike the older', () => {
    const all = [
      standing('a', 'warning', 1),
      standing('b', 'critical', 9),
      standing('c', 'critical', 5),
      standing('d', 'info', 0),
    ].reduce<Faults>(withFinding, none);
    expect(foremost(all, [])?.id).toBe('c');
    expect(foremost(withFinding(none, standing('d', 'info')), [])).toBeUndefined();
    expect(foremost(none, [])).toBeUndefined();
  });

  it('stay away once they were put away, until they change or come back', () => {
    const first = withFinding(none, standing('a', 'warning', 1));
    const fault = first.get('a');
    const dismissed = fault === undefined ? [] : [dismissalOf(fault)];
    expect(foremost(first, dismissed)).toBeUndefined();
    expect(foremost(withFinding(first, standing('a', 'critical', 1)), dismissed)?.id).toBe('a');
    expect(foremost(withFinding(first, standing('a', 'warning', 7)), dismissed)?.id).toBe('a');
  });

  it('are never more than a hundred', () => {
    let faults = none;
    for (let n = 0; n < 150; n++) faults = withFinding(faults, standing(`f${n}`, 'warning'));
    expect(faults.size).toBe(100);
  });
});
