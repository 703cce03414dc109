// What makes Baileys trust the media host's certificate: an agent for its uploads, a dispatcher for its downloads; it trusts nobody else.
import { Agent } from 'node:https';
import type { Socket } from 'node:net';
import type { UserFacingSocketConfig } from 'baileys';

export interface Trust {
  /** For `fetchAgent` of the socket: uploads. */
  readonly agent: Agent;
  /** For `options.dispatcher` of the socket and of `downloadMediaMessage`. */
  readonly dispatcher: Dispatcher;
}

type Dispatcher = NonNullable<NonNullable<UserFacingSocketConfig['options']>['dispatcher']>;

function isDispatcher(value: unknown): value is Dispatcher {
  return typeof value === 'object' && value !== null && 'dispatch' in value;
}

const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** Node keeps its own fetch under a symbol and exports nothing of it; the class of its dispatcher takes a certificate. */
async function dispatcherWith(connect: object): Promise<Dispatcher> {
  // The dispatcher is there only after the first request.
  await fetch('data:,').catch(() => {});
  const current: unknown = Reflect.get(globalThis, GLOBAL_DISPATCHER);
  if (typeof current !== 'object' || current === null) throw new Error('this Node has no dispatcher of its own');
  const made: unknown = Reflect.construct(current.constructor, [{ connect }]);
  if (!isDispatcher(made)) throw new Error('this dispatcher cannot be made');
  return made;
}

export async function trust(certificate: string): Promise<Trust> {
  return { agent: new Agent({ ca: certificate }), dispatcher: await dispatcherWith({ ca: certificate }) };
}

type Connected = (error: Error | null, socket: Socket | null) => void;

/** A dispatcher whose lines are laid by hand, wherever the address points. */
export function dispatcherBy(connect: (options: object, done: Connected) => void): Promise<Dispatcher> {
  return dispatcherWith(connect);
}
