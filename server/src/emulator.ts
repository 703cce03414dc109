// The built-in emulator: started as a thread, reached by URL like any other WhatsApp, driven by its control API. It is asked to leave, never terminated: its store would take the process along.
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { CodedError, shape } from '@pulseline/protocol';
import type { DoorLog, Sandbox } from './http/parts.ts';

/** How sandbox accounts reach their WhatsApp. */
export interface EmulatorReach {
  readonly url: string;
  /** 32 bytes hex; absent = unknown, whatever it shows is accepted. */
  readonly root?: string;
}

export interface Emulator extends Sandbox {
  /** Starts it, once. Until then calls and `reach` wait. */
  begin(): void;
  /** Rejects with SANDBOX_FAILED if it could not start. */
  readonly reach: Promise<EmulatorReach>;
  close(): Promise<void>;
}

/** Ms for one call; a scan waits for the whole pairing. */
const CALL_TIMEOUT = 20_000;

const readiness = shape.object({ type: shape.oneOf(['ready']), plainUrl: shape.string(), controlUrl: shape.string() });
const failure = shape.object({ type: shape.oneOf(['failed']), error: shape.string() });
type Ready = shape.Of<typeof readiness> & { readonly root: string | undefined };
const refusal = shape.object({ code: shape.string(), error: shape.string() });

/** Ms before a thread that has died is replaced. */
const RESPAWN_AFTER = 1_000;

export interface EmulatorPorts {
  readonly plain: number;
  readonly control: number;
}

/**
 * `start` makes the thread. One that dies is replaced on the same ports, so that whoever dials it finds it again; what its
 * people have is on the disk.
 */
export function openEmulator(start: (ports: EmulatorPorts | undefined) => Worker, log: DoorLog): Emulator {
  let thread: Worker | undefined;
  let respawn: NodeJS.Timeout | undefined;
  let closing = false;
  let told: (ready: Ready) => void = () => undefined;
  let failed: (error: CodedError) => void = () => undefined;
  const ready = new Promise<Ready>((resolve, reject) => {
    told = resolve;
    failed = reject;
  });
  const reach = ready.then(({ plainUrl, root }) => ({ url: plainUrl, ...(root !== undefined && { root }) }));
  // Whoever needs it awaits it; nobody needing it is no fault.
  reach.catch(() => undefined);

  const spawn = (ports: EmulatorPorts | undefined): void => {
    let known = ports;
    let cause = 'the emulator has ended';
    thread = start(ports);
    thread.on('error', (error) => {
      cause = error instanceof Error ? error.message : String(error);
    });
    thread.on('message', (message: unknown) => {
      if (shape.fits(failure, message)) {
        cause = message.error;
        log.error({ detail: cause }, 'the emulator failed');
      }
      if (!shape.fits(readiness, message)) return;
      known = { plain: portOf(message.plainUrl), control: portOf(message.controlUrl) };
      told({ ...message, root: rootOf(message) });
    });
    thread.once('exit', () => {
      thread = undefined;
      failed(new CodedError('SANDBOX_FAILED', { detail: cause }));
      if (closing) return;
      log.error({ detail: cause }, 'the emulator has ended');
      // One that never was ready would fail the same way again.
      if (known !== undefined) respawn = setTimeout(() => spawn(known), RESPAWN_AFTER);
    });
  };

  return {
    foreign: false,
    reach,
    begin: () => spawn(undefined),
    async call(method, path, body) {
      const { controlUrl } = await ready;
      return ask(`${controlUrl}${path}`, method, body);
    },
    async close() {
      const asked = closing;
      closing = true;
      clearTimeout(respawn);
      if (thread === undefined) return;
      const gone = once(thread, 'exit');
      if (!asked) thread.postMessage({ type: 'close' });
      await gone;
    },
  };
}

/** The emulator of EMULATOR_URL: it is reached, but driven by its own control API alone. */
export function foreignEmulator(reach: EmulatorReach): Emulator {
  return {
    foreign: true,
    begin: () => undefined,
    reach: Promise.resolve(reach),
    call: () => Promise.reject(new CodedError('SANDBOX_IS_FOREIGN')),
    close: () => Promise.resolve(),
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function rootOf(message: unknown): string | undefined {
  const root = typeof message === 'object' && message !== null && 'root' in message ? message.root : undefined;
  return root instanceof Uint8Array ? Buffer.from(root).toString('hex') : undefined;
}

async function ask(url: string, method: string, body: unknown): Promise<unknown> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url, { method, ...init, signal: AbortSignal.timeout(CALL_TIMEOUT) });
    const text = await response.text();
    answer = text === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw new CodedError('SANDBOX_FAILED', { detail: error instanceof Error ? error.message : String(error) }, error);
  }
  if (response.ok) return answer;
  const { code, error } = shape.fits(refusal, answer) ? answer : { code: String(response.status), error: url };
  if (code === 'UNKNOWN_PERSON' && new URL(url).pathname.startsWith('/contacts/'))
    throw new CodedError('CONTACT_NOT_FOUND');
  throw new CodedError('SANDBOX_FAILED', { detail: `${code}: ${error}` });
}
