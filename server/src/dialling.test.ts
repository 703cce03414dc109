// What a start makes of the states that the last process left behind.
import { accountStates } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { unlinked } from './dialling.ts';

describe('at a start', () => {
  it('no account is READY, nor in any state that a link would have to bear out', () => {
    const rows = accountStates.map((state) => ({
      account: { id: state, label: state, kind: 'sandbox', state, since: 1, stream: state } as const,
      createdAt: 1,
    }));
    const batches = unlinked(rows, 7);
    expect(batches.map(({ account }) => account)).toEqual([
      'QR',
      'AUTHENTICATED',
      'SYNCING',
      'READY',
      'DEGRADED',
      'DISCONNECTED',
    ]);
    for (const { facts } of batches) {
      expect(facts).toEqual([{ type: 'state', state: 'INITIALIZING', raw: 'close', since: 7 }]);
    }
  });
});
