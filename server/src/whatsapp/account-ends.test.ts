// What follows when a link ends or is broken, played by the emulator: that nothing is lost by it. Each known ending is in endings.test.ts.
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/engine-rig.ts';
import type { MemoryKeeper } from '../../test/memory-keeper.ts';
import { CONNECTS_A_MINUTE } from './life.ts';

describe('an account whose link ends', () => {
  let rig: EngineRig;
  let keeper: MemoryKeeper;
  beforeEach(async () => {
    rig = await EngineRig.open();
    keeper = rig.keeper;
  });
  afterEach(() => rig.close());

  it.each([
    ['the connection drops', { kind: 'drop' }, 'NETWORK_LOST'],
    ['a frame cannot be read', { kind: 'garbage' }, 'STREAM_ERROR'],
  ] as const)('comes back by itself when %s', async (_, fault, code) => {
    await rig.runReady();
    rig.emulator.fault(fault);
    await rig.until(() => keeper.of('state').some(({ reason }) => reason?.code === code), code);
    const lost = keeper.of('state').find(({ reason }) => reason?.code === code);
    expect(lost).toMatchObject({ state: 'DISCONNECTED', attempts: 1 });
    expect(lost?.nextTryAt).toBeGreaterThan(0);
    await rig.until(() => rig.state?.state === 'READY', 'READY again');
    await rig.emulator.contact({ name: 'Ana' }).send({ to: 'Desk', text: 'still here' });
    await rig.until(() => keeper.bodies().includes('still here'));
  });

  it('begins anew when an error comes up that is nobody’s', async () => {
    const account = await rig.runReady();
    account.shake();
    await rig.until(() => rig.state?.state === 'DISCONNECTED');
    await rig.until(() => rig.state?.state === 'READY');
  });

  it('shows a new QR code after a logout on the phone, and forgets the old login first', async () => {
    const account = await rig.runReady();
    await rig.emulator.phone({ name: 'Desk' }).logout();
    await rig.until(() => rig.state?.state === 'LOGGED_OUT');
    expect(await keeper.credentials('acc_1')).toBeDefined();
    rig.scans = false;
    account.restart();
    await rig.until(() => rig.state?.state === 'QR');
    expect(await keeper.credentials('acc_1')).toBeUndefined();
  });

  it('unlinks the device at WhatsApp when we log out', async () => {
    const account = await rig.runReady();
    expect(rig.emulator.state().devices).toHaveLength(1);
    await account.logout();
    expect(rig.emulator.state().devices).toHaveLength(0);
    await rig.until(() => rig.state?.state === 'LOGGED_OUT');
    expect(rig.state).not.toHaveProperty('reason');
    expect(await keeper.credentials('acc_1')).toBeUndefined();
  });

  it('[G21] sends nothing under a new login that was meant for the one before, and says of each that it was not sent', async () => {
    const account = await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const chat = { kind: 'person', pn: ana.pn } as const;
    const queue = (number: number): string => {
      const waId = `3EB0${String(number).padStart(18, '0')}`;
      keeper.enqueue({ id: `job_${number}`, account: 'acc_1', type: 'send', waId, to: chat, text: `late ${number}` });
      return waId;
    };
    const isRefused = (waId: string): boolean =>
      keeper.of('acked').some((fact) => fact.waId === waId && fact.error === 'LOGGED_OUT');
    const first = queue(1);
    await rig.emulator.phone({ name: 'Desk' }).logout();
    await rig.until(() => rig.state?.state === 'LOGGED_OUT' && isRefused(first));
    // Between the two logins.
    const second = queue(2);
    account.restart();
    await rig.until(() => rig.state?.state === 'READY' && isRefused(second));
    const third = queue(3);
    await account.logout();
    expect(isRefused(third)).toBe(true);
    account.restart();
    await rig.until(() => rig.state?.state === 'READY');
    rig.send(account, chat, 'in time', 4);
    await rig.until(() => ana.messages().length > 0);
    expect(ana.messages().map(({ text }) => text)).toEqual(['in time']);
  });

  it('[G20] makes no storm of a server that closes every socket at once, not for many accounts and not while the process starts anew again and again', async () => {
    let connects = 0;
    const server = createServer((socket) => {
      connects += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const ids = ['acc_1', 'acc_2', 'acc_3', 'acc_4', 'acc_5'];
    const start = () =>
      ids.map((id) => rig.run({ id, label: id, kind: 'phone', url: `ws://127.0.0.1:${port}/ws/chat` }));
    const perStart: number[] = [];
    for (let starts = 0; starts < CONNECTS_A_MINUTE + 2; starts++) {
      const [before, batches] = [connects, keeper.batches.length];
      const accounts = start();
      // Each has been turned away, or waits since it has had its share of this minute.
      const waiting = () =>
        keeper.batches
          .slice(batches)
          .filter(({ facts }) => facts.some((fact) => fact.type === 'state' && fact.nextTryAt !== undefined))
          .map(({ account }) => account);
      await rig.until(() => new Set(waiting()).size === ids.length);
      await Promise.all(accounts.map((account) => account.stop()));
      perStart.push(connects - before);
    }
    expect(connects).toBeLessThanOrEqual(ids.length * CONNECTS_A_MINUTE);
    expect(perStart.slice(0, 3).every((n) => n >= ids.length)).toBe(true);
    expect(perStart.at(-1)).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });

  it('loses and doubles nothing of a burst through five drops', async () => {
    await rig.runReady();
    const ana = rig.emulator.contact({ name: 'Ana' });
    const burst = ana.send({ to: 'Desk', text: 'n {n}', n: 300, rate: 300 });
    for (let drops = 1; drops <= 5; drops++) {
      await rig.until(() => keeper.bodies().length >= drops * 40);
      rig.emulator.fault({ kind: 'drop' });
    }
    await burst;
    await rig.until(() => keeper.bodies().length >= 300 && rig.pending() === 0, 'all of the burst', 25_000);
    expect(keeper.bodies()).toEqual(Array.from({ length: 300 }, (_, index) => `n ${index + 1}`));
  }, 40_000);

  it('takes everything that WhatsApp hands out on demand only, in order', async () => {
    const account = await rig.runReady();
    await account.stop();
    rig.emulator.fault({ kind: 'pull-mode' });
    const ana = rig.emulator.contact({ name: 'Ana' });
    await ana.send({ to: 'Desk', text: 'kept {n}', n: 300 });
    rig.run();
    await rig.until(() => keeper.bodies().length >= 100);
    // The library asks for one batch only: what it did not ask for stays at WhatsApp, and nothing else is lost.
    const taken = keeper.bodies().length;
    await rig.until(() => rig.pending() <= 300 - taken);
    expect(keeper.bodies().length + rig.pending()).toBeGreaterThanOrEqual(300);
    expect(keeper.bodies()).toEqual(Array.from({ length: keeper.bodies().length }, (_, index) => `kept ${index + 1}`));
  });

  it('stops with a reason if its credentials cannot be read, and changes nothing', async () => {
    keeper.setCredentials('acc_1', Buffer.from('{"half": '));
    rig.run();
    await rig.until(() => rig.state?.state === 'FAILED');
    expect(rig.state).toMatchObject({ reason: { code: 'CREDENTIALS_UNREADABLE' } });
    expect(Buffer.from((await keeper.credentials('acc_1')) ?? []).toString()).toBe('{"half": ');
  });

  it('says that a name cannot be resolved', async () => {
    rig.run({ url: 'ws://whatsapp.invalid/ws/chat' });
    await rig.until(() => rig.state?.state === 'DISCONNECTED');
    expect(rig.state?.reason?.code).toBe('NETWORK_DNS');
    expect(rig.state?.reason?.text).toMatch(/^whatsapp\.invalid cannot be resolved \((ENOTFOUND|EAI_AGAIN)\)$/);
    expect(rig.state?.reason?.fix).toContain('WA_PROXY');
    expect(rig.state?.nextTryAt).toBeGreaterThan(rig.state?.since ?? 0);
  });

  it('says which address is dead, and when it tries again', async () => {
    const { emulator } = rig;
    const url = emulator.plainUrl;
    await emulator.close();
    rig.run({ url });
    await rig.until(() => rig.state?.state === 'DISCONNECTED');
    expect(rig.state).toMatchObject({
      reason: { code: 'NETWORK_REFUSED', text: '127.0.0.1 refused the connection (ECONNREFUSED)' },
    });
    expect(rig.state?.reason?.fix).toContain('WA_PROXY');
  });
});
