// Which calls ring, and for how long.
import { describe, expect, it } from 'vitest';
import { current, withCall } from './calls-state.ts';

const told = (state: string, callId = 'C') => ({ account: 'a1', callId, from: '86138@s.whatsapp.net', state });

describe('a call', () => {
  it('rings until it is answered, rejected or ended', () => {
    const ringing = withCall([], told('ringing'), 1_000, 1_500);
    expect(ringing).toMatchObject([{ id: 'C', state: 'ringing' }]);
    for (const state of ['accepted', 'rejected', 'ended'])
      expect(withCall(ringing, told(state), 2_000, 2_000)).toEqual([]);
  });

  it('that was missed is shown for a while, if it rang here', () => {
    const missed = withCall(withCall([], told('ringing'), 0, 0), told('missed'), 30_000, 30_000);
    expect(missed).toMatchObject([{ state: 'missed' }]);
    expect(current(missed, 40_000)).toBe(missed);
    expect(current(missed, 60_000)).toEqual([]);
    expect(withCall([], told('missed'), 0, 0)).toEqual([]);
  });

  it('that is told late does not ring, and none rings for ever', () => {
    expect(withCall([], told('ringing'), 0, 3_600_000)).toEqual([]);
    expect(current(withCall([], told('ringing'), 0, 0), 80_000)).toEqual([]);
  });
});
