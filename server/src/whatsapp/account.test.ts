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
  });
});
