// States are remembered when they change, and each minute that they hold.
import { expect, it } from 'vitest';
import { openSightings } from './sightings.ts';

it('a state is seen when it changes and each minute, and what cannot be kept is told', async () => {
  const seen: unknown[] = [];
  const warned: string[] = [];
  let tick = (): void => {};
  const sightings = openSightings({
    queries: {
      accounts: async () => [
        {
          account: { id: 'acc_a', label: 'A', kind: 'sandbox', state: 'READY', since: 0, stream: 'acc_a' },
          createdAt: 0,
        },
      ],
    },
    writer: {
      run: async (_name, input) => {
        seen.push(input);
        throw new Error('the disk is full');
      },
    },
    log: { warn: (_fields: unknown, text?: string) => void warned.push(text ?? '') },
    now: () => 60_000,
    every: (ms, call) => {
      expect(ms).toBe(60_000);
      tick = call;
      return () => {
        tick = () => {};
      };
    },
  });
  const status = { account: 'acc_a', status: 'DISCONNECTED', state: 'close', since: 1 };
  const event = { stream: 'acc_a', epoch: 'e1', seq: 1, at: 5 } as const;
  sightings.committed({
    events: [
      { ...event, type: 'whatsapp_status', data: JSON.stringify(status) },
      { ...event, type: 'new_message', data: '{}' },
    ],
    at: 5,
  });
  tick();
  await new Promise(setImmediate);
  expect(seen).toEqual([
    { account: 'acc_a', state: 'DISCONNECTED', at: 5 },
    { account: 'acc_a', state: 'READY', at: 60_000 },
  ]);
  expect(warned).toEqual(['a state was not remembered', 'a state was not remembered']);
  sightings.close();
  tick();
  await new Promise(setImmediate);
  expect(seen).toHaveLength(2);
});
