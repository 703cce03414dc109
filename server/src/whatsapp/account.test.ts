// An account against the emulator, with unmodified Baileys on both sides: pairing, committing before receipts, sending, coming back.
import { createEmulator, type Emulator } from '@pulseline/emulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryKeeper } from '../../test/memory-keeper.ts';
import { RunningAccount } from './account.ts';
import { silenceConsole, trustEmulator } from './library.ts';
import type { AccountSetup, Whisper } from './port.ts';

silenceConsole();
const now = (): number => performance.timeOrigin + performance.now();

describe('an account', () => {
  let emulator: Emulator;
  let keeper: MemoryKeeper;
  const running: RunningAccount[] = [];
  const log: string[] = [];

  beforeEach(async () => {
    emulator = await createEmulator();
    trustEmulator(emulator.root.toString('hex'));
    keeper = new MemoryKeeper();
    log.length = 0;
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((account) => account.stop()));
    await emulator.close();
  });

  const whispers: Whisper[] = [];
  function run(label = 'Desk'): RunningAccount {
    const setup: AccountSetup = { id: 'acc_1', label, kind: 'sandbox', url: emulator.plainUrl };
    const account = new RunningAccount(setup, {
      keeper,
      language: 'en',
      now,
      random: () => 0,
      whisper: (whisper) => {
        whispers.push(whisper);
        if (whisper.type === 'qr') void emulator.scan(whisper.qr).catch((error: unknown) => log.push(String(error)));
      },
      log: (_, text, error) => log.push(`${text} ${error instanceof Error ? error.message : (error ?? '')}`),
      limits: { patience: 500 },
    });
    running.push(account);
    account.start();
    return account;
  }
  const ready = (): Promise<void> =>
    keeper
      .until(() => keeper.of('state').at(-1)?.state === 'READY', 'READY')
      .catch((error: unknown) => {
        throw new Error(`${error}\n${log.join('\n')}`);
      });
  const until = async (holds: () => boolean): Promise<void> => {
    for (const end = now() + 15_000; !holds(); ) {
      if (now() > end) throw new Error(`not in time\n${log.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const pendingOf = (): number => Object.values(emulator.state().pending).reduce((sum, each) => sum + each, 0);

  it('pairs by QR and becomes READY under its own name', async () => {
    run();
    await ready();
    expect(keeper.of('state').map(({ state }) => state)).toEqual([
      'INITIALIZING',
      'QR',
      'AUTHENTICATED',
      'SYNCING',
      'READY',
    ]);
    expect(keeper.of('state').at(-1)?.me).toMatchObject({ name: 'Desk' });
  });

  it('takes a contact’s text and gives the receipt', async () => {
    run();
    await ready();
    const ana = emulator.contact({ name: 'Ana' });
    await ana.send({ to: 'Desk', text: '你好' });
    await keeper.until(() => keeper.of('message').length === 1);
    expect(keeper.of('message')[0]).toMatchObject({
      fromMe: false,
      kind: 'text',
      body: '你好',
      pushName: 'Ana',
      offline: false,
      key: { chat: { kind: 'person', pn: ana.pn, lid: ana.lid }, author: { pn: ana.pn, lid: ana.lid } },
    });
    await until(() => pendingOf() === 0);
    expect(ana.messages()[0]?.status).toBe('delivered');
  });

  it('[G2] gives no receipt while the commit of a message hangs', async () => {
    run();
    await ready();
    await until(() => pendingOf() === 0);
    const order: string[] = [];
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const asked = new Promise<void>((resolve) => {
      keeper.beforeCommit = async ({ facts }) => {
        if (!facts.some(({ type }) => type === 'message')) return;
        resolve();
        await held;
        order.push(`committed with ${pendingOf()} pending`);
      };
    });
    const ana = emulator.contact({ name: 'Ana' });
    await ana.send({ to: 'Desk', text: 'held' });
    await asked;
    expect(pendingOf()).toBe(1);
    expect(ana.messages()[0]?.status).toBe('sent');
    release();
    await until(() => pendingOf() === 0);
    expect(order).toEqual(['committed with 1 pending']);
    expect(ana.messages()[0]?.status).toBe('delivered');
  });

  it('[G2] acknowledges nothing if the commit fails, and takes it once when the store works again', async () => {
    run();
    await ready();
    await until(() => pendingOf() === 0);
    const ana = emulator.contact({ name: 'Ana' });
    let refusals = 0;
    keeper.beforeCommit = ({ facts }) => {
      if (facts.some(({ type }) => type === 'message') && refusals++ < 20) throw new Error('disk full');
    };
    await ana.send({ to: 'Desk', text: 'one' });
    await ana.send({ to: 'Desk', text: 'two' });
    await keeper.until(() => keeper.of('state').some(({ reason }) => reason?.code === 'STORE_FAILED'));
    expect(pendingOf()).toBe(2);
    expect(keeper.bodies()).toEqual([]);
    keeper.beforeCommit = () => {};
    await keeper.until(() => keeper.bodies().length === 2);
    await ready();
    expect(keeper.bodies()).toEqual(['one', 'two']);
    await until(() => pendingOf() === 0);
    expect(ana.messages().map(({ status }) => status)).toEqual(['delivered', 'delivered']);
  });

  it('[G2] answers a redelivery from what it has seen, without asking for a resend', async () => {
    const account = run();
    await ready();
    await until(() => pendingOf() === 0);
    const ana = emulator.contact({ name: 'Ana' });
    // The commit is durable, and the process is gone before the receipt.
    keeper.beforeCommit = ({ facts }) => {
      if (facts.some(({ type }) => type === 'message')) void account.stop();
    };
    await ana.send({ to: 'Desk', text: 'once' });
    await keeper.until(() => keeper.bodies().length === 1);
    await account.stop();
    expect(pendingOf()).toBe(1);
    keeper.beforeCommit = () => {};
    run();
    await until(() => pendingOf() === 0);
    expect(keeper.redeliveries).toBe(1);
    expect(keeper.of('message').map(({ kind, body }) => [kind, body])).toEqual([['text', 'once']]);
    expect(ana.messages()[0]?.status).toBe('delivered');
    await ana.send({ to: 'Desk', text: 'the ratchet still fits' });
    await keeper.until(() => keeper.bodies().length === 2);
    expect(keeper.bodies()).toEqual(['once', 'the ratchet still fits']);
  });

  it('takes what came while it was away, in order, and says so', async () => {
    const account = run();
    await ready();
    await account.stop();
    const ana = emulator.contact({ name: 'Ana' });
    await ana.send({ to: 'Desk', text: 'away {n}', n: 150 });
    run();
    await keeper.until(() => keeper.bodies().length === 150);
    expect(keeper.bodies()).toEqual(Array.from({ length: 150 }, (_, index) => `away ${index + 1}`));
    expect(keeper.of('message').every(({ offline }) => offline)).toBe(true);
    await until(() => pendingOf() === 0);
  });

  it('sends a job once, with its content kept before the bytes, and hears the ticks', async () => {
    const account = run();
    await ready();
    const ana = emulator.contact({ name: 'Ana' });
    keeper.enqueue({
      id: 'job_1',
      account: 'acc_1',
      type: 'send',
      waId: '3EB0ABCDEF0123456789AB',
      to: { kind: 'person', pn: ana.pn },
      text: '好的',
    });
    account.ring();
    await keeper.until(() => keeper.of('acked').length === 1);
    expect(keeper.of('acked')[0]).toMatchObject({ waId: '3EB0ABCDEF0123456789AB' });
    expect(keeper.of('acked')[0]).not.toHaveProperty('error');
    const kinds = keeper.facts.map(({ type }) => type).filter((type) => type === 'sending' || type === 'acked');
    expect(kinds).toEqual(['sending', 'acked']);
    await keeper.until(() => keeper.of('status').some(({ status }) => status === 'delivered'));
    expect(ana.inbox().map(({ id, text }) => [id, text])).toEqual([['3EB0ABCDEF0123456789AB', '好的']]);
    await ana.read();
    await keeper.until(() => keeper.of('status').some(({ status }) => status === 'read'));
    expect(keeper.of('status').at(-1)).toMatchObject({
      waIds: ['3EB0ABCDEF0123456789AB'],
      chat: { kind: 'person', pn: ana.pn, lid: ana.lid },
    });
    expect(keeper.openJobs()).toEqual([]);
  });
});
