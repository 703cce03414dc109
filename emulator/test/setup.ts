// Emulators and sockets of one test, closed at its end; it never leaves one running.
import { afterAll, onTestFinished, vi } from 'vitest';
import { createEmulator, type Emulator, type EmulatorOptions } from '../src/index.ts';
import { silenceLibsignal } from '../src/libsignal.ts';
import { type Bare, eventually, pair } from './bare.ts';

silenceLibsignal();
// Whole pairings on a machine that others use too; the tests wait on conditions, never on time.
vi.setConfig({ testTimeout: 60_000 });

/** Something to close when the running test is over, last come first. */
export function closing<T extends { close(): Promise<void> }>(thing: T): T {
  onTestFinished(() => thing.close());
  return thing;
}

export async function emulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return closing(await createEmulator({ fewPreKeys: true, ...options }));
}

/** For a whole file of tests that do not disturb one another. Call it in `beforeAll`. */
export async function startOnce(options: EmulatorOptions = {}): Promise<Emulator> {
  const server = await createEmulator({ fewPreKeys: true, ...options });
  afterAll(() => server.close());
  return server;
}

/** Bare Baileys, linked to the phone of this name, with its first sync done. */
export async function paired(server: Emulator, name = 'Desk'): Promise<Bare> {
  const phone = server.phone({ name });
  const bare = closing(await pair(server.plainUrl, (qr) => phone.scan(qr)));
  await eventually(() => Object.values(server.state().pending).every((count) => count === 0), 'the first sync to end');
  return bare;
}
