// The emulator inside a worker thread of another process; it leaves by itself when asked, because ending a thread inside SQLite aborts the process.
import { parentPort, workerData } from 'node:worker_threads';
import { createEmulator } from './index.ts';
import { silenceLibsignal } from './libsignal.ts';

/** What the thread is started with. */
export interface EmulatorWorkerData {
  readonly dir?: string | undefined;
  readonly fewPreKeys?: boolean;
  readonly ports?: { readonly tls?: number; readonly plain?: number; readonly control?: number };
}

/** What the thread says. */
export type EmulatorWorkerMessage =
  | {
      readonly type: 'ready';
      readonly url: string;
      readonly plainUrl: string;
      readonly controlUrl: string;
      /** 32 bytes. */
      readonly root: Uint8Array;
    }
  | { readonly type: 'failed'; readonly error: string };

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function port(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new RangeError(`not a port: ${String(value)}`);
}

function say(message: EmulatorWorkerMessage): void {
  parentPort?.postMessage(message);
}

async function main(): Promise<void> {
  silenceLibsignal();
  const data = record(workerData);
  const ports = record(data.ports);
  const emulator = await createEmulator({
    dir: typeof data.dir === 'string' ? data.dir : undefined,
    fewPreKeys: data.fewPreKeys === true,
    ports: { tls: port(ports.tls), plain: port(ports.plain), control: port(ports.control) },
    onStoreFailure: (error) => say({ type: 'failed', error: String(error) }),
  });
  parentPort?.on('message', (message: unknown) => {
    if (record(message).type !== 'close') return;
    emulator.close().finally(() => parentPort?.close());
  });
  const { url, plainUrl, controlUrl, root } = emulator;
  say({ type: 'ready', url, plainUrl, controlUrl, root: new Uint8Array(root) });
}

main().catch((error: unknown) => {
  say({ type: 'failed', error: error instanceof Error ? error.message : String(error) });
  parentPort?.close();
});
