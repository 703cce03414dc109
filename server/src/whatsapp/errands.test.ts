// When an errand is tried, how often, and what becomes of it: once where it cannot be repeated, until it is done where it can.
import { CodedError } from '@pulseline/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryKeeper } from '../../test/memory-keeper.ts';
import { type Deed, Errands } from './errands.ts';
import { PhoneRequests } from './phone.ts';
import type { Errand } from './port.ts';

const group: Errand = { do: 'create-group', subject: 'Team', people: [] };
const pin: Errand = {
  do: 'chat-state',
  chat: { kind: 'person', pn: '1@s.whatsapp.net' },
  change: { kind: 'pin', on: true },
};

function bench(carryOut: (errand: Errand) => Promise<Deed>) {
  const keeper = new MemoryKeeper();
  const ended: string[] = [];
  const tried: Errand[] = [];
  const errands = new Errands({
    account: 'acc_1',
    keeper,
    commit: (facts) => keeper.commit({ account: 'acc_1', facts, keys: [], seen: [] }),
    carryOut: (errand) => {
      tried.push(errand);
      return carryOut(errand);
    },
    sleep: async () => {},
    ended: (job) => ended.push(job),
    log: () => {},
  });
  const put = (errand: Errand, started = false): void =>
    keeper.enqueue({ id: 'e1', account: 'acc_1', type: 'errand', errand, ...(started && { started: true }) });
  const run = async () => {
    errands.ring();
    await vi.waitFor(() => expect(ended).toEqual(['e1']));
    return keeper.of('job-done');
  };
  return { keeper, tried, put, run };
}

describe('an errand', () => {
  it('[G7] that cannot be repeated is marked before it is begun, and tried once', async () => {
    const { keeper, tried, put, run } = bench(async () => {
      expect(keeper.of('sending').map(({ job }) => job)).toEqual(['e1']);
      throw new Error('Connection Closed');
    });
    put(group);
    expect(await run()).toMatchObject([{ job: 'e1', error: 'OUTCOME_UNKNOWN' }]);
    expect(tried).toHaveLength(1);
  });

  it('[G7] that was begun before a crash is not begun again, unless twice is once', async () => {
    const first = bench(async () => ({}));
    first.put(group, true);
    expect(await first.run()).toMatchObject([{ error: 'OUTCOME_UNKNOWN' }]);
    expect(first.tried).toEqual([]);
    const second = bench(async () => ({}));
    second.put(pin, true);
    expect((await second.run())[0]?.error).toBeUndefined();
    expect(second.tried).toHaveLength(1);
  });

  it('that can be repeated is tried five times, and what WhatsApp refuses once', async () => {
    const failing = bench(async () => {
      throw new Error('timed out');
    });
    failing.put(pin);
    expect(await failing.run()).toMatchObject([{ error: 'WHATSAPP_FAILED', chat: { pn: '1@s.whatsapp.net' } }]);
    expect(failing.tried).toHaveLength(5);
    const refused = bench(async () => {
      throw new CodedError('APP_STATE_REFUSED', { code: '400' });
    });
    refused.put(pin);
    expect(await refused.run()).toMatchObject([{ error: 'APP_STATE_REFUSED', result: { code: '400' } }]);
    expect(refused.tried).toHaveLength(1);
  });
});

describe('whoever waits for an errand', () => {
  it('hears of its end also if it was there before', async () => {
    const ended: string[] = [];
    const errands = new Errands({
      account: 'acc_1',
      keeper: new MemoryKeeper(),
      commit: async () => {},
      carryOut: async () => ({}),
      sleep: async () => {},
      ended: (job) => ended.push(job),
      log: () => {},
    });
    errands.ask('long ago');
    await vi.waitFor(() => expect(ended).toEqual(['long ago']));
  });
});

describe('a request to the phone', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is answered by what comes under its id, also if that is sooner than anybody waits', async () => {
    const requests = new PhoneRequests();
    const waiting = requests.wait('r1');
    requests.answered('r1', 7);
    requests.answered('r2', 3);
    expect(await Promise.all([waiting, requests.wait('r2')])).toEqual([7, 3]);
  });

  it('that the phone does not answer ends with a code', async () => {
    const silent = expect(new PhoneRequests().wait('r1')).rejects.toMatchObject({ code: 'PHONE_SILENT' });
    await vi.advanceTimersByTimeAsync(30_000);
    await silent;
  });
});
