// The built-in emulator: started as a thread, reached by URL like any other WhatsApp, driven by its control API. It is asked to leave, never terminated: its store would take the process along.
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
  /** Rejects with SANDBOX_FAILED if it could not start. */
  readonly reach: Promise<EmulatorReach>;
  close(): Promise<void>;
}

/** Ms for one call; a scan waits for the whole pairing. */
const CALL_TIMEOUT = 20_000;

const ready = shape.object({ type: shape.oneOf(['ready']), plainUrl: shape.string(), controlUrl: shape.string() });
const failed = shape.object({ type: shape.oneOf(['failed']), error: shape.string() });
const refusal = shape.object({ code: shape.string(), error: shape.string() });

/** `start` makes the thread. */
export function openEmulator(start: () => Worker, log: DoorLog): Emulator {
  const thread = start();
  let closing = false;
  const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  const told = new Promise<{ readonly reach: EmulatorReach; readonly controlUrl: string }>((resolve, reject) => {
    const fail = (detail: string): void => {
      if (!closing) log.error({ detail }, 'the emulator failed');
      reject(new CodedError('SANDBOX_FAILED', { detail }));
    };
    thread.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
    thread.once('exit', () => fail('the emulator has ended'));
    thread.on('message', (message: unknown) => {
      if (shape.fits(failed, message)) fail(message.error);
      if (!shape.fits(ready, message)) return;
      resolve({ reach: { url: message.plainUrl, ...rootOf(message) }, controlUrl: message.controlUrl });
    });
  });
  const reach = told.then((ready) => ready.reach);
  // Whoever needs it awaits it; nobody needing it is no fault.
  reach.catch(() => undefined);
  return {
    foreign: false,
    reach,
    async call(method, path, body) {
      const { controlUrl } = await told;
      return ask(`${controlUrl}${path}`, method, body);
    },
    async close() {
      if (!closing) thread.postMessage({ type: 'close' });
      closing = true;
      await gone;
    },
  };
}

/** The emulator of EMULATOR_URL: it is reached, but driven by its own control API alone. */
export function foreignEmulator(reach: EmulatorReach): Emulator {
  return {
    foreign: true,
    reach: Promise.resolve(reach),
    call: () => Promise.reject(new CodedError('SANDBOX_IS_FOREIGN')),
    close: () => Promise.resolve(),
  };
}

function rootOf(message: unknown): { root?: string } {
  const root = typeof message === 'object' && message !== null && 'root' in message ? message.root : undefined;
  return root instanceof Uint8Array ? { root: Buffer.from(root).toString('hex') } : {};
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
