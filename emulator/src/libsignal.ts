// The one seam to libsignal, with the types it really has; it never lets libsignal print, because it prints private keys.
import { createRequire } from 'node:module';

export interface SignalKeyPair {
  /** 33 bytes. */
  readonly pubKey: Buffer;
  readonly privKey: Buffer;
}

/** A record as text could hold it: the sessions with one device, of which at most one is open. */
interface SerializedRecord {
  readonly _sessions: Readonly<Record<string, unknown>>;
  readonly version: string;
}

/** One direction of a session. */
interface SignalChain {
  /** 1 = ours. */
  readonly chainType: number;
  /** The last number that was used, and the key of the next; a chain that is closed has none. */
  readonly chainKey: { counter: number; readonly key: Buffer | undefined };
}

/** What writing needs of a session. */
export interface SignalSession {
  readonly currentRatchet: { readonly ephemeralKeyPair: SignalKeyPair; readonly previousCounter: number };
  readonly indexInfo: { readonly remoteIdentityKey: Buffer };
  /** As long as the other side has not answered. */
  readonly pendingPreKey?: { readonly preKeyId?: number; readonly signedKeyId: number; readonly baseKey: Buffer };
  getChain(key: Buffer): SignalChain | undefined;
}

export interface SignalRecord {
  serialize(): SerializedRecord;
  haveOpenSession(): boolean;
  getOpenSession(): SignalSession | undefined;
}

interface SignalAddress {
  toString(): string;
}

/** What libsignal asks of the owner of a session. Everything may be answered at once. */
export interface SignalStorage {
  loadSession(address: string): SignalRecord | undefined;
  storeSession(address: string, record: SignalRecord): void;
  isTrustedIdentity(): boolean;
  loadPreKey(id: number): SignalKeyPair | undefined;
  removePreKey(id: number): void;
  loadSignedPreKey(id: number): SignalKeyPair | undefined;
  getOurRegistrationId(): number;
  getOurIdentity(): SignalKeyPair;
}

/** Public keys here have 33 bytes. */
interface SignalBundle {
  readonly registrationId: number;
  readonly identityKey: Buffer;
  readonly signedPreKey: { readonly keyId: number; readonly publicKey: Buffer; readonly signature: Buffer };
  readonly preKey: { readonly keyId: number; readonly publicKey: Buffer } | undefined;
}

export interface SignalCipher {
  encrypt(data: Buffer): Promise<{ readonly type: number; readonly body: Buffer }>;
  decryptWhisperMessage(data: Buffer): Promise<Buffer>;
  decryptPreKeyWhisperMessage(data: Buffer): Promise<Buffer>;
}

interface LibSignal {
  readonly ProtocolAddress: new (id: string, device: number) => SignalAddress;
  readonly SessionRecord: { deserialize(data: unknown): SignalRecord };
  readonly SessionBuilder: new (
    storage: SignalStorage,
    address: SignalAddress,
  ) => { initOutgoing(bundle: SignalBundle): Promise<void> };
  readonly SessionCipher: new (storage: SignalStorage, address: SignalAddress) => SignalCipher;
  readonly curve: {
    generateKeyPair(): SignalKeyPair;
    calculateSignature(privateKey: Buffer, message: Buffer): Buffer;
  };
}

// libsignal is CommonJS and its own declarations are wrong in four places (a required prekey, a string body, ...).
const require = createRequire(import.meta.url);
export const libsignal: LibSignal = require('libsignal');

const LEAKS =
  /^(Closing|Opening|Removing old closed|Migrating) session|^Session (already|error)|^Decrypted message with closed|^Failed to decrypt message|^Closing open session|^WARNING: Expected pubkey/;

/**
 * Keeps libsignal's session dumps off the console of this process or worker, for good. Called by the command and the worker;
 * a library must not change somebody else's console, so `createEmulator` does not call it.
 */
export function silenceLibsignal(): void {
  for (const level of ['info', 'warn', 'error', 'log'] as const) {
    const print = console[level].bind(console);
    console[level] = (...args: unknown[]) => {
      if (typeof args[0] === 'string' && LEAKS.test(args[0])) return;
      print(...args);
    };
  }
}
