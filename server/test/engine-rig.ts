// One account against an emulator of its own, in this process, with a memory that outlives the account; for tests of the engine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, type Emulator } from '@pulseline/emulator';
import { MediaFiles } from '../src/media/files.ts';
import { type AccountParts, RunningAccount } from '../src/whatsapp/account.ts';
import { silenceConsole, trustEmulator } from '../src/whatsapp/library.ts';
import type { AccountSetup, Chat, SendMedia, Whisper } from '../src/whatsapp/port.ts';
import { MemoryKeeper } from './memory-keeper.ts';

const now = (): number => performance.timeOrigin + performance.now();

export class EngineRig {
  readonly emulator: Emulator;
  readonly keeper = new MemoryKeeper();
  readonly mediaDir = mkdtempSync(join(tmpdir(), 'pulseline-media-'));
  readonly files = new MediaFiles(this.mediaDir);
  /** Bytes. */
  mediaLimits = { unasked: 1_000_000, wanted: 10_000_000 };
  readonly whispers: Whisper[] = [];
  readonly log: string[] = [];
  /** Scans each QR code as the phone of the account's name. */
  scans = true;
  /** Ms that the account's clock is ahead of the machine's. */
  ahead = 0;
  /** Shorter times than WhatsApp's. */
  times: AccountParts['times'];
  /** Fetches what links show; absent = nothing is fetched, as in a sandbox. */
  previewer: AccountParts['previewer'];
  readonly #running = new Set<RunningAccount>();

  static async open(): Promise<EngineRig> {
    silenceConsole();
    const emulator = await createEmulator({ fewPreKeys: true });
    trustEmulator(emulator.root.toString('hex'));
    const rig = new EngineRig(emulator);
    await rig.files.open();
    return rig;
  }

  private constructor(emulator: Emulator) {
    this.emulator = emulator;
  }

  /** Starts the account; with the same keeper as before it is the same login. */
  run(setup: Partial<AccountSetup> = {}): RunningAccount {
    const whole: AccountSetup = { id: 'acc_1', label: 'Desk', kind: 'sandbox', url: this.emulator.plainUrl, ...setup };
    const account = new RunningAccount(whole, {
      keeper: this.keeper,
      language: 'en',
      files: this.files,
      mediaLimits: this.mediaLimits,
      now: () => now() + this.ahead,
      ...(this.times !== undefined && { times: this.times }),
      ...(this.previewer !== undefined && { previewer: this.previewer }),
      random: () => 0,
      whisper: (whisper) => this.#whisper(whisper),
      log: (_, text, error) => this.log.push(`${text} ${error instanceof Error ? error.message : (error ?? '')}`),
      limits: { patience: 500 },
    });
    this.#running.add(account);
    account.start();
    return account;
  }

  async runReady(setup: Partial<AccountSetup> = {}): Promise<RunningAccount> {
    const before = this.keeper.facts.length;
    const account = this.run(setup);
    await this.until(
      () => this.keeper.facts.slice(before).some((fact) => fact.type === 'state' && fact.state === 'READY'),
      'READY',
    );
    return account;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((account) => account.stop()));
    await this.emulator.close();
    rmSync(this.mediaDir, { recursive: true, force: true });
  }

  /** The state told last. */
  get state() {
    return this.keeper.of('state').at(-1);
  }

  /** Stanzas that the emulator still holds for our device. */
  pending(): number {
    return Object.values(this.emulator.state().pending).reduce((sum, each) => sum + each, 0);
  }

  /** Puts a text, or a file with a caption, into the outbox and rings. */
  send(
    account: RunningAccount,
    to: Chat,
    text: string,
    more: { number?: number; media?: SendMedia } | number = 1,
  ): string {
    const { number = 1, media } = typeof more === 'number' ? { number: more } : more;
    const waId = `3EB0${String(number).padStart(18, '0')}`;
    this.keeper.enqueue({
      id: `job_${number}`,
      account: 'acc_1',
      type: 'send',
      waId,
      to,
      text,
      ...(media && { media }),
    });
    account.ring();
    return waId;
  }

  async until(holds: () => boolean, what = 'a condition', within = 15_000): Promise<void> {
    for (const end = now() + within; !holds(); ) {
      if (now() > end) {
        const facts = this.keeper.facts.map(({ type }) => type).join(' ');
        throw new Error(`not within ${within} ms: ${what}\n${facts}\n${this.log.join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #whisper(whisper: Whisper): void {
    this.whispers.push(whisper);
    if (whisper.type !== 'qr' || !this.scans) return;
    this.emulator.scan(whisper.qr).catch((error: unknown) => this.log.push(`scan: ${error}`));
  }
}
