// What heals by itself: messages that cannot be read, sessions that are gone, clocks that jump. And that healing keeps to a pace.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineRig } from '../../test/engine-rig.ts';

describe('an account heals by itself', () => {
  let rig: EngineRig;
  beforeEach(async () => {
    rig = await EngineRig.open();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await rig.close();
  });

  const texts = (): readonly string[] => rig.keeper.bodies().filter((body) => body !== '');

  it('from a run of messages that do not decrypt (Bad MAC), asking for them again at a pace', async () => {
    await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    await ana.send({ to: 'Desk', text: 'opens the session' });
    await rig.until(() => texts().length === 1);
    rig.emulator.fault({ kind: 'corrupt-next', n: 6 });
    const start = performance.now();
    await ana.send({ to: 'Desk', text: 'broken {n}', n: 6 });
    await rig.until(() => texts().length === 7 && rig.pending() === 0);
    expect([...texts()].sort()).toEqual([
      'broken 1',
      'broken 2',
      'broken 3',
      'broken 4',
      'broken 5',
      'broken 6',
      'opens the session',
    ]);
    expect(rig.keeper.of('message').filter(({ kind }) => kind === 'waiting')).toHaveLength(6);
    // The library waits 250 ms after each request, and asks at most five times for one message.
    expect(performance.now() - start).toBeGreaterThan(5 * 250);
    await ana.send({ to: 'Desk', text: 'and on' });
    await rig.until(() => texts().at(-1) === 'and on');
    expect(rig.keeper.of('message').at(-1)?.kind).toBe('text');
  });

  it('from sessions that are gone, ours and the contact’s', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    await ana.send({ to: 'Desk', text: 'first' });
    await rig.until(() => texts().length === 1);
    rig.send(account, { kind: 'person', pn: ana.pn }, 'answer', 1);
    await rig.until(() => ana.messages().some(({ text }) => text === 'answer'));
    await account.stop();
    expect(rig.keeper.loseKeys('session')).toBeGreaterThan(0);
    const again = await rig.runReady();
    await ana.send({ to: 'Desk', text: 'without our session' });
    await rig.until(() => texts().includes('without our session') && rig.pending() === 0);
    rig.emulator.fault({ kind: 'forget-session', target: ana.pn });
    rig.send(again, { kind: 'person', pn: ana.pn }, 'without theirs', 2);
    await rig.until(() => ana.messages().some(({ text }) => text === 'without theirs'));
  });

  it('from a clock that jumps by an hour, forwards and back, in the middle of traffic: nothing is lost, out of order or disconnected', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const states = rig.keeper.of('state').length;
    const actual = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: actual });
    for (const [round, hours] of [0, 1, 0, -1, 0].entries()) {
      vi.setSystemTime(actual + hours * 3_600_000);
      await ana.send({ to: 'Desk', text: `${round} in` });
      rig.send(account, { kind: 'person', pn: ana.pn }, `${round} out`, round + 1);
      await rig.until(() => texts().includes(`${round} in`));
      await rig.until(() => ana.messages().some(({ text }) => text === `${round} out`));
    }
    expect(texts()).toEqual(['0 in', '1 in', '2 in', '3 in', '4 in']);
    const out = ana.messages().flatMap(({ text }) => (text.endsWith('out') ? [text] : []));
    expect(out).toEqual(['0 out', '1 out', '2 out', '3 out', '4 out']);
    expect(rig.keeper.of('state').slice(states)).toEqual([]);
  });
});
