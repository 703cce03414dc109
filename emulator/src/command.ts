// `npm run emulator`: the emulator as a process of its own, told by the environment; it never listens beyond loopback.
import { createEmulator, type Log } from './index.ts';
import { silenceLibsignal } from './libsignal.ts';
import { wire } from './wire.ts';

/** @throws RangeError when the text is no port. */
function portOf(name: string): number {
  const text = process.env[name] ?? '0';
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new RangeError(`${name} must be a port from 0 to 65535, not "${text}"`);
  return port;
}

function print(level: string, data: object, text: string): void {
  process.stderr.write(`${JSON.stringify({ level, text, ...data })}\n`);
}

const log: Log = {
  debug: (data, text) => {
    if (process.env.EMULATOR_LOG === 'debug') print('debug', data, text);
  },
  info: (data, text) => print('info', data, text),
  warn: (data, text) => print('warn', data, text),
  error: (data, text) => print('error', data, text),
};

async function main(): Promise<void> {
  silenceLibsignal();
  const emulator = await createEmulator({
    ports: {
      tls: portOf('EMULATOR_PORT'),
      plain: portOf('EMULATOR_PLAIN_PORT'),
      control: portOf('EMULATOR_CONTROL_PORT'),
    },
    dir: process.env.EMULATOR_DIR || undefined,
    fewPreKeys: process.env.EMULATOR_FEW_PREKEYS === '1',
    log,
    onStoreFailure: () => process.exit(1),
  });
  // Before the first line, because whoever reads it may ask us to stop at once.
  const stop = (): void => {
    emulator.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const { url, plainUrl, controlUrl, root } = emulator;
  process.stdout.write(`${JSON.stringify({ url, plainUrl, controlUrl, root: root.toString('hex') })}\n`);
  // The first client needs them: better while nobody waits.
  setImmediate(wire);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
