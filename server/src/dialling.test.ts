// What a start makes of the states that the last process left behind.
import { accountStates } from '@pulseline/protocol';
import { describe, expect, it, vi } from 'vitest';
import { openDialling, unlinked } from './dialling.ts';
import type { AccountRow } from './store/port.ts';
import type { AccountSetup } from './whatsapp/port.ts';

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

describe('the way of an account to its WhatsApp', () => {
  const row = (id: string, kind: 'phone' | 'sandbox', proxy?: string): AccountRow => ({
    account: { id, label: id, kind, state: 'INITIALIZING', since: 1, stream: id },
    createdAt: 1,
    ...(proxy !== undefined && { proxy }),
  });
  function rig(waProxy?: string) {
    const started: AccountSetup[] = [];
    const fleet = { start: (setup: AccountSetup) => void started.push(setup), stop: async () => {} };
    const reach = Promise.resolve({ url: 'ws://127.0.0.1:9/ws/chat', root: 'ab'.repeat(32) });
    return {
      started,
      dialling: openDialling(fleet, reach, waProxy, {
        error: () => {},
        warn: () => {},
        info: () => {},
        debug: () => {},
      }),
    };
  }

  it('leads through WA_PROXY for real accounts, and through an account’s own proxy before that', async () => {
    const { started, dialling } = rig('http://default:1');
    const rows = [
      row('a', 'phone'),
      row('b', 'phone', 'socks5://own:2'),
      row('c', 'sandbox'),
      row('d', 'sandbox', 'http://own:3'),
    ];
    dialling.connectAll(rows);
    await vi.waitFor(() => expect(started).toHaveLength(4));
    const proxies = Object.fromEntries(started.map(({ id, proxy }) => [id, proxy]));
    expect(proxies).toEqual({ a: 'http://default:1', b: 'socks5://own:2', c: undefined, d: 'http://own:3' });
  });

  it('is taken by twenty at once when the process starts, by the others one after the other, and by none that is removed', async () => {
    vi.useFakeTimers();
    try {
      const { started, dialling } = rig();
      dialling.connectAll(Array.from({ length: 60 }, (_, n) => row(`a${n}`, 'phone')));
      expect(started).toHaveLength(20);
      await dialling.stop('a59');
      dialling.connect(row('a58', 'phone'));
      expect(started).toHaveLength(21);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(started).toHaveLength(31);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(started).toHaveLength(59);
    } finally {
      vi.useRealTimers();
    }
  });
});
