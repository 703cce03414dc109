// Tries a message on the sessions of one peer without spoiling those that it does not fit; which arithmetic a session does is libsignal's own.
import { createRequire } from 'node:module';

/** As libsignal has it; one peer may have up to 41, one of them open. */
interface Session {
  serialize(): unknown;
  getChain(key: Uint8Array): unknown;
  readonly indexInfo: { used: number };
}

interface Cipher {
  doDecryptWhisperMessage(data: Uint8Array, session: Session): Promise<Uint8Array>;
}

type Fitting = { readonly session: Session; readonly plaintext: Uint8Array };

/**
 * libsignal tries each session in turn, and a session on which a message failed keeps the ratchet step of the trial. So a
 * message that still comes on an older session (after a renewal, as Baileys makes one with each refreshed device list)
 * spoils the newer one for good: from then on neither side can read the other. Here a failed trial leaves nothing behind.
 */
async function decryptWithSessions(this: Cipher, data: Uint8Array, sessions: readonly Session[]): Promise<Fitting> {
  if (sessions.length === 0) throw new SessionError('No sessions available');
  const knowing = sessions.length > 1 ? knowingOf(data, sessions) : sessions;
  const tried = knowing.length > 0 ? knowing : sessions;
  for (const session of tried) {
    // When all fail, libsignal stores nothing: only several are worth the copy.
    const before = tried.length > 1 ? session.serialize() : undefined;
    try {
      const plaintext = await this.doDecryptWhisperMessage(data, session);
      session.indexInfo.used = Date.now();
      return { session, plaintext };
    } catch {
      if (before !== undefined) restore(session, before);
    }
  }
  throw new SessionError('No matching sessions found for message');
}

/** Those that have the message's chain already. Its key is drawn at random: no other session can read the message. */
function knowingOf(data: Uint8Array, sessions: readonly Session[]): readonly Session[] {
  try {
    const { ephemeralKey } = decodeMessage(data.subarray(1, -8));
    return sessions.filter((session) => session.getChain(ephemeralKey) !== undefined);
  } catch {
    return [];
  }
}

function restore(session: Session, before: unknown): void {
  const { constructor } = session;
  if (!('deserialize' in constructor) || typeof constructor.deserialize !== 'function') throw new Error(CHANGED);
  Object.assign(session, constructor.deserialize(before));
}

const CHANGED = 'libsignal is not the one that this was written for';
const require = createRequire(import.meta.url);

let SessionError: new (text: string) => Error = Error;
let decodeMessage: (bytes: Uint8Array) => { readonly ephemeralKey: Uint8Array } = () => {
  throw new Error(CHANGED);
};

/** Puts the trial into libsignal, for this realm. */
export function installSessionTrial(): void {
  const cipher: unknown = require('libsignal/src/session_cipher.js');
  const protobufs: unknown = require('libsignal/src/protobufs.js');
  const errors: unknown = require('libsignal/src/errors.js');
  if (!isCipher(cipher) || !isProtobufs(protobufs) || !isErrors(errors)) throw new Error(CHANGED);
  SessionError = errors.SessionError;
  decodeMessage = (bytes) => protobufs.WhisperMessage.decode(bytes);
  cipher.prototype.decryptWithSessions = decryptWithSessions;
}

function isCipher(value: unknown): value is { readonly prototype: { decryptWithSessions: unknown } } {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    'decryptWithSessions' in prototype &&
    'doDecryptWhisperMessage' in prototype
  );
}

interface Protobufs {
  readonly WhisperMessage: { decode(bytes: Uint8Array): { readonly ephemeralKey: Uint8Array } };
}

function isProtobufs(value: unknown): value is Protobufs {
  return typeof value === 'object' && value !== null && 'WhisperMessage' in value;
}

function isErrors(value: unknown): value is { readonly SessionError: new (text: string) => Error } {
  return (
    typeof value === 'object' && value !== null && 'SessionError' in value && typeof value.SessionError === 'function'
  );
}
